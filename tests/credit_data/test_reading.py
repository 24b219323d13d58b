"""Facts are read under a consent that is asked in the reading statement; every reading is in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.audit.model import SYSTEM, Actor
from backend.consents import actions as consents
from backend.credit_data import actions, views
from backend.credit_data.distil import Value
from backend.kit.database import Database
from backend.kit.errors import Invalid
from backend.parties.tables import Firm
from backend.vocabulary.facts import definitions
from tests.consents.helpers import a_bank, a_firm
from tests.credit_data.departments import AT, a_consenting_firm, day_after

BANK = Actor("harbour_bank", "bank_system", "party_of_the_bank")


def some_facts(session: Session, firm: Firm) -> None:
    found = {
        "sales_12m_fen": Value(5_000_000_00, AT.date()),
        "insured_headcount": Value(12, AT.date()),
        "dishonest_debtor": Value(False, AT.date()),
    }
    actions.keep_facts(session, firm_id=firm.id, found=found, day=AT.date(), consents={})


def test_a_bank_reads_what_it_was_named_for_and_nothing_of_ours(database: Database) -> None:
    with database.writing() as session:
        a_bank(session)
        firm, _, _ = a_consenting_firm(session, ["TAX04"], recipients=("platform", "harbour_bank"))
        some_facts(session, firm)
        actions.append_bank_facts(session, firm_id=firm.id, values={"bnk_max_dpd": 3}, as_of=AT.date(), source="loans")
        file = views.read(session, BANK, firm_id=firm.id, purpose="pre_loan", recipient="harbour_bank", at=AT)
    assert set(file.facts) == {"sales_12m_fen", "dishonest_debtor"}
    assert file.withheld["insured_headcount"] == "SOC01"
    assert not [code for code in (*file.absent, *file.withheld) if code.startswith("bnk_")]


def test_each_reading_is_one_line_that_names_reader_purpose_items_and_digest(database: Database) -> None:
    with database.writing() as session:
        firm, _, consent = a_consenting_firm(session, ["TAX04"])
        some_facts(session, firm)
        file = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=AT)
    with database.reading() as session:
        lines = audit.trail(session, firm_id=firm.id, actions=["facts.read"])
    assert len(lines) == 1
    said = lines[0].details
    assert said["purpose"] == "pre_loan"
    assert said["items"] == ["JUD03", "TAX04"]
    assert said["withheld"]
    assert said["consents"] == [consent.id]
    assert said["digest"] == file.digest


def test_revoking_stops_the_next_reading_and_leaves_public_facts(database: Database) -> None:
    with database.writing() as session:
        firm, owner, consent = a_consenting_firm(session, ["TAX04"])
        some_facts(session, firm)
        before = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=AT)
        consents.revoke(session, owner, consent.id, at=AT)
        after = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=AT)
    assert "sales_12m_fen" in before.facts
    assert set(after.facts) == {"dishonest_debtor"}
    assert after.withheld["sales_12m_fen"] == "TAX04"


def test_expired_by_a_second_is_refused(database: Database) -> None:
    with database.writing() as session:
        firm, _, consent = a_consenting_firm(session, ["TAX04"])
        some_facts(session, firm)
        last = consent.valid_to - timedelta(seconds=1)
        inside = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=last)
        outside = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=consent.valid_to)
    assert "sales_12m_fen" in inside.facts
    assert "sales_12m_fen" in outside.withheld


def test_a_sweep_asks_for_consent_in_the_statement_that_reads_and_logs_each_firm_once(database: Database) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
        other, _ = a_firm(session, "91330200000000019B", "东港陶瓷有限公司")
        for each in (firm, other):
            some_facts(session, each)
    statements: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(" ".join(statement.split()))

    event.listen(database.engine, "before_cursor_execute", listen)
    with database.writing() as session:
        swept = dict(views.sweep(session, SYSTEM, purpose="pre_loan", at=AT, codes=["sales_12m_fen", "dishonest_debtor"]))
    event.remove(database.engine, "before_cursor_execute", listen)
    with database.reading() as session:
        lines = audit.trail(session, actions=["facts.swept"])
    assert set(swept[firm.id]) == {"sales_12m_fen", "dishonest_debtor"}
    assert set(swept[other.id]) == {"dishonest_debtor"}, "without a consent the public fact is all there is"
    reading = [statement for statement in statements if "facts.value" in statement]
    assert len(reading) == 1, "one statement reads for all firms"
    assert "EXISTS (SELECT consents.id" in reading[0]
    assert sorted(line.firm_id or "" for line in lines) == sorted([firm.id, other.id])


def test_the_newest_known_value_counts_and_the_older_ones_stay(database: Database) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
        for days, amount in ((0, 100), (10, 200), (5, 150)):
            on = day_after(days)
            actions.keep_facts(session, firm_id=firm.id, found={"sales_12m_fen": Value(amount, on)}, day=on, consents={})
        seen = [
            views.read(
                session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=AT + timedelta(days=days)
            ).values.get("sales_12m_fen")
            for days in (0, 4, 5, 9, 10, 100)
        ]
    assert seen == [100, 100, 150, 150, 200, 200]


def test_banks_may_only_report_what_is_theirs(database: Database) -> None:
    with database.writing() as session:
        firm, _ = a_firm(session)
        with pytest.raises(Invalid):
            actions.append_bank_facts(session, firm_id=firm.id, values={"sales_12m_fen": 1}, as_of=AT.date(), source="loans")
        assert (
            actions.append_bank_facts(session, firm_id=firm.id, values={"bnk_defaulted": True}, as_of=AT.date(), source="x") == 1
        )
        assert (
            actions.append_bank_facts(session, firm_id=firm.id, values={"bnk_defaulted": True}, as_of=AT.date(), source="x") == 0
        )


def test_there_are_thirty_facts_and_more() -> None:
    assert len(definitions()) >= 30
