"""The pool, told as sentences: a loss of one million, the last money, a paused pool that still pays."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.kit.database import Database
from backend.kit.errors import Conflict, NotFound, Refused
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.ledger import periods
from risk_compensation.live import State, custody, statements
from risk_compensation.tables import GUARDED, GUARDS
from tests.risk_compensation.pools import (
    BANK,
    DAY,
    FUND,
    GUARANTOR,
    POOL,
    WAN,
    a_default,
    a_loan,
    a_pool,
    approved,
    checks,
    file,
    paid,
    said,
)

LATER = date(2025, 7, 30)


def test_a_loss_of_one_million_is_shared_four_four_two_and_a_recovery_goes_back_the_same_way(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        paid(session)
    with database.reading() as session:
        borne = {who: statements.party_statement(session, POOL, who, LATER).borne_fen for who in (GUARANTOR, FUND, BANK)}
        assert borne == {GUARANTOR: 40 * WAN, FUND: 40 * WAN, BANK: 20 * WAN}
        assert statements.headroom(session, POOL, LATER).cash_fen == 6_960 * WAN
    with database.writing() as session:
        parts = events.recover(
            session, reference="loan_1", gross_fen=30 * WAN, costs_fen=2 * WAN, receipt_no="R2", on=date(2025, 9, 1)
        )
    assert parts == {"guarantor": 11_200_000, "fund": 11_200_000, "bank": 5_600_000}
    with database.reading() as session:
        fund = statements.party_statement(session, POOL, FUND, date(2025, 9, 1))
        assert fund.net_borne_fen == 28_800_000
        assert statements.headroom(session, POOL, LATER).cash_fen == 6_960 * WAN + 11_200_000
        guarantor = statements.party_statement(session, POOL, GUARANTOR, date(2025, 9, 1))
        assert guarantor.paid_by_pool_fen == 40 * WAN + 11_200_000 + 2 * WAN, "claim, share of the recovery, its costs"
        assert statements.faults(session) == []
        assert [each.became for each in statements.loan_history(session, "loan_1")][-3:] == [
            "paid",
            "recovering",
            "part_recovered",
        ]


def test_every_event_done_twice_changes_nothing(database: Database) -> None:
    def once() -> None:
        with database.writing() as session:
            a_pool(session)
            events.reserve(
                session,
                POOL,
                reference="app_1",
                bank=BANK,
                guarantor=GUARANTOR,
                firm="firm_1",
                amount_fen=100 * WAN,
                expires_on=date(2025, 2, 1),
                on=DAY,
            )
            events.register(session, POOL, reference="loan_1", amount_fen=100 * WAN, on=DAY, checks=checks(), reservation="app_1")
            events.activate(session, reference="loan_1", on=DAY)
            events.overdue(session, reference="loan_1", since=date(2025, 3, 20), on=date(2025, 3, 21))
            file(session)
            paid(session)
            events.recover(session, reference="loan_1", gross_fen=WAN, costs_fen=0, receipt_no="R9", on=LATER)

    once()
    with database.reading() as session:
        before = (
            ledger.balances(session, POOL),
            len(statements.journal(session, POOL)),
            len(statements.loan_history(session, "loan_1")),
        )
    once()
    with database.reading() as session:
        after = (
            ledger.balances(session, POOL),
            len(statements.journal(session, POOL)),
            len(statements.loan_history(session, "loan_1")),
        )
        assert statements.faults(session) == []
    assert after == before


def test_the_same_reference_for_something_else_is_refused(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        with pytest.raises(Conflict) as caught:
            events.contribute(session, POOL, FUND, 1, f"receipt-{POOL}-1", DAY)
        assert caught.value.code == "reference_reused"


def test_a_registration_books_a_commitment_not_cash_and_repayment_releases_it(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=100 * WAN)
        a_loan(session, amount_fen=200 * WAN)
        room = statements.headroom(session, POOL, DAY)
        assert (room.cash_fen, room.commitments_fen, room.available_fen) == (100 * WAN, 200 * WAN, 800 * WAN)
        events.activate(session, reference="loan_1", on=DAY)
        assert events.release(session, reference="loan_1", principal_fen=50 * WAN, on=LATER) == 150 * WAN
        assert events.release(session, reference="loan_1", principal_fen=50 * WAN, on=LATER) == 0
        assert events.release(session, reference="loan_1", on=LATER) == 50 * WAN
        assert statements.headroom(session, POOL, LATER).available_fen == 1_000 * WAN
        assert a_loan(session, amount_fen=200 * WAN).state == State.RELEASED


def test_a_reservation_is_provisional_and_expires(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=10 * WAN)
        common = {"bank": BANK, "guarantor": GUARANTOR, "firm": "firm_1", "amount_fen": 100 * WAN}
        events.reserve(session, POOL, reference="app_1", expires_on=date(2025, 1, 31), on=DAY, **common)
        assert statements.headroom(session, POOL, date(2025, 1, 31)).available_fen == 0
        with pytest.raises(Refused, match="headroom"):
            events.reserve(session, POOL, reference="app_2", expires_on=date(2025, 2, 9), on=date(2025, 1, 31), **common)
        assert statements.headroom(session, POOL, date(2025, 2, 1)).available_fen == 100 * WAN
        events.reserve(session, POOL, reference="app_2", expires_on=date(2025, 2, 9), on=date(2025, 2, 1), **common)
        with pytest.raises(Refused) as caught:
            events.register(
                session,
                POOL,
                reference="loan_1",
                amount_fen=100 * WAN,
                on=date(2025, 2, 1),
                checks=checks(),
                reservation="app_1",
            )
        assert caught.value.code == "headroom", "an expired reservation holds nothing"
        events.register(
            session, POOL, reference="loan_2", amount_fen=100 * WAN, on=date(2025, 2, 1), checks=checks(), reservation="app_2"
        )
        assert statements.faults(session) == []


def test_a_given_back_reservation_frees_its_headroom(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=10 * WAN)
        events.reserve(
            session, POOL, reference="a", bank=BANK, guarantor=GUARANTOR, firm="f", amount_fen=WAN, expires_on=LATER, on=DAY
        )
        events.cancel_reservation(session, reference="a", on=DAY)
        events.cancel_reservation(session, reference="a", on=DAY)
        assert statements.headroom(session, POOL, DAY).reserved_fen == 0
        assert statements.faults(session) == []


def test_a_paused_pool_takes_no_new_loan_but_pays_an_old_claim(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        events.pause(session, POOL, by="fund", words=said(), on=date(2025, 6, 1))
    with pytest.raises(Refused) as caught, database.writing() as session:
        a_loan(session, reference="loan_2", on=date(2025, 6, 2))
    assert caught.value.code == "pool_paused"
    assert "暂停" in caught.value.words.zh
    with database.writing() as session:
        file(session)
        assert paid(session).state == State.PAID
        events.propose_reopening(session, POOL, by="maker", words=said(), on=LATER)
        events.reopen(session, POOL, by="authority", words=said(), on=LATER)
        a_loan(session, reference="loan_2", on=LATER)
        assert [each.state for each in statements.pool_history(session, POOL)] == ["open", "paused", "reopening", "open"]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"guarantee_no": None}, "no_guarantee_decision"),
        ({"guaranteed_on": None}, "no_guarantee_decision"),
        ({"guaranteed_on": date(2025, 1, 7)}, "no_guarantee_decision"),
        ({"guarantor": "another"}, "wrong_guarantor"),
        ({"industry": "H62"}, "industry_out_of_scope"),
        ({"industry": None}, "industry_out_of_scope"),
        ({"amount_fen": 501 * WAN}, "cap_loan"),
    ],
)
def test_a_loan_that_may_not_enter_is_told_why(database: Database, other: dict[str, object], code: str) -> None:
    with database.writing() as session:
        a_pool(session)
        with pytest.raises(Refused) as caught:
            a_loan(session, **other)  # type: ignore[arg-type]
        assert caught.value.code == code
        assert ledger.balances(session, POOL)["commitments_fen"] == 0


def test_one_firm_may_not_take_more_than_its_cap(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_loan(session, reference="a", amount_fen=500 * WAN)
        a_loan(session, reference="b", amount_fen=500 * WAN)
        with pytest.raises(Refused) as caught:
            a_loan(session, reference="c", amount_fen=1)
        assert caught.value.code == "cap_firm"
        a_loan(session, reference="d", amount_fen=1, firm="firm_2")


def test_one_loan_stands_in_one_pool_only(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_pool(session, code="second")
        a_loan(session)
        with pytest.raises(Conflict):
            events.register(session, "second", reference="loan_1", amount_fen=100 * WAN, on=DAY, checks=checks())


def test_the_breaker_warns_then_pauses_when_too_much_is_paid_out(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        for number in range(20):
            a_default(session, reference=f"loan_{number}", firm=f"firm_{number}")
        for number in range(3):
            file(session, reference=f"loan_{number}", claim_no=f"C{number}")
        paid(session, "C0")
        a_loan(session, reference="x1", on=LATER, firm="x1")
        assert statements.headroom(session, POOL, LATER).state == "open", "40 of 2,000 is 2 %"
        paid(session, "C1")
        a_loan(session, reference="x2", on=LATER, firm="x2", bank="bell_tower_bank")
        assert statements.headroom(session, POOL, LATER).state == "warn", "80 of 2,100 is 3.8 %"
        paid(session, "C2")
    with pytest.raises(Refused) as caught, database.writing() as session:
        a_loan(session, reference="x3", on=LATER, firm="x3", bank="bell_tower_bank")
    assert caught.value.code == "pool_paused"
    with database.writing() as session:
        assert statements.headroom(session, POOL, LATER).state == "paused", "the pause is kept although the loan was refused"
        with pytest.raises(Refused) as still:
            events.reopen(session, POOL, by="authority", words=said(), on=LATER)
        assert still.value.code == "ratio_not_cured"
        a_year_on = date(2026, 7, 30)
        events.propose_reopening(session, POOL, by="maker", words=said(), on=a_year_on)
        events.reopen(session, POOL, by="authority", words=said(), on=a_year_on)
        a_loan(session, reference="x4", on=a_year_on, firm="x4")


def test_a_bank_whose_loans_go_bad_is_paused_alone(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        for number in range(20):
            a_default(session, reference=f"loan_{number}", firm=f"firm_{number}")
        for number in range(60):
            a_loan(session, reference=f"good_{number}", firm=f"good_{number}", bank="bell_tower_bank")
        for number in range(3):
            file(session, reference=f"loan_{number}", claim_no=f"C{number}")
            paid(session, f"C{number}")
        with pytest.raises(Refused) as caught:
            a_loan(session, reference="x", on=LATER, firm="x")
        assert caught.value.code == "bank_paused"
        a_loan(session, reference="x", on=LATER, firm="x", bank="bell_tower_bank")


def test_a_wrong_booking_is_reversed_and_never_edited(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=5)
        assert ledger.reverse(session, reference=f"receipt:receipt-{POOL}-1", on=DAY, words=said("串户"))
        assert not ledger.reverse(session, reference=f"receipt:receipt-{POOL}-1", on=DAY, words=said("串户"))
        assert ledger.balances(session, POOL)["cash_fen"] == 0
        assert [row.reverses for row, _ in statements.journal(session, POOL)] == [None, f"receipt:receipt-{POOL}-1"]
        with pytest.raises(NotFound):
            ledger.reverse(session, reference="unknown", on=DAY, words=said())


@pytest.mark.parametrize("statement", ["UPDATE {} SET {column} = {column}", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_edit_the_book(database: Database, statement: str) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        paid(session)
        periods.close_period(session, POOL, until=DAY, by="checker", on=LATER)
        custody.reconcile(session, POOL, "day,receipt_no,amount,balance\n", day=LATER, by="maker", on=LATER)
    columns = dict.fromkeys(GUARDED, "pool") | {"pool_loan_moves": "loan", "pool_payouts": "claim_no"}
    assert set(columns) == set(GUARDED)
    assert set(GUARDS) == {"sqlite", "postgresql"}
    for table, column in columns.items():
        with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
            session.execute(text(statement.format(table, column=column)))


def test_a_claim_waits_when_the_pool_is_short_of_cash_and_is_approved_after_a_top_up(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=60 * WAN)
        for number in (1, 2):
            a_default(session, reference=f"loan_{number}", firm=f"firm_{number}")
            file(session, reference=f"loan_{number}", claim_no=f"C{number}")
        paid(session, "C1")
    with pytest.raises(Refused) as caught, database.writing() as session:
        approved(session, "C2")
    assert caught.value.code == "pool_cash_short"
    with database.writing() as session:
        events.contribute(session, POOL, FUND, 20 * WAN, "top-up", LATER)
        paid(session, "C2")
        assert statements.headroom(session, POOL, LATER).cash_fen == 0
        assert statements.faults(session) == []


def test_the_statement_of_the_special_account_adds_up_and_agrees_with_the_custody_bank(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        events.credit_interest(session, POOL, 1_234, "interest-1", date(2025, 6, 21))
        a_default(session)
        file(session)
        paid(session)
        events.recover(session, reference="loan_1", gross_fen=30 * WAN, costs_fen=2 * WAN, receipt_no="R2", on=LATER)
        told = statements.pool_statement(session, POOL, date(2025, 6, 1), LATER)
        assert told.opening_fen == 7_000 * WAN
        assert dict(told.movements) == {
            "bank_interest": 1_234,
            "claim_paid": -40 * WAN,
            "recovery_received": 30 * WAN,
            "recovery_costs": -2 * WAN,
            "recovery_to_party": -16_800_000,
        }
        assert statements.reconcile(session, POOL, told.closing_fen, LATER) == 0
        assert statements.reconcile(session, POOL, told.closing_fen + 7, LATER) == 7
        trial = statements.trial_balance(session, POOL, LATER)
        assert sum(each.debit_fen for each in trial) == sum(each.credit_fen for each in trial)


def test_a_planted_wrong_balance_is_named(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=100)
        session.execute(text("UPDATE pool_balances SET cash_fen = 99"))
    with database.reading() as session:
        assert statements.faults(session) == [f"{POOL}: cash_fen is 99, the journal says 100"]


def test_an_unknown_pool_or_loan_is_not_found(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound):
            a_loan(session)
        with pytest.raises(NotFound):
            events.release(session, reference="nothing", on=DAY)
        with pytest.raises(NotFound):
            paid(session, "nothing")
