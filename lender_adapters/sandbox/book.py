"""The bank's own book: one SQLite file, one writer at a time, everything in one transaction per request.

Documents (a submission, an offer, a draw's account) are kept as JSON in their row; what is searched for has its own column and
index. The agenda says what is to be done on which day, so that asking “is anything due?” reads one index entry.

>>> book = Book(":memory:")
>>> with book.writing() as rows:
...     book.plan_for(date(2025, 1, 6), "decide", "app_1")
>>> book.next_day()
datetime.date(2025, 1, 6)
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from lender_adapters.port import Message, pack, unpack

SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS plans (uscc TEXT PRIMARY KEY, plan TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS applications (
  reference TEXT PRIMARY KEY, bank_reference TEXT NOT NULL UNIQUE, uscc TEXT NOT NULL, product TEXT NOT NULL,
  submission TEXT NOT NULL, digest TEXT NOT NULL, received_on TEXT NOT NULL, arrivals INTEGER NOT NULL DEFAULT 1,
  state TEXT NOT NULL, asked_documents INTEGER NOT NULL DEFAULT 0, kinds TEXT NOT NULL DEFAULT '[]', offer TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
  reference TEXT NOT NULL, digest TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL,
  taken_on TEXT NOT NULL, PRIMARY KEY (reference, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contracts (
  contract_no TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, limit_fen INTEGER NOT NULL, signed_on TEXT NOT NULL,
  expires_on TEXT NOT NULL, rate_bp INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS draws (
  draw_no TEXT PRIMARY KEY, reference TEXT NOT NULL, contract_no TEXT NOT NULL, uscc TEXT NOT NULL,
  account TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payments (
  payment_no TEXT PRIMARY KEY, draw_no TEXT NOT NULL, reference TEXT NOT NULL, paid_on TEXT NOT NULL, amount_fen INTEGER NOT NULL,
  expenses_fen INTEGER NOT NULL, penalty_fen INTEGER NOT NULL, interest_fen INTEGER NOT NULL, principal_fen INTEGER NOT NULL,
  source TEXT NOT NULL, outside_key TEXT UNIQUE) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
  seq INTEGER PRIMARY KEY, reference TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, told_on TEXT);
CREATE INDEX IF NOT EXISTS messages_by_reference ON messages (reference, seq);
CREATE INDEX IF NOT EXISTS messages_untold ON messages (seq) WHERE told_on IS NULL;
CREATE INDEX IF NOT EXISTS messages_by_day ON messages (told_on, seq);
CREATE TABLE IF NOT EXISTS agenda (
  seq INTEGER PRIMARY KEY, due_on TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, more TEXT);
CREATE INDEX IF NOT EXISTS agenda_by_day ON agenda (due_on, seq);
CREATE TABLE IF NOT EXISTS nonces (nonce TEXT PRIMARY KEY, seen_at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonces_by_age ON nonces (seen_at);
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, digest TEXT NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID;
"""


class Book:
    """`path` is a file, or `:memory:` for a book that lives as long as its object."""

    def __init__(self, path: str | Path) -> None:
        self._lock = threading.RLock()
        self._rows = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=10)
        self._rows.row_factory = sqlite3.Row
        # NORMAL in WAL survives the death of the process; only a power cut could lose the last moments of a made-up bank.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY"):
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.executescript(SCHEMA)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, alone; joins the one already open in this thread."""
        with self._lock:
            if self._rows.in_transaction:
                yield self._rows
                return
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                yield self._rows
            except BaseException:
                self._rows.execute("ROLLBACK")
                raise
            self._rows.execute("COMMIT")

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._rows.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        with self._lock:
            row: sqlite3.Row | None = self._rows.execute(sql, values).fetchone()
            return row

    def do(self, sql: str, *values: Any) -> int:
        """Run one statement; answers how many rows it changed."""
        with self._lock:
            return self._rows.execute(sql, values).rowcount

    def close(self) -> None:
        with self._lock:
            self._rows.close()

    # ------------------------------------------------------------ small things

    def state(self, name: str) -> str | None:
        row = self.one("SELECT value FROM state WHERE name = ?", name)
        return row["value"] if row else None

    def set_state(self, name: str, value: str) -> None:
        self.do("INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)

    @property
    def day(self) -> date | None:
        """The bank's business day; None before it was told one."""
        text = self.state("day")
        return date.fromisoformat(text) if text else None

    def number(self, series: str) -> int:
        """The next number of a series: 1, 2, 3 …"""
        count = int(self.state(f"series_{series}") or 0) + 1
        self.set_state(f"series_{series}", str(count))
        return count

    # ------------------------------------------------------------ agenda

    def plan_for(self, day: date, kind: str, key: str, **more: Any) -> None:
        self.do("INSERT INTO agenda (due_on, kind, key, more) VALUES (?, ?, ?, ?)", day.isoformat(), kind, key, dumps(more))

    def forget(self, kind: str, key: str) -> None:
        """Strike what was planned under this kind and key."""
        self.do("DELETE FROM agenda WHERE kind = ? AND key = ?", kind, key)

    def take_due(self, day: date) -> sqlite3.Row | None:
        """The first thing due on or before `day`, struck from the agenda."""
        row = self.one("SELECT * FROM agenda WHERE due_on <= ? ORDER BY due_on, seq LIMIT 1", day.isoformat())
        if row:
            self.do("DELETE FROM agenda WHERE seq = ?", row["seq"])
        return row

    def next_day(self) -> date | None:
        row = self.one("SELECT min(due_on) AS day FROM agenda")
        return date.fromisoformat(row["day"]) if row and row["day"] else None

    # ------------------------------------------------------------ messages

    def say(self, message: Message) -> None:
        """Keep a report; a bank that pushes or files sends it later, one that is polled answers from here."""
        self.do(
            "INSERT INTO messages (reference, kind, body) VALUES (?, ?, ?)",
            message.reference,
            type(message).__name__,
            dumps(pack(message)),
        )

    def said(self, reference: str, *kinds: str) -> tuple[Message, ...]:
        """Everything reported about an application, in order; only these kinds if any are named."""
        rows = self.all("SELECT kind, body FROM messages WHERE reference = ? ORDER BY seq", reference)
        return tuple(unpack(json.loads(row["body"])) for row in rows if not kinds or row["kind"] in kinds)

    def untold(self, limit: int = 1_000_000) -> list[tuple[int, Message]]:
        rows = self.all("SELECT seq, body FROM messages WHERE told_on IS NULL ORDER BY seq LIMIT ?", limit)
        return [(row["seq"], unpack(json.loads(row["body"]))) for row in rows]

    def told(self, upto: int, day: date) -> None:
        """Everything up to this message has been pushed or filed on `day`."""
        self.do("UPDATE messages SET told_on = ? WHERE told_on IS NULL AND seq <= ?", day.isoformat(), upto)

    def told_on(self, day: date) -> tuple[Message, ...]:
        rows = self.all("SELECT body FROM messages WHERE told_on = ? ORDER BY seq", day.isoformat())
        return tuple(unpack(json.loads(row["body"])) for row in rows)


def dumps(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
