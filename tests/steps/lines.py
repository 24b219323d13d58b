"""Handlers and hands for telling how steps fare when the outside world fails."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Unreachable
from backend.steps import actions
from backend.steps.model import Answered, Handler, Local, Outside
from backend.steps.tables import Lane, Step
from backend.worker import Worker

DOWN = Unreachable("north does not answer")


class Line:
    """A handler whose call does what it is told, by the payload's name; it counts calls and effects."""

    only_asks = False

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.effects: list[str] = []
        self.trouble: dict[str, Exception] = {}
        self.prepared: Callable[[str], Any] = lambda name: name

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> Any | None:
        return self.prepared(payload["name"])

    def call(self, request: str) -> Answered:
        self.calls.append(request)
        if request in self.trouble:
            raise self.trouble[request]
        return Answered({"name": request})

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        self.effects.append(payload["name"])


def locally(line: Line) -> Local:
    """The same, where there is nobody to call: only its effect is left."""
    return Local(lambda session, payload, at: line.act(session, payload, Answered({}), at))


class OnceWrong:
    """Another handler with a fault of ours: it stumbles over what its first calls bring."""

    def __init__(self, inner: Outside, times: int) -> None:
        self.inner, self.left, self.only_asks = inner, times, inner.only_asks

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> Any | None:
        return self.inner.prepare(session, payload, at)

    def call(self, request: Any) -> Answered:
        answer = self.inner.call(request)
        if self.left:
            self.left -= 1
            raise KeyError("a fault of ours")
        return answer

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> dict[str, Any] | None:
        return self.inner.act(session, payload, answer, at)


def stumbling(inner: Local, times: int) -> Local:
    """Another local step with a fault of ours: it stumbles over its first effects."""
    left = iter(range(times))

    def act(session: Session, payload: dict[str, Any], at: datetime) -> None:
        if next(left, None) is not None:
            raise KeyError("a fault of ours")
        inner.act(session, payload, at)

    return Local(act)


def once_wrong(worker: Worker, kind: str, times: int = 1) -> None:
    """Plant a fault of ours into that kind of step: whom it speaks to has done what was asked, and we cannot go on."""
    inner = worker.handlers[kind]
    wrong: Handler = stumbling(inner, times) if isinstance(inner, Local) else OnceWrong(inner, times)
    worker.handlers = {**worker.handlers, kind: wrong}


def ask_for(database: Database, *names: str, lane: str | None = "north", kind: str = "line") -> None:
    """Steps of those names, due now, in this order."""
    with database.writing() as session:
        due = clock.business_now(session) - timedelta(minutes=1)
        for number, name in enumerate(names):
            moment = due + timedelta(milliseconds=number)
            actions.enqueue(session, kind=kind, key=name, payload={"name": name}, due=moment, lane=lane)


def breaks(database: Database, line: Line, worker: Worker, times: int = 3) -> None:
    """The line fails so often in a row."""
    names = [f"n{number}" for number in range(times)]
    line.trouble |= dict.fromkeys(names, DOWN)
    ask_for(database, *names)
    worker.run_all()


def let_pass(database: Database, seconds: float = 100_000) -> None:
    """Machine time is not waited for: what was put off and what is open is written back by so much."""
    span = timedelta(seconds=seconds)
    with database.writing() as session:
        for step in session.query(Step).where(Step.not_before.is_not(None)):
            assert step.not_before is not None
            step.not_before -= span
            step.since = step.since - span if step.since else None
        for lane in session.query(Lane).where(Lane.open_until.is_not(None)):
            assert lane.open_until is not None
            lane.open_until -= span
            lane.since = lane.since - span if lane.since else None


def run_out(database: Database) -> None:
    """Leases are over."""
    with database.writing() as session:
        over = clock.now() - timedelta(seconds=1)
        session.execute(update(Step).where(Step.state == "leased").values(lease_until=over))


def step_of(database: Database, key: str) -> Step:
    with database.reading() as session:
        return session.query(Step).where(Step.key == key).one()


def lane_of(database: Database, lane: str = "north") -> Lane | None:
    with database.reading() as session:
        return session.get(Lane, lane)


@contextmanager
def silent_peer() -> Iterator[str]:
    """An address that takes every connection and never says a word."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:

        def take() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for line in kept:
                line.close()


def wait_until(done: Callable[[], bool], seconds: float) -> float:
    """The seconds until it is so; fails after so many."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, "it does not happen"
        time.sleep(0.02)
    return time.monotonic() - began
