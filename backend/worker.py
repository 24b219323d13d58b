"""Takes due steps, one after another, in three commits each — and dies well between any two of them.

    take + prepare   (commit)   crashpoint leased
    call             (no transaction open)   crashpoint called
    keep             (commit)   crashpoint kept
    act + finish     (commit)   crashpoint acted

The commit of one step's effect also takes the lease of the next, so that a long queue waits for the disk twice a step and not
three times. A step whose answer was kept is not called again: the next worker acts on what is kept. What only asks is kept in
the transaction of its effect (and stays if the effect fails): whoever dies in between asks again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from backend.kit import clock, locks
from backend.kit.crash import crashpoint
from backend.kit.database import Database
from backend.kit.errors import Answer, CreditBridgeError, Unreachable
from backend.steps import actions, views
from backend.steps.model import Answered, Handler
from backend.steps.tables import Step

log = structlog.get_logger()


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


class Worker:
    """One worker. `handlers` maps the kinds of steps to how they are done."""

    def __init__(self, database: Database, handlers: Mapping[str, Handler], *, pause_seconds: float = 1.0) -> None:
        self.database = database
        self.handlers = handlers
        self.pause_seconds = pause_seconds
        # Whoever asks for rest (a sandbox's clock) and the thread of this process take turns: two at once only slow each other.
        self._one_at_a_time = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def run_one(self) -> bool:
        """Do the step that is due longest; False when there is none."""
        with self._one_at_a_time:
            return self._run(at_most=1) == 1

    def run_all(self, *, seen: bool = False) -> int:
        """Do everything that is due; how many steps that was. With nothing due, no write lock is taken.

        `seen`: the caller has just seen that something is.
        """
        with self._one_at_a_time:
            if not seen:
                with self.database.reading() as session:
                    if not views.any_ready(session, clock.business_now(session)):
                        return 0
            return self._run()

    def _run(self, at_most: int | None = None) -> int:
        count, done = 0, None
        while True:
            with self.database.writing() as session:
                if done is not None:
                    self._act(session, done)
                    count += 1
                enough = count == at_most or self._stop.is_set()
                lease = None if enough else self._lease(session)
            if done is not None:
                crashpoint("acted")
            if lease is None:
                return count
            crashpoint("leased")
            self._speak(lease)
            done = lease

    def _lease(self, session: Session) -> Lease | None:
        """Take the next step and prepare its call; one that needs nobody outside is prepared when it acts."""
        at = clock.business_now(session)
        locks.begin_anew(session)
        step = actions.take(session, at=at, kinds=list(self.handlers))
        if step is None:
            return None
        lease = Lease(step, self.handlers[step.kind])
        if step.answer is not None:
            lease.answer, lease.kept = Answered(step.answer), True
        elif lease.handler.outside:
            try:
                lease.request = lease.handler.prepare(session, step.payload, at)
            except Exception as error:
                lease.error = error
        return lease

    def _speak(self, lease: Lease) -> None:
        """Call, with no transaction open, and keep the answer before anything is made of it."""
        if lease.request is None or lease.error is not None:
            return
        try:
            answer = lease.handler.call(lease.request)
            crashpoint("called")
            if lease.handler.outside != "asks":
                with self.database.writing() as session:
                    actions.keep(session, lease.step, answer, at=clock.business_now(session))
                lease.kept = True
                crashpoint("kept")
            lease.answer = answer
        except Exception as error:
            lease.error, lease.heard = error, getattr(error, "heard", ())

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
        try:
            step = actions.held(session, step.id, step.lease_token)
        except Answer:
            return
        log.warning("step.failed", kind=step.kind, key=step.key, attempts=step.attempts, error=str(error)[:300])
        actions.keep_heard(session, step, lease.heard, at=at)
        self._defer(session, step, error)

    @staticmethod
    def _effect(session: Session, lease: Lease, at: datetime) -> None:
        handler, step = lease.handler, lease.step
        if lease.answer is not None:
            instead = handler.act(session, step.payload, lease.answer, at)
            if instead is not None:
                actions.keep_instead(session, step, instead)
        elif not handler.outside and handler.prepare(session, step.payload, at) is not None:
            handler.act(session, step.payload, Answered({}), at)

    @staticmethod
    def _defer(session: Session, step: Step, error: Exception) -> None:
        """What may mend by waiting is put off; what is garbled or refused is set aside for a person."""
        words = error.words.en if isinstance(error, CreditBridgeError) else f"{type(error).__name__}: {error}"
        waits = isinstance(error, Unreachable) or not isinstance(error, CreditBridgeError)
        (actions.put_off if waits else actions.set_aside)(session, step, words)

    def wake(self) -> None:
        """Something may be due: look now."""
        self._wake.set()

    def start(self) -> None:
        """Work in a thread of this process until `stop`."""
        self._thread = threading.Thread(target=self.run_forever, name="worker", daemon=True)
        self._thread.start()

    def run_forever(self) -> None:
        """Work until told to stop."""
        while not self._stop.is_set():
            try:
                self.run_all()
            except Exception as error:
                log.error("worker.failed", error=f"{type(error).__name__}: {error}"[:300])
            self._wake.wait(self.pause_seconds)
            self._wake.clear()

    def stop(self) -> None:
        """Stop after the step in hand."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
