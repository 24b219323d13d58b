"""Steps that return: planned from the calendar, not from their predecessor.

Each kind that returns says on which days it falls; `Calendar.plan` writes down every occurrence that is missing, up to the first
one to come. What became of an earlier one (done, set aside, lost with its worker) has no say in it: setting one aside never ends
the chain. Two workers that plan at once write the same kind and key, which stands once.

How far a platform that slept, or a sandbox whose clock jumped, catches up is each kind's own: with `missed="every"` each day has
a step (a day's file, the close of a day: one that fails keeps none of the others); with `"latest"` one stands for all, because it
looks at what is (a sweep, a snapshot). Schedulers elsewhere know the same two: Quartz fires "all misfires" or "once now", Airflow
has `catchup`, systemd's `Persistent=` runs once for all that was slept through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.words import Words
from backend.steps import actions
from backend.steps.tables import OPEN, Step

Missed = Literal["every", "latest"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One return of a step. It opens at a moment of its kind's clock; `due` is business time, as in every step."""

    key: str
    opens: datetime
    due: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Recurring:
    """A kind of step that returns on business days, at an hour of each.

    `following`: the first of its days after any day. `prefix` stands before the day in its keys, where a kind is several (one for
    each bank). `late`: an occurrence not done so long after its moment is shown to a person.
    """

    kind: str
    title: Words
    following: Callable[[date], date]
    hour: timedelta
    missed: Missed
    prefix: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    late: timedelta = timedelta(hours=6)
    lane: str | None = None  # whom it speaks to

    def now(self, at: datetime) -> datetime:
        """Its clock is business time."""
        return at

    def named(self, key: str, at: datetime) -> Occurrence:
        """The occurrence of that key."""
        return self._on(date.fromisoformat(key.removeprefix(self.prefix)[:10]))

    def _on(self, day: date) -> Occurrence:
        due = clock.start_of(day) + self.hour
        return Occurrence(f"{self.prefix}{day.isoformat()}", due, due, {**self.payload, "day": day.isoformat()})

    def begins(self, at: datetime) -> Occurrence:
        """The first of all: today, or on the next of its days."""
        return self._on(self.following(clock.day_of(at) - timedelta(days=1)))

    def next(self, last: Occurrence, at: datetime) -> Occurrence:
        """The one after."""
        return self._on(self.following(clock.day_of(last.opens)))


