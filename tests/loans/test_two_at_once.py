"""Callers at once about loans: each rule of `backend.loans.rules` that no door plays by itself."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.consents.model import SandboxSigner
from backend.kit.database import Database
from backend.loans import bank_reports, certainty, compensation, guarantees, signals
from backend.loans.day import close_day
from backend.loans.tables import ClassEvent, ClassSignal, Draw, Facility, Guarantee, SignedConditions
from risk_compensation.live import statements
from risk_compensation.tables import LoanMove
from tests.at_once import at_once, noes
from tests.loans.makers import (
    BANK,
    SAID,
    SCHEME,
    SIGNED,
    VALUE,
    WAN,
    a_contract,
    a_covered_draw,
    a_drawn,
    a_firm,
    a_pool,
    asked,
    at,
    people,
    take,
    the_draw,
    the_facility,
)


def count(session: Session, table: type[Any], *where: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def test_one_contract_stands_for_one_application(database: Database) -> None:
    with database.writing() as session:
        firms = [a_firm(session).id, a_firm(session, uscc="91330200MA2BBBBB2N").id]

    def sign(number: int, session: Session) -> Facility:
        said = {
            "application_id": f"app_{number % 2}",
            "firm_id": firms[number % 2],
            "bank": BANK,
            "product": "guaranteed_micro_loan",
        }
        return bank_reports.take_contract(session, message=a_contract(reference=f"app_{number % 2}"), at=at(SIGNED), **said)

    found = at_once(database, *[partial(sign, number) for number in range(6)])
    assert noes(found) == ["reference_reused"] * 3
    with database.reading() as session:
        assert count(session, Facility) == 1


def test_one_draw_and_covered_once(database: Database) -> None:
    with database.writing() as session:
        a_covered_draw(session)
    same = partial(bank_reports.take_draw, bank=BANK, message=a_drawn(draw_no="JJ-2", amount_fen=10 * WAN), at=at(VALUE))
    at_once(database, *[same] * 4)
    with database.reading() as session:
        assert count(session, Draw, Draw.draw_no == "JJ-2") == 1
        facility = the_facility(session)
        covered = session.scalar(select(func.sum(Draw.amount_fen)).where(Draw.coverage == "registered"))
        assert covered <= facility.registered_fen, "covered_once: no more than the pool has registered"


def test_covered_once_when_many_draw_together(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        guarantee = asked(session)
        who = people(session)["guarantor"]
        guarantees.decide_guarantee(session, who, guarantee_id=guarantee.id, granted=True, words=SAID, at=at(SIGNED))
        take(session, a_contract(), scheme=SCHEME)
        guarantees.register_at_pool(session, facility_id=the_facility(session).id, at=at(SIGNED))
        limit = the_facility(session).registered_fen
    draws = [
        partial(bank_reports.take_draw, bank=BANK, message=a_drawn(draw_no=f"JJ-{n}", amount_fen=limit * 4 // 10), at=at(VALUE))
        for n in range(4)
    ]
    at_once(database, *draws)
    with database.reading() as session:
        assert sorted(each.coverage for each in session.scalars(select(Draw))) == ["registered"] * 2 + ["uncovered"] * 2


def test_one_close_of_a_day(database: Database) -> None:
    with database.writing() as session:
        a_covered_draw(session)
        late = the_draw(session).unpaid_since or date(2025, 2, 20)
    day = late + timedelta(days=100)
    at_once(database, *[partial(close_day, day=day)] * 4)
    with database.reading() as session:
        changed = session.scalars(select(ClassEvent.became).order_by(ClassEvent.id)).all()
        assert len(changed) == len(set(changed)), "a class changes once"
        assert count(session, LoanMove, LoanMove.move == "fall_due") <= 1
        assert statements.faults(session) == []


def test_one_guarantee_and_one_demand(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_firm(session)
    at_once(database, *[asked] * 5)  # one_guarantee
    with database.reading() as session:
        assert count(session, Guarantee) == 1
        assert statements.faults(session) == []


def test_one_demand_on_a_guarantor(database: Database) -> None:
    with database.writing() as session:
        draw = a_covered_draw(session)
        since, name = draw.unpaid_since, draw.id
        assert since is not None
        day = since + timedelta(days=1)
        close_day(session, day)
    ask = partial(compensation.demand_on_guarantor, actor=SYSTEM, draw_id=name, at=at(day))
    found = at_once(database, *[ask] * 5)
    assert len({each.demanded_fen for each in found}) == 1
    with database.reading() as session:
        assert count(session, LoanMove, LoanMove.move == "fall_due") == 1


def test_one_signal_until_it_is_lifted(database: Database) -> None:
    with database.writing() as session:
        firm = a_firm(session).id
    tell = partial(signals.raise_signal, actor=SYSTEM, firm_id=firm, name="misuse", words=SAID, at=at(SIGNED))
    at_once(database, *[tell] * 5)
    with database.reading() as session:
        assert count(session, ClassSignal) == 1


def test_one_signature_under_the_conditions(database: Database) -> None:
    with database.writing() as session:
        a_covered_draw(session)
        loan = the_facility(session).id
    sign = partial(certainty.sign, reference=loan, port=SandboxSigner(bytes(range(32))), at=at(SIGNED))
    at_once(database, *[sign] * 4)
    with database.reading() as session:
        assert count(session, SignedConditions) == 1
