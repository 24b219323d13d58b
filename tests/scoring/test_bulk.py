"""Many firms at once and one by one: the same to the last digit, whatever the order, the labels or what else is known."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from backend.kit.errors import Misconfigured
from backend.scoring import bulk, scorecard
from backend.scoring.card import Card, Characteristic, Special
from tests.scoring.makers import DAY, ORDINARY

CARDS = [scorecard.current(DAY, code) for code in scorecard.CODES]
EVERY = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
PAIRS = 100_000


def any_value(c: Characteristic, rng: np.random.Generator) -> Any:
    """A value at, beside or far from an edge; now and then none."""
    if rng.random() < 0.1:
        return None
    edges = [int(b.below) for b in c.bins if b.below is not None]
    if not edges:
        texts = [*(text for b in c.bins for text in b.is_in), "another"]
        return str(rng.choice(texts))
    number = int(rng.choice(edges)) + int(rng.choice([-1, 0, 1, int(rng.integers(-9000, 9000))]))
    if c.read_as == "value":
        return number
    return DAY - timedelta(days=int(number * (30.4 if c.read_as == "months_since" else 1)) + int(rng.integers(-2, 3)))


def town(card: Card, count: int, seed: int = 4) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    needed = {need.fact: (need.is_in[0] if need.is_in else 10**9) for need in card.population.requires}
    return [needed | {c.fact: any_value(c, rng) for c in card.characteristics if c.fact not in needed} for _ in range(count)]


@EVERY
def test_in_bulk_and_one_by_one_agree_to_the_last_digit(card: Card) -> None:
    firms = town(card, 1500)
    book = bulk.compiled(card)
    columns = {c.fact: book.column(c.fact, [firm.get(c.fact) for firm in firms], DAY) for c in card.characteristics}
    found = book.score(columns, len(firms))
    one_by_one = [scorecard.assess(card, firm, DAY) for firm in firms]
    assert found.score.tolist() == [each.score for each in one_by_one]
    assert found.pd == [each.pd for each in one_by_one]
    assert found.grade == [each.grade for each in one_by_one]
    assert found.score.dtype == np.int64


@EVERY
def test_order_and_labels_do_not_matter(card: Card) -> None:
    firms = town(card, 4000)
    book, shuffled = bulk.compiled(card), np.random.default_rng(1).permutation(len(firms))
    columns = {c.fact: book.column(c.fact, [firm.get(c.fact) for firm in firms], DAY) for c in card.characteristics}
    turned = {fact: columns[fact][shuffled] for fact in reversed(columns)}
    assert np.array_equal(book.score(columns, len(firms)).score[shuffled], book.score(turned, len(firms)).score)


@EVERY
def test_a_column_that_the_card_does_not_name_changes_nothing(card: Card) -> None:
    book, count = bulk.compiled(card), 1000
    first = card.characteristics[0].fact
    columns = {first: book.column(first, [firm.get(first) for firm in town(card, count)], DAY)}
    rng = np.random.default_rng(2)
    more = columns | {name: rng.integers(-(10**9), 10**9, count) for name in ("firm_number", "region", "staff_opinion")}
    assert np.array_equal(book.score(columns, count).score, book.score(more, count).score)


@EVERY
def test_in_a_hundred_thousand_pairs_a_better_fact_never_lowers_the_score(card: Card) -> None:
    """Each pair differs in one fact that the card calls monotone; the rest of the firm is anything."""
    rng, book = np.random.default_rng(8), bulk.compiled(card)
    base = town(card, 2000, seed=5)
    columns = {c.fact: book.column(c.fact, [firm.get(c.fact) for firm in base], DAY) for c in card.characteristics}
    which = rng.integers(0, len(base), PAIRS)
    ordered = [(c, steps) for c, steps in zip(card.characteristics, book.steps, strict=True) if c.monotone != "none"]
    part = np.array_split(np.arange(PAIRS), len(ordered))
    for (c, steps), mine in zip(ordered, part, strict=True):
        firms = {fact: column[which[mine]] for fact, column in columns.items()}
        near = rng.choice(steps.edges, (2, len(mine))) + rng.integers(-3, 4, (2, len(mine)))
        far = rng.integers(0, 10**7, (2, len(mine)))
        low, high = np.sort(np.where(rng.random(len(mine)) < 0.7, near, far), axis=0)
        if c.read_as != "value":
            low, high = np.maximum(low, 0), np.maximum(high, 0)
        worse, better = (low, high) if c.monotone == "rising" else (high, low)
        before, after = (book.score(firms | {c.fact: side}, len(mine)).score for side in (worse, better))
        assert (before <= after).all(), c.fact


def test_a_special_value_has_its_own_points_and_the_next_value_has_not() -> None:
    card = CARDS[0]
    c = next(c for c in card.characteristics if c.bins[0].below is not None and c.read_as == "value")
    special = Special(values=("0",), points=-77, share_bp=0, bad_rate_bp=0)
    with_it = card.model_copy(update={"characteristics": (c.model_copy(update={"special": (special,)}),)})
    book = bulk.compiled(with_it)
    column = book.column(c.fact, [0, 1, None], DAY)
    places = [scorecard.bin_of(with_it.characteristics[0], value, DAY).points for value in (0, 1, None)]
    scores = book.score({c.fact: column}, 3).score
    assert places[0] == -77
    assert (scores - scores[0]).tolist() == [p - places[0] for p in places]


@pytest.mark.parametrize("read_as", ["months_since", "days_since"])
def test_days_are_counted_in_bulk_as_one_by_one(read_as: str) -> None:
    plain = CARDS[0].characteristics[0]
    bins = tuple(b.model_copy(update={"below": edge}) for b, edge in zip(plain.bins[-3:], (12, 37, None), strict=True))
    c = plain.model_copy(update={"fact": "registered_on", "read_as": read_as, "monotone": "none", "bins": bins})
    card = CARDS[0].model_copy(update={"characteristics": (c,)})
    days = [DAY - timedelta(days=n) for n in range(-3, 1300)] + [None, date(1999, 2, 28)]
    book = bulk.compiled(card)
    column = book.column("registered_on", days, DAY)
    assert column[0] == bulk.NONE
    found = book.score({"registered_on": column}, len(days)).score
    scale = card.scale
    assert [score - scale.base_points for score in found.tolist()] == [scorecard.bin_of(c, day, DAY).points for day in days]


def test_columns_hold_whole_numbers_only() -> None:
    from decimal import Decimal

    c = next(c for c in CARDS[0].characteristics if c.bins[0].below is not None)
    with pytest.raises(Misconfigured, match="whole numbers"):
        bulk.compiled(CARDS[0]).column(c.fact, [Decimal("1.5")], DAY)


def test_the_ordinary_firm_is_the_same_in_bulk() -> None:
    card = CARDS[0]
    book = bulk.compiled(card)
    columns = {c.fact: book.column(c.fact, [ORDINARY.get(c.fact)], DAY) for c in card.characteristics}
    assert book.score(columns, 1).score.tolist() == [scorecard.assess(card, ORDINARY, DAY).score]
