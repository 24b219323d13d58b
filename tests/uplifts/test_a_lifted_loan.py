"""From data assets to a larger limit, and what becomes of the limit when the evidence falls away."""

import json
from datetime import date

from sqlalchemy import select

from backend.applications.tables import ApplicationDocument
from backend.audit import views as audit
from backend.audit.model import Actor
from backend.loans import honesty as monitor
from backend.uplifts import evaluation, views
from tests.stage import Stage
from tests.uplifts.data_firm import USCC, borrow, certificate, data_firm, matched, sale


def test_evidence_is_kept_at_the_contract_frozen_when_it_falls_away_and_let_go_at_the_end(stage: Stage) -> None:
    firm = data_firm(stage)
    match = matched(firm)
    assert match["uplift_bp"] >= 1000
    gain = match["effective_uplift_fen"]
    assert gain > 0
    limit = match["limit_fen"]
    facility = borrow(stage, firm, USCC, limit, 9800)
    assert facility["limit_fen"] == limit

    with stage.database.reading() as session:
        row = views.facility(session, facility["id"])
        assert row is not None
        assert row.effective_fen == gain
        pieces = views.of_facility(session, facility["id"])
        assert sum(piece.contribution_fen for piece in pieces) == gain
        assert all(piece.consent_id and piece.coefficient_bp for piece in pieces)

    # Two of three certificates come into dispute: a new delivery, gathered by the firm.
    for n in (0, 1):
        certificate(stage, n, on=stage.today, status="争议")
    stage.gather(firm)
    (after,) = firm.do("GET", "/api/me/loans")["facilities"]
    undrawn = limit - firm.do("GET", "/api/me/loans")["draws"][0]["draw"]["outstanding_fen"]
    with stage.database.reading() as session:
        row = views.facility(session, facility["id"])
        assert row is not None
        assert row.fallen_fen > row.frozen_fen > 0
        assert [piece.standing for piece in views.of_facility(session, facility["id"])].count("not_valid") == 2
    assert 0 < after["frozen_fen"] == undrawn
    events = stage.need(firm)["applications"][0]
    trail = firm.do("GET", f"/api/me/applications/{events['id']}")
    assert "uplift_frozen" in [line["event"] for line in trail["timeline"]]
    assert sent_to_the_bank(stage, events["id"]) == ["limit_frozen"]

    # Both are settled in the firm's favour: what was frozen may be drawn again.
    stage.days(1)
    for n in (0, 1):
        certificate(stage, n, on=stage.today, status="有效")
    stage.gather(firm)
    (after,) = firm.do("GET", "/api/me/loans")["facilities"]
    assert after["frozen_fen"] == 0

    stage.days(400)
    with stage.database.reading() as session:
        row = views.facility(session, facility["id"])
        assert row is not None
        assert row.ended_on is not None
        assert all(piece.ended_on for piece in views.of_facility(session, facility["id"]))
        actions = [line.action for line in audit.trail(session, object_id=facility["id"])]
        assert actions.count("uplift.kept") == actions.count("uplift.ended") == 1
        assert audit.faults(session) == []
        assert monitor.outcomes(session, date(2026, 6, 30)) == []
        (loan,) = monitor.outcomes(session, date(2026, 7, 1))
        assert (loan.uplift_bp, loan.cohort, loan.defaulted) == (row.uplift_bp, "2025Q2", False)
        assert [band["loans"] for band in monitor.figures(session, date(2026, 7, 1))["bands"]] == [1]


def test_what_expires_is_noticed_without_anybody_gathering(stage: Stage) -> None:
    firm = data_firm(stage, certificates=0)
    for n in range(3):
        certificate(stage, n, expires_on="2025-08-01")
    stage.gather(firm)
    match = matched(firm)
    facility = borrow(stage, firm, USCC, match["limit_fen"], 5000)
    stage.day(date(2025, 8, 1))
    with stage.database.reading() as session:
        assert views.facility(session, facility["id"]).fallen_fen == 0  # type: ignore[union-attr]
    stage.days(3)
    with stage.database.reading() as session:
        row = views.facility(session, facility["id"])
        assert row is not None
        assert row.fallen_fen == row.frozen_fen > 0
    (after,) = firm.do("GET", "/api/me/loans")["facilities"]
    assert after["frozen_fen"] == row.frozen_fen


def test_one_certificate_under_two_live_loans_is_noticed_and_the_bank_is_told(stage: Stage) -> None:
    firm = data_firm(stage)
    borrow(stage, firm, USCC, matched(firm)["limit_fen"], 2000)
    again = borrow(stage, firm, USCC, matched(firm)["limit_fen"], 2000)
    with stage.database.reading() as session:
        row = views.facility(session, again["id"])
        assert row is not None
        assert len(row.used_twice) >= 3
        line = next(line for line in audit.trail(session, object_id=again["id"]) if line.action == "uplift.kept")
        assert line.details["used_twice"] == list(row.used_twice)
    application = stage.need(firm)["applications"][0]
    events = firm.do("GET", f"/api/me/applications/{application['id']}")["timeline"]
    assert "uplift_twice" in [each["event"] for each in events]
    assert sent_to_the_bank(stage, application["id"]) == ["evidence_used_twice"]


def test_a_suspicion_keeps_a_piece_out_until_a_person_has_looked(stage: Stage) -> None:
    firm = data_firm(stage, sales=8, certificates=2)
    for n in range(8):  # all of them go back
        sale(stage, n, refunded="50000")
    stage.gather(firm)
    before = matched(firm)["uplift_bp"]
    with stage.database.writing() as session:
        waiting = views.reviews(session)
        assert {row.evidence_id for row in waiting} == {f"trade:T{n}" for n in range(8)}
        assert {tuple(row.reasons) for row in waiting} == {("money_back",)}
        issuer = Actor("issuer-person", "whitelist_issuer", None)
        for row in waiting:
            evaluation.decide_review(session, issuer, review_id=row.id, counts=True, words="凭证已核对", at=stage.now)
    assert matched(firm)["uplift_bp"] > before


def sent_to_the_bank(stage: Stage, application_id: str) -> list[str]:
    """What the notices to the bank were about, oldest first; each was sent."""
    found = []
    with stage.database.reading() as session:
        for paper in session.scalars(select(ApplicationDocument).where(ApplicationDocument.application_id == application_id)):
            if paper.kind == "uplift_notice":
                assert paper.sent
                body = json.loads(stage.house.sealer.open(paper.sealed, place=f"application_documents|{paper.id}"))
                assert "913302990000001" not in json.dumps(body), "no counterparty goes to a bank"
                found.append(body["about"])
    return found
