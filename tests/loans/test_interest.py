"""Our arithmetic of a draw: days, penalty, where money goes; and that the bank's own hand arrives at the same fen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.loans.interest import Due, Money, Split, Terms, play
from lender_adapters.sandbox.account import Account as BankAccount
from products import repayment

JAN_10 = date(2025, 1, 10)
WAYS = [
    ("equal_instalments", "30/360"),
    ("equal_principal", "30/360"),
    ("interest_first", "act/360"),
    ("interest_first", "act/365"),
    ("revolving", "act/360"),
    ("revolving", "act/365"),
    ("bullet", "act/360"),
    ("bullet", "act/365"),
]


def terms(way: str, day_count: str, *, amount: int = 1_200_000, months: int = 12, rate: int = 360, start: date = JAN_10) -> Terms:
    rows = repayment.schedule(amount, rate, months, way, day_count, start)
    return Terms(amount, rate, 540, way, day_count, start, tuple(Due(row.no, row.due_on, row.principal_fen) for row in rows))


@pytest.mark.parametrize(("way", "day_count"), [*WAYS, ("interest_first", "30/360"), ("bullet", "30/360")])
@given(
    amount=st.integers(100, 10**10),
    months=st.integers(1, 36),
    rate=st.integers(0, 2400),
    start=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
)
@settings(max_examples=25, deadline=None)
def test_paid_on_every_due_day_a_loan_costs_what_its_schedule_says(
    way: str, day_count: str, amount: int, months: int, rate: int, start: date
) -> None:
    rows = repayment.schedule(amount, rate, months, way, day_count, start)
    money = [Money(row.due_on, row.principal_fen + row.interest_fen, "borrower") for row in rows]
    money = [each for each in money if each.amount_fen]
    account = play(terms(way, day_count, amount=amount, months=months, rate=rate, start=start), money, rows[-1].due_on)
    assert [line.interest_fen for line in account.lines] == [row.interest_fen for row in rows]
    assert (account.outstanding_fen, account.owed_fen(rows[-1].due_on), account.unpaid_since) == (0, 0, None)


@st.composite
def lives(draw: st.DrawFn) -> tuple[str, str, int, int, int, date, list[tuple[int, int, str]]]:
    way, day_count = draw(st.sampled_from(WAYS))
    payments = draw(
        st.lists(
            st.tuples(
                st.integers(0, 60), st.integers(1, 1_000), st.sampled_from(["borrower", "borrower", "guarantor", "recovery"])
            ),
            max_size=8,
        )
    )
    start = draw(st.dates(date(2024, 1, 1), date(2026, 6, 30)))
    return way, day_count, draw(st.integers(1_000, 10**9)), draw(st.integers(1, 12)), draw(st.integers(0, 2400)), start, payments


@given(lives())
@settings(max_examples=300, deadline=None)
def test_whatever_is_paid_late_or_early_by_whomever_the_bank_and_we_agree_to_the_fen(
    life: tuple[str, str, int, int, int, date, list[tuple[int, int, str]]],
) -> None:
    way, day_count, amount, months, rate, start, plan = life
    bank = BankAccount.opened(amount, rate, 540, way, day_count, months, start)
    ours = Terms(
        amount, rate, 540, way, day_count, start, tuple(Due(line.no, line.due_on, line.principal_fen) for line in bank.lines)
    )
    day, money = start, []
    told: list[Split] = []
    for wait, share, source in plan:
        day += timedelta(days=wait)
        while bank.next_due is not None and bank.next_due <= day:
            bank.fall_due(bank.next_due)
        most = bank.dues(day) if source == "borrower" else bank.outstanding_fen
        paid = most * share // 1_000
        if way == "revolving" and source == "borrower" and share > 900:
            paid = bank.settlement(day)
        if paid:
            parts = bank.pay(day, paid, source)
            told.append(Split(parts.expenses_fen, parts.penalty_fen, parts.interest_fen, parts.principal_fen))
            money.append(Money(day, paid, source))
    account = play(ours, money, day)
    assert account.splits == told
    assert account.outstanding_fen == bank.outstanding_fen
    assert account.owed_fen(day) == bank.dues(day)


def test_the_value_date_counts_and_the_last_day_does_not() -> None:
    account = play(terms("bullet", "act/360", amount=3_600_000, months=1), [], JAN_10)
    assert account.lines[0].interest_fen == 36_000 * 31 // 100


def test_a_due_day_is_in_time_and_the_day_after_is_one_day_past_due() -> None:
    account = play(terms("equal_principal", "30/360"), [], date(2025, 2, 11))
    assert [account.past_due_days(day) for day in (date(2025, 2, 9), date(2025, 2, 10), date(2025, 2, 11))] == [0, 0, 1]


def test_days_past_due_count_from_the_first_unpaid_due_day_although_later_ones_were_asked() -> None:
    paid = [Money(date(2025, 2, 10), 103_600, "borrower")]
    account = play(terms("equal_principal", "30/360"), paid, date(2025, 5, 1))
    assert account.unpaid_since == date(2025, 3, 10)
    assert account.past_due_days(date(2025, 5, 1)) == 52


def test_penalty_runs_on_overdue_principal_and_never_on_interest() -> None:
    account = play(terms("interest_first", "act/360"), [], date(2025, 6, 1))
    assert account.penalty_fen(date(2025, 6, 1)) == 0, "only interest is overdue"
    assert play(terms("equal_principal", "30/360"), [], date(2025, 2, 20)).penalty_fen(date(2025, 2, 20)) == 150


def test_money_goes_to_expenses_penalty_interest_principal_in_this_order() -> None:
    late = date(2025, 2, 20)
    for amount, split in [
        (50, Split(expenses_fen=50)),
        (100 + 150, Split(100, 150)),
        (100 + 150 + 3_000, Split(100, 150, 3_000)),
        (100 + 150 + 3_600 + 7, Split(100, 150, 3_600, 7)),
        (100 + 150 + 3_600 + 1_200_000 + 9, Split(100, 150, 3_600, 1_200_000, 9)),
    ]:
        account = play(terms("equal_principal", "30/360"), [Money(late, amount, "borrower", expenses_fen=100)], late)
        assert account.splits == [split]


def test_the_guarantor_pays_principal_alone() -> None:
    late = date(2025, 4, 1)
    account = play(terms("equal_principal", "30/360"), [Money(late, 960_000, "guarantor")], late)
    assert account.splits == [Split(principal_fen=960_000)]
    assert account.unpaid_since == date(2025, 2, 10), "the interest of February is still owed"


def test_a_revolving_draw_repaid_in_part_costs_interest_on_what_was_owed_each_day() -> None:
    early = date(2025, 1, 15)
    account = play(terms("revolving", "act/360", amount=3_600_000), [Money(early, 1_800_000, "borrower")], early)
    assert account.lines[0].interest_fen == 360 * 5 + 180 * 5
