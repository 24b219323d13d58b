"""Seeded waits between reading and writing, in the server's own process: the window in which another caller may come.

A call brings its seed in the header `x-pause` (`seed:most_ms`); each statement that changes something, and the commit, then waits
as long as chance says. A call without the header waits for nothing, so that setting the scene is quick.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, event
from starlette.types import ASGIApp, Receive, Scope, Send

HEADER = "x-pause"
_chance: ContextVar[tuple[Random, int] | None] = ContextVar("chance", default=None)
CHANGES = ("INSERT", "UPDATE", "DELETE")


class Paused:
    """Puts a call's own chance around it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER.encode())
        token = _chance.set(read(given.decode()) if given else None)
        try:
            await self.app(scope, receive, send)
        finally:
            _chance.reset(token)


@contextmanager
def chance_of(header: str) -> Iterator[None]:
    """The same around a deed in this very process."""
    token = _chance.set(read(header) if header else None)
    try:
        yield
    finally:
        _chance.reset(token)


def read(header: str) -> tuple[Random, int]:
    """`seed:most_ms` as a chance of its own.

    >>> read("7-0-1:5")[1]
    5
    """
    seed, _, most = header.rpartition(":")
    return Random(seed), int(most)


def wait() -> None:
    """Half of the times nothing, else up to the most this call may wait."""
    found = _chance.get()
    if found is not None:
        chance, most = found
        if chance.random() < 0.5:
            time.sleep(chance.random() * most / 1000)


def install(engine: Engine) -> None:
    """From now on every change on this engine waits its moment."""

    @event.listens_for(engine, "before_cursor_execute")
    def before_change(_: Connection, __: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip()[:6].upper() in CHANGES:
            wait()

    @event.listens_for(engine, "commit")
    def before_commit(_: Connection) -> None:
        wait()
