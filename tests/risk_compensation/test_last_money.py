"""Many want the last money at once: no fen too much is promised or paid, none is lost, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.kit.errors import Answer
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.live import statements
from tests.risk_compensation.pools import BANK, DAY, GUARANTOR, POOL, WAN, a_default, a_loan, a_pool, file

DAY_2 = date(2025, 7, 20)


def _together(database: Database, acts: list[Callable[[Session], Any]]) -> list[str]:
    """Run all at once, each in its own transaction; answer what each was told."""

    def one(act: Callable[[Session], Any]) -> str:
        try:
            with database.writing() as session:
                act(session)
        except Answer as no:
            return no.code
        return "yes"

    with ThreadPoolExecutor(8) as crowd:
        return list(crowd.map(one, acts))


def test_of_many_registrations_only_as_many_enter_as_there_is_headroom(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=100 * WAN)
    acts: list[Callable[[Session], Any]] = [
        lambda session, n=n: a_loan(session, reference=f"loan_{n}", firm=f"firm_{n}") for n in range(24)
    ]
    told = _together(database, acts)
    assert sorted(told) == ["headroom"] * 14 + ["yes"] * 10
    with database.reading() as session:
        assert statements.headroom(session, POOL, DAY).available_fen == 0
        assert statements.faults(session) == []


def test_of_many_reservations_only_as_many_are_held_as_there_is_headroom(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=100 * WAN)

    def reserve(session: Session, n: int) -> None:
        events.reserve(
            session,
            POOL,
            reference=f"app_{n}",
            bank=BANK,
            guarantor=GUARANTOR,
            firm=f"firm_{n}",
            amount_fen=300 * WAN,
            expires_on=DAY,
            on=DAY,
        )

    told = _together(database, [lambda session, n=n: reserve(session, n) for n in range(16)])
    assert sorted(told) == ["headroom"] * 13 + ["yes"] * 3
    with database.reading() as session:
        assert statements.faults(session) == []


def test_of_many_claims_only_as_many_are_approved_as_there_is_cash(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=500 * WAN)
        for n in range(12):
            a_default(session, reference=f"loan_{n}", firm=f"firm_{n}")
            file(session, reference=f"loan_{n}", claim_no=f"C{n}")
            events.review(session, claim_no=f"C{n}", by="maker", opinion="approve", on=DAY_2)
        # Cash for five claims of 40 万 and a little more.
        book = [ledger.Line(ledger.Account.CAPITAL, ledger.Account.POOL_CASH, 290 * WAN, ledger.Reason.REVERSAL)]
        ledger.post(session, pool=POOL, reference="capital returned", on=DAY, booked=book)
    told = _together(
        database, [lambda session, n=n: events.approve(session, claim_no=f"C{n}", by="checker", on=DAY_2) for n in range(12)]
    )
    assert sorted(told) == ["pool_cash_short"] * 7 + ["yes"] * 5
    with database.reading() as session:
        assert ledger.balances(session, POOL)["approved_fen"] == 200 * WAN
        assert statements.faults(session) == []


def test_one_receipt_reported_by_many_at_once_pays_once(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        events.review(session, claim_no="C1", by="maker", opinion="approve", on=DAY_2)
        events.approve(session, claim_no="C1", by="checker", on=DAY_2)
        events.instruct(session, claim_no="C1", by="checker", on=DAY_2)

    def pay(session: Session) -> None:
        events.pay(session, claim_no="C1", receipt_no="R1", amount_fen=40 * WAN, on=DAY_2)

    assert _together(database, [pay] * 16) == ["yes"] * 16
    with database.reading() as session:
        assert ledger.balances(session, POOL)["cash_fen"] == 6_960 * WAN
        assert statements.faults(session) == []


def test_the_same_registration_asked_by_many_at_once_is_made_once(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
    assert _together(database, [a_loan] * 16) == ["yes"] * 16
    with database.reading() as session:
        assert ledger.balances(session, POOL)["commitments_fen"] == 100 * WAN
        assert statements.faults(session) == []
