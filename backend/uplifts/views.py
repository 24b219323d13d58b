"""Read which evidence lifts which facility."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.uplifts.tables import UpliftEvidence


def of_facility(session: Session, facility_id: str) -> list[UpliftEvidence]:
    """Every piece under a facility, ended or not, by name."""
    query = select(UpliftEvidence).where(UpliftEvidence.facility_id == facility_id).order_by(UpliftEvidence.evidence_id)
    return list(session.scalars(query))


def live_elsewhere(session: Session, evidence_ids: Collection[str], *, facility_id: str | None, day: date) -> tuple[str, ...]:
    """Which of these pieces lift another facility that is live on that day."""
    query = (
        select(UpliftEvidence.evidence_id)
        .where(UpliftEvidence.evidence_id.in_(list(evidence_ids)), UpliftEvidence.granted_on <= day)
        .where(or_(UpliftEvidence.ended_on.is_(None), UpliftEvidence.ended_on > day))
        .distinct()
        .order_by(UpliftEvidence.evidence_id)
    )
    if facility_id is not None:
        query = query.where(UpliftEvidence.facility_id != facility_id)
    return tuple(session.scalars(query))
