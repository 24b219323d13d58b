"""Whether what was worked out about a firm still speaks of now: consents, records and the day may have moved on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.consents import views as consents
from backend.kit import clock
from backend.steps.tables import Step


def authorised(session: Session, firm_id: str, at: datetime) -> bool:
    """Whether anything that is not public may be read for the platform's own assessment."""
    return bool(consents.live_items(session, firm_id=firm_id, purpose="pre_loan", recipient="platform", at=at))


def gathering(session: Session, firm_id: str, at: datetime) -> bool:
    """Whether records are being fetched now."""
    query = select(Step.id).where(Step.kind == "gather", Step.key.startswith(f"{firm_id}:"), Step.due <= at)
    return session.scalar(query.where(Step.state.in_(("waiting", "leased"))).limit(1)) is not None


def changed_since(session: Session, firm_id: str, then: datetime, at: datetime) -> bool:
    """Whether the day, a consent or the records changed after `then` (business time)."""
    if clock.day_of(then) != clock.day_of(at):
        return True
    for consent in consents.of_firm(session, firm_id, at):
        moments = (consent.signed_at, consent.revoked_at, consent.valid_from, consent.valid_to)
        if any(moment is not None and then < moment <= at for moment in moments):
            return True
    done = session.scalar(select(func.max(Step.done_at)).where(Step.kind == "gather", Step.key.startswith(f"{firm_id}:")))
    # A step is finished in machine time; the two hands of the clock stand a fixed way apart within a day.
    return done is not None and done + (at - clock.now()) > then
