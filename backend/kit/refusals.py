"""What a database's error means to whoever asked: done by another a moment ago, busy, away, a value it cannot hold, or broken.

What the driver says is never shown and never logged: PostgreSQL's DETAIL holds the failing row itself, a password's hash
included, and that text comes through even where SQLAlchemy hides its own parameters. `told` is what a log may hold.

>>> told(ValueError("secret"))
'ValueError'
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from traceback import extract_tb

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.kit.errors import Busy, Conflict, CreditBridgeError, Invalid, Unreachable
from backend.kit.words import Words

AT_ONCE = Words(
    "刚刚有人同时办理了同一件事，请刷新后再看。",
    "somebody did the same a moment ago; look again before you go on",
)
CANNOT_HOLD = Words(
    "有一个值过大、过长或含有无法保存的字符", "a value is too large, too long, or holds a character that cannot be kept"
)
BUSY = Words("此刻办理的人太多，请稍后再试", "too many are at it just now; please try again in a moment")

# What two at once may break: unique, foreign key, check, exclusion. A missing value (23502) is our own mistake.
_AT_ONCE = ("23505", "23503", "23514", "23P01", "23001")
# Serialization, deadlock, lock timeout, statement cancelled, too many connections, a server that is only starting.
_BUSY = ("40001", "40P01", "40003", "55P03", "57014", "53300")
_AWAY = ("08", "57P")
_SQLITE_AT_ONCE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_FOREIGNKEY",
                   "SQLITE_CONSTRAINT_CHECK", "SQLITE_CONSTRAINT_ROWID")  # fmt: skip
_SQLITE_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_SQLITE_AWAY = ("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_PROTOCOL")


def lawful(error: BaseException) -> CreditBridgeError | None:
    """The answer that a database's error deserves; None where it is a mistake of ours."""
    if isinstance(error, PoolTimeout):
        return Busy(BUSY)
    if isinstance(error, (OverflowError, UnicodeEncodeError)) and _from_driver(error):
        return Invalid("", CANNOT_HOLD, code="cannot_be_kept")  # SQLite's driver and psycopg refuse these before they ask
    if not isinstance(error, DBAPIError):
        return None
    code = code_of(error)
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error, code)
    if code in _AT_ONCE:
        return Conflict(AT_ONCE, code="at_once")
    if code in _BUSY:
        return Busy(BUSY)
    if code.startswith("22") or (not code and type(error).__name__ == "DataError"):
        return Invalid("", CANNOT_HOLD, code="cannot_be_kept")
    if error.connection_invalidated or code.startswith(_AWAY) or (not code and isinstance(error, OperationalError)):
        return Unreachable("the database does not answer")
    return None


def _of_sqlite(error: DBAPIError, code: str) -> CreditBridgeError | None:
    if isinstance(error, IntegrityError):
        return Conflict(AT_ONCE, code="at_once") if code in _SQLITE_AT_ONCE else None
    if code.startswith(_SQLITE_BUSY):
        return Busy(BUSY)
    if code.startswith("SQLITE_TOOBIG"):
        return Invalid("", CANNOT_HOLD, code="cannot_be_kept")
    return Unreachable("the database does not answer") if code.startswith(_SQLITE_AWAY) else None


def _from_driver(error: BaseException) -> bool:
    """Whether it was raised while SQLAlchemy was handing values to its driver."""
    return any("sqlalchemy" in Path(frame.filename).parts for frame in extract_tb(error.__traceback__))


def code_of(error: DBAPIError) -> str:
    """PostgreSQL's SQLSTATE, or SQLite's name of the error; empty where the driver itself refused."""
    orig = error.orig
    found = orig.sqlite_errorname if isinstance(orig, sqlite3.Error) and hasattr(orig, "sqlite_errorname") else None
    return str(found or getattr(orig, "sqlstate", None) or "")


def told(error: BaseException) -> str:
    """What a log may hold of an error: its kind, and of a database's its code and the constraint's name. Never its words."""
    if not isinstance(error, DBAPIError):
        return type(error).__name__
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return " ".join(filter(None, (type(error).__name__, code_of(error), constraint)))


def where(error: BaseException, most: int = 6) -> list[str]:
    """The last frames of ours in which it happened, and the very last: file, line, function; no line of code, no value."""
    root = Path(__file__).parents[2]
    frames = extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).is_relative_to(root) and "site-packages" not in each.filename]
    shown = ours[-most:] + [each for each in frames[-1:] if each not in ours]
    return [f"{'/'.join(Path(each.filename).parts[-3:])}:{each.lineno} {each.name}" for each in shown]
