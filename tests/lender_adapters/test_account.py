"""One draw's account: what a payment pays first, what early money may do, what lateness costs."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.errors import Refused
from lender_adapters.sandbox.account import Account, Parts
from lender_adapters.sandbox.book import dumps

JAN_10 = date(2025, 1, 10)


def _equal() -> Account:
    return Account.opened(1_200_000, 360, 540, "equal_principal", "30/360", 12, JAN_10)


def _monthly(way: str = "interest_first") -> Account:
    return Account.opened(1_000_000, 360, 540, way, "act/360", 3, JAN_10)


def test_a_payment_on_the_day_carries_no_penalty() -> None:
    account = _equal()
    account.fall_due(date(2025, 2, 10))
    assert account.pay(date(2025, 2, 10), 103_600, "borrower") == Parts(0, 3_600, 100_000)


def test_lateness_is_paid_by_the_day_before_interest_and_principal() -> None:
    account = _equal()
    account.fall_due(date(2025, 2, 10))
    late = date(2025, 2, 20)
    assert account.dues(late) == 103_600 + 150
    assert account.pay(late, 200, "borrower") == Parts(150, 50, 0)
    assert account.pay(late, 103_550, "borrower") == Parts(0, 3_550, 100_000)
    assert account.dues(late) == 0


def test_penalty_is_counted_from_the_payment_before() -> None:
    account = _equal()
    account.fall_due(date(2025, 2, 10))
    account.pay(date(2025, 2, 20), 53_750, "borrower")
    assert account.lines[0].principal_left == 50_000
    assert account.dues(date(2025, 3, 2)) == 50_000 + 75


def test_the_oldest_due_is_paid_first() -> None:
    account = _equal()
    account.fall_due(date(2025, 2, 10))
    account.fall_due(date(2025, 3, 10))
    assert account.pay(date(2025, 3, 10), 110_000, "borrower") == Parts(420, 3_600 + 3_300, 102_680)
    assert [line.principal_left for line in account.lines[:2]] == [0, 97_320]


def test_money_of_a_guarantor_is_principal_alone() -> None:
    account = _equal()
    account.fall_due(date(2025, 2, 10))
    parts = account.pay(date(2025, 3, 1), 1_200_000, "guarantor")
    assert parts == Parts(0, 0, 1_200_000)
    assert account.outstanding_fen == 0
    assert account.lines[0].interest_left == 3_600
    assert account.next_due is None


def test_nobody_pays_more_than_is_owed() -> None:
    account = _equal()
    for source in ("borrower", "guarantor", "recovery"):
        with pytest.raises(Refused):
            account.pay(JAN_10, 1_200_001, source)


def test_a_payment_is_not_dated_before_what_is_already_booked() -> None:
    account = _equal()
    account.fall_due(date(2025, 2, 10))
    with pytest.raises(Refused):
        account.pay(date(2025, 2, 9), 100, "guarantor")


def test_early_money_settles_whole_on_a_due_day_or_not_at_all() -> None:
    account = _monthly()
    due = date(2025, 1, 20)
    account.fall_due(due)
    with pytest.raises(Refused):
        account.pay(due, account.dues(due) + 1, "borrower")
    with pytest.raises(Refused):
        account.pay(date(2025, 1, 25), account.settlement(date(2025, 1, 25)), "borrower")
    assert account.pay(due, account.settlement(due), "borrower") == Parts(0, 1_000, 1_000_000)
    assert account.next_due is None


def test_a_revolving_draw_takes_part_back_any_day_and_interest_follows_the_balance() -> None:
    account = _monthly("revolving")
    account.pay(date(2025, 1, 15), 400_000, "borrower")
    line = account.fall_due(date(2025, 1, 20))
    # 5 days on 1,000,000 and 5 days on 600,000, at 3.6 % over 360, rounded once
    assert line.interest_fen == 800
    account.pay(date(2025, 1, 22), 600_800, "borrower")
    assert account.outstanding_fen == 0
    assert account.next_due == date(2025, 2, 20)
    assert account.fall_due(date(2025, 2, 20)).interest_fen == 120


def test_interest_unpaid_bears_no_interest() -> None:
    account = _monthly()
    account.fall_due(date(2025, 1, 20))
    assert account.dues(date(2025, 1, 20)) == account.dues(date(2025, 2, 19))


def test_only_principal_of_the_maturity_day_can_be_late_when_interest_comes_first() -> None:
    account = _monthly()
    for day in (date(2025, 1, 20), date(2025, 2, 20), date(2025, 3, 20), date(2025, 4, 10)):
        account.fall_due(day)
    at_maturity = account.dues(date(2025, 4, 10))
    assert at_maturity == 1_000_000 + 9_000
    assert account.dues(date(2025, 4, 20)) == at_maturity + 1_500


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([("equal_instalments", "30/360"), ("interest_first", "act/360"), ("revolving", "act/365")]),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 900_000), st.sampled_from(["borrower", "guarantor"])), max_size=8),
)
def test_parts_add_up_and_no_fen_is_lost_whatever_is_paid(way: tuple[str, str], payments: list[tuple[int, int, str]]) -> None:
    account = Account.opened(1_234_567, 475, 713, *way, 6, JAN_10)
    day, principal = JAN_10, 0
    for wait, amount, source in payments:
        day += timedelta(days=wait)
        while (due := account.next_due) is not None and due <= day:
            account.fall_due(due)
        try:
            parts = account.pay(day, amount, source)
        except Refused:
            continue
        assert parts.penalty_fen + parts.interest_fen + parts.principal_fen == amount
        principal += parts.principal_fen
    assert account.outstanding_fen == 1_234_567 - principal == sum(line.principal_left for line in account.lines)
    assert Account.of(json.loads(dumps(account.as_dict()))) == account
