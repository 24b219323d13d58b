"""A line to one server that stays open: many small calls a day, one after another. Whoever shares it shares no cookies."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: the status, and the body as JSON where there is one."""

    status: int
    body: Any


class Line:
    """One connection, for one thread at a time; opened again when the other side has hung up."""

    def __init__(self, url: str, timeout: float = 300) -> None:
        self.url = url
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Heard:
        """One call with JSON both ways. A body that is not JSON is answered as text."""
        sent = dict(headers or {})
        data = None
        if body is not None:
            data, sent["content-type"] = json.dumps(body).encode(), "application/json"
        answer = self._exchange(method, path, data, sent)
        text = answer.read()
        try:
            return Heard(answer.status, json.loads(text) if text else None)
        except ValueError:
            return Heard(answer.status, text.decode(errors="replace"))

    def _exchange(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        try:
            self._connection.request(method, path, data, headers)
            return self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # An idle line was closed before it took anything: nothing was done yet.
            self._connection.close()
            self._connection.request(method, path, data, headers)
            return self._connection.getresponse()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
