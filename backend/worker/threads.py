"""How a worker's steps are handed to threads.

`run_all` and `run_one` are one thread and one order: by due moment, then by creation. `run_forever` gives each lane a thread
while it has something to do: whoever is silent holds up nobody else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

import structlog

from backend.kit import clock
from backend.kit.database import Database
from backend.steps import lanes, views
from backend.steps.calendar import Calendar
from backend.steps.model import Handler, Local
from backend.steps.verdicts import reason
from backend.worker.phases import Phases

log = structlog.get_logger()
# Whoever moves a sandbox's clock does all that is due himself, in one order: so long the threads stand back after he did.
STAND_BACK_SECONDS = 3.0


class Worker(Phases):
    """One worker. `handlers` maps the kinds of steps to how they are done."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        calendar: Calendar | None = None,
        pause_seconds: float = 1.0,
    ) -> None:
        super().__init__(database, handlers, calendar)
        self.pause_seconds = pause_seconds
        # Those who ask for rest (a sandbox's clock) take turns: two at once only slow each other.
        self._one_at_a_time = threading.Lock()
        self._stood_back_until = 0.0
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lanes: dict[str | None, threading.Thread] = {}

    # ------------------------------------------------------------ one thread, one order

    def run_one(self) -> bool:
        """Do the step that is due longest; False when there is none."""
        with self._alone():
            return self._run(at_most=1, rest=self._stop.is_set) == 1

    def run_all(self, *, seen: bool = False) -> int:
        """Do everything that is due; how many steps that was. With nothing due, no write lock is taken.

        `seen`: the caller has just seen that something is.
        """
        with self._alone():
            if not seen:
                with self._reading() as session:
                    at = clock.business_now(session)
                    if not views.any_ready(session, at) and not self.calendar.wants(at):
                        return 0
            return self._run(rest=self._stop.is_set)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._one_at_a_time:
            self._stood_back_until = float("inf")
            try:
                yield
            finally:
                self._stood_back_until = monotonic() + STAND_BACK_SECONDS

    def run_local(self) -> int:
        """Do what is due and speaks to nobody outside: for a person who waits for it, and must not wait for any bank."""
        return self._run(None, rest=self._stop.is_set)

    # ------------------------------------------------------------ a thread for each lane

    def wake(self) -> None:
        """Something may be due: look now."""
        self._wake.set()

    def start(self) -> None:
        """Work in threads of this process until `stop`."""
        self._thread = threading.Thread(target=self.run_forever, name="worker", daemon=True)
        self._thread.start()

    def run_forever(self) -> None:
        """See which lanes have something to do, and give each of them a thread, until told to stop."""
        while not self._stop.is_set():
            try:
                if not self._stands_back():
                    self._hand_out()
            except Exception as error:
                log.error("worker.failed", error=reason(error)[:300])
            self._wake.wait(self.pause_seconds)
            self._wake.clear()

    def _hand_out(self) -> None:
        with self._reading() as session:
            at = clock.business_now(session)
        if self.calendar.wants(at):
            self._plan()
        with self._reading() as session:
            ready = views.ready(session, at)
            shut = lanes.troubles(session).shut
        self._lanes = {lane: thread for lane, thread in self._lanes.items() if thread.is_alive()}
        for lane, kind in ready:
            handler = self.handlers.get(kind)
            if handler is not None and lane not in self._lanes and (lane not in shut or isinstance(handler, Local)):
                thread = threading.Thread(target=self._work_lane, args=(lane,), name=f"worker {lane or 'local'}", daemon=True)
                self._lanes[lane] = thread
                thread.start()

    def _work_lane(self, lane: str | None) -> None:
        """All that is due in one lane, step after step; then the thread ends."""
        try:
            self._run(lane, rest=lambda: self._stop.is_set() or self._stands_back())
        except Exception as error:
            log.error("worker.failed", lane=lane, error=reason(error)[:300])

    def _stands_back(self) -> bool:
        return monotonic() < self._stood_back_until

    def stop(self) -> None:
        """Stop after the steps in hand; a call that lasts longer is left to whoever takes over when its lease runs out."""
        self._stop.set()
        self._wake.set()
        until = monotonic() + 5
        for thread in (self._thread, *self._lanes.values()):
            if thread is not None and thread.is_alive() and thread is not threading.current_thread():
                thread.join(timeout=max(0.0, until - monotonic()))
