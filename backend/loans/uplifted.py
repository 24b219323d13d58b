"""What data assets do under a facility: kept when the bank signs, looked at again when evidence falls away, let go at the end.

The limit is never cut below what is drawn: what no evidence carries any more is frozen in the undrawn part, with words to the
firm and to the bank; it thaws when the evidence stands again (domain §4.4). A few statements per facility, nothing per repayment.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from backend.applications import actions as applications
from backend.applications import papers
from backend.applications import views as application_views
from backend.applications.model import LoanApplication
from backend.audit import actions as audit
from backend.audit.model import SYSTEM, Actor
from backend.credit_data import views as credit_data
from backend.kit import clock, locks
from backend.kit.crypto import Sealer
from backend.kit.errors import Invalid, NotFound
from backend.kit.money import wan
from backend.kit.policy import canonical
from backend.kit.words import Words
from backend.loans.tables import Draw, Facility
from backend.matching import views as matching
from backend.parties import views as parties
from backend.parties.actions import hold_firm, under_firm
from backend.steps import actions as steps
from backend.steps.tables import Step
from backend.uplifts import actions as uplifts
from backend.uplifts import views as uplift_views
from backend.uplifts.evidence import CODES

KIND = "uplift.recheck"
# Looking at evidence under a signed loan is another purpose than assessing an application: the consent must say so.
PURPOSES = ("post_loan", "in_loan")
TWICE = Words(
    "增信所用的数据资产凭据同时为另一笔有效授信增信，已告知银行",
    "evidence of the uplift also lifts another live facility; the bank is told",
)


def keep(session: Session, application: LoanApplication, facility: Facility, *, sealer: Sealer, at: datetime) -> None:
    """At the contract: keep the evidence by which the match lifted this loan, tell the bank what lifts another loan as well."""
    hold_firm(session, facility.firm_id)
    match = matching.of_application(
        session, application.match_id, firm_id=application.firm_id, product=application.product, until=application.submitted_at
    )
    if match is None or match.uplift_programme is None or not match.effective_uplift_fen or match.credit_before_fen is None:
        return
    known = uplift_views.facility(session, facility.id)
    twice = uplifts.keep_items(
        session,
        SYSTEM,
        firm_id=facility.firm_id,
        facility_id=facility.id,
        programme=match.uplift_programme,
        policy_digest=matching.uplift_digest(session, match),
        rate_bp=match.uplift_bp,
        base_fen=match.credit_before_fen,
        limit_fen=facility.limit_fen,
        items=matching.uplift_detail(session, match.id),
        at=at,
    )
    if known is not None or uplift_views.facility(session, facility.id) is None:
        return
    if twice:
        kinds = sorted({name.split(":")[0] for name in twice})
        applications.note(session, application, "uplift_twice", SYSTEM, at, TWICE)
        _tell_bank(
            session, application, {"about": "evidence_used_twice", "pieces": len(twice), "kinds": kinds}, TWICE, sealer, at
        )
    _look_on(session, facility.id, uplifts.next_look(uplift_views.of_facility(session, facility.id), clock.day_of(at)))


def _tell_bank(
    session: Session, application: LoanApplication, body: dict[str, Any], words: Words, sealer: Sealer, at: datetime
) -> None:
    paper = (
        "uplift_notice",
        f"uplift-{at:%Y%m%d}-{body['about']}.json",
        canonical(body | {"words": words.as_dict(), "on": clock.day_of(at)}),
    )
    papers.keep_documents(session, application, [paper], sealer, at)


def _look_on(session: Session, facility_id: str, day: date | None) -> None:
    if day is not None:
        _plan(session, facility_id, day.isoformat(), clock.start_of(day) + timedelta(hours=7))


def _plan(session: Session, facility_id: str, when: str, due: datetime) -> None:
    steps.enqueue(session, kind=KIND, key=f"{facility_id}:{when}", payload={"facility": facility_id}, due=due)


def look_where_dropped(session: Session, day: date) -> None:
    """Lifted facilities whose newest look was set aside are looked at today: what it would have planned is not there."""
    dropped: dict[str, datetime] = {}
    for step in session.scalars(select(Step).where(Step.kind == KIND, Step.state == "dead").order_by(Step.due)):
        dropped[str(step.payload["facility"])] = step.due
    for facility_id, since in sorted(dropped.items()):
        later = Step.kind == KIND, Step.key.startswith(f"{facility_id}:", autoescape=True), Step.due > since
        row = uplift_views.facility(session, facility_id)
        if row is not None and row.ended_on is None and session.scalar(select(Step.id).where(*later).limit(1)) is None:
            _look_on(session, facility_id, day)


def gathered(session: Session, firm_id: str, at: datetime) -> None:
    """New records of a firm have come in: each of its lifted facilities is looked at again."""
    for row in uplift_views.facilities(session, firm_id, live=True):
        _plan(session, row.facility_id, at.isoformat(), at)


def over(session: Session, day: date) -> dict[str, str]:
    """Every lifted facility that has ended (facility -> firm): nothing is owed and nothing can be drawn any more."""
    owed = exists().where(Draw.facility_id == Facility.id, Draw.repaid_on.is_(None))
    drawn = select(func.coalesce(func.sum(Draw.amount_fen), 0)).where(Draw.facility_id == Facility.id, Draw.way != "revolving")
    ended = (Facility.expires_on < day) | (drawn.scalar_subquery() >= Facility.limit_fen)
    query = select(Facility.id, Facility.firm_id).where(uplift_views.lifted_now(Facility.id), ended, ~owed).order_by(Facility.id)
    return {row.id: row.firm_id for row in session.execute(query)}


def release(session: Session, day: date) -> int:
    """Let the evidence go of every lifted facility that has ended, its firm being held; what is not held waits for tomorrow."""
    found = [facility for facility, firm in over(session, day).items() if locks.holds(session, "firm", firm)]
    for facility_id in found:
        uplifts.end(session, SYSTEM, facility_id=facility_id, at=clock.start_of(day))
    return len(found)


def look(session: Session, facility_id: str, *, sealer: Sealer, at: datetime) -> None:
    """Look at a lifted facility's evidence again; freeze or thaw the undrawn part; say so; plan the next look."""
    facility = under_firm(session, Facility, facility_id)
    row = uplift_views.facility(session, facility_id)
    if facility is None or row is None or row.ended_on is not None:
        return
    used = select(func.coalesce(func.sum(Draw.outstanding_fen), 0)).where(Draw.facility_id == facility_id)
    other = max(0, facility.frozen_fen - row.frozen_fen)
    room = facility.limit_fen - other - int(session.scalar(used) or 0)
    found = uplifts.recompute(
        session,
        SYSTEM,
        facility_id=facility_id,
        facts=_facts(session, facility.firm_id, at),
        uscc=parties.firm(session, facility.firm_id).uscc,
        room_fen=room,
        at=at,
    )
    if found is None:
        return
    if facility.frozen_fen != other + found.frozen_fen:
        words = _words(found.fallen_fen, found.frozen_fen)
        freeze(session, SYSTEM, facility_id=facility_id, frozen_fen=other + found.frozen_fen, at=at, words=words)
        application = application_views.application(session, facility.application_id)
        applications.note(session, application, "uplift_frozen" if found.frozen_fen else "uplift_thawed", SYSTEM, at, words)
        body = {"about": "limit_frozen", "contract_no": facility.contract_no, "frozen_fen": found.frozen_fen}
        _tell_bank(session, application, body | {"fallen_fen": found.fallen_fen}, words, sealer, at)
    _look_on(session, facility_id, found.next_on)


