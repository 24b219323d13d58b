"""What waits, what died, and what the outside world said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.database import Moment
from backend.steps.tables import InboxMessage, Step

# A worker may take a step that is due and not put off, or whose lease ran out. Built once: asked thousands of times a minute.
IS_READY = or_(
    and_(
        Step.state == "waiting",
        Step.due <= bindparam("at", type_=Moment()),
        or_(Step.not_before.is_(None), Step.not_before <= bindparam("now", type_=Moment())),
    ),
    and_(Step.state == "leased", Step.lease_until < bindparam("now", type_=Moment())),
)
_ANY_READY = select(Step.id).where(IS_READY).limit(1)
_OPEN_NOW = or_(Step.state == "leased", and_(Step.state == "waiting", Step.due <= bindparam("at", type_=Moment())))
_UNSETTLED = select(func.count()).select_from(Step).where(_OPEN_NOW, Step.kind.not_in(bindparam("besides", expanding=True)))


def any_ready(session: Session, at: datetime) -> bool:
    """Whether a worker would find something to do."""
    return session.connection().execute(_ANY_READY, {"at": at, "now": clock.now()}).first() is not None


def by_state(session: Session) -> dict[str, int]:
    """How many steps stand in each state."""
    return {row[0]: row[1] for row in session.execute(select(Step.state, func.count()).group_by(Step.state))}


def waiting(session: Session, kind: str, key_start: str) -> bool:
    """Whether a step of this kind whose key begins so is still to be done."""
    found = select(Step.id).where(Step.kind == kind, Step.key.startswith(key_start), Step.state.in_(("waiting", "leased")))
    return session.scalar(found.limit(1)) is not None


def dead(session: Session, limit: int = 100) -> list[Step]:
    """Dead letters, newest first."""
    return list(session.scalars(select(Step).where(Step.state == "dead").order_by(Step.id.desc()).limit(limit)))


def unsettled(session: Session, at: datetime, *, besides: Sequence[str] = ()) -> int:
    """Steps that are due now or being done: zero means that the platform is at rest at this moment."""
    return session.connection().execute(_UNSETTLED, {"at": at, "besides": list(besides)}).scalar() or 0


def heard(session: Session, reference: str) -> list[InboxMessage]:
    """Every message about one reference, oldest first."""
    return list(
        session.scalars(select(InboxMessage).where(InboxMessage.reference == reference).order_by(InboxMessage.received_at))
    )
