"""Schedules to the fen, against the published vectors and against what must always hold."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.calendar import add_months
from backend.kit.errors import Invalid
from products.repayment import schedule

MILLION = 100_000_000
WAYS = [
    ("equal_instalments", "30/360"),
    ("equal_principal", "30/360"),
    ("interest_first", "act/360"),
    ("revolving", "act/365"),
    ("bullet", "act/360"),
]


def test_equal_instalments_agree_with_the_published_vector():
    rows = schedule(MILLION, 360, 12, "equal_instalments", "30/360", date(2025, 1, 15))
    assert [row.principal_fen + row.interest_fen for row in rows] == [8_496_726] * 11 + [8_496_724]
    assert sum(row.interest_fen for row in rows) == 1_960_710


def test_equal_principal_agrees_with_the_published_vector():
    rows = schedule(MILLION, 360, 12, "equal_principal", "30/360", date(2025, 1, 15))
    assert sum(row.interest_fen for row in rows) == 1_950_000
    assert rows[0].principal_fen == 8_333_333
    assert rows[-1].principal_fen == 8_333_337


def test_interest_first_agrees_with_both_published_vectors():
    months = schedule(MILLION, 360, 12, "interest_first", "30/360", date(2025, 1, 15))
    assert sum(row.interest_fen for row in months) == 3_600_000
    days = schedule(MILLION, 360, 12, "interest_first", "act/360", date(2025, 1, 15))
    assert sum(row.interest_fen for row in days) == 3_650_000


def test_the_same_loan_by_365_costs_five_days_less():
    rows = schedule(MILLION, 360, 12, "bullet", "act/365", date(2025, 1, 15))
    assert [(row.due_on, row.interest_fen) for row in rows] == [(date(2026, 1, 15), 3_600_000)]


def test_interest_is_due_on_the_20th_and_at_maturity():
    rows = schedule(MILLION, 360, 3, "interest_first", "act/360", date(2025, 1, 15))
    assert [row.due_on for row in rows] == [date(2025, 1, 20), date(2025, 2, 20), date(2025, 3, 20), date(2025, 4, 15)]
    assert rows[0].interest_fen == 50_000  # five days: the 15th counts, the 20th does not


def test_a_loan_of_the_20th_waits_for_the_next_20th_and_ends_in_one_row():
    rows = schedule(MILLION, 360, 3, "revolving", "act/360", date(2025, 1, 20))
    assert [row.due_on for row in rows] == [date(2025, 2, 20), date(2025, 3, 20), date(2025, 4, 20)]
    assert rows[-1].principal_fen == MILLION


def test_a_loan_of_the_31st_falls_due_on_each_months_last_day():
    rows = schedule(MILLION, 360, 3, "equal_principal", "30/360", date(2025, 1, 31))
    assert [row.due_on for row in rows] == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]


@pytest.mark.parametrize(
    ("way", "day_count", "due_day"),
    [
        ("equal_instalments", "act/360", None),
        ("balloon", "act/360", None),
        ("revolving", "30/360", None),
        ("equal_principal", "30/360", 20),
    ],
)
def test_a_way_that_cannot_be_counted_is_refused(way, day_count, due_day):
    with pytest.raises(Invalid):
        schedule(MILLION, 360, 12, way, day_count, date(2025, 1, 15), due_day)


@given(
    amount=st.integers(1_000_000, 500_000_000),
    rate=st.integers(0, 2400),
    months=st.integers(1, 36),
    start=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    way=st.sampled_from(WAYS),
)
def test_every_schedule_adds_up(amount, rate, months, start, way):
    rows = schedule(amount, rate, months, *way, start)
    assert sum(row.principal_fen for row in rows) == amount
    assert rows[-1].balance_after_fen == 0
    assert rows[-1].due_on == add_months(start, months)
    assert [row.no for row in rows] == list(range(1, len(rows) + 1))
    assert all(a.due_on < b.due_on for a, b in pairwise(rows))
    assert all(row.principal_fen >= 0 and row.interest_fen >= 0 for row in rows)
    left = amount
    for row in rows:
        left -= row.principal_fen
        assert row.balance_after_fen == left


@given(amount=st.integers(1_000_000, 500_000_000), rate=st.integers(1, 2400), months=st.integers(2, 36))
def test_equal_instalments_are_equal_but_for_the_last(amount, rate, months):
    rows = schedule(amount, rate, months, "equal_instalments", "30/360", date(2025, 1, 15))
    paid = [row.principal_fen + row.interest_fen for row in rows]
    assert len(set(paid[:-1])) == 1
    assert abs(paid[-1] - paid[0]) <= months  # half a fen of rounding a month, twice over
