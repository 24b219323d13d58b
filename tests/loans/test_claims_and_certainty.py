"""What the fund signed binds it; every party has a clock; claims come by file; a claim's later life has two people."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit.tables import AuditLine
from backend.consents.model import SandboxSigner
from backend.kit.database import Database
from backend.kit.errors import Invalid, NotFound, Refused
from backend.loans import (
    certainty,
    claim_checks,
    claim_files,
    claiming,
    clocks,
    duty,
    duty_pdf,
    fund_acts,
    pool_money,
    signals,
    walk,
)
from backend.loans.certainty import SignedConditions
from risk_compensation import live as events
from risk_compensation.live import statements, views
from tests.loans.makers import (
    BANK,
    FUND,
    PAPERS,
    POOL,
    SAID,
    SIGNED,
    WAN,
    a_claim,
    a_covered_draw,
    a_paid_claim,
    a_paid_guarantee,
    at,
    people,
    the_draw,
    the_facility,
    the_guarantee,
)

PORT = SandboxSigner(bytes(range(32)))
REVIEWED = at(date(2025, 9, 15))


def _case(session: Session) -> events.ClaimCase:
    """The claim C-1 as it stands now."""
    found = views.claim_case(session, "C-1")
    assert found is not None
    return found


def test_at_registration_the_fund_signs_what_it_checked_once_and_the_signature_fits(database: Database) -> None:
    with database.writing() as session:
        a_covered_draw(session)
        reference = the_facility(session).id
        signed = certainty.sign(session, reference=reference, port=PORT, at=at(SIGNED))
        assert certainty.sign(session, reference=reference, port=PORT, at=at(date(2025, 3, 1))) is signed
        assert certainty.genuine(signed, PORT)
        held = certainty.of_loan(session, reference)
        assert "entered_before_draw" in {each.code for each in held.checked}
        assert "misuse" in {each.code for each in held.left_open}
        forged = SignedConditions(
            document=signed.document.replace(b"misuse", b"mizuse"),
            signature=signed.signature,
            public_key=signed.public_key,
            signer=signed.signer,
        )
        assert not certainty.genuine(forged, PORT)


def test_a_rejection_may_only_name_what_was_left_open(database: Database) -> None:
    with database.writing() as session:
        who = people(session)
        a_paid_guarantee(session)
        certainty.sign(session, reference=the_facility(session).id, port=PORT, at=at(SIGNED))
        a_claim(session)
        fund_acts.review_claim(session, who["maker"], claim_no="C-1", opinion="reject", words=SAID, at=REVIEWED)
        with pytest.raises(Refused) as bound:
            fund_acts.reject_claim(
                session, who["checker"], claim_no="C-1", reasons=["industry_in_scope"], words=SAID, at=REVIEWED
            )
        assert bound.value.code == "checked_at_registration"
        for wrong in ([], ["no_such_reason"]):
            with pytest.raises(Invalid):
                fund_acts.reject_claim(session, who["checker"], claim_no="C-1", reasons=wrong, words=SAID, at=REVIEWED)
        claim = fund_acts.reject_claim(session, who["checker"], claim_no="C-1", reasons=["misuse"], words=SAID, at=REVIEWED)
        assert claim.state == "rejected"
        said = [each.words["zh"] for each in statements.loan_history(session, claim.loan) if each.move == "reject"]
        assert said == ["贷款资金被挪用。经审查同意"]


def test_each_party_has_its_own_clock_and_a_late_one_is_seen(database: Database) -> None:
    with database.writing() as session:
        who = people(session)
        a_paid_guarantee(session)
        (filing,) = clocks.every(session, date(2025, 7, 1))
        assert (filing.act, filing.party, filing.due_on) == ("file", "yong_guarantee", date(2025, 12, 30))
        a_claim(session)
        review = clocks.of_claim(session, _case(session), date(2025, 9, 18))
        assert review is not None
        assert (review.party, review.act, review.due_on, review.late_days) == (FUND, "review", date(2025, 9, 17), 1)
        assert [each.claim_no for each in clocks.late(session, date(2025, 9, 18))] == ["C-1"]
        fund_acts.review_claim(session, who["maker"], claim_no="C-1", opinion="supplement", words=SAID, at=REVIEWED)
        waits = clocks.of_claim(session, _case(session), date(2025, 9, 18))
        assert waits is not None
        assert (waits.act, waits.party, waits.late_days) == ("supplement", "yong_guarantee", 0)
        brought = at(date(2025, 9, 22))
        claiming.supply_documents(session, who["guarantor"], claim_no="C-1", documents={"other_security": "x.pdf"}, at=brought)
        again = clocks.of_claim(session, _case(session), date(2025, 9, 22))
        assert again is not None
        assert (again.act, again.since) == ("review", date(2025, 9, 22)), "the fund's time starts anew"


def test_the_officer_sees_the_checks_as_they_stand_today(database: Database) -> None:
    with database.writing() as session:
        guarantee = a_paid_guarantee(session)
        claim = a_claim(session)
        assert all(each.passed for each in claim_checks.today(session, _case(session), date(2025, 9, 12)))
        signals.raise_signal(
            session, people(session)["bank"], firm_id=guarantee.firm_id, name="misuse", words=SAID, at=at(date(2025, 9, 12))
        )
        failed = [each.code for each in claim_checks.today(session, _case(session), date(2025, 9, 12)) if not each.passed]
        assert failed == ["no_misuse"]
        assert [each.code for each in claim_checks.papers(_case(session)) if each.held is None] == []
        (seen,) = claim_checks.evidence(session, claim)
        assert seen.payments[-1].source == "guarantor"


def test_every_row_of_a_file_is_answered_and_a_second_time_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        who = people(session)
        guarantee = a_paid_guarantee(session)
        papers = ";".join(f"{code}={name}" for code, name in PAPERS.items())
        head = ",".join(claim_files.GUARANTOR_COLUMNS)
        rows = [
            f"{guarantee.guarantee_no},C-1,(2025)浙02民初1号,2025-09-01,{papers}",
            "DB-nobody,C-2,x,2025-09-01,",
            f"{guarantee.guarantee_no},C-3,x,yesterday,{papers}",
            f"{guarantee.guarantee_no},C-4,x,2025-09-01,{papers}",
        ]
        body = "\r\n".join([head, *rows]).encode("utf-8-sig")
        for _ in range(2):
            found = claim_files.claims(session, who["guarantor"], body=body, at=at(date(2025, 9, 10)))
            assert [each.outcome for each in found] == ["done", "refused", "refused", "refused"]
            assert found[0].amount_fen == 40 * WAN
            assert [each.code for each in found[1:3]] == ["not_found", "invalid"]
        assert [each.claim_no for each in statements.claims(session)] == ["C-1"]
        assert all(
            each.code == "not_found" for each in claim_files.claims(session, who["other_guarantor"], body=body, at=REVIEWED)
        )
        (answer,) = claim_files.demands(session, who["bank"], body=b"draw_no\nJJ-1\n", at=REVIEWED)
        assert (answer.outcome, answer.amount_fen) == ("done", 80 * WAN), "asked before: the same demand"


@pytest.mark.parametrize("body", [b"", b"draw_no", b"no\nJJ-1", "draw_no\n银".encode("gb18030"), b"draw_no\nJJ-1,2"])
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(database: Database, body: bytes) -> None:
    with database.writing() as session, pytest.raises(Invalid):
        claim_files.demands(session, people(session)["bank"], body=body, at=REVIEWED)


def test_a_write_off_takes_two_people_keeps_the_file_and_recovery_goes_on(database: Database) -> None:
    with database.writing() as session:
        who, day = people(session), at(date(2026, 1, 5))
        a_paid_guarantee(session)
        a_paid_claim(session)
        with pytest.raises(NotFound):
            fund_acts.propose_write_off(session, who["checker"], claim_no="C-1", words=SAID, at=day)
        fund_acts.propose_write_off(session, who["maker"], claim_no="C-1", words=SAID, at=day)
        assert fund_acts.write_off(session, who["checker"], claim_no="C-1", at=day).state == "written_off"
        parts = events.recover(
            session, reference=the_facility(session).id, gross_fen=10 * WAN, costs_fen=0, receipt_no="Z-1", on=date(2026, 2, 1)
        )
        assert parts["fund"] == 4 * WAN
        assert statements.faults(session) == []


def test_after_fraud_the_payee_returns_what_the_fund_bears_once(database: Database) -> None:
    with database.writing() as session:
        who, day = people(session), at(date(2026, 1, 5))
        a_paid_guarantee(session)
        a_paid_claim(session)
        asked = {"claim_no": "C-1", "receipt_no": "ZH-1", "words": SAID, "at": day}
        said = pool_money.propose_claw_back(session, who["maker"], **asked)
        assert statements.headroom(session, POOL, date(2026, 1, 5)).cash_fen == 6_960 * WAN, "one person's word books nothing"
        for _ in range(2):
            back = pool_money.confirm(session, who["checker"], proposal=said.id, words=SAID, at=day)
            assert back.result == {"fen": {"returned": 40 * WAN}}
        assert pool_money.propose_claw_back(session, who["maker"], **asked) == back
        assert statements.headroom(session, POOL, date(2026, 1, 5)).cash_fen == 7_000 * WAN
        assert statements.faults(session) == []


def test_the_due_diligence_file_is_the_same_bytes_for_the_same_data_and_for_its_own_parties_only(database: Database) -> None:
    with database.writing() as session:
        who, draw = people(session), a_covered_draw(session)
        certainty.sign(session, reference=the_facility(session).id, port=PORT, at=at(SIGNED))
        with pytest.raises(Invalid):
            duty.open_file(session, who["bank"], party=BANK, reference=draw.id, purpose=" ", at=REVIEWED)
        first = duty.open_file(session, who["bank"], party=BANK, reference=draw.id, purpose="责任认定", at=REVIEWED)
        second = duty.open_file(session, who["maker"], party=FUND, reference=draw.facility_id, purpose="代偿审核", at=REVIEWED)
        assert first == second, "reading the file is not part of it"
        assert duty_pdf.pdf(first) == duty_pdf.pdf(second)
        assert duty_pdf.pdf(first).startswith(b"%PDF-")
        for name in ("other_bank", "other_maker", "guarantor"):
            with pytest.raises(NotFound):
                duty.open_file(session, who[name], party="bell_tower_bank", reference=draw.id, purpose="责任认定", at=REVIEWED)
    with database.reading() as session:
        looks = session.scalars(select(AuditLine).where(AuditLine.action == duty.READ)).all()
        assert [each.details["purpose"] for each in looks] == ["责任认定", "代偿审核"]


def test_the_walk_leads_from_the_figure_to_the_entry_to_the_claim_to_the_draw(database: Database) -> None:
    with database.writing() as session:
        a_paid_guarantee(session)
        a_paid_claim(session)
        figure, entry = walk.walk(session, f"{POOL}:paid")
        assert figure.says == "400,000.00 yuan in 1 entries"
        assert entry.onward == "C-1"
        kinds = [each.kind for each in walk.walk(session, entry.onward)]
        assert kinds[0] == "claim"
        assert {"entry", "loan", "draw", "payment"} <= set(kinds)
        assert walk.walk(session, the_draw(session).id)[0].kind == "draw"
        with pytest.raises(NotFound):
            walk.walk(session, the_guarantee(session).id)
