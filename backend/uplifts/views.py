"""Read which evidence lifts which facility, the programme with what two persons decided, reviews and alerts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.kit.errors import NotFound
from backend.kit.rows import seen
from backend.uplifts import programme as programmes
from backend.uplifts.programme import Programme
from backend.uplifts.tables import UpliftAlert, UpliftDecision, UpliftEvidence, UpliftFacility, UpliftReview


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftingEvidence:
    """One piece of evidence under a facility; `standing`: stands, expired, not_valid, unseen."""

    id: str
    firm_id: str
    facility_id: str
    evidence_id: str
    programme: str
    policy_digest: str
    contribution_fen: int
    granted_on: date
    ended_on: date | None
    indicator: str | None
    consent_id: str | None
    happened_on: date | None
    ends_on: date | None
    coefficient_bp: int | None
    half_life_months: int | None
    weight: str | None
    content: str | None
    standing: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftedFacility:
    """How much of a facility's limit rests on data assets, and what of that is frozen now."""

    facility_id: str
    firm_id: str
    programme: str
    policy_digest: str
    uplift_bp: int
    base_fen: int
    effective_fen: int
    limit_fen: int
    granted_on: date
    used_twice: tuple[str, ...]
    fallen_fen: int
    frozen_fen: int
    checked_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestyAlert:
    """Firms lifted by one coefficient default more than firms like them; `figures` is the evidence at the look that raised it."""

    id: str
    programme: str
    policy_digest: str
    coefficient: str
    found_on: date
    figures: dict[str, Any]
    closed_on: date | None


# Asked for every match: made once.
_DECISIONS = (
    select(UpliftDecision.id, UpliftDecision.indicator, UpliftDecision.coefficient_bp, UpliftDecision.valid_from)
    .where(UpliftDecision.programme == bindparam("programme"), UpliftDecision.state == "approved")
    .order_by(UpliftDecision.valid_from, UpliftDecision.decided_at, UpliftDecision.id)
)


def programme(session: Session, code: str) -> Programme:
    """The programme as its file says, and with every coefficient that two persons have approved since."""
    found = programmes.load(code)
    session.flush()
    for each in session.connection().execute(_DECISIONS, {"programme": code}):
        source = f"assumed: decision {each.id} of two persons, see the log"
        found = found.with_coefficient(each.indicator, each.coefficient_bp, each.valid_from, source)
    return found


def of_facility(session: Session, facility_id: str) -> list[LiftingEvidence]:
    """Every piece under a facility, ended or not, by name."""
    query = select(UpliftEvidence).where(UpliftEvidence.facility_id == facility_id).order_by(UpliftEvidence.evidence_id)
    return [seen(LiftingEvidence, row) for row in session.scalars(query)]


def facility(session: Session, facility_id: str) -> LiftedFacility | None:
    """What data assets do under a facility, if anything, as it is now."""
    row = session.get(UpliftFacility, facility_id, populate_existing=True)
    return _lifted(row) if row is not None else None


