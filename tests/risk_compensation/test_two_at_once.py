"""Callers at once in a pool: each rule of `risk_compensation.rules` that no door plays by itself."""

from __future__ import annotations

import time
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.kit.errors import Answer, Refused
from risk_compensation import live as events
from risk_compensation.ledger import periods
from risk_compensation.live import custody, statements, stopping
from risk_compensation.scheme import terms_on
from risk_compensation.tables import Claim, Closing, LoanMove, PoolMove, Registration, Reservation
from tests.at_once import PAUSE, at_once, noes
from tests.risk_compensation.pools import BANK, DAY, GUARANTOR, POOL, SCHEME, WAN, a_default, a_loan, a_pool, file, paid, said

LATER, A_MONTH_ON = date(2025, 3, 21), date(2025, 8, 21)
SECOND = "second"


def test_moves_of_a_loan_are_made_once(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_loan(session)
        events.activate(session, reference="loan_1", on=DAY)
    late = partial(events.overdue, reference="loan_1", since=date(2025, 3, 20), on=LATER)
    at_once(database, *[late] * 6)
    with database.reading() as session:
        moves = session.scalars(select(LoanMove.move).order_by(LoanMove.id)).all()
        assert moves.count("fall_due") == 1
        assert statements.faults(session) == []


def test_one_claim_number_stands_for_one_claim_of_one_loan(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        for number in range(4):
            a_default(session, reference=f"loan_{number}", firm=f"firm_{number}")

    def claim(number: int, session: Session) -> Claim:
        return file(session, reference=f"loan_{number}", claim_no="C1")

    found = at_once(database, *[partial(claim, number) for number in range(4)])
    assert noes(found) == ["reference_reused"] * 3
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Claim)) == 1
        filed = session.scalar(select(func.count()).select_from(LoanMove).where(LoanMove.move == "file"))
        assert filed == 1, "whoever came second left nothing behind"


