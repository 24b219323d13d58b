"""An assessment is kept with what it was made of, and recomputes to the same bytes until its evidence is erased."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.audit.model import Actor
from backend.consents import actions as consents
from backend.consents.model import SandboxSigner, Signer
from backend.credit_data import actions as credit_data
from backend.credit_data.distil import Value
from backend.kit.clock import SHANGHAI
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.kit.errors import Fault, NotFound
from backend.kit.policy import canonical, digest
from backend.parties import actions as parties
from backend.scoring import actions, scorecard, views
from backend.scoring.tables import Assessment
from backend.vocabulary.facts import item_titles
from tests.scoring.makers import DAY, ORDINARY

AT = datetime(DAY.year, DAY.month, DAY.day, 10, tzinfo=SHANGHAI)
SEALER = Sealer(bytes(range(32)))
ITEMS = ["TAX01", "TAX03", "TAX04", "SOC01", "SOC02", "ELE01"]
OWNER = Signer("王小明", "legal_representative")


def a_firm(session: Session, values: dict[str, Any], items: list[str] = ITEMS) -> tuple[str, Actor, str]:
    firm, user = parties.sign_up_firm(
        session, uscc="91420100000000000U", name="江城机械有限公司", legal_rep=OWNER.name, login="owner",
        password_hash="nobody signs in here", person=OWNER.name, region="420100", industry="C33", founded_on=None, at=AT,
    )  # fmt: skip
    actor = Actor(user.id, user.role, user.party_id)
    paper = consents.draft(
        session, actor, firm_id=firm.id, kind="firm", items=items, purpose="pre_loan", recipients=["platform"],
        valid_from=AT, valid_to=AT + timedelta(days=365), subject_person=None, titles=item_titles(), at=AT,
    )  # fmt: skip
    consents.sign(session, actor, paper.id, signer=OWNER, port=SandboxSigner(bytes(32)), at=AT)
    known = {code: Value(value, DAY) for code, value in values.items()}
    credit_data.keep_facts(session, firm_id=firm.id, found=known, day=DAY, consents=dict.fromkeys(ITEMS, paper.id))
    return firm.id, actor, paper.id


def test_an_assessment_recomputes_to_the_same_bytes(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, ORDINARY)
        row = actions.assess(session, actor, firm_id=firm, sealer=SEALER, at=AT)
        known = scorecard.assess(scorecard.current(DAY), ORDINARY, DAY)
        assert (row.grade, row.score, row.pd, row.debt_capacity_fen) == (
            known.grade,
            known.score,
            known.pd,
            known.debt_capacity_fen,
        )
    with database.reading() as session:
        found = actions.replay(session, row.id, sealer=SEALER)
        assert found.same
        assert digest(found.body) == row.result_digest
        assert views.latest(session, firm) is not None
        assert audit.policy(session, row.policy_digest) == canonical(scorecard.current(DAY))
        assert any(line.action == "firm.assessed" for line in audit.trail(session, firm_id=firm))


def test_later_facts_and_cards_do_not_touch_a_replay(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, ORDINARY)
        row = actions.assess(session, actor, firm_id=firm, sealer=SEALER, at=AT)
        later = AT + timedelta(days=3)
        worse = {"utility_arrears_days": Value(200, later.date())}
        credit_data.keep_facts(session, firm_id=firm, found=worse, day=later.date(), consents={})
        assert actions.replay(session, row.id, sealer=SEALER).same
        second = actions.assess(session, actor, firm_id=firm, sealer=SEALER, at=later)
        assert (second.score or 0) < (row.score or 0)
        latest = views.latest(session, firm)
        assert latest is not None
        assert latest.id == second.id


def test_what_was_not_authorised_is_not_used(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, ORDINARY | {"utility_arrears_days": 200}, ["TAX04"])
        row = actions.assess(session, actor, firm_id=firm, sealer=SEALER, at=AT)
        assert "utility_arrears_days" not in {reason.fact for reason in row.reasons if reason.value is not None}
        open_ = {code: value for code, value in ORDINARY.items() if code != "utility_arrears_days"}
        assert row.score is not None
        assert row.score <= (scorecard.assess(scorecard.current(DAY), open_, DAY).score or 0)


def test_after_a_withdrawal_the_firm_is_not_assessed_but_told_what_to_authorise(database: Database) -> None:
    with database.writing() as session:
        firm, actor, paper = a_firm(session, ORDINARY)
        consents.revoke(session, actor, paper, at=AT + timedelta(hours=1))
        row = actions.assess(session, actor, firm_id=firm, sealer=SEALER, at=AT + timedelta(hours=2))
        assert (row.grade, row.pd, row.score) == (None, None, None)
        assert row.not_assessed is not None
        assert "TAX04" in row.not_assessed.zh


def test_after_erasure_the_digest_is_all_that_answers(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, ORDINARY)
        row = actions.assess(session, actor, firm_id=firm, sealer=SEALER, at=AT)
        for _ in range(2):
            actions.erase(session, actor, row.id, at=AT + timedelta(days=400))
        found = actions.replay(session, row.id, sealer=SEALER)
        kept = views.latest(session, firm)
        assert kept is not None
        assert (found.same, found.body, kept.reasons) == (False, b"", ())
        assert str(date(2026, 10, 20)) in found.words.en
        assert row.facts_digest in found.words.zh


def test_a_seal_moved_to_another_assessment_does_not_open(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, ORDINARY)
        one = actions.assess(session, actor, firm_id=firm, sealer=SEALER, at=AT)
        other = actions.assess(session, actor, firm_id=firm, sealer=SEALER, at=AT)
        session.get_one(Assessment, one.id).sealed = session.get_one(Assessment, other.id).sealed
        with pytest.raises(Fault):
            actions.replay(session, one.id, sealer=SEALER)
        with pytest.raises(NotFound):
            actions.replay(session, "assessment_none", sealer=SEALER)
