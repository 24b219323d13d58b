"""Read assessments. They are the firm's own view of itself: no door shows them to a bank."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.rows import seen
from backend.kit.words import Words
from backend.scoring.scorecard import ScoreReason
from backend.scoring.tables import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAssessment:
    """One assessment, and what came of it. After erasure it has no reasons, and `erased_on` says since when."""

    id: str
    firm_id: str
    at: datetime
    facts_on: date
    card: str
    policy_digest: str
    facts_digest: str
    result_digest: str
    erased_on: date | None
    pd: Decimal | None
    grade: str | None
    score: int | None
    reasons: tuple[ScoreReason, ...]
    debt_capacity_fen: int | None
    capacity_words: Words
    not_assessed: Words | None


@dataclass(frozen=True, slots=True)
class SealedEvidence:
    """An assessment whose facts are still kept, under seal."""

    id: str
    firm_id: str
    facts_on: date


def of_row(row: Assessment) -> CreditAssessment:
    """What may be seen of an assessment."""
    return seen(
        CreditAssessment,
        row,
        reasons=tuple(_reason(each) for each in row.reasons),
        capacity_words=Words.of(row.capacity_words),
        not_assessed=Words.of(row.not_assessed) if row.not_assessed else None,
    )


def _reason(kept: dict[str, Any]) -> ScoreReason:
    return ScoreReason(
        fact=kept["fact"],
        value=kept["value"],
        as_of=date.fromisoformat(kept["as_of"]) if kept.get("as_of") else None,
        source=kept.get("source"),
        points=kept["points"],
        changeable=bool(kept.get("changeable")),
        words=Words.of(kept["words"]),
        way=Words.of(kept["way"]) if kept.get("way") else None,
    )


def latest(session: Session, firm_id: str) -> CreditAssessment | None:
    """The firm's newest assessment, or None."""
    query = select(Assessment).where(Assessment.firm_id == firm_id).order_by(Assessment.at.desc(), Assessment.id.desc()).limit(1)
    row = session.scalar(query)
    return of_row(row) if row is not None else None


def grades(session: Session) -> dict[str, list[tuple[date, str]]]:
    """Each firm's grades with the day of their facts, newest first."""
    found: dict[str, list[tuple[date, str]]] = defaultdict(list)
    query = select(Assessment.firm_id, Assessment.facts_on, Assessment.grade).where(Assessment.grade.is_not(None))
    for firm, on, grade in session.execute(query.order_by(Assessment.facts_on.desc(), Assessment.id.desc())):
        found[firm].append((on, str(grade)))
    return found


def with_evidence_before(session: Session, day: date) -> list[SealedEvidence]:
    """Assessments on facts of before that day whose evidence is still there, oldest first."""
    query = select(Assessment.id, Assessment.firm_id, Assessment.facts_on)
    query = query.where(Assessment.sealed.is_not(None), Assessment.facts_on < day)
    return [SealedEvidence(*row) for row in session.execute(query.order_by(Assessment.facts_on, Assessment.id))]


def names(session: Session) -> list[str]:
    """Every assessment that is kept, oldest first."""
    return list(session.scalars(select(Assessment.id).order_by(Assessment.at, Assessment.id)))
