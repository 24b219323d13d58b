"""One lock or constraint taken away, to show that somebody notices.

`constraint:NAME` drops that constraint or unique index in the database of the play. `lock:MODULE:FUNCTION` lets what that
function, or whatever it calls, asks for be read without FOR UPDATE and without an advisory lock, in the server's own process: the
statement is changed on its way to the driver. The order of locks is kept as it was.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, Engine, event, text

_ROWS = re.compile(r"\s+FOR (NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)(\s+OF \w+)*(\s+(NOWAIT|SKIP LOCKED))?", re.IGNORECASE)
_ADVISORY = re.compile(r"pg_(try_)?advisory_xact_lock(_shared)?\s*\(", re.IGNORECASE)
TAKEN = "taken away: "


def without_locks(statement: str) -> str:
    """The same statement, holding nothing.

    >>> without_locks("SELECT id FROM firms WHERE id = 1 FOR NO KEY UPDATE")
    'SELECT id FROM firms WHERE id = 1'
    >>> without_locks("SELECT pg_advisory_xact_lock(hashtextextended('a', 0))")
    "SELECT num_nulls(hashtextextended('a', 0))"
    """
    return _ADVISORY.sub("num_nulls(", _ROWS.sub("", statement))


def matches(removal: str, callers: Sequence[tuple[str, str]]) -> bool:
    """Whether a `lock:` removal means a statement with these callers (module, function).

    >>> matches("lock:backend.a:f", [("backend.kit.locks", "hold"), ("backend.a", "f"), ("backend.b", "g")])
    True
    >>> matches("lock:backend.a:g", [("backend.a", "f"), ("backend.b", "g")])
    False
    """
    _, module, function = removal.split(":")
    return (module, function) in callers


def _callers() -> list[tuple[str, str]]:
    """Who of ours asks, the nearest first."""
    found, frame = [], sys._getframe(2)
    at: FrameType | None = frame
    while at is not None:
        module = at.f_globals.get("__name__", "")
        if module.startswith("backend.") or module.startswith("risk_compensation."):
            found.append((module, at.f_code.co_name))
        at = at.f_back
    return found


def install(engine: Engine, removals: Sequence[str], said: Path) -> None:
    """In the server: from now on these locks are not taken. The first time each is left out is told in the server's log."""
    wanted = [each for each in removals if each.startswith("lock:")]
    if not wanted:
        return
    told: set[str] = set()

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def unlocked(_: Connection, __: Any, statement: str, parameters: Any, *rest: Any) -> tuple[str, Any]:
        if _ROWS.search(statement) or _ADVISORY.search(statement):
            callers = _callers()
            found = next((each for each in wanted if matches(each, callers)), None)
            if found is not None:
                if found not in told:
                    told.add(found)
                    with said.open("a") as log:
                        log.write(f"{TAKEN}{found}\n")
                return without_locks(statement), parameters
        return statement, parameters


def drop(engine: Engine, removal: str) -> None:
    """`constraint:NAME`: the constraint or unique index goes, on PostgreSQL. LookupError if there is none of that name."""
    name = removal.removeprefix("constraint:")
    with engine.begin() as connection:
        table = connection.scalar(
            text("SELECT conrelid::regclass::text FROM pg_constraint WHERE conname = :name"), {"name": name}
        )
        if table is not None:
            connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE'))
            return
        index = connection.scalar(text("SELECT 1 FROM pg_class WHERE relname = :name AND relkind = 'i'"), {"name": name})
        if index is None:
            raise LookupError(f"this database has no constraint and no index {name}")
        connection.execute(text(f'DROP INDEX "{name}"'))