def freeze(session: Session, actor: Actor, *, facility_id: str, frozen_fen: int, at: datetime, words: Words) -> Facility:
    """Freeze a part of a facility's limit (0 lifts it): what is frozen cannot be drawn. Invalid when it is above the limit."""
    facility = under_firm(session, Facility, facility_id)
    if facility is None:
        raise NotFound()
    if not 0 <= frozen_fen <= facility.limit_fen:
        raise Invalid("frozen_fen", Words("冻结金额须在授信额度之内", "the frozen part lies within the limit"))
    facility.frozen_fen = frozen_fen
    audit.record(
        session,
        at=at,
        actor=actor,
        action="loan.freeze",
        object_kind="facility",
        object_id=facility.id,
        firm_id=facility.firm_id,
        details={"frozen_fen": frozen_fen, "words": words.as_dict()},
    )
    return facility


def _facts(session: Session, firm_id: str, at: datetime) -> dict[str, Any] | None:
    for purpose in PURPOSES:
        file = credit_data.read(session, SYSTEM, firm_id=firm_id, purpose=purpose, recipient="platform", at=at, codes=[*CODES])
        if file.facts:
            return dict(file.facts)
    return None


def _words(fallen_fen: int, frozen_fen: int) -> Words:
    """The same words whatever became of the evidence; what is drawn is not touched."""
    if not frozen_fen:
        return Words("数据资产凭据已恢复，冻结的额度已解冻", "the evidence stands again: what was frozen may be drawn again")
    part = wan(frozen_fen)
    return Words(
        f"部分数据资产凭据已到期或状态有变，未用额度中 {part} 万元暂时冻结；已用部分不受影响，凭据恢复后解冻；可申请人工复核",
        f"some evidence has expired or changed: {part} 万元 of the undrawn limit are frozen for now. What is drawn is not "
        "touched; the rest thaws when the evidence stands again. You may ask for a review by a person",
    )
