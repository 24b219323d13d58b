"""Read assessments. They are the firm's own view of itself: no door shows them to a bank."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.errors import NotFound
from backend.scoring.tables import Assessment


def latest(session: Session, firm_id: str) -> Assessment | None:
    """The firm's newest assessment, or None."""
    query = select(Assessment).where(Assessment.firm_id == firm_id).order_by(Assessment.at.desc(), Assessment.id.desc()).limit(1)
    return session.scalar(query)


def get(session: Session, assessment_id: str) -> Assessment:
    """One assessment; NotFound."""
    found = session.get(Assessment, assessment_id)
    if found is None:
        raise NotFound()
    return found


def with_evidence_before(session: Session, day: date) -> list[Assessment]:
    """Assessments on facts of before that day whose evidence is still there, oldest first."""
    query = select(Assessment).where(Assessment.sealed.is_not(None), Assessment.facts_on < day)
    return list(session.scalars(query.order_by(Assessment.facts_on, Assessment.id)))


def names(session: Session) -> list[str]:
    """Every assessment that is kept, oldest first."""
    return list(session.scalars(select(Assessment.id).order_by(Assessment.at, Assessment.id)))
