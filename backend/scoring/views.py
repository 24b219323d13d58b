"""Read assessments. They are the firm's own view of itself: no door shows them to a bank."""

from __future__ import annotations

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
