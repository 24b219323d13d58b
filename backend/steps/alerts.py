"""What a person should look at, named with its reason: dead letters, lanes long silent, steps that have waited long, and what
should have returned long ago and has not been done (nobody works, or the work does not come to it).

Each source is a function of the session and machine time; another kind of alert is one more function in `SOURCES`. What returns
by the calendar and is late is the calendar's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.words import Words
from backend.steps.calendar import Calendar
from backend.steps.model import LANE_SHOWN_AFTER, SHOWN_AFTER
from backend.steps.tables import Lane, Step

Kind = Literal["aside", "lane", "waits", "late"]


@dataclass(frozen=True, slots=True)
class Alert:
    """`since` is machine time (business time for what is overdue); `reason` is the newest error, for whoever mends it."""

    kind: Kind
    words: Words
    since: datetime
    lane: str | None = None
    step_kind: str | None = None
    count: int = 1
    reason: str | None = None


def alerts(session: Session, calendar: Calendar, at: datetime) -> list[Alert]:
    """Everything that a person should look at now, the oldest first."""
    now = clock.now()
    found = [each for source in SOURCES for each in source(session, now)]
    return sorted([*found, *_late(session, calendar, at)], key=lambda each: each.since)


def _late(session: Session, calendar: Calendar, at: datetime) -> list[Alert]:
    """What returns by the calendar, is due since long and neither done nor set aside (that is told already)."""
    return [
        Alert(
            "late",
            Words(f"{each.title.zh}已过时仍未完成", f"{each.title.en}: its time has long passed and it is not done"),
            each.step.created_at,
            each.step.lane,
            each.step.kind,
            reason=each.step.last_error,
        )
        for each in calendar.overdue(session, at)
        if each.step.state != "dead"
    ]


def _aside(session: Session, now: datetime) -> list[Alert]:
    """Dead letters, by lane and kind."""
    query = (
        select(Step.lane, Step.kind, func.count(), func.min(func.coalesce(Step.since, Step.created_at)), func.max(Step.id))
        .where(Step.state == "dead")
        .group_by(Step.lane, Step.kind)
    )
    return [
        Alert(
            "aside",
            Words(f"{count} 个步骤已停止，等待处理：{kind}", f"{count} steps set aside for a person: {kind}"),
            since,
            lane,
            kind,
            count,
            session.scalar(select(Step.last_error).where(Step.id == newest)),
        )
        for lane, kind, count, since, newest in session.execute(query)
    ]


def _lanes(session: Session, now: datetime) -> list[Alert]:
    """Lanes whose breaker has been open for long."""
    query = select(Lane).where(Lane.opened_at.is_not(None), Lane.since <= now - LANE_SHOWN_AFTER)
    return [
        Alert(
            "lane",
            Words(f"{row.lane} 已有一段时间没有应答", f"{row.lane} has not answered for a while"),
            row.since or now,
            row.lane,
            None,
            row.failures,
            row.reason,
        )
        for row in session.scalars(query)
    ]


def _waits(session: Session, now: datetime) -> list[Alert]:
    """Steps that have failed for longer than anybody should have to guess; trying goes on."""
    query = (
        select(Step.lane, Step.kind, func.count(), func.min(Step.since), func.max(Step.id))
        .where(Step.state.in_(("waiting", "leased")), Step.since <= now - SHOWN_AFTER)
        .group_by(Step.lane, Step.kind)
    )
    return [
        Alert(
            "waits",
            Words(f"{count} 个步骤久未办成，仍在重试：{kind}", f"{count} steps still fail and are tried again: {kind}"),
            since or now,
            lane,
            kind,
            count,
            session.scalar(select(Step.last_error).where(Step.id == newest)),
        )
        for lane, kind, count, since, newest in session.execute(query)
    ]


SOURCES: tuple[Callable[[Session, datetime], list[Alert]], ...] = (_aside, _lanes, _waits)
