"""Keep what an uplift rests on when a facility is signed, notice evidence used twice, let it go when the facility ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import clock
from backend.kit.ids import new_id
from backend.uplifts import views
from backend.uplifts.model import Effective, Uplift
from backend.uplifts.programme import load
from backend.uplifts.tables import UpliftEvidence


def keep(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    facility_id: str,
    uplift: Uplift,
    effect: Effective,
    at: datetime,
) -> tuple[str, ...]:
    """Write down the pieces that lift this facility; answers those that already lift another live one, for the bank to see.

    Kept once: the second call changes nothing. Only pieces that count are kept, and only when something was gained.
    """
    day = at.astimezone(clock.SHANGHAI).date()
    counted = [item for item in effect.items if item.counted] if effect.effective_fen else []
    twice = views.live_elsewhere(session, [item.evidence_id for item in counted], facility_id=facility_id, day=day)
    if not counted or views.of_facility(session, facility_id):
        return twice
    terms = next((block for block in load(uplift.programme).blocks if block.digest == uplift.policy_digest), None)
    if terms is not None:
        audit.keep_policy(session, kind="uplift", name=uplift.programme, body=terms.body)
    session.add_all(
        UpliftEvidence(
            id=new_id("evidence"),
            firm_id=firm_id,
            facility_id=facility_id,
            evidence_id=item.evidence_id,
            programme=uplift.programme,
            policy_digest=uplift.policy_digest or "",
            contribution_fen=item.contribution_fen,
            granted_on=day,
        )
        for item in counted
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="uplift.kept",
        object_kind="facility",
        object_id=facility_id,
        firm_id=firm_id,
        details={
            "programme": uplift.programme,
            "policy": uplift.policy_digest,
            "pieces": len(counted),
            "used_twice": list(twice),
        },
    )
    return twice


def end(session: Session, actor: Actor, *, facility_id: str, at: datetime) -> int:
    """The facility has ended: its evidence is free again. How many pieces; the second time none."""
    day = at.astimezone(clock.SHANGHAI).date()
    rows = session.scalars(
        select(UpliftEvidence).where(UpliftEvidence.facility_id == facility_id, UpliftEvidence.ended_on.is_(None))
    ).all()
    for row in rows:
        row.ended_on = day
    if rows:
        session.flush()
        audit.record(
            session,
            at=at,
            actor=actor,
            action="uplift.ended",
            object_kind="facility",
            object_id=facility_id,
            firm_id=rows[0].firm_id,
            details={"pieces": len(rows)},
        )
    return len(rows)
