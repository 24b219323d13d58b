"""The bank's arithmetic against published figures, against a slow second way, and against the platform's own hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lender_adapters.port import DueLine
from lender_adapters.sandbox import interest
from products import repayment

START = date(2025, 1, 15)
AMOUNTS, RATES, MONTHS = st.integers(100, 10**10), st.integers(1, 2400), st.integers(1, 60)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
WAYS = st.sampled_from(
    [
        ("equal_instalments", "30/360"),
        ("equal_principal", "30/360"),
        ("interest_first", "act/360"),
        ("interest_first", "act/365"),
        ("revolving", "act/360"),
        ("bullet", "act/360"),
        ("bullet", "act/365"),
    ]
)


def _total(rows: tuple[DueLine, ...]) -> int:
    return sum(row.interest_fen for row in rows)


def test_the_published_vectors_hold_to_the_fen() -> None:
    """A million yuan at 3.6 % for twelve months (domain §5.2)."""
    equal = interest.schedule(100_000_000, 360, 12, "equal_instalments", "30/360", START)
    assert {row.principal_fen + row.interest_fen for row in equal[:-1]} == {8_496_726}
    assert equal[-1].principal_fen + equal[-1].interest_fen == 8_496_724
    assert _total(equal) == 1_960_710
    assert _total(interest.schedule(100_000_000, 360, 12, "equal_principal", "30/360", START)) == 1_950_000
    year = interest.schedule(100_000_000, 360, 12, "bullet", "act/360", START)
    assert [(row.due_on, row.interest_fen) for row in year] == [(date(2026, 1, 15), 3_650_000)]


@pytest.mark.parametrize(
    ("start", "months", "days"),
    [
        (date(2025, 1, 19), 1, [date(2025, 1, 20), date(2025, 2, 19)]),
        (date(2025, 1, 20), 1, [date(2025, 2, 20)]),
        (date(2025, 1, 21), 1, [date(2025, 2, 20), date(2025, 2, 21)]),
        (date(2024, 12, 31), 2, [date(2025, 1, 20), date(2025, 2, 20), date(2025, 2, 28)]),
    ],
)
def test_interest_falls_due_on_the_twentieth_and_at_maturity(start: date, months: int, days: list[date]) -> None:
    assert interest.due_days(months, "interest_first", start) == days


def test_a_month_without_that_day_ends_on_its_last() -> None:
    days = interest.due_days(3, "equal_principal", date(2024, 1, 31))
    assert days == [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


@settings(max_examples=60, deadline=None)
@given(AMOUNTS, RATES, MONTHS, WAYS, DAYS)
def test_the_platform_and_the_bank_arrive_at_the_same_fen(
    amount: int, rate: int, months: int, way: tuple[str, str], start: date
) -> None:
    ours = repayment.schedule(amount, rate, months, *way, start)
    theirs = interest.schedule(amount, rate, months, *way, start)
    assert [(row.no, row.due_on, row.principal_fen, row.interest_fen) for row in ours] == [
        (row.no, row.due_on, row.principal_fen, row.interest_fen) for row in theirs
    ]


@settings(max_examples=60, deadline=None)
@given(AMOUNTS, RATES, MONTHS, WAYS, DAYS)
def test_principal_comes_back_whole_and_days_go_forward(
    amount: int, rate: int, months: int, way: tuple[str, str], start: date
) -> None:
    assume(amount >= 100 * months)
    rows = interest.schedule(amount, rate, months, *way, start)
    assert sum(row.principal_fen for row in rows) == amount
    assert all(before.due_on < after.due_on for before, after in pairwise(rows))
    assert rows[-1].due_on == interest.add_months(start, months)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10**9), RATES, st.integers(1, 6), DAYS)
def test_interest_is_the_sum_of_days_rounded_once(amount: int, rate: int, months: int, start: date) -> None:
    before = start
    for row in interest.schedule(amount, rate, months, "interest_first", "act/360", start):
        day, owed = before, Decimal(0)
        while day < row.due_on:
            owed += Decimal(amount) * rate / 10_000
            day += timedelta(days=1)
        before = row.due_on
        assert row.interest_fen == int((owed / 360).quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(0, 10**6), st.integers(1, 10**3))
def test_halves_go_up(top: int, bottom: int) -> None:
    expected = (Decimal(top) / Decimal(bottom)).quantize(Decimal(1), ROUND_HALF_UP)
    assert interest.half_up(Fraction(top, bottom)) == int(expected)