def lifted_now(facility_column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The test whether data assets lift a facility and have not been let go, to stand inside the statement that looks for it."""
    lifted = UpliftFacility.facility_id == facility_column
    return exists(select(UpliftFacility.facility_id).where(lifted, UpliftFacility.ended_on.is_(None)))


def any_lifted(session: Session) -> bool:
    """Whether data assets ever lifted a facility here."""
    return session.scalar(select(UpliftFacility.facility_id).limit(1)) is not None


def main_indicators(session: Session) -> dict[str, str]:
    """By which indicator most of each facility's uplift came."""
    total = func.sum(UpliftEvidence.contribution_fen)
    query = select(UpliftEvidence.facility_id, UpliftEvidence.indicator, total).group_by(
        UpliftEvidence.facility_id, UpliftEvidence.indicator
    )
    most: dict[str, tuple[int, str]] = {}
    for facility, indicator, fen in session.execute(query):
        most[facility] = max(most.get(facility, (-1, "")), (int(fen), str(indicator)))
    return {facility: name for facility, (_, name) in most.items()}


def _lifted(row: UpliftFacility) -> LiftedFacility:
    return seen(LiftedFacility, row, used_twice=tuple(str(each) for each in row.used_twice))


def facilities(session: Session, firm_id: str | None = None, *, live: bool = False) -> list[LiftedFacility]:
    """Lifted facilities, of one firm or of all, oldest first."""
    query = select(UpliftFacility).order_by(UpliftFacility.granted_on, UpliftFacility.facility_id)
    if firm_id is not None:
        query = query.where(UpliftFacility.firm_id == firm_id)
    return [_lifted(row) for row in session.scalars(query.where(UpliftFacility.ended_on.is_(None)) if live else query)]


def live_elsewhere(
    session: Session, evidence_ids: Collection[str], *, facility_id: str | None, day: date, contents: Collection[str] = ()
) -> tuple[str, ...]:
    """Which of these pieces, or pieces over the same content, lift another facility that is live on that day."""
    same = or_(UpliftEvidence.evidence_id.in_(list(evidence_ids)), UpliftEvidence.content.in_(list(contents)))
    query = (
        select(UpliftEvidence.evidence_id)
        .where(same, UpliftEvidence.granted_on <= day)
        .where(or_(UpliftEvidence.ended_on.is_(None), UpliftEvidence.ended_on > day))
        .distinct()
        .order_by(UpliftEvidence.evidence_id)
    )
    if facility_id is not None:
        query = query.where(UpliftEvidence.facility_id != facility_id)
    return tuple(session.scalars(query))


def contents_of_others(session: Session, firm_id: str, contents: Collection[str], day: date) -> frozenset[str]:
    """Which of these contents lift a live facility of another firm."""
    wanted = [content for content in contents if content]
    if not wanted:
        return frozenset()
    query = select(UpliftEvidence.content).where(
        UpliftEvidence.content.in_(wanted),
        UpliftEvidence.firm_id != firm_id,
        UpliftEvidence.granted_on <= day,
        or_(UpliftEvidence.ended_on.is_(None), UpliftEvidence.ended_on > day),
    )
    return frozenset(content for content in session.scalars(query) if content)


def decided(session: Session, firm_id: str) -> tuple[frozenset[str], frozenset[str]]:
    """Pieces that a person cleared, and pieces that a person confirmed as not counting."""
    query = select(UpliftReview.evidence_id, UpliftReview.state).where(UpliftReview.firm_id == firm_id)
    rows = session.execute(query).all()
    return tuple(frozenset(row.evidence_id for row in rows if row.state == state) for state in ("cleared", "confirmed"))  # type: ignore[return-value]  # two states, two sets


def reviews(session: Session, *, state: str | None = "open") -> list[UpliftReview]:
    """What waits for a person, oldest first."""
    query = select(UpliftReview).order_by(UpliftReview.opened_on, UpliftReview.firm_id, UpliftReview.evidence_id)
    return list(session.scalars(query if state is None else query.where(UpliftReview.state == state)))


def review(session: Session, review_id: str) -> UpliftReview:
    """One review; NotFound."""
    found = session.get(UpliftReview, review_id)
    if found is None:
        raise NotFound()
    return found


def of_alert(row: UpliftAlert) -> HonestyAlert:
    """What may be seen of an alert."""
    return seen(HonestyAlert, row)


def alerts(session: Session, *, still_open: bool = False) -> list[HonestyAlert]:
    """What the honesty monitor has raised, oldest first."""
    query = select(UpliftAlert).order_by(UpliftAlert.found_on, UpliftAlert.id)
    return [of_alert(row) for row in session.scalars(query.where(UpliftAlert.closed_on.is_(None)) if still_open else query)]


def decisions(session: Session) -> list[UpliftDecision]:
    """Proposed and decided coefficients, oldest first."""
    return list(session.scalars(select(UpliftDecision).order_by(UpliftDecision.proposed_at, UpliftDecision.id)))


def decision(session: Session, decision_id: str) -> UpliftDecision:
    """One proposed or decided coefficient; NotFound."""
    found = session.get(UpliftDecision, decision_id)
    if found is None:
        raise NotFound()
    return found
