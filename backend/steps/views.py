"""What waits, what died, and what the outside world said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, or_, select, text
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.database import Moment
from backend.steps.tables import OPEN, InboxMessage, Lane, Step

# A worker may take a step that is due and not put off, or whose lease ran out. Built once: asked thousands of times a minute.
# It says the words of the indexes over unfinished steps, and nothing by which SQLite would rather use another one and sort.
IS_READY = and_(
    text("steps.state NOT IN ('done', 'dead')"),
    Step.due <= bindparam("at", type_=Moment()),
    or_(Step.not_before.is_(None), Step.not_before <= bindparam("now", type_=Moment())),
    or_(Step.lease_until.is_(None), Step.lease_until < bindparam("now", type_=Moment())),
)
_ANY_READY = select(Step.id).where(IS_READY).limit(1)
_READY = select(Step.lane, Step.kind).where(IS_READY).distinct()
_OPEN_NOW = or_(Step.state == "leased", and_(Step.state == "waiting", Step.due <= bindparam("at", type_=Moment())))
_UNSETTLED = select(func.count()).select_from(Step).where(_OPEN_NOW, Step.kind.not_in(bindparam("besides", expanding=True)))


# A step that nobody has done this long after it was due has not gone through, whatever the reason.
NOT_THROUGH_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LineState:
    """A step that has not gone through: since when it should have (business time), how often it was tried, and whether it
    stopped and waits for a person."""

    since: datetime
    attempts: int
    stopped: bool


def any_ready(session: Session, at: datetime) -> bool:
    """Whether a worker would find something to do."""
    return session.connection().execute(_ANY_READY, {"at": at, "now": clock.now()}).first() is not None


def ready(session: Session, at: datetime) -> list[tuple[str | None, str]]:
    """The lanes (None: of steps that speak to nobody outside) and kinds in which a worker would find something to do."""
    found = session.connection().execute(_READY, {"at": at, "now": clock.now()})
    return [(row.lane, row.kind) for row in found]


def by_state(session: Session) -> dict[str, int]:
    """How many steps stand in each state."""
    return {row[0]: row[1] for row in session.execute(select(Step.state, func.count()).group_by(Step.state))}


def waiting(session: Session, kind: str, key_start: str) -> bool:
    """Whether a step of this kind whose key begins so is still to be done."""
    found = select(Step.id).where(Step.kind == kind, Step.key.startswith(key_start), Step.state.in_(OPEN))
    return session.scalar(found.limit(1)) is not None


def line_state(session: Session, kind: str, key: str, at: datetime) -> LineState | None:
    """What holds up this step; None when it went through, is new, or does not exist."""
    step = session.scalar(select(Step).where(Step.kind == kind, Step.key == key))
    if step is None or step.state == "done" or step.due > at:
        return None
    troubled = step.state == "dead" or step.since is not None or step.due + NOT_THROUGH_AFTER < at
    if not troubled and step.lane is not None:
        troubled = session.scalar(select(Lane.lane).where(Lane.lane == step.lane, Lane.opened_at.is_not(None))) is not None
    return LineState(step.due.astimezone(clock.SHANGHAI), step.attempts, step.state == "dead") if troubled else None


def stopped(session: Session, kind: str, key: str) -> bool:
    """Whether this step was set aside and waits for a person."""
    found = select(Step.id).where(Step.kind == kind, Step.key == key, Step.state == "dead")
    return session.scalar(found) is not None


def keys(session: Session, kind: str, start: str) -> list[str]:
    """The keys of this kind's steps that begin so, the newest first."""
    found = select(Step.key).where(Step.kind == kind, Step.key.startswith(start, autoescape=True))
    return list(session.scalars(found.order_by(Step.id.desc())))


def by_lane(session: Session) -> dict[str, dict[str, int]]:
    """How many steps of each lane fail and are tried again, and how many stopped."""
    found: dict[str, dict[str, int]] = {}
    failing = or_(Step.state == "dead", and_(Step.state.in_(OPEN), Step.since.is_not(None)))
    query = select(Step.lane, Step.state, func.count()).where(failing, Step.lane.is_not(None)).group_by(Step.lane, Step.state)
    for lane, state, count in session.execute(query):
        of = found.setdefault(lane or "", {"failing": 0, "stopped": 0})
        of["stopped" if state == "dead" else "failing"] += count
    return found


def lanes(session: Session) -> list[Lane]:
    """Every lane that ever failed, and how its line is now."""
    return list(session.scalars(select(Lane).order_by(Lane.lane)))


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
