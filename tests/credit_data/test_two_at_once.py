"""Records at once: what two gatherings bring is kept once, and what two sweeps forget is forgotten once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.credit_data import gather
from backend.credit_data.tables import Erasure, FactRow, RawRecordRow
from backend.kit.database import Database
from backend.loans import retention
from backend.steps import actions as steps
from tests.at_once import at_once
from tests.credit_data.departments import AT, Departments, a_consenting_firm, gathered

MINUTE = timedelta(minutes=1)


def counted(session: Session, table: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def a_firm_with_papers(database: Database, tmp_path: Path) -> tuple[Departments, Any]:
    departments = Departments(tmp_path / "departments.db")
    row = ["1", "2024-12-05", "买方", "销项", "100", "0", "100", "有效发票"]
    departments.deliver("invoices", "month", {"period": "2024-12", "rows": [row]}, on="2024-12-28")
    departments.deliver("penalties", "abnormal", {"listed_on": "2024-07-01"})
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    return departments, firm


def test_one_record_of_two_gatherings(database: Database, tmp_path: Path) -> None:
    departments, firm = a_firm_with_papers(database, tmp_path)
    gather, wanted = departments.gather(), {"firm": firm.id, "purpose": "pre_loan"}
    with database.reading() as session:
        request = gather.prepare(session, wanted, AT)
    answer = gather.call(request)
    at_once(database, *[lambda session: gather.act(session, wanted, answer, AT)] * 4)
    with database.reading() as session:
        assert counted(session, RawRecordRow) == 2
        told = session.execute(select(FactRow.code, func.count()).group_by(FactRow.code)).all()
        assert told
        assert {number for _, number in told} == {1}, "each fact is known once"


def test_one_gathering_of_many_taps(database: Database, tmp_path: Path) -> None:
    _, firm = a_firm_with_papers(database, tmp_path)

    def tap(minutes: int) -> Callable[[Session], str]:
        return partial(gather.ask, firm_id=firm.id, purpose="pre_loan", at=AT + minutes * MINUTE)

    first = set(at_once(database, *[tap(0), tap(1), tap(2), tap(3)]))
    assert len(first) == 1, "one step answers all taps"
    with database.writing() as session:
        steps.take(session, at=AT + MINUTE * 8, kinds=["gather"])
    assert set(at_once(database, tap(9))).isdisjoint(first), "what has begun may have asked for the consents before now"


def test_one_erasure_of_two_sweeps(database: Database, tmp_path: Path) -> None:
    departments, firm = a_firm_with_papers(database, tmp_path)
    gathered(database, departments, firm)
    later = AT + timedelta(days=24)
    found = at_once(database, *[partial(retention.sweep, actor=SYSTEM, at=later)] * 4)
    assert sorted(each.raw_records for each in found) == [0, 0, 0, 1]
    with database.reading() as session:
        assert counted(session, Erasure) == 1
