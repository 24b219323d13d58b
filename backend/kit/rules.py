"""Rules of the form *one*, *at most*, *not after*, *only in state*: written down as data, with what holds each.

Each room names its rules in its `rules.py`. `put` is the one way in which a state column is written: it names the rule that
allows the change, and refuses to write where the lock that holds the rule has not been taken. `tests/house` refuses any other
writing of a state column, raw SQL included; `tests/concurrency` plays each rule with callers at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kit import locks
from backend.kit.errors import Answer
from backend.kit.words import Words


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `held_by`: `lock KIND` of `locks.ORDER`, or `constraint NAME` of the schema; `test`: where it is played."""

    name: str
    says: Words
    held_by: tuple[str, ...]
    test: str

    @property
    def locks(self) -> tuple[str, ...]:
        return tuple(each.removeprefix("lock ") for each in self.held_by if each.startswith("lock "))


class NotHeld(RuntimeError):
    """A state was to be written without the lock that holds its rule: a fault of ours, not of the caller."""


def put(session: Session, row: Any, column: str, value: Any, *, rule: Rule) -> None:
    """Write one state column of a row, under the lock that holds the rule; a row that is new in here is nobody else's yet."""
    if inspect(row).persistent:
        missing = [kind for kind in rule.locks if not locks.holds(session, kind)]
        if missing:
            raise NotHeld(f"{type(row).__name__}.{column} is written without the lock of {rule.name}: {', '.join(missing)}")
    setattr(row, column, value)


def values(rule: Rule, **columns: Any) -> dict[str, Any]:
    """The columns of a statement that writes a state in SQL, the condition standing in the statement itself: names its rule."""
    assert rule.held_by, rule.name
    return columns


@contextmanager
def once(session: Session, otherwise: Answer) -> Iterator[None]:
    """Write what a constraint lets stand only once: who comes second, at the same moment, is given this lawful answer.

    Nothing of what was written inside is kept then, and the transaction goes on.
    """
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as taken:
        if not _stands_already(taken):
            raise
        raise otherwise from taken


def _stands_already(error: IntegrityError) -> bool:
    """Whether a key or a unique constraint refused, and not a row that is missing elsewhere or a number out of bounds."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return code in ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