def test_one_end_of_a_reservation(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        held = {"bank": BANK, "guarantor": GUARANTOR, "firm": "firm_1", "amount_fen": 100 * WAN}
        events.reserve(session, POOL, reference="app_1", expires_on=LATER, on=DAY, **held)
        made = statements.headroom(session, POOL, DAY).reserved_fen
        assert made > 0

    def use(session: Session) -> Registration:
        return events.register(
            session, POOL, reference="loan_1", amount_fen=100 * WAN, on=DAY, checks=_checks(), reservation="app_1"
        )

    give_back = partial(events.cancel_reservation, reference="app_1", on=DAY)
    at_once(database, use, *[give_back] * 4)
    with database.reading() as session:
        state = session.get_one(Reservation, "app_1").state
        booked = session.scalars(select(statements.Journal.reference)).all()
        assert state in ("used", "cancelled")
        assert ("cancelled:app_1" in booked) == (state == "cancelled")
        room = statements.headroom(session, POOL, DAY)
        assert (room.reserved_fen, room.commitments_fen) == (0, 100 * WAN)
        assert statements.faults(session) == []


def _checks(firm: str = "firm_1") -> events.Checks:
    return events.Checks(
        bank=BANK,
        guarantor=GUARANTOR,
        firm=firm,
        guarantee_no="DB-1",
        guaranteed_on=DAY,
        loan=events.Described(industry="C34"),
    )


def test_one_cap_over_all_pools_of_a_firm(database: Database) -> None:
    caps = terms_on(SCHEME, DAY).caps
    amount = min(caps.of_loan(""), caps.firm_fen)
    fit = caps.firm_fen // amount
    with database.writing() as session:
        for number in range(fit + 3):
            a_pool(session, code=f"pool_{number}")

    def enter(number: int, session: Session) -> Registration:
        checks = _checks()
        return events.register(session, f"pool_{number}", reference=f"loan_{number}", amount_fen=amount, on=DAY, checks=checks)

    found = at_once(database, *[partial(enter, number) for number in range(fit + 3)])
    assert noes(found) == ["cap_firm"] * 3
    with database.reading() as session:
        total = session.scalar(select(func.sum(Registration.principal_fen)).where(Registration.firm == "firm_1"))
        assert total <= caps.firm_fen


def test_one_stop_and_one_reopening(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
    stop = partial(events.pause, pool=POOL, by="checker", words=said(), on=DAY)
    at_once(database, *[stop] * 5)
    with database.writing() as session:
        events.propose_reopening(session, POOL, by="maker", words=said(), on=DAY)
    reopen = partial(events.reopen, pool=POOL, by="checker", words=said(), on=DAY)
    at_once(database, *[reopen] * 5)
    with database.reading() as session:
        assert session.scalars(select(PoolMove.state).order_by(PoolMove.id)).all() == ["open", "paused", "reopening", "open"]


def two_pools_of_one_guarantor(session: Session, lost: int) -> None:
    """Twenty loans in each; of those in the first so many cost the pool 40 万 each: the second itself has paid nothing."""
    a_pool(session)
    a_pool(session, code=SECOND)
    for number in range(20):
        a_default(session, reference=f"loan_{number}", firm=f"firm_{number}")
        enter(number, session)
    for number in range(lost):
        file(session, reference=f"loan_{number}", claim_no=f"C{number}")
        paid(session, f"C{number}")


def enter(number: int, session: Session, on: date = DAY) -> Registration:
    checks = _checks(f"second_{number}")
    return events.register(session, SECOND, reference=f"second_{number}", amount_fen=100 * WAN, on=on, checks=checks)


def test_one_stop_of_a_guarantor_in_all_its_pools(database: Database) -> None:
    with database.writing() as session:
        two_pools_of_one_guarantor(session, lost=0)
    stop = partial(events.pause, by="checker", words=said(), on=DAY, party=GUARANTOR)
    at_once(database, *[partial(stop, pool=pool) for pool in (POOL, SECOND) * 3])
    with database.writing() as session:
        assert stopping.stopped(session, POOL)[GUARANTOR].state == "paused"
        proposals = select(PoolMove.state).where(PoolMove.party == GUARANTOR).order_by(PoolMove.id)
        assert session.scalars(proposals).all() == ["paused"], "stopped once, whichever pool it was said of"


def test_one_stop_of_a_guarantor_while_its_loans_come_in(database: Database) -> None:
    with database.writing() as session:
        two_pools_of_one_guarantor(session, lost=4)
    stop = partial(events.pause, pool=POOL, by="checker", words=said(), on=A_MONTH_ON, party=GUARANTOR)
    found = at_once(database, stop, *[partial(enter, number, on=A_MONTH_ON) for number in range(20, 24)])
    assert not isinstance(found[0], Answer), "the stop was answered"
    with database.reading() as session:
        assert stopping.stopped(session, SECOND)[GUARANTOR].state == "paused", "a loan that came in did not take it back"
    with database.writing() as session, pytest.raises(Refused):
        enter(30, session, on=A_MONTH_ON)


def test_one_closing_of_a_period(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
    close = partial(periods.close_period, pool=POOL, until=DAY, by="checker", on=LATER)
    found = at_once(database, *[close] * 5)
    assert not [each for each in found if isinstance(each, Answer)]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Closing)) == 1


def test_one_moment_of_a_reconciliation(database: Database) -> None:
    """A receipt is booked while its day's statement is held against the book: before that or after it, not between."""
    with database.writing() as session:
        a_pool(session)
    bank = f"day,receipt_no,amount,balance\n{LATER},R-9,5.00,{7_000 * WAN // 100 + 5}.00\n"
    hold_against = partial(custody.reconcile, pool=POOL, text=bank, day=LATER, by="maker", on=LATER)

    def linger(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if not database.is_sqlite and "JOIN pool_journal" in statement:  # entries were read, the closing balance was not yet
            time.sleep(25 * PAUSE)

    def book(session: Session) -> None:
        time.sleep(5 * PAUSE)
        events.contribute(session, POOL, "ningbo_fund", 500, "R-9", LATER)

    event.listen(database.engine, "after_cursor_execute", linger)
    found, _ = at_once(database, hold_against, book)
    event.remove(database.engine, "after_cursor_execute", linger)
    assert [each.kind for each in found] in ([], ["not_in_book", "closing"]), "one of them alone never was"
    with database.reading() as session:
        kept = custody.last_reconciled(session, POOL)
        assert kept is not None
        assert len(kept.differences) == len(found)
