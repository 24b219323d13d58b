"""The breaker of each lane, kept in the database so that all workers share it.

    sound       no row, or no failures: steps are taken as they come
    failing     one or two failures in a row: still taken
    open        three or more: left alone until `open_until`; its steps keep their tries
    half open   that moment is past: one step at a time, and whoever takes it holds the lane for the length of a lease

A probe that never ends (its worker died) lets go by itself when that time is over; one that ends without having spoken lets go
at once. An answer that can be used, also a refusal, closes the breaker: the line is sound. A failure told late, by a call that
began before the breaker opened, does not lengthen the pause. The probe is a step that has not failed yet, or the one that has
gone longest without a try (`actions.take_fairly`): whose answer is spoilt every time holds up no other for long.

These rows are changed in transactions of their own, or by whoever has just leased a step: nobody waits for another's lock
while holding one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import structlog
from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from backend.kit import clock, inserts
from backend.kit.database import Moment
from backend.kit.errors import Garbled, Unreachable
from backend.steps.model import LEASE_SECONDS, pause_seconds
from backend.steps.tables import Lane

log = structlog.get_logger()
_LANES = cast(Table, Lane.__table__)
_TROUBLED = select(_LANES.c.lane, _LANES.c.opened_at, _LANES.c.open_until).where(_LANES.c.failures > 0)
_HOLD = (
    _LANES.update()
    .where(_LANES.c.lane == bindparam("name"), _LANES.c.open_until == bindparam("seen", type_=Moment()))
    .values(open_until=bindparam("until", type_=Moment()))
)
_NEW = inserts.unless_there(_LANES)


@dataclass(frozen=True, slots=True)
class Troubles:
    """The lanes that are not sound: those to be left alone now, and those that are half open with the moment they became so."""

    known: frozenset[str] = frozenset()
    shut: tuple[str, ...] = ()
    half_open: Mapping[str, datetime] = field(default_factory=dict)


NONE = Troubles()


def troubles(session: Session) -> Troubles:
    """How the lanes stand now. Asked at every lease, and nearly always nothing is wrong."""
    rows = session.connection().execute(_TROUBLED).all()
    if not rows:
        return NONE
    now = clock.now()
    opened = [(row.lane, row.open_until or now) for row in rows if row.opened_at is not None]
    return Troubles(
        frozenset(row.lane for row in rows),
        tuple(lane for lane, until in opened if until > now),
        {lane: until for lane, until in opened if until <= now},
    )


def hold(session: Session, lane: str, seen: datetime) -> bool:
    """Take the half-open lane for one probe; False if another worker was quicker."""
    until = clock.now() + timedelta(seconds=LEASE_SECONDS)
    values = {"name": lane, "seen": seen, "until": until}
    return session.connection().execute(_HOLD, values).rowcount == 1


def let_go(session: Session, lane: str) -> None:
    """The probe ended without having spoken: the next one may try."""
    row = _locked(session, lane)
    if row.opened_at is not None:
        row.open_until = clock.now()
        session.flush()


def failed(session: Session, lane: str, error: Unreachable | Garbled, *, probe: bool) -> None:
    """The line failed once more, by silence or nonsense; after some times in a row its breaker opens, for longer each time."""
    inserts.add(session, _NEW, [{"lane": lane, "failures": 0}])
    row, now = _locked(session, lane), clock.now()
    row.failures += 1
    row.since, row.reason, row.nonsense = row.since or now, error.words.en[:500], isinstance(error, Garbled)
    pause = pause_seconds(row.failures, getattr(error, "retry_after", None))
    if pause and (probe or row.opened_at is None or row.open_until is None or row.open_until <= now):
        if row.opened_at is None:
            log.warning("lane.opened", lane=lane, failures=row.failures, reason=row.reason, seconds=pause)
        row.opened_at, row.open_until = row.opened_at or now, now + timedelta(seconds=pause)
    session.flush()


def answered(session: Session, lane: str) -> None:
    """The other side spoke sense: the lane is sound."""
    row = _locked(session, lane)
    if row.opened_at is not None:
        log.warning("lane.closed", lane=lane, failures=row.failures, since=row.since)
    row.failures, row.opened_at, row.open_until, row.since, row.reason, row.nonsense = 0, None, None, None, None, False
    row.last_ok_at = clock.now()
    session.flush()


def try_now(session: Session, lane: str | None = None) -> None:
    """A person knows that the other side is back: its next step is a probe at once. None: every lane."""
    query = select(Lane).where(Lane.opened_at.is_not(None)).order_by(Lane.lane).with_for_update()
    for row in session.scalars(query if lane is None else query.where(Lane.lane == lane)):
        row.open_until = clock.now()
    session.flush()


def _locked(session: Session, lane: str) -> Lane:
    query = select(Lane).where(Lane.lane == lane).with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()
