"""Broken periods, floating rates, early repayment and money at will: to the fen, and what must always hold."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.calendar import add_months
from backend.kit.errors import Invalid
from products.benchmark import lpr_bp
from products.periods import at_will, broken, early, floating, payoff, rates, resets
from products.repayment import odd_fen, schedule

MILLION = 100_000_000
START = date(2025, 1, 15)
EQUAL = st.sampled_from(["equal_instalments", "equal_principal"])


def by_hand(balance: int, rate_bp: int, days: int, base: int) -> int:
    """The same interest in Decimals of yuan."""
    yuan = Decimal(balance) / 100 * rate_bp / 10_000 * days / base
    return int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def test_a_broken_first_period_counts_its_days_and_the_rest_are_months():
    rows = broken(MILLION, 360, 12, START, date(2025, 2, 20))
    plain = schedule(MILLION, 360, 12, "equal_instalments", "30/360", START)
    assert rows[0].interest_fen == by_hand(MILLION, 360, 36, 360) == 360_000
    assert [row.interest_fen for row in rows[1:]] == [row.interest_fen for row in plain[1:]]
    assert [row.due_on.day for row in rows] == [20] * 12
    assert rows[-1].due_on == date(2026, 1, 20)


def test_a_first_period_of_a_whole_month_is_not_broken():
    rows = broken(MILLION, 360, 12, START, date(2025, 2, 15))
    assert rows == schedule(MILLION, 360, 12, "equal_instalments", "30/360", START)


def test_a_broken_last_period_counts_its_days_too():
    rows = broken(MILLION, 360, 12, START, date(2025, 2, 15), "equal_principal", matures=date(2026, 1, 25))
    before = rows[-2].balance_after_fen
    assert rows[-1].due_on == date(2026, 1, 25)
    assert rows[-1].interest_fen == by_hand(before, 360, 41, 360)
    with pytest.raises(Invalid):
        broken(MILLION, 360, 12, START, date(2025, 2, 15), matures=date(2025, 12, 15))


def test_the_odd_fen_is_named():
    thirds = schedule(100, 0, 3, "equal_principal", "30/360", START)
    assert odd_fen(thirds, "equal_principal") == (3, 1)
    assert odd_fen(schedule(MILLION, 360, 12, "bullet", "act/360", START), "bullet") is None
    cycle = schedule(100, 360, 9, "by_cycle", "act/360", START, cycle_months=3)
    assert odd_fen(cycle, "by_cycle") == (cycle[-1].no, 1)


def test_principal_follows_the_kiln_and_interest_the_month():
    rows = schedule(MILLION, 360, 6, "by_cycle", "act/360", START, cycle_months=3)
    assert [(row.due_on, row.principal_fen) for row in rows if row.principal_fen] == [
        (date(2025, 4, 15), 50_000_000), (date(2025, 7, 15), 50_000_000),
    ]  # fmt: skip
    after = next(row for row in rows if row.due_on == date(2025, 4, 20))
    assert after.interest_fen == by_hand(50_000_000, 360, 5, 360)


def test_a_floating_rate_follows_the_quote_on_its_day_and_not_before():
    moved = rates(date(2025, 3, 10), date(2027, 3, 10), "january", 100, lambda day: lpr_bp("one_year", day))
    assert moved == [(date(2025, 3, 10), 410), (date(2026, 1, 1), 400), (date(2027, 1, 1), 400)]
    assert resets(START, add_months(START, 12), "january") == (date(2026, 1, 1),)
    assert resets(START, add_months(START, 24), "fixed") == ()


def test_a_period_in_which_the_rate_moved_is_shared_by_days_and_rounded_once():
    moved = [(date(2025, 12, 1), 400), (date(2026, 1, 1), 300)]
    rows = floating(MILLION, moved, 2, "interest_first", "act/360", date(2025, 12, 1))
    shared = next(row for row in rows if row.due_on == date(2026, 1, 20))
    assert shared.interest_fen == (MILLION * (400 * 12 + 300 * 19) * 2 + 3_600_000) // (2 * 3_600_000)


def test_a_rate_that_never_moves_is_the_plain_schedule():
    for way, count in (("equal_instalments", "30/360"), ("equal_principal", "30/360"), ("interest_first", "act/365")):
        assert floating(MILLION, [(START, 360)], 24, way, count, START) == schedule(MILLION, 360, 24, way, count, START)


def test_after_a_reset_the_instalments_are_worked_out_anew_on_what_is_left():
    moved = [(START, 400), (date(2026, 1, 1), 300)]
    rows = floating(MILLION, moved, 24, "equal_instalments", "30/360", START)
    paid = [row.principal_fen + row.interest_fen for row in rows]
    assert len(set(paid[:11])) == 1
    assert len(set(paid[12:-1])) == 1
    assert paid[0] > paid[13]


@settings(max_examples=60)
@given(
    amount=st.integers(1_000_000, 500_000_000), first=st.integers(1, 900), second=st.integers(1, 900), months=st.integers(13, 60),
    way=EQUAL, rule=st.sampled_from(["january", "loan_date"]), start=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)  # fmt: skip
def test_a_floating_loan_is_repaid_to_the_fen(amount, first, second, months, way, rule, start):
    days = resets(start, add_months(start, months), rule)
    moved = [(start, first), *((day, second) for day in days)]
    rows = floating(amount, moved, months, way, "30/360", start)
    assert sum(row.principal_fen for row in rows) == amount
    assert rows[-1].balance_after_fen == 0
    assert all(row.principal_fen >= 0 and row.interest_fen >= 0 for row in rows)


def test_settling_between_two_due_days_costs_the_days_and_no_more():
    rows = schedule(MILLION, 360, 12, "equal_principal", "30/360", START)
    paid = payoff(rows[2].balance_after_fen, 360, "30/360", rows[2].due_on, rows[2].due_on + timedelta(days=10))
    assert paid.interest_fen == by_hand(rows[2].balance_after_fen, 360, 10, 360)
    assert paid.total_fen == rows[2].balance_after_fen + paid.interest_fen


@settings(max_examples=60)
@given(
    amount=st.integers(5_000_000, 300_000_000), rate=st.integers(1, 900), months=st.integers(3, 36), way=EQUAL,
    day=st.integers(1, 80), share=st.integers(1, 99), keep=st.sampled_from(["term", "instalment"]),
)  # fmt: skip
def test_an_early_repayment_leaves_no_fen_behind_and_costs_no_more(amount, rate, months, way, day, share, keep):
    rows = schedule(amount, rate, months, way, "30/360", START)
    on = START + timedelta(days=day)
    if on >= rows[-1].due_on:
        return
    past = [row for row in rows if row.due_on <= on]
    left = past[-1].balance_after_fen if past else amount
    paid, rest = early(rows, rate, way, START, on, left * share // 100 or 1, keep=keep)
    assert paid.principal_fen + sum(row.principal_fen for row in rest) == left
    assert not rest or rest[-1].balance_after_fen == 0
    assert len(rest) <= len(rows) - len(past)
    if keep == "instalment":
        dearest = max(row.principal_fen + row.interest_fen for row in rows[len(past) :])
        assert all(row.principal_fen <= dearest for row in rest)


def test_more_than_is_owed_is_not_taken():
    rows = schedule(MILLION, 360, 12, "equal_principal", "30/360", START)
    with pytest.raises(Invalid):
        early(rows, 360, "equal_principal", START, date(2025, 3, 1), MILLION, keep="term")


def test_money_at_will_costs_what_is_drawn_and_nothing_on_the_rest():
    rows = at_will([(START, 30_000_000), (date(2025, 2, 3), 20_000_000), (date(2025, 3, 1), -50_000_000)], 400, "act/365",
                   date(2025, 6, 15))  # fmt: skip
    whole = sum(row.interest_fen for row in rows)
    assert rows[0].interest_fen == by_hand(30_000_000, 400, 5, 365)
    assert [row.interest_fen for row in rows if row.due_on > date(2025, 3, 20)] == [0, 0, 0]
    assert abs(whole - by_hand(30_000_000, 400, 19, 365) - by_hand(50_000_000, 400, 26, 365)) <= 3
    with pytest.raises(Invalid):
        at_will([(START, 100), (date(2025, 2, 1), -200)], 400, "act/360", date(2025, 6, 15))


def test_drawn_whole_and_left_alone_it_is_the_revolving_schedule():
    matures = add_months(START, 6)
    assert at_will([(START, MILLION)], 360, "act/360", matures) == schedule(MILLION, 360, 6, "revolving", "act/360", START)
