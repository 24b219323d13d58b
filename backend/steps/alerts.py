"""What a person should look at, named with its reason: dead letters, lanes that are silent or answer nonsense, steps that have
waited long, and what should have returned long ago and has not been done (nobody works, or the work does not come to it).

Silence usually ends by itself; nonsense is often something that people must agree upon (a key, an encoding, a new version). So a
lane's kind of trouble has its own words, and a step that only ever brings nonsense while its lane answers others is shown as soon
as a lane is, not after a day.

Each source is a function of the session and machine time; another kind of alert is one more function in `SOURCES`. What returns
by the calendar and is late is the calendar's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.words import Words
from backend.steps.calendar import Calendar
from backend.steps.model import LANE_SHOWN_AFTER, SHOWN_AFTER
from backend.steps.tables import OPEN, Lane, Step

Kind = Literal["aside", "lane", "lane_nonsense", "waits", "waits_nonsense", "late"]


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
            "lane_nonsense" if row.nonsense else "lane",
            Words(f"{row.lane} 已有一段时间没有可用的答复", f"{row.lane} has given no answer that can be used for a while")
            if row.nonsense
            else Words(f"{row.lane} 已有一段时间没有应答", f"{row.lane} has not answered for a while"),
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
        select(Step.lane, Step.kind, Step.nonsense, func.count(), func.min(Step.since), func.max(Step.id))
        .where(Step.state.in_(OPEN), or_(Step.since <= now - SHOWN_AFTER, _spoilt_alone(now)))
        .group_by(Step.lane, Step.kind, Step.nonsense)
    )
    return [
        Alert(
            "waits_nonsense" if nonsense else "waits",
            Words(f"{count} 个步骤得不到可用的答复，仍在重试：{kind}", f"{count} steps get no answer that can be used: {kind}")
            if nonsense
            else Words(f"{count} 个步骤久未办成，仍在重试：{kind}", f"{count} steps still fail and are tried again: {kind}"),
            since or now,
            lane,
            kind,
            count,
            session.scalar(select(Step.last_error).where(Step.id == newest)),
        )
        for lane, kind, nonsense, count, since, newest in session.execute(query)
    ]


def _spoilt_alone(now: datetime) -> ColumnElement[bool]:
    """Steps that bring nonsense though their lane is not left alone: of such a lane, the lane's own alert tells."""
    left_alone = select(Lane.lane).where(Lane.opened_at.is_not(None))
    return and_(Step.nonsense, Step.since <= now - LANE_SHOWN_AFTER, Step.lane.not_in(left_alone))


SOURCES: tuple[Callable[[Session, datetime], list[Alert]], ...] = (_aside, _lanes, _waits)
