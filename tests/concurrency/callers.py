"""Callers who are let go together, and what they were told: who asked what, when, and what was answered."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

from backend.kit.errors import Answer
from tests.concurrency import pauses
from tests.concurrency.pauses import HEADER

PATIENCE, FRESH = 60, 2.0


@dataclass(frozen=True)
class Login:
    """Someone signed in, in the house (`token`) and on its pages (`csrf`), or a bank's system (`basic`)."""

    login: str
    token: str = ""
    csrf: str = ""
    basic: str = ""
    party: str = ""
    user: str = ""
    firm: str = ""


NOBODY = Login("")


@dataclass(frozen=True)
class Call:
    """One request. `what` names it in the history; `about` is what the checker wants to know of it."""

    what: str
    method: str
    path: str
    body: Any = None
    form: Mapping[str, Any] | None = None
    who: Login = NOBODY
    headers: Mapping[str, str] = field(default_factory=dict)
    about: Any = None
    deed: Callable[[], Any] | None = None  # what no door does, e.g. the close of a day: done in the caller's own thread


@dataclass(frozen=True)
class Told:
    """What a caller was told, between which two moments (of one clock)."""

    call: Call
    began: float
    ended: float
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def what(self) -> str:
        return self.call.what

    @property
    def about(self) -> Any:
        return self.call.about

    @property
    def code(self) -> str:
        """The problem's short name, if it is one."""
        return str(self.body.get("type", "")).rsplit(":", 1)[-1] if isinstance(self.body, dict) else ""

    @property
    def yes(self) -> bool:
        """Acknowledged: 2xx, or a page that leads on after something was done."""
        return 0 < self.status < 300 or (self.status == 303 and "/sign-in" not in self.headers.get("location", "/sign-in"))

    def __str__(self) -> str:
        said = self.code or self.headers.get("location", "")
        return f"{self.what} [{self.began:.3f}–{self.ended:.3f}] {self.status} {said}"


class Caller(threading.local):
    """One thread's own connections, kept open."""

    def __init__(self) -> None:
        self.lines: dict[int, HTTPConnection] = {}
        self.used: dict[int, float] = {}

    def line(self, port: int) -> HTTPConnection:
        """Open and fresh: a server closes a line on which nothing was said for five seconds."""
        now = time.monotonic()
        if port in self.lines and now - self.used[port] > FRESH:
            self.lines.pop(port).close()
        if port not in self.lines:
            self.lines[port] = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        if self.lines[port].sock is None:
            self.lines[port].connect()
            self.used[port] = now
        return self.lines[port]

    def spoke(self, port: int) -> None:
        """Only what is said keeps a line open: a thread that does a deed of its own says nothing on it."""
        self.used[port] = time.monotonic()


_caller = Caller()


def ask(port: int, call: Call, pause: str = "") -> Told:
    """One request on this thread's own line, and what came back. A line that broke is an answer too: status 0."""
    if call.deed is not None:
        return _done(call, call.deed, pause)
    headers = dict(call.headers)
    body: bytes | None = None
    if call.form is not None:
        body = urlencode({"csrf": call.who.csrf, **call.form}, doseq=True).encode()
        headers["content-type"] = "application/x-www-form-urlencoded"
        headers["cookie"] = f"creditbridge_session={call.who.token}" if call.who.token else f"creditbridge_form={call.who.csrf}"
    else:
        if isinstance(call.body, bytes):
            body = call.body
        elif call.body is not None:
            body, headers["content-type"] = json.dumps(call.body).encode(), "application/json"
        if call.who.token:
            headers["authorization"] = f"Bearer {call.who.token}"
        elif call.who.basic:
            headers["authorization"] = f"Basic {call.who.basic}"
    if pause:
        headers[HEADER] = pause
    began = time.monotonic()
    line = _caller.line(port)
    try:
        line.request(call.method, call.path, body, headers)
        answer = line.getresponse()
        raw, ended = answer.read(), time.monotonic()
        _caller.spoke(port)
    except (OSError, HTTPException) as broken:
        line.close()
        return Told(call, began, time.monotonic(), 0, repr(broken))
    if answer.status >= 500:
        line.close()  # the server closes it after an error of its own, some time later
    told = {name.lower(): value for name, value in answer.getheaders()}
    said: Any = raw
    if "json" in told.get("content-type", ""):
        said = json.loads(raw) if raw else None
    return Told(call, began, ended, answer.status, said, told)


def _done(call: Call, deed: Callable[[], Any], pause: str) -> Told:
    began = time.monotonic()
    try:
        with pauses.chance_of(pause):
            answer = deed()
    except Answer as no:
        return Told(call, began, time.monotonic(), 409, {"type": no.code})
    except Exception as broken:  # whatever it is belongs into the history
        return Told(call, began, time.monotonic(), 500, repr(broken))
    return Told(call, began, time.monotonic(), 200, answer)


class Crowd:
    """Threads that wait at one gate."""

    def __init__(self, size: int = 32) -> None:
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="caller")

    def at_once(self, ports: Sequence[int], callers: Sequence[Sequence[Call]], *, seed: str, most_ms: int) -> list[Told]:
        """Every caller goes through its own calls, one after the other; all begin together. Their history, by beginning."""
        gate = threading.Barrier(len(callers))

        def run(number: int) -> list[Told]:
            port = ports[number % len(ports)]
            _caller.line(port)
            gate.wait(PATIENCE)
            return [ask(port, call, f"{seed}-{number}-{no}:{most_ms}") for no, call in enumerate(callers[number])]

        running = [self._threads.submit(run, number) for number in range(len(callers))]
        return sorted((told for each in running for told in each.result()), key=lambda told: told.began)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
