"""What the callers of `benchmarks/doors.py` hold in hand: a connection that stays open, and the departments' records."""

from __future__ import annotations

import http.client
import json
import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import Any

# A server closes a connection on which nothing was said for five seconds: while the other clone is measured, that is soon so.
IDLE_SECONDS = 2.0


class Line:
    """One connection that stays open, while it is spoken on."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.spoken = 0.0

    def ask(self, method: str, path: str, body: Any = None, token: str = "", **headers: str) -> Any:
        """One call that must succeed."""
        head = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        head |= {name.replace("_", "-"): value for name, value in headers.items()}
        if time.monotonic() - self.spoken > IDLE_SECONDS:
            self.connection.close()  # the next request opens it anew
        self.connection.request(method, path, json.dumps(body) if body is not None else None, head)
        answer = self.connection.getresponse()
        said = answer.read()
        self.spoken = time.monotonic()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {said.decode(errors='replace')[:500]}")
        return json.loads(said) if said else None


class Departments:
    """The departments' exchange database, as the stage's sound firm needs it."""

    def __init__(self, path: Path, today: date) -> None:
        self.today = today
        self.connection = sqlite3.connect(path, isolation_level=None)
        columns = "id INTEGER PRIMARY KEY, source TEXT, uscc TEXT, delivered_on TEXT, kind TEXT, payload TEXT"
        self.connection.execute(f"CREATE TABLE records ({columns})")

    def delivered(self, uscc: str, source: str, kind: str, payload: dict[str, Any]) -> None:
        row = (source, uscc, self.today.isoformat(), kind, json.dumps(payload, ensure_ascii=False))
        self.connection.execute("INSERT INTO records (source, uscc, delivered_on, kind, payload) VALUES (?, ?, ?, ?, ?)", row)
