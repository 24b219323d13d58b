"""The faults a sandbox bank can be told to have: `POST /_sandbox/fault {"kind": …, "times": n}`, or at its start.

Each kind fires for the next `times` requests in the dialect (control requests never fail), before or after the bank acted:

| kind | what the platform sees | has the bank acted? |
|---|---|---|
| down, busy, error | 503, 429, 500 | no |
| closed | the connection is closed without an answer | no |
| slow | the answer, `seconds` late | yes |
| drip | one byte a tenth of a second (behind a socket) | yes |
| lose-answer | the connection is closed without an answer | yes |
| html, wrong-type, redirect, empty, half, noise, huge, wrong-encoding | 200 (302) and nonsense | yes |
| wrong-signature | the answer with a spoilt signature | yes |
| callback-wrong-signature, callback-twice | a pushed report so spoilt, or pushed twice | – |
| lose-repayment | one borrower's payment is booked and never reported | – |
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import httpx

from backend.kit.errors import Refused
from backend.kit.words import Words

BEFORE = {"down": 503, "busy": 429, "error": 500}
KINDS = frozenset(
    {
        "closed",
        "slow",
        "drip",
        "lose-answer",
        "html",
        "wrong-type",
        "redirect",
        "empty",
        "half",
        "noise",
        "huge",
        "wrong-encoding",
    }
    | {"wrong-signature", "callback-wrong-signature", "callback-twice", "lose-repayment"}
    | set(BEFORE)
)
PAGE = "<!DOCTYPE html><html><head><title>维护中</title></head><body><h1>系统维护中，请稍后再试</h1></body></html>".encode()


class Faults:
    """How often each kind is still to fire. Kept in memory: a restarted bank is sound again."""

    def __init__(self) -> None:
        self._left: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.seconds = 3.0

    def set(self, kind: str, times: int = 1, seconds: float | None = None) -> None:
        if kind not in KINDS or not 0 <= times <= 1_000_000:
            raise Refused(Words(f"没有这种故障：{kind}", f"no such fault: {kind}"), code="unknown_fault")
        with self._lock:
            self._left[kind] = times
            self.seconds = self.seconds if seconds is None else seconds

    def take(self, kind: str) -> bool:
        """Whether this fault fires now; uses it up by one."""
        if not self._left[kind]:
            return False
        with self._lock:
            fires = self._left[kind] > 0
            self._left[kind] -= fires
            return fires

    def before(self, request: httpx.Request) -> httpx.Response | None:
        """The answer of a bank that does not even act, if such a fault is due."""
        for kind, status in BEFORE.items():
            if self.take(kind):
                return httpx.Response(status, headers={"content-type": "text/html", "retry-after": "1"}, content=PAGE)
        if self.take("closed"):
            raise httpx.RemoteProtocolError("the bank closed the connection", request=request)
        return None

    def after(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        """The bank's answer as the fault leaves it."""
        if self.take("lose-answer"):
            raise httpx.RemoteProtocolError("the bank closed the connection", request=request)
        for name, spoil in SPOILS.items():
            if self.take(name):
                headers = {key: value for key, value in answer.headers.items() if key != "content-length"}
                status, changed, content = spoil(answer.content)
                return httpx.Response(status or answer.status_code, headers=headers | changed, content=content)
        return answer


# Each gives (status or 0 for the bank's own, headers changed, body).
SPOILS: dict[str, Callable[[bytes], tuple[int, dict[str, str], bytes]]] = {
    "html": lambda _: (200, {"content-type": "text/html; charset=utf-8"}, PAGE),
    "wrong-type": lambda body: (0, {"content-type": "application/octet-stream"}, body),
    "redirect": lambda _: (302, {"location": "http://127.0.0.1:1/elsewhere"}, b""),
    "empty": lambda _: (0, {}, b""),
    "half": lambda body: (0, {}, body[: len(body) // 2]),
    "noise": lambda body: (0, {}, bytes((byte * 7 + at) % 256 for at, byte in enumerate(body))),
    "huge": lambda body: (0, {}, body + b" " * 12_000_000),
    "wrong-encoding": lambda body: (0, {}, body + "信桥".encode("utf-16")),
}
