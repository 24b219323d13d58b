"""Colours, thresholds and hysteresis, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.credit_data.model import Fact
from backend.scoring.warnings import model, thresholds
from backend.scoring.warnings.model import COLOURS, Colour, Signal, Standing
from backend.vocabulary.facts import definitions

DAY = date(2025, 6, 21)
POLICY = thresholds.on(DAY)


def fact(code: str, value: Any, as_of: date = DAY) -> dict[str, Fact]:
    return {code: Fact(code, value, definitions()[code].unit, as_of, definitions()[code].source)}


def colour(code: str, facts: dict[str, Fact]) -> str | None:
    signal = model.read(POLICY.indicator(code), facts, DAY, POLICY.stale_days)
    return signal.colour if signal else None


CASES: tuple[tuple[str, str, Any, str], ...] = (
    ("sales", "sales_3m_change_bp", -2999, "GREEN"),
    ("sales", "sales_3m_change_bp", -3000, "YELLOW"),
    ("sales", "sales_3m_change_bp", -5000, "RED"),
    ("tax_paid", "tax_paid_3m_change_bp", -4999, "YELLOW"),
    ("zero_filings", "zero_filings_12m", 3, "GREEN"),
    ("zero_filings", "zero_filings_12m", 4, "RED"),
    ("tax_arrears", "tax_arrears_fen", 1, "YELLOW"),
    ("invoice_gap", "last_invoice_on", DAY - timedelta(days=90), "GREEN"),
    ("invoice_gap", "last_invoice_on", DAY - timedelta(days=91), "YELLOW"),
    ("invoice_gap", "last_invoice_on", DAY - timedelta(days=181), "RED"),
    ("headcount", "insured_headcount_3m_change_bp", -2000, "YELLOW"),
    ("headcount", "insured_headcount_3m_change_bp", -4000, "RED"),
    ("social_arrears", "social_arrears_months", 1, "GREEN"),
    ("social_arrears", "social_arrears_months", 2, "RED"),
    ("electricity", "electricity_3m_change_bp", -5999, "YELLOW"),
    ("electricity", "electricity_3m_change_bp", -6000, "RED"),
    ("utility_arrears", "utility_unpaid_days", 60, "GREEN"),
    ("utility_arrears", "utility_unpaid_days", 61, "RED"),
    ("enforcement", "judgment_debtor", True, "RED"),
    ("dishonest", "dishonest_debtor", True, "RED"),
    ("equity_freeze", "equity_frozen", True, "YELLOW"),
    ("property_seized", "property_seized", True, "RED"),
    ("legal_rep", "legal_rep_changed_on", DAY - timedelta(days=183), "YELLOW"),
    ("legal_rep", "legal_rep_changed_on", DAY - timedelta(days=184), "GREEN"),
    ("tax_grade_d", "tax_grade", "D", "RED"),
    ("tax_grade_d", "tax_grade", "C", "GREEN"),
    ("abnormal_list", "abnormal_listed", True, "YELLOW"),
    ("serious_list", "serious_dishonest_listed", True, "RED"),
)


@pytest.mark.parametrize(("code", "name", "value", "wanted"), CASES)
def test_each_indicator_turns_at_its_threshold(code: str, name: str, value: Any, wanted: str) -> None:
    assert colour(code, fact(name, value)) == wanted


def test_what_two_facts_say_together() -> None:
    suit = fact("lawsuit_claims_12m_fen", 5_000_000)
    assert colour("lawsuits", suit | fact("sales_12m_fen", 100_000_000)) == "YELLOW"
    assert colour("lawsuits", suit | fact("sales_12m_fen", 100_000_001)) == "GREEN"
    assert colour("lawsuits", suit) is None
    assert colour("tax_grade_fell", fact("tax_grade", "B") | fact("tax_grade_before", "A")) == "YELLOW"
    assert colour("tax_grade_fell", fact("tax_grade", "A") | fact("tax_grade_before", "B")) == "GREEN"
    loans = [{"bank": "a", "dpd": 31, "outstanding_fen": 1}, {"bank": "b", "dpd": 200, "outstanding_fen": 0}]
    late = model.read(POLICY.indicator("past_due"), fact("bnk_loans", loans), DAY, POLICY.stale_days)
    assert late is not None
    assert (late.colour, late.value, late.banks) == ("RED", Decimal(31), ("a",))


def test_an_old_count_says_nothing_and_days_are_counted_to_the_day_that_was_told_of() -> None:
    old = DAY - timedelta(days=POLICY.stale_days + 1)
    assert colour("sales", fact("sales_3m_change_bp", -9000, old)) is None
    fresh = DAY - timedelta(days=70)
    told = fact("last_invoice_on", fresh - timedelta(days=60), fresh)
    assert colour("invoice_gap", told) == "GREEN"


def signal(said: Colour) -> Signal:
    return Signal("x", said, Decimal(0), None, "sales_3m_change_bp", DAY, "invoices")


def walk(indicator: str, *said: Colour | None) -> list[Colour]:
    standing: Standing | None = None
    found: list[Colour] = []
    for number, each in enumerate(said):
        on, given_ = DAY + timedelta(days=30 * number), signal(each) if each else None
        standing = model.step(standing, given_, POLICY.indicator(indicator), on, improve_after=POLICY.improve_after)
        found.append(standing.colour)
    return found


def test_it_worsens_at_once_and_improves_after_two_periods() -> None:
    assert walk("sales", "GREEN", "RED", "GREEN", "RED", "GREEN", "GREEN") == ["GREEN", "RED", "RED", "RED", "RED", "GREEN"]
    assert walk("sales", "RED", "YELLOW", "GREEN", "GREEN") == ["RED", "RED", "YELLOW", "YELLOW"]
    assert walk("sales", "RED", "YELLOW", "GREEN", "GREEN", "GREEN") == ["RED", "RED", "YELLOW", "YELLOW", "GREEN"]


def test_silence_neither_worsens_nor_improves() -> None:
    assert walk("sales", "YELLOW", None, "GREEN", None, "GREEN") == ["YELLOW", "YELLOW", "YELLOW", "YELLOW", "GREEN"]


def test_an_event_on_watch_ends_with_its_cause_but_a_red_one_waits_for_people() -> None:
    assert walk("abnormal_list", "YELLOW", "GREEN") == ["YELLOW", "GREEN"]
    assert walk("enforcement", "RED", "GREEN", "GREEN", "GREEN") == ["RED"] * 4


def test_what_people_lifted_stays_aside_until_it_is_worse_or_new() -> None:
    indicator = POLICY.indicator("sales")
    lifted = model.lift(Standing("YELLOW", DAY), DAY)
    same = model.step(lifted, signal("YELLOW"), indicator, DAY, improve_after=2)
    assert same.colour == "GREEN"
    assert model.step(same, signal("RED"), indicator, DAY, improve_after=2).colour == "RED"
    gone = model.step(same, signal("GREEN"), indicator, DAY, improve_after=2)
    assert model.step(gone, signal("YELLOW"), indicator, DAY, improve_after=2).colour == "YELLOW"


@given(st.sampled_from(["sales", "enforcement", "abnormal_list"]), st.lists(st.sampled_from([*COLOURS, None]), max_size=12))
def test_a_standing_is_never_better_than_what_was_just_read(code: str, said: list[Colour | None]) -> None:
    for read, stands in zip(said, walk(code, *said), strict=True):
        assert read is None or COLOURS.index(stands) >= COLOURS.index(read)


def test_every_threshold_says_where_it_is_from_and_how_to_lift_it() -> None:
    for indicator in POLICY.indicators:
        assert indicator.source
        assert indicator.way.zh
        assert indicator.way.en
        assert indicator.title.zh
