"""What we learnt is forgotten when its time is over, each erasure is in the log, and the second sweep finds nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.audit.model import SYSTEM
from backend.consents import actions as consents
from backend.consents.model import SandboxSigner
from backend.consents.tables import Consent
from backend.credit_data import actions as credit_data
from backend.credit_data import erasure, ledgers, views
from backend.credit_data.distil import Value
from backend.credit_data.tables import DataFault, Erasure, FactRow, RawRecordRow
from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Misconfigured
from backend.loans import retention
from backend.loans.bank_reports import take_contract, take_draw, take_repayment
from backend.loans.handlers import handlers
from backend.loans.retention import Swept, sweep
from backend.parties.tables import Firm
from backend.scoring import actions as scoring
from backend.scoring.tables import Assessment
from backend.steps.model import Local
from tests.credit_data import ledgers as made_up
from tests.credit_data.departments import AT, SEALER, Departments, a_consenting_firm, acted, asked, gathered
from tests.loans.makers import BANK, a_contract, a_drawn, a_repaid

MONTHS = ("2024-10", "2024-11", "2024-12")


def a_month(number: int, month: str, yuan: int) -> dict[str, object]:
    row = [str(number), f"{month}-05", "买方", "销项", f"{yuan}", "0", f"{yuan}", "有效发票"]
    return {"period": month, "rows": [row]}


@pytest.fixture
def departments(tmp_path: Path) -> Departments:
    made = Departments(tmp_path / "departments.db")
    for number, month in enumerate(MONTHS):
        made.deliver("invoices", "month", a_month(number, month, 100 + number), on=f"{month}-28")
    made.deliver("penalties", "abnormal", {"listed_on": "2024-07-01"})
    return made


def kept(session: Session) -> dict[str, int]:
    counts = session.execute(select(RawRecordRow.item, func.count()).group_by(RawRecordRow.item))
    return {row[0]: row[1] for row in counts}


def known(session: Session, firm: Firm, at: datetime = AT) -> dict[str, object]:
    return {each.code: each.value for each in views.latest_rows(session, firm.id, at.astimezone(clock.SHANGHAI).date())}


def swept(database: Database, at: datetime) -> Swept:
    with database.writing() as session:
        return sweep(session, SYSTEM, at=at)


def test_raw_records_under_authorisation_go_within_thirty_days_and_public_ones_stay(
    database: Database, departments: Departments
) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    with database.reading() as session:
        before, facts = kept(session), known(session, firm)
        assert before["TAX04"] == 3
        assert facts["sales_12m_fen"] == 303_00
    assert swept(database, AT + timedelta(days=23)).raw_records == 0
    assert swept(database, AT + timedelta(days=23, seconds=1)).raw_records == 3, "the next sweep would be too late"
    assert swept(database, AT + timedelta(days=24)).raw_records == 0
    with database.reading() as session:
        assert kept(session) == {item: n for item, n in before.items() if item != "TAX04"}
        assert known(session, firm) == facts, "what was learnt of them stays known"
        (line,) = audit.trail(session, firm_id=firm.id, actions=["records.erased"])
        assert line.details["how_many"] == {"TAX04": 3}
        assert "30 days" in line.details["rule"]["TAX04"]
        assert session.scalars(select(Erasure.what)).all() == ["raw_records"]
        assert audit.faults(session) == []


def test_after_an_erasure_the_whole_history_is_fetched_again(database: Database, departments: Departments) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    later = AT + timedelta(days=40)
    swept(database, later)
    departments.deliver("invoices", "month", a_month(9, "2025-01", 7), on="2025-02-02")
    gathered(database, departments, firm, later)
    with database.reading() as session:
        assert kept(session)["TAX04"] == 4
        assert known(session, firm, later)["sales_12m_fen"] == 310_00


def test_a_gathering_in_flight_while_its_cache_goes_makes_nothing_of_half_a_history(
    database: Database, departments: Departments
) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    later = AT + timedelta(days=40)
    departments.deliver("invoices", "month", a_month(9, "2025-01", 7), on="2025-02-02")
    gather = departments.gather()
    step, answer = asked(database, gather, firm, later)
    assert "TAX04" not in answer.result["whole"]
    swept(database, later)
    acted(database, gather, firm, step, answer, later)
    gather.departments.dispose()
    with database.reading() as session:
        assert "TAX04" not in kept(session)
        assert known(session, firm, later)["sales_12m_fen"] == 303_00, "as it was known before"


def test_the_database_lets_go_of_nothing_that_no_erasure_names(database: Database, departments: Departments) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    for table in (RawRecordRow, FactRow):
        with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
            session.execute(delete(table).where(table.item == "TAX04"))
    later = AT + timedelta(days=40)
    swept(database, later)
    gathered(database, departments, firm, later + timedelta(seconds=1))
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(delete(RawRecordRow).where(RawRecordRow.item == "TAX04"))
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(delete(Erasure))


def an_assessment(session: Session, firm: Firm, at: datetime) -> str:
    found = {"sales_12m_fen": Value(900_000_000, at.date()), "registered_on": Value(date(2015, 1, 1), at.date())}
    credit_data.keep_facts(session, firm_id=firm.id, found=found, day=at.date(), consents={})
    return scoring.assess(session, SYSTEM, firm_id=firm.id, sealer=SEALER, at=at).id


def evidence(database: Database, name: str) -> bool:
    with database.reading() as session:
        return session.get_one(Assessment, name).sealed is not None


def day_at(day: date) -> datetime:
    return clock.start_of(day) + timedelta(hours=9)


def test_where_no_loan_came_of_it_evidence_and_facts_go_after_five_years(database: Database) -> None:
    with database.writing() as session:
        firm, _, paper = a_consenting_firm(session, ["TAX04"])
        name = an_assessment(session, firm, AT)
    assert swept(database, day_at(date(2030, 1, 6))) == Swept(date(2030, 1, 6))
    gone = swept(database, day_at(date(2030, 1, 7)))
    assert (gone.assessments, gone.facts) == (1, 1), "the day of registration is public and stays"
    assert swept(database, day_at(date(2030, 1, 8))) == Swept(date(2030, 1, 8))
    with database.reading() as session:
        said = scoring.replay(session, name, sealer=SEALER)
        assert "evidence erased on 2030-01-07" in said.words.en
        assert set(known(session, firm)) == {"registered_on"}
        assert {line.action for line in audit.trail(session, firm_id=firm.id)} >= {"assessment.erased", "facts.erased"}
        assert session.get_one(Consent, paper.id).text, "the consent stays, as does the log"


def test_while_a_consent_holds_an_item_open_its_facts_stay(database: Database) -> None:
    with database.writing() as session:
        firm, owner, _ = a_consenting_firm(session, ["TAX04"])
        name = an_assessment(session, firm, AT)
        then = day_at(date(2030, 6, 1))
        consents.import_basis(session, owner, firm_id=firm.id, items=["TAX04"], file_digest="d", basis="again", at=then)
    gone = swept(database, then)
    assert (gone.assessments, gone.facts) == (1, 0)
    assert not evidence(database, name)


@pytest.mark.parametrize("repaid", [True, False], ids=["repaid", "still owed"])
def test_evidence_of_a_loan_is_kept_until_five_years_after_its_end(database: Database, repaid: bool) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
        name = an_assessment(session, firm, AT)
        take_contract(
            session,
            application_id="app_1",
            firm_id=firm.id,
            bank=BANK,
            product="guaranteed_micro_loan",
            message=a_contract(),
            at=AT + timedelta(days=3),
            scheme=None,
        )
        drawn = a_drawn()
        take_draw(session, bank=BANK, message=drawn, at=AT + timedelta(days=4))
        if repaid:
            for number, line in enumerate(drawn.schedule):
                paid = a_repaid(number, line.due_on, interest=line.interest_fen, principal=line.principal_fen)
                take_repayment(session, bank=BANK, message=paid, at=day_at(line.due_on))
            ended = retention.loan_end(session, firm.id, date(2030, 1, 1))
            assert ended == drawn.schedule[-1].due_on == date(2026, 1, 10)
    swept(database, day_at(date(2031, 1, 10)))
    assert evidence(database, name)
    swept(database, day_at(date(2031, 1, 11)))
    assert evidence(database, name) is not repaid


def test_a_facility_that_may_still_be_drawn_keeps_the_evidence(database: Database) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
        terms = {"application_id": "app_1", "firm_id": firm.id, "bank": BANK, "product": "p", "scheme": None}
        take_contract(session, message=a_contract(expires_on=date(2035, 1, 1)), at=AT, **terms)  # type: ignore[arg-type]  # a test's own terms
        assert retention.loan_end(session, firm.id, date(2030, 1, 1)) == date(2030, 1, 1)
        assert retention.loan_end(session, firm.id, date(2036, 1, 1)) == date(2035, 1, 1)
        assert retention.loan_end(session, "another", date(2036, 1, 1)) is None


def test_an_imported_ledger_goes_when_its_basis_has_ended(database: Database) -> None:
    report = made_up.imported(database)
    with database.reading() as session:
        count = session.scalar(select(func.count(RawRecordRow.id)))
    with database.writing() as session:
        raw = session.scalars(select(RawRecordRow)).first()
        assert raw is not None
        session.add(DataFault(firm_id=raw.firm_id, source="invoices", raw_id=raw.id, what="row 2", found_at=made_up.AT))
    ends = made_up.AT + timedelta(days=366)
    assert swept(database, ends + timedelta(days=29)).raw_records == 0
    assert swept(database, ends + timedelta(days=31)).raw_records == count
    with database.reading() as session:
        assert session.scalar(select(func.count(DataFault.seq))) == 0, "their flags named amounts"
    assert ledgers.distil_ledgers(database, day=report.facts_on, sealer=SEALER) == 0


def test_the_step_sweeps_and_a_second_time_finds_nothing_left(database: Database, departments: Departments) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    step = handlers(SEALER, SandboxSigner(bytes(32)))[retention.KIND]
    assert isinstance(step, Local)
    for _ in range(2):
        with database.writing() as session:
            step.act(session, {}, AT + timedelta(days=28))
    with database.reading() as session:
        assert not erasure.caches_older_than(session, AT + timedelta(days=30))


def test_a_day_before_the_first_terms_is_a_fault() -> None:
    with pytest.raises(Misconfigured, match=r"retention\.yaml"):
        retention.rules_on(date(2019, 12, 31))
