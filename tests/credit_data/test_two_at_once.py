"""Records at once: what two gatherings bring is kept once, and what two sweeps forget is forgotten once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.consents.tables import Consent
from backend.credit_data import gather, ledgers
from backend.credit_data.tables import Erasure, FactRow, RawRecordRow
from backend.kit.database import Database
from backend.loans import retention
from backend.steps import actions as steps
from tests.at_once import at_once, side_by_side
from tests.credit_data.departments import AT, Departments, a_consenting_firm, gathered
from tests.credit_data.ledgers import SEALER, SOUND, imported

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


def a_folder(place: Path, *firms: str, until: str = "2019-08-20", price: str = "100.00") -> Path:
    """Ledgers of these firms, a sale each, at that price; the last firm sells once more on the last day."""
    folder = Path(shutil.copytree(SOUND, place))
    (folder / "enterprises_302.csv").write_text("企业代号,企业名称\n" + "".join(f"{firm},***有限公司\n" for firm in firms))
    for name in ("input", "output"):
        file = folder / f"invoices_302_{name}.csv"
        rows = [file.read_text().splitlines()[0]]
        for number, firm, day in [*((int(firm[1:]), firm, "2019-04-05") for firm in firms), (1, firms[-1], until)]:
            rows.append(f"{number},{firm},{number},{day},B000,{price},0.00,{price},有效发票")
        file.write_text("\n".join(rows))
    return folder


def kept_twice(session: Session) -> list[Any]:
    """Ledgers, bases and facts that are there more than once."""
    papers = select(Consent.firm_id, Consent.signature).group_by(Consent.firm_id, Consent.signature)
    records = select(RawRecordRow.firm_id, RawRecordRow.digest).group_by(RawRecordRow.firm_id, RawRecordRow.digest)
    columns = (FactRow.firm_id, FactRow.code, FactRow.known_on, FactRow.consent_id)
    queries = (papers, records, select(*columns).group_by(*columns))
    return [tuple(row) for query in queries for row in session.execute(query.having(func.count() > 1))]


def test_one_record_of_two_imports(database: Database, tmp_path: Path) -> None:
    """Two clerks bring new ledgers of known firms, in two orders; the folders do not reach to the same day."""
    imported(database, a_folder(tmp_path / "known", "E903", "E902", "E901"))
    one = a_folder(tmp_path / "one", "E901", "E902", "E903", "E904", "E905", price="200.00")
    two = a_folder(tmp_path / "two", "E905", "E903", "E904", "E902", "E901", until="2019-08-25", price="200.00")
    found = side_by_side(database, *[partial(imported, database, folder) for folder in (one, two, one, two)])
    with database.reading() as session:
        assert kept_twice(session) == []
        # E902 to E904 are the same in both; the last firm of each folder has a ledger of its own in it.
        assert counted(session, RawRecordRow) == 3 + 3 + 2 * 2
        assert sum(each.new_ledgers for each in found) == 3 + 2 * 2


def test_one_record_of_an_older_firm_after_a_newer(database: Database, tmp_path: Path) -> None:
    imported(database, a_folder(tmp_path / "older", "E902"))
    both = a_folder(tmp_path / "both", "E901", "E902", price="200.00")
    [report] = side_by_side(database, partial(imported, database, both))
    assert report.new_ledgers == 2


def test_one_record_is_made_into_facts_once_for_a_day(database: Database, tmp_path: Path) -> None:
    imported(database, a_folder(tmp_path / "known", "E903", "E902", "E901"))
    day = date(2019, 7, 31)
    found = side_by_side(database, *[partial(ledgers.distil_ledgers, database, day=day, sealer=SEALER)] * 3)
    with database.reading() as session:
        assert kept_twice(session) == []
        made = select(func.count()).select_from(FactRow).where(FactRow.known_on == day)
        assert session.scalar(made) == sum(found) > 0


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