@dataclass(frozen=True, kw_only=True)
class Ticking:
    """A kind that returns every so often in machine time: however a sandbox's business clock jumps, people live in their own."""

    kind: str
    title: Words
    every: timedelta
    prefix: str = "at "
    missed: Missed = "latest"
    late: timedelta = timedelta(hours=1)
    lane: str | None = None

    def now(self, at: datetime) -> datetime:
        """Its clock is the machine's."""
        return clock.now()

    def named(self, key: str, at: datetime) -> Occurrence:
        """The occurrence of that key."""
        return self._tick(datetime.fromisoformat(key.removeprefix(self.prefix)), at)

    def _tick(self, moment: datetime, at: datetime) -> Occurrence:
        return Occurrence(f"{self.prefix}{moment.isoformat()}", moment, at, {}, moment)

    def begins(self, at: datetime) -> Occurrence:
        """The first of all: the tick just past."""
        tick = self.every.total_seconds()
        return self._tick(datetime.fromtimestamp(clock.now().timestamp() // tick * tick, UTC), at)

    def next(self, last: Occurrence, at: datetime) -> Occurrence:
        """The one after."""
        return self._tick(last.opens + self.every, at)


Kind = Recurring | Ticking


def every_day(day: date) -> date:
    """The day after: what returns daily follows it."""
    return day + timedelta(days=1)


Planned = Mapping[int, datetime]


@dataclass(frozen=True, slots=True)
class Overdue:
    """An occurrence that was set aside, or is not done long after its time: a person should look."""

    title: Words
    step: Step


class Calendar:
    """What returns on this platform, and what this process knows to be planned already."""

    def __init__(self, kinds: Sequence[Kind] = ()) -> None:
        self.kinds = tuple(kinds)
        # Up to these moments, each on the clock of its kind, all is planned. Asked at every pass of a worker: no database.
        self._planned: Planned = {}

    def wants(self, at: datetime) -> bool:
        """Whether a moment has come that may need planning."""
        return any(self._wanting(at))

    def _wanting(self, at: datetime) -> Iterator[tuple[int, Kind]]:
        for number, kind in enumerate(self.kinds):
            until = self._planned.get(number)
            if until is None or until <= kind.now(at):
                yield number, kind

    def plan(self, session: Session, at: datetime) -> Planned:
        """Write down every occurrence from the last planned one up to the first to come.

        The answer says what is planned then; it is for `committed`, once the session's transaction is.
        """
        planned = dict(self._planned)
        for number, kind in self._wanting(at):
            planned[number] = _plan(session, kind, at)
        return planned

    def committed(self, planned: Planned) -> None:
        """Remember what was planned. Should another thread have planned meanwhile, it is asked once more than needed."""
        self._planned = planned

    def overdue(self, session: Session, at: datetime) -> list[Overdue]:
        """Occurrences that were set aside, or are not done long after their time, oldest first.

        One that was set aside stays here until somebody has sent it on its way again and it is done.
        """
        titles = {kind.kind: kind.title for kind in self.kinds}
        late = [
            and_(Step.kind == kind.kind, Step.due <= at - kind.late)
            if isinstance(kind, Recurring)
            else and_(Step.kind == kind.kind, Step.created_at <= clock.now() - kind.every - kind.late)
            for kind in self.kinds
        ]
        wrong = or_(Step.state == "dead", and_(Step.state.in_(OPEN), or_(false(), *late)))
        query = select(Step).where(Step.kind.in_(titles), wrong).order_by(Step.due, Step.id)
        return [Overdue(titles[step.kind], step) for step in session.scalars(query)] if titles else []


def _plan(session: Session, kind: Kind, at: datetime) -> datetime:
    """Plan one kind; up to when it is planned then."""
    now = kind.now(at)
    of_kind = Step.kind == kind.kind, Step.key.startswith(f"{kind.prefix}2", autoescape=True)  # a day of this millennium
    last = session.scalar(select(func.max(Step.key)).where(*of_kind))
    coming = kind.begins(at) if last is None else kind.named(last, at)
    missing = [coming] if last is None else []
    while coming.opens <= now:
        coming = kind.next(coming, at)
        missing.append(coming)
    if kind.missed == "latest":
        opened = select(Step.id).where(*of_kind, Step.state.in_(OPEN), Step.due <= at).limit(1)
        stands = session.scalar(opened) is not None
        missing = missing[-1:] if stands else missing[-2:]
    for each in missing:
        said: dict[str, Any] = {"key": each.key, "payload": dict(each.payload), "due": each.due, "not_before": each.not_before}
        actions.enqueue(session, kind=kind.kind, lane=kind.lane, **said)
    return coming.opens


# ---------------------------------------------------------------- for kinds whose days have an order


def open_before(session: Session, kind: str, day: date) -> bool:
    """Whether an earlier day's step is still to be done."""
    found = select(Step.id).where(Step.kind == kind, Step.key < day.isoformat(), Step.state.in_(OPEN))
    return session.scalar(found.limit(1)) is not None


def done_after(session: Session, kind: str, day: date) -> bool:
    """Whether a later day's step is done."""
    found = select(Step.id).where(Step.kind == kind, Step.key >= (day + timedelta(days=1)).isoformat(), Step.state == "done")
    return session.scalar(found.limit(1)) is not None


def passed_over(session: Session, kind: str, day: date) -> list[date]:
    """The days before that one which were set aside, and of which no later one is done, oldest first."""
    before = Step.kind == kind, Step.key < day.isoformat()
    done = session.scalar(select(func.max(Step.key)).where(*before, Step.state == "done"))
    query = select(Step.key).where(*before, Step.state == "dead").order_by(Step.key)
    return [date.fromisoformat(key[:10]) for key in session.scalars(query if done is None else query.where(Step.key > done))]
