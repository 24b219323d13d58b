"""A row falls into the same bin in training and in scoring: missing and special values, texts never seen, edges hit exactly."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from backend.kit.words import Words
from backend.scoring import binning, scorecard, sources
from backend.scoring.binning import Cut, cut, shell
from backend.scoring.blueprint import Binning, Blueprint, Candidate
from backend.scoring.card import Card
from backend.scoring.training.cutter import cutter
from backend.scoring.training.fitting import card_of, fit, readings
from backend.scoring.training.sample import Sample

WORDS = Words(zh="某", en="some")
DAY = date(2020, 1, 1)
RULE = Binning(
    **{"most_bins": 5, "least_share_bp": 500, "least_bad": 3, "least_value": 0.0},
    **{"least_coefficient": 0.0, "most_characteristics": 9, "least_known": 50},
)
CANDIDATES = (
    Candidate(fact="sales", unit="fen", monotone="rising", title=WORDS),
    Candidate(fact="gap", unit="days", monotone="falling", title=WORDS, special=("0", "9999")),
    Candidate(fact="share", unit="bp", monotone="none", title=WORDS),
    Candidate(fact="age", unit="code", monotone="none", title=WORDS, groups=(("1",), ("2", "3")), special=("0",)),
    Candidate(fact="sector", unit="code", monotone="none", title=WORDS, found=True, least_firms=10),
    Candidate(fact="listed", unit="yes/no", monotone="none", title=WORDS, groups=(("true",),)),
    Candidate(fact="last", unit="date", monotone="falling", title=WORDS, read_as="days_since"),
)


def a_plan() -> Blueprint:
    return sources.plan("german").model_copy(update={"candidates": CANDIDATES, "binning": RULE})


def a_frame(seed: int, rows: int = 400) -> Sample:
    """Any values at all, a third of them missing; outcomes lean on the sales."""
    rng = np.random.default_rng(seed)
    values: list[dict[str, Any]] = []
    for _ in range(rows):
        row = {
            "sales": int(rng.lognormal(8, 2)) * int(rng.integers(0, 2)),
            "gap": int(rng.choice([0, 9999, int(rng.integers(1, 400))])),
            "share": int(rng.integers(-50, 10_050)),
            "age": str(rng.integers(0, 6)),
            "sector": f"S{rng.integers(0, 30)}",
            "listed": bool(rng.integers(0, 2)),
            "last": DAY - timedelta(days=int(rng.integers(-20, 900))),
        }
        values.append({fact: value for fact, value in row.items() if rng.random() > 0.3})
    lean = np.array([1.0 if row.get("sales", 0) < 1000 else 0.0 for row in values])
    bad = (rng.random(rows) < 0.15 + 0.35 * lean).astype(np.int64)
    return Sample(values, [DAY] * rows, bad, np.zeros(rows, dtype=np.int64), "0" * 16)


@pytest.fixture(scope="module", params=range(6))
def trained(request: pytest.FixtureRequest) -> tuple[Card, Sequence[Cut], Sample]:
    sample = a_frame(request.param)
    fitted = fit(a_plan(), sample, cutter())
    return card_of(a_plan(), fitted, sample, WORDS), fitted.cuts, sample


def test_every_training_row_falls_into_the_bin_that_scoring_looks_up(trained: tuple[Card, Sequence[Cut], Sample]) -> None:
    card, cuts, sample = trained
    for characteristic, found in zip(card.characteristics, cuts, strict=True):
        for row, values in enumerate(sample.values):
            looked_up = scorecard.bin_of(characteristic, values.get(characteristic.fact), DAY)
            assert looked_up is characteristic.every_bin[found.place[row]]


def test_a_firm_of_the_sample_scores_what_its_bins_add_up_to(trained: tuple[Card, Sequence[Cut], Sample]) -> None:
    card, cuts, sample = trained
    for row, values in enumerate(sample.values):
        total = sum(c.every_bin[found.place[row]].points for c, found in zip(card.characteristics, cuts, strict=True))
        score = max(card.scale.least, min(card.scale.most, card.scale.base_points + total))
        assert scorecard.assess(card, values, DAY).score == score


def test_bins_hold_every_firm_of_the_sample_once(trained: tuple[Card, Sequence[Cut], Sample]) -> None:
    card, cuts, sample = trained
    for characteristic, found in zip(card.characteristics, cuts, strict=True):
        assert int((found.good + found.bad).sum()) == len(sample.values)
        assert 9990 <= sum(b.share_bp for b in characteristic.every_bin) <= 10_000


@pytest.mark.parametrize("seed", range(20))
def test_goodness_follows_the_value_where_the_blueprint_says_so(seed: int) -> None:
    sample = a_frame(seed + 100)
    for candidate in CANDIDATES[:2]:
        found = cut(candidate, readings(candidate, sample), sample.bad, RULE, cutter())
        if found is not None:
            woe = found.woe[: len(found.shell.bins)]
            assert (np.diff(woe) >= 0).all() if candidate.monotone == "rising" else (np.diff(woe) <= 0).all()


def test_a_missing_value_never_weighs_more_than_the_average_firm() -> None:
    for seed in range(10):
        sample = a_frame(seed)
        for candidate in CANDIDATES:
            found = cut(candidate, readings(candidate, sample), sample.bad, RULE, cutter())
            assert found is None or found.woe[-1] <= 0


def test_a_value_on_the_edge_belongs_to_the_bin_above() -> None:
    form = shell(CANDIDATES[0], [Decimal(500)], ())
    assert [form.place(Decimal(value)) for value in (499, 500, 501)] == [0, 1, 1]


def test_special_values_and_missing_ones_have_places_of_their_own() -> None:
    form = shell(CANDIDATES[1], [Decimal(30)], ())
    assert [form.place(each) for each in (Decimal(0), Decimal(9999), None, Decimal(10), Decimal(40))] == [2, 3, 4, 0, 1]


def test_few_firms_move_a_bin_less_than_many() -> None:
    few = binning.weights(np.array([9, 90]), np.array([1, 30]), prior=30)
    many = binning.weights(np.array([900, 9000]), np.array([100, 3000]), prior=30)
    assert 0 < few[0] < many[0]
