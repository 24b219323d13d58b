"""Callers at once about uplifts: evidence is kept and let go once, a piece is reviewed once, a coefficient is decided once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM, Actor
from backend.audit.tables import AuditLine
from backend.kit.database import Database
from backend.kit.errors import Answer
from backend.uplifts import actions, decisions, evaluation, views
from backend.uplifts.model import effective, evaluate
from backend.uplifts.tables import UpliftAlert, UpliftFacility, UpliftReview
from tests.at_once import at_once, noes
from tests.uplifts.makers import DAY, certificate, programme
from tests.uplifts.test_honesty import ONE, TWO, a_finding
from tests.uplifts.test_keeping import AT, EFFECT, UPLIFT, a_firm, another_firm


def lines(session: Session, action: str) -> int:
    return session.scalar(select(func.count()).select_from(AuditLine).where(AuditLine.action == action)) or 0


def test_one_uplift_is_kept_and_let_go(database: Database) -> None:
    with database.writing() as session:
        firm = a_firm(session)
    keep = partial(actions.keep, actor=SYSTEM, firm_id=firm, facility_id="f1", uplift=UPLIFT, effect=EFFECT, at=AT)
    at_once(database, *[keep] * 5)
    with database.reading() as session:
        assert len(views.of_facility(session, "f1")) == 3
        assert lines(session, "uplift.kept") == 1
    end = partial(actions.end, actor=SYSTEM, facility_id="f1", at=AT + timedelta(days=30))
    assert sorted(at_once(database, *[end] * 5)) == [0, 0, 0, 0, 3]
    with database.reading() as session:
        assert lines(session, "uplift.ended") == 1


def test_one_content_under_two_firms_loans_is_noticed(database: Database) -> None:
    """Each registered the same data under a number of its own: whose contract comes second is told to its bank."""
    with database.writing() as session:
        firms = [a_firm(session), another_firm(session)]

    def keep(number: int, session: Session) -> tuple[str, ...]:
        pieces = [certificate(10 * number + each, content=f"data {(each + number) % 3}") for each in range(3)]
        uplift = evaluate(programme(), pieces, DAY)
        effect = effective(uplift=uplift, base_fen=1_000_000_00, caps=[])
        facility = {"firm_id": firms[number], "facility_id": f"f{number}"}
        return actions.keep(session, SYSTEM, uplift=uplift, effect=effect, at=AT, **facility)

    found = at_once(database, partial(keep, 0), partial(keep, 1))
    assert sorted(len(each) for each in found) == [0, 3], "the first lifts alone, the second is known to lift once more"
    with database.reading() as session:
        kept = session.scalars(select(UpliftFacility)).all()
        assert sorted(len(each.used_twice) for each in kept) == [0, 3]


def test_one_review_of_a_piece(database: Database) -> None:
    with database.writing() as session:
        firm = a_firm(session)
        row = UpliftReview(
            id="review_1", firm_id=firm, evidence_id="e1", programme="hubei_shuyidai", reasons=["dear"],
            opened_on=AT.date(), state="open",
        )  # fmt: skip
        session.add(row)
    person = Actor("person-1", "regulator", None)
    say = partial(evaluation.decide_review, actor=person, review_id="review_1", words="凭证已核对", at=AT)
    found = at_once(database, *[partial(say, counts=number % 2 == 0) for number in range(6)])
    assert len(noes(found)) == 5
    with database.reading() as session:
        assert lines(session, "uplift.reviewed") == 1


def test_one_decision_about_a_coefficient(database: Database) -> None:
    at_once(database, *[partial(decisions.note_findings, findings=[a_finding()], at=AT)] * 4)
    with database.writing() as session:
        assert session.scalar(select(func.count()).select_from(UpliftAlert)) == 1
        row = decisions.propose(
            session, ONE, programme="hubei_shuyidai", indicator="trades", coefficient_bp=4000,
            valid_from=AT.date() + timedelta(days=400), words="增信企业违约率显著偏高", at=AT,
        )  # fmt: skip
        name = row.id
    say = partial(decisions.decide, actor=TWO, decision_id=name, at=AT)
    found = at_once(database, *[partial(say, approved=number % 2 == 0) for number in range(6)])
    assert sum(isinstance(each, Answer) for each in found) == 5
    with database.reading() as session:
        assert lines(session, "uplift.decided") == 1
