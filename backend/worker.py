"""Takes due steps, one after another, in four commits: lease, keep, act — and dies well between any two of them.

    take + prepare   (commit)   crashpoint leased
    call             (no transaction open)   crashpoint called
    keep             (commit)   crashpoint kept
    act + finish     (commit)   crashpoint acted

A step whose answer was kept is not called again: the next worker acts on what is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import structlog
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.crash import crashpoint
from backend.kit.database import Database
from backend.kit.errors import Answer, CreditBridgeError, Unreachable
from backend.steps import actions, views
from backend.steps.model import Answered, Handler
from backend.steps.tables import Step

log = structlog.get_logger()


class Worker:
    """One worker. `handlers` maps the kinds of steps to how they are done."""

    def __init__(self, database: Database, handlers: Mapping[str, Handler], *, pause_seconds: float = 1.0) -> None:
        self.database = database
        self.handlers = handlers
        self.pause_seconds = pause_seconds
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def run_one(self) -> bool:
        """Do the step that is due longest; False when there is none."""
        with self.database.writing() as session:
            at = clock.business_now(session)
            step = actions.take(session, at=at, kinds=list(self.handlers))
            if step is None:
                return False
            handler = self.handlers[step.kind]
            try:
                request = None if step.answer is not None else handler.prepare(session, step.payload, at)
                nothing_to_do = request is None and step.answer is None
                if nothing_to_do:
                    actions.finish(session, step)
                    return True
                if not handler.outside:
                    with session.begin_nested():
                        handler.act(session, step.payload, Answered({}), at)
                    actions.finish(session, step)
                    return True
            except Exception as error:
                self._log(step, error)
                self._defer(session, step, error)
                return True
        crashpoint("leased")
        self._finish_outside(step, handler, request)
        return True

    def _finish_outside(self, step: Step, handler: Handler, request: object) -> None:
        try:
            if step.answer is None:
                answer = handler.call(request)
                crashpoint("called")
                with self.database.writing() as session:
                    mine = actions.held(session, step.id, step.lease_token)
                    actions.keep(session, mine, answer, at=clock.business_now(session))
                crashpoint("kept")
            else:
                answer = Answered(step.answer)
            with self.database.writing() as session:
                mine = actions.held(session, step.id, step.lease_token)
                with session.begin_nested():
                    handler.act(session, mine.payload, answer, clock.business_now(session))
                actions.finish(session, mine)
            crashpoint("acted")
        except Exception as error:
            self._log(step, error)
            with self.database.writing() as session:
                try:
                    mine = actions.held(session, step.id, step.lease_token)
                except Answer:
                    return
                actions.keep_heard(session, mine, getattr(error, "heard", ()), at=clock.business_now(session))
                self._defer(session, mine, error)

    @staticmethod
    def _defer(session: Session, step: Step, error: Exception) -> None:
        """What may mend by waiting is put off; what is garbled or refused is set aside for a person."""
        words = error.words.en if isinstance(error, CreditBridgeError) else f"{type(error).__name__}: {error}"
        waits = isinstance(error, Unreachable) or not isinstance(error, CreditBridgeError)
        (actions.put_off if waits else actions.set_aside)(session, step, words)

    @staticmethod
    def _log(step: Step, error: Exception) -> None:
        log.warning("step.failed", kind=step.kind, key=step.key, attempts=step.attempts, error=str(error)[:300])

    def run_all(self) -> int:
        """Do everything that is due; how many steps that was. With nothing due, no write lock is taken."""
        with self.database.reading() as session:
            if not views.any_ready(session, clock.business_now(session)):
                return 0
        count = 0
        while not self._stop.is_set() and self.run_one():
            count += 1
        return count

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
