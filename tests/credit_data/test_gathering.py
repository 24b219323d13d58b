"""Departments are asked under a live consent, are messy, and nothing that is not covered is kept anywhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from backend.audit.model import SYSTEM
from backend.consents import actions as consents
from backend.credit_data import views
from backend.credit_data.compare import CONTRADICTORY
from backend.credit_data.tables import DataFault, FactRow, RawRecordRow
from backend.kit.database import Database
from backend.kit.errors import Fault, Unreachable
from backend.parties.tables import Firm
from backend.steps.tables import Step
from tests.credit_data.departments import AT, SEALER, Departments, a_consenting_firm, acted, asked, gathered


@pytest.fixture
def departments(tmp_path: Path) -> Departments:
    return Departments(tmp_path / "departments.db")


def known(database: Database, firm: Firm, at: object = AT) -> dict[str, object]:
    with database.writing() as session:
        file = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=at)  # type: ignore[arg-type]  # a moment
        return dict(file.values)


def invoice(number: int, day: str, net: str, *, side: str = "销项", state: str = "有效发票", partner: str = "B1") -> list[str]:
    return [str(number), day, partner, side, net, "0", net, state]


def test_messy_months_become_facts(database: Database, departments: Departments) -> None:
    rows = [
        invoice(1, "2024-11-5", "1,000.00"),
        invoice(2, "20241106", "２，０００"),
        invoice(3, "2024年11月7日", "0.5万元", partner="B2"),
        invoice(4, "2024-11-08", "-300", partner="B2"),
        invoice(5, "2024-11-09", "9999", state=" 作废发票"),
        invoice(6, "2024-11-10", "400.00", side="进项", partner="A1"),
        invoice(7, "2024-11-31", "77"),
        invoice(8, "2024-11-12", "七十七"),
        ["9"],
    ]
    departments.deliver("invoices", "month", {"period": "2024年11月", "rows": rows})
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    facts = known(database, firm)
    assert facts["sales_12m_fen"] == 7_700_00
    assert facts["purchases_12m_fen"] == 400_00
    assert facts["customers_12m"] == 2
    assert facts["void_share_bp"] == 2_000
    with database.writing() as session:
        file = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=AT)
        assert file.facts["sales_12m_fen"].doubts == ("3 invoices could not be read",)


def test_a_month_delivered_again_replaces_the_earlier_one_and_the_doubt_is_noted(
    database: Database, departments: Departments
) -> None:
    departments.deliver("invoices", "month", {"period": "202411", "rows": [invoice(1, "2024-11-05", "100")]}, on="2024-12-01")
    departments.deliver("invoices", "month", {"period": "2024-11", "rows": [invoice(1, "2024-11-05", "250")]}, on="2024-12-15")
    departments.deliver("invoices", "month", {"period": "2024-11", "rows": [invoice(1, "2024-11-05", "250")]}, on="2024-12-15")
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    with database.writing() as session:
        file = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=AT)
        assert file.facts["sales_12m_fen"].value == 250_00
        assert CONTRADICTORY in file.facts["sales_12m_fen"].doubts
        assert len(list(session.scalars(select(RawRecordRow.id)))) == 2, "a doubled delivery is kept once"


def test_what_is_delivered_tomorrow_is_not_known_today(database: Database, departments: Departments) -> None:
    departments.deliver("invoices", "month", {"period": "2024-10", "rows": [invoice(1, "2024-10-05", "100")]}, on="2024-11-01")
    departments.deliver("invoices", "month", {"period": "2024-11", "rows": [invoice(2, "2024-11-05", "900")]}, on="2025-01-20")
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    assert known(database, firm)["sales_12m_fen"] == 100_00
    later = AT + timedelta(days=15)
    gathered(database, departments, firm, later)
    assert known(database, firm, later)["sales_12m_fen"] == 1_000_00
    assert known(database, firm, AT)["sales_12m_fen"] == 100_00, "the past stays as it was known"


def test_records_that_say_nonsense_are_faults_and_stop_nobody(database: Database, departments: Departments) -> None:
    departments.deliver("court", "lawsuit", "{not json")
    departments.deliver("court", "lawsuit", ["a", "list"])
    departments.deliver(
        "court", "lawsuit", {"case_no": "（2024）鄂01民初1号", "role": " 被告", "filed_on": "2024-06-31", "amount": "1万"}
    )
    departments.deliver(
        "court", "lawsuit", {"case_no": "（2024）鄂01民初2号", "role": "被告", "filed_on": "2024-6-3", "amount": "2万"}
    )
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    facts = known(database, firm)
    assert facts["lawsuits_defendant_12m"] == 1
    assert facts["lawsuit_claims_12m_fen"] == 2_000_000
    with database.reading() as session:
        said = sorted(fault.what for fault in views.faults(session, firm.id))
    assert said == [
        "lawsuit.filed_on: “2024-06-31” is not a day of the calendar",
        "lawsuit: no case_no",
        "the record is not JSON",
    ]
    gathered(database, departments, firm, AT + timedelta(days=1))
    with database.reading() as session:
        assert len(list(session.scalars(select(DataFault)))) == 3, "the same fault is said once"


def test_asking_and_hearing_nothing_is_an_answer_for_lists_and_none_for_flows(
    database: Database, departments: Departments
) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04", "REA02", "SOC01"])
    gathered(database, departments, firm)
    facts = known(database, firm)
    assert facts["dishonest_debtor"] is False
    assert facts["property_seized"] is False
    assert "sales_12m_fen" not in facts
    assert "insured_headcount" not in facts


def test_an_item_without_consent_is_neither_fetched_nor_kept(database: Database, departments: Departments) -> None:
    departments.deliver("social_insurance", "month", {"period": "2024-11", "headcount": "12人"})
    departments.deliver("invoices", "month", {"period": "2024-11", "rows": [invoice(1, "2024-11-05", "100")]})
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["SOC01"])
    gathered(database, departments, firm)
    with database.reading() as session:
        assert set(session.scalars(select(RawRecordRow.item))) == {"SOC01"}
    with database.writing() as session:
        file = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=AT)
        assert file.values["insured_headcount"] == 12
        assert file.withheld["sales_12m_fen"] == "TAX04"


def test_a_consent_revoked_while_the_departments_answer_keeps_nothing_anywhere(
    database: Database, departments: Departments
) -> None:
    departments.deliver("invoices", "month", {"period": "2024-11", "rows": [invoice(1, "2024-11-05", "123456.78")]})
    departments.deliver("penalties", "abnormal", {"listed_on": "2024-7-1", "cause": "未年报"})
    with database.writing() as session:
        firm, owner, consent = a_consenting_firm(session, ["TAX04"])
    gather = departments.gather()
    step_id, answer = asked(database, gather, firm)
    with database.reading() as session:
        waiting = session.get_one(Step, step_id).answer
        assert "123456" not in str(waiting), "what waits on the step is sealed"
    with database.writing() as session:
        consents.revoke(session, owner, consent.id, at=AT)
    acted(database, gather, firm, step_id, answer)
    with database.reading() as session:
        assert set(session.scalars(select(RawRecordRow.item))) == {"LST01"}, "the public list needs no consent"
        assert "sales_12m_fen" not in set(session.scalars(select(FactRow.code)))
        assert "sealed" not in (session.get_one(Step, step_id).answer or {}), "and it is wiped once acted on"


def test_acting_twice_on_one_answer_changes_nothing_the_second_time(database: Database, departments: Departments) -> None:
    departments.deliver("invoices", "month", {"period": "2024-11", "rows": [invoice(1, "2024-11-05", "100")]})
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gather = departments.gather()
    step_id, answer = asked(database, gather, firm)
    acted(database, gather, firm, step_id, answer)
    with database.reading() as session:
        before = len(list(session.scalars(select(FactRow.seq)))), len(list(session.scalars(select(RawRecordRow.id))))
    acted(database, gather, firm, step_id, answer)
    with database.reading() as session:
        after = len(list(session.scalars(select(FactRow.seq)))), len(list(session.scalars(select(RawRecordRow.id))))
    assert after == before


def test_departments_that_do_not_answer_are_asked_again_later(database: Database, tmp_path: Path) -> None:
    from backend.credit_data.gather import Gather
    from backend.credit_data.sources.exchange import FrontDatabase

    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    with pytest.raises(Unreachable):
        asked(database, Gather(FrontDatabase(f"sqlite:///{tmp_path}/nowhere.db"), SEALER), firm)


def test_a_sealed_record_opens_only_in_its_own_place(database: Database, departments: Departments) -> None:
    departments.deliver("penalties", "penalty", {"document_no": "武市监罚〔2024〕1号", "decided_on": "2024-5-1", "fine": "1万元"})
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    with database.reading() as session:
        row = session.scalars(select(RawRecordRow)).one()
        assert "武市监罚".encode() in SEALER.open(row.sealed, place=f"raw_records|{row.id}")
        with pytest.raises(Fault, match="does not open"):
            SEALER.open(row.sealed, place="raw_records|another")


@pytest.mark.parametrize("table", [FactRow, RawRecordRow])
def test_facts_and_raw_records_only_grow(
    database: Database, departments: Departments, table: type[FactRow | RawRecordRow]
) -> None:
    departments.deliver("penalties", "abnormal", {"listed_on": "2024-7-1"})
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
    gathered(database, departments, firm)
    for statement in (update(table).values(firm_id=firm.id), delete(table)):
        with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
            session.execute(statement)
