"""Looking a firm up: what moves a score, what never does, and what it is told."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.credit_data.model import Fact
from backend.kit.errors import Misconfigured
from backend.scoring import scorecard, selection
from backend.scoring.card import NEVER_USED, Card
from backend.vocabulary.facts import definitions
from tests.scoring.makers import DAY, ORDINARY, ordinary_of

CARDS = [scorecard.current(DAY, code) for code in scorecard.CODES]
MONOTONE = [(card, c) for card in CARDS for c in card.characteristics if c.monotone != "none"]


def score(card: Card, values: dict[str, Any], day: date = DAY) -> int:
    found = scorecard.assess(card, values, day).score
    assert found is not None
    return found


@pytest.mark.parametrize(("card", "characteristic"), MONOTONE, ids=lambda x: getattr(x, "fact", getattr(x, "code", "")))
@settings(max_examples=25)
@given(data=st.data())
def test_a_better_fact_never_lowers_the_score(card: Card, characteristic: Any, data: st.DataObject) -> None:
    if characteristic.read_as == "value":
        low, high = sorted(data.draw(st.tuples(st.integers(-20_000, 10**10), st.integers(-20_000, 10**10))))
        worse, better = (low, high) if characteristic.monotone == "rising" else (high, low)
    else:
        near, far = sorted(data.draw(st.tuples(st.integers(0, 9000), st.integers(0, 9000))))
        days = (near, far) if characteristic.monotone == "rising" else (far, near)
        worse, better = (DAY - timedelta(days=n) for n in days)
    needs = {need.fact: need.at_least for need in card.population.requires}
    if characteristic.fact in needs and min(worse, better) < (needs[characteristic.fact] or 0):
        return
    before, after = (scorecard.assess(card, ordinary_of(card) | {characteristic.fact: value}, DAY) for value in (worse, better))
    assert before.score is not None
    assert after.score is not None
    assert before.score <= after.score
    assert before.pd >= after.pd  # type: ignore[operator]  # both are set where a score is


@given(st.sampled_from(sorted(set(definitions()) - CARDS[0].facts)), st.integers())
def test_a_fact_that_the_card_does_not_name_changes_nothing(code: str, value: int) -> None:
    assert scorecard.assess(CARDS[0], ORDINARY | {code: value}, DAY) == scorecard.assess(CARDS[0], ORDINARY, DAY)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_no_card_looks_at_who_people_are_or_where_a_firm_comes_from(card: Card) -> None:
    assert not {c.fact for c in card.characteristics} & NEVER_USED
    assert card.facts <= set(definitions())


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_keeping_a_fact_back_never_beats_the_average_firm(card: Card) -> None:
    for characteristic in card.characteristics:
        assert characteristic.missing.points <= max(0, characteristic.average_points)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_a_missing_fact_is_no_refusal(card: Card) -> None:
    needed = {need.fact for need in card.population.requires}
    found = scorecard.assess(card, {code: value for code, value in ordinary_of(card).items() if code in needed}, DAY)
    assert found.not_assessed is None
    assert found.grade in "ABCDE"


def test_the_score_can_be_worked_out_by_hand() -> None:
    card = CARDS[0]
    points = [scorecard.bin_of(c, ORDINARY.get(c.fact), DAY).points for c in card.characteristics]
    found = scorecard.assess(card, ORDINARY, DAY)
    assert found.score == card.scale.base_points + sum(points)
    odds = card.scale.anchor_odds * 2 ** ((found.score - card.scale.anchor_score) / card.scale.doubling)
    assert float(found.pd or 0) == pytest.approx(1 / (1 + odds), abs=1e-6)


def test_at_the_anchor_the_odds_are_as_published_and_doubling_doubles_them() -> None:
    scale = CARDS[0].scale
    anchor = scorecard.default_probability(CARDS[0], scale.anchor_score)
    doubled = scorecard.default_probability(CARDS[0], scale.anchor_score + scale.doubling)
    assert anchor == (Decimal(1) / (1 + scale.anchor_odds)).quantize(Decimal("0.000001"))
    assert doubled == (Decimal(1) / (1 + 2 * scale.anchor_odds)).quantize(Decimal("0.000001"))


def test_trouble_costs_a_grade_and_is_the_first_reason() -> None:
    good = scorecard.assess(CARDS[0], ORDINARY, DAY)
    bad = scorecard.assess(CARDS[0], ORDINARY | {"utility_arrears_days": 90, "social_arrears_months": 6}, DAY)
    assert (bad.grade or "") > (good.grade or "")
    first = bad.reasons[0]
    assert first.fact == "utility_arrears_days"
    assert first.points < 0
    assert first.changeable
    assert first.way is not None
    assert "90" in first.words.zh


def test_there_are_at_most_five_reasons_what_pulls_down_first() -> None:
    found = scorecard.assess(CARDS[0], ORDINARY | {"lawsuits_defendant_12m": 3, "gross_margin_bp": 500}, DAY)
    effects = [reason.points for reason in found.reasons]
    assert len(effects) <= 5
    falls = [effect for effect in effects if effect < 0]
    assert effects[: len(falls)] == sorted(falls)


def test_a_reason_names_the_day_and_the_source_of_its_fact() -> None:
    known = {"gross_margin_bp": Fact("gross_margin_bp", 500, "bp", date(2025, 9, 1), "invoices")}
    found = scorecard.assess(CARDS[0], ORDINARY | {"gross_margin_bp": 500}, DAY, known)
    reason = next(reason for reason in found.reasons if reason.fact == "gross_margin_bp")
    assert (reason.as_of, reason.source) == (date(2025, 9, 1), "invoices")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sales_12m_fen": None}, "TAX04"),
        ({"sales_12m_fen": 0}, "TAX04"),
        ({"invoice_history_months": 5}, "six months"),
        ({"is_branch": True}, "head office"),
        ({"industry": "J66"}, "finance"),
    ],
)
def test_a_firm_outside_the_population_is_told_so_and_gets_no_grade(change: dict[str, Any], says: str) -> None:
    found = scorecard.assess(CARDS[0], ORDINARY | change, DAY)
    assert (found.pd, found.grade, found.score, found.debt_capacity_fen) == (None, None, None, None)
    assert found.not_assessed is not None
    assert says in found.not_assessed.en


def test_a_firm_in_default_here_has_the_last_grade_and_one_way_out() -> None:
    found = scorecard.assess(CARDS[0], ORDINARY | {"bnk_defaulted": True}, DAY)
    assert (found.pd, found.grade, found.debt_capacity_fen) == (Decimal(1), "E", 0)
    assert len(found.reasons) == 1
    assert found.reasons[0].way is not None


def test_debt_known_here_reduces_the_capacity_fen_for_fen() -> None:
    free = scorecard.assess(CARDS[0], ORDINARY, DAY).debt_capacity_fen or 0
    burdened = scorecard.assess(CARDS[0], ORDINARY | {"bnk_outstanding_fen": 1_234_567}, DAY)
    assert burdened.debt_capacity_fen == free - 1_234_567
    assert "unknown" in burdened.capacity_words.en
    assert scorecard.assess(CARDS[0], ORDINARY | {"bnk_outstanding_fen": 10**12}, DAY).debt_capacity_fen == 0


def test_an_old_count_is_no_count_but_an_old_registration_is() -> None:
    long_ago = DAY - timedelta(days=CARDS[0].as_of_window_days + 1)
    facts = {
        "sales_12m_fen": Fact("sales_12m_fen", 1, "fen", long_ago, "invoices"),
        "registered_on": Fact("registered_on", date(2019, 1, 1), "day", long_ago, "registry_office"),
    }
    assert set(selection.usable(CARDS[0], facts, DAY)) == {"registered_on"}


def test_firms_known_by_invoices_alone_have_a_card_of_their_own() -> None:
    invoices = {code: value for code, value in ORDINARY.items() if code in definitions() and definitions()[code].group == "INV"}
    assert selection.choose(invoices, DAY).code == "invoices"
    assert selection.choose(ORDINARY, DAY).code == "general"
    assert scorecard.assess(selection.choose(invoices, DAY), invoices, DAY).grade is not None


def test_a_day_without_a_card_is_a_fault_with_its_remedy() -> None:
    with pytest.raises(Misconfigured, match="add a dated block"):
        scorecard.current(date(2019, 1, 1))
