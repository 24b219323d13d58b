"""The phases of one step.

    take + prepare   (commit)   crashpoint leased
    call             (no transaction open)   crashpoint called
    keep             (commit)   crashpoint kept
    act + finish     (commit)   crashpoint acted

A local step has nothing to prepare, call or keep: after its lease it acts and is finished.

On SQLite the commit of one step's effect also takes the lease of the next, so that a long queue waits for the disk twice a step
and not three times. On PostgreSQL the next step is prepared in a transaction of its own: its handler must not ask for locks
while those of the step before are held. A step whose answer was kept is not called again: the next worker acts on what is kept.
What only asks is kept in the transaction of its effect (and stays if the effect fails): whoever dies in between asks again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import structlog
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import SYSTEM
from backend.kit import clock, locks
from backend.kit.crash import crashpoint
from backend.kit.database import Database
from backend.kit.errors import Answer, Garbled, Unreachable
from backend.steps import actions, lanes
from backend.steps.actions import ANY
from backend.steps.calendar import Calendar
from backend.steps.model import MOST_STUMBLES, Answered, Handler, Local, Outside
from backend.steps.tables import Step
from backend.steps.verdicts import line_after, reason, verdict

log = structlog.get_logger()
# So many transactions of a worker's threads at once, so that the doors of the same process keep their connections.
MOST_TRANSACTIONS = 4
NOTHING: Literal[""] = ""


@dataclass
class Lease:
    """A step in hand, between its commits: what to ask, then what was answered or went wrong."""

    step: Step
    handler: Handler
    request: Any = None
    answer: Answered | None = None
    kept: bool = False
    error: Exception | None = None
    heard: tuple[Any, ...] = field(default_factory=tuple)
    troubled: bool = False  # its lane was not sound when it was taken
    asked: bool = False  # the call was made, whatever came of it
    probe: bool = False  # its lane is half open, and this step tries it

    @property
    def outside(self) -> Outside | None:
        """How it speaks to somebody outside; None where it is local."""
        return None if isinstance(self.handler, Local) else self.handler


class Phases:
    """One step after another, each in its phases."""

    def __init__(self, database: Database, handlers: Mapping[str, Handler], calendar: Calendar | None = None) -> None:
        self.database = database
        self.handlers = handlers
        self.calendar = calendar or Calendar()
        self._transactions = threading.BoundedSemaphore(MOST_TRANSACTIONS)

    def _run(self, lane: str | None = ANY, *, at_most: int | None = None, rest: Callable[[], bool]) -> int:
        """Step after step; before each but the first, `rest` says whether to stop. How many that were."""
        count, lease = 0, self._take(lane)
        while lease is not None:
            crashpoint("leased")
            self._speak(lease)
            self._tell_lane(lease)
            count += 1
            further = count != at_most and not rest()
            following, stands = self._finish(lease, lane if further and self.database.is_sqlite else NOTHING)
            crashpoint("acted")
            if following is None and further and not (stands and self.database.is_sqlite):
                following = self._take(lane)
            lease = following
        return count

    def _take(self, lane: str | None) -> Lease | None:
        with self._writing() as session:
            planned = self.calendar.plan(session, clock.business_now(session))
            lease = self._lease(session, lane)
        self.calendar.committed(planned)
        return lease

    def _plan(self) -> None:
        """Write down what returns, whether or not anything is due now."""
        with self._writing() as session:
            planned = self.calendar.plan(session, clock.business_now(session))
        self.calendar.committed(planned)

    def _finish(self, lease: Lease, then: str | None) -> tuple[Lease | None, bool]:
        """Make its effect, and take the next of the lane `then` in the same commit: that one, and whether the commit stands."""
        following = None
        try:
            with self._writing() as session:
                self._act(session, lease)
                if then != NOTHING:
                    following = self._lease(session, then)
        except Exception as error:
            # What only shows at the commit, too: nothing of it stands, neither the effect nor the next lease.
            self._failed(lease, error)
            return None, False
        return following, True

    def _lease(self, session: Session, lane: str | None = ANY) -> Lease | None:
        """Take the next step and prepare its call; a local one has none."""
        at = clock.business_now(session)
        locks.begin_anew(session)
        while True:
            found = lanes.troubles(session)
            quiet = self._kinds(local=True) if found.shut else []
            kinds = quiet if lane in found.shut else list(self.handlers)
            step = actions.take(session, at=at, kinds=kinds, lane=lane, shut=found.shut, quiet=quiet)
            if step is None:
                return None
            lease = Lease(step, self.handlers[step.kind], troubled=step.lane in found.known)
            half_open = found.half_open.get(step.lane) if step.lane is not None and lease.outside is not None else None
            if half_open is None or step.answer is not None:
                break
            actions.give_back(session, step)
            probe = self._probe(session, str(step.lane), half_open, at)
            if probe is not None:
                lease, step = probe, probe.step
                break
            # Another worker tries this lane already: how do they stand now?
        if step.answer is not None:
            lease.answer, lease.kept = Answered(step.answer), True
        elif lease.outside is not None:
            self._prepare(session, lease, lease.outside, at)
        return lease

    def _kinds(self, *, local: bool) -> list[str]:
        return [kind for kind, handler in self.handlers.items() if isinstance(handler, Local) is local]

    def _probe(self, session: Session, lane: str, half_open: datetime, at: datetime) -> Lease | None:
        """Hold a half-open lane for one try, and take the step whose turn it is; None if another worker was quicker."""
        if not lanes.hold(session, lane, half_open):
            return None
        step = actions.take_fairly(session, at=at, kinds=self._kinds(local=False), lane=lane)
        if step is None:
            lanes.let_go(session, lane)
            return None
        return Lease(step, self.handlers[step.kind], probe=True, troubled=True)

    @staticmethod
    def _prepare(session: Session, lease: Lease, outside: Outside, at: datetime) -> None:
        """What fails half-way leaves nothing behind; a lawful no stays, with its line in the log."""
        nested = session.begin_nested()
        try:
            lease.request = outside.prepare(session, lease.step.payload, at)
        except Answer as no:
            lease.error = no
        except Exception as error:
            nested.rollback()
            lease.error = error
            return
        nested.commit()

    def _speak(self, lease: Lease) -> None:
        """Call, with no transaction open, and keep the answer before anything is made of it."""
        outside = lease.outside
        if outside is None or lease.request is None or lease.error is not None:
            return
        try:
            lease.asked = True
            answer = outside.call(lease.request)
            crashpoint("called")
            if not outside.only_asks:
                with self._writing() as session:
                    actions.keep(session, lease.step, answer, at=clock.business_now(session))
                lease.kept = True
                crashpoint("kept")
            lease.answer = answer
        except Exception as error:
            lease.error, lease.heard = error, getattr(error, "heard", ())

    def _tell_lane(self, lease: Lease) -> None:
        """The breaker learns how the line was; that it is as sound as before need not be written down."""
        lane, error = lease.step.lane, lease.error
        if lane is None or lease.outside is None:
            return
        if lease.answer is not None and lease.answer.trouble is not None:
            error = lease.answer.trouble
        line = line_after(error) if lease.asked else "unsaid"
        if line != "failing" and not (lease.troubled and (line == "sound" or lease.probe)):
            return
        with self._writing() as session:
            if line == "failing":
                assert isinstance(error, Unreachable | Garbled)
                lanes.failed(session, lane, error, probe=lease.probe)
            elif line == "sound":
                lanes.answered(session, lane)
            else:
                lanes.let_go(session, lane)

    def _act(self, session: Session, lease: Lease) -> None:
        """Make the effect and finish, or put the step off; the lease may have gone to another worker meanwhile."""
        step, error = lease.step, lease.error
        at = clock.business_now(session)
        if error is None:
            try:
                if lease.answer is not None and not lease.kept:
                    actions.keep(session, step, lease.answer, at=at)
                with session.begin_nested():
                    actions.finish(session, step)
                    self._effect(session, lease, at)
                return
            except Exception as failed:
                error = failed
        self._defer(session, lease, error, at)

    @staticmethod
    def _effect(session: Session, lease: Lease, at: datetime) -> None:
        handler, step = lease.handler, lease.step
        if isinstance(handler, Local):
            handler.act(session, step.payload, at)
        elif lease.answer is not None:
            instead = handler.act(session, step.payload, lease.answer, at)
            if instead is not None:
                actions.keep_instead(session, step, instead)

    def _failed(self, lease: Lease, error: Exception) -> None:
        """Nothing of its last transaction stands: say so on the step, or leave it to whoever takes over."""
        log.error("worker.failed", kind=lease.step.kind, key=lease.step.key, error=reason(error)[:300])
        with self._writing() as session:
            if lease.answer is not None and not lease.kept and lease.error is None:
                lease.heard = lease.answer.heard
            self._defer(session, lease, error, clock.business_now(session))

    @staticmethod
    def _defer(session: Session, lease: Lease, error: Exception, at: datetime) -> None:
        """What may mend by waiting is put off; what does not is set aside for a person, with its reason."""
        try:
            step = actions.held(session, lease.step.id, lease.step.lease_token)
        except Answer:
            return
        words = reason(error)
        log.warning("step.failed", kind=step.kind, key=step.key, attempts=step.attempts, error=words[:300])
        actions.keep_heard(session, step, lease.heard, at=at)
        for line in getattr(error, "lines", ()):
            log.error(line["action"], about=line["object_id"], **line["details"])
            audit.record(session, at=at, actor=SYSTEM, **line)
        judged = verdict(error, called=lease.asked and error is lease.error)
        if judged == "wait":
            wish = getattr(error, "retry_after", None)
            actions.put_off(session, step, words, retry_after=wish, nonsense=isinstance(error, Garbled))
        elif judged == "again" and step.stumbles < MOST_STUMBLES:
            actions.stumble(session, step, words)
        else:
            actions.set_aside(session, step, words)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._transactions, self.database.writing() as session:
            yield session

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._transactions, self.database.reading() as session:
            yield session
