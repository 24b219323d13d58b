"""How bookings reach the tables, in as few statements as each make of database allows; `ledger` says when and why.

Written in: domain §6.4. The balance row moves first, by one conditional UPDATE, and is held until the transaction ends; the
journal takes the references; the entries follow. PostgreSQL does all three in one statement, so that a hot pool is held for one
round trip; SQLite in three. The texts are made once for each make.

They are executed on a cursor of the driver, inside the session's transaction: with SQLAlchemy's own execution a statement costs
several times what it costs the database. What the driver refuses comes out as SQLAlchemy's errors all the same.

>>> "ON CONFLICT" in _texts("sqlite").journal
True
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, Literal, cast

from sqlalchemy import BigInteger, Connection, Date, Table, Update, bindparam, literal_column, or_, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg

from backend.kit.database import driver_error
from backend.kit.words import Words
from risk_compensation.ledger.movements import FIGURES, Booking
from risk_compensation.tables import PoolBalance

Outcome = Literal["booked", "refused", "taken"]
"""`refused`: the condition does not hold. `taken`: a reference was there before. After either nothing is written."""
BALANCES = cast(Table, PoolBalance.__table__)
_JOURNAL = ("reference", "pool", "effective_on", "written_on", "digest", "reverses", "words")
_ENTRY = ("reference", "pool", "debit", "credit", "amount_fen", "reason", "effective_on", "party", "loan")
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is sent: to PostgreSQL all three in `journal`; `move` by itself gives back what was moved."""

    move: str
    journal: str
    entries: str


def moving() -> Update:
    """The conditional UPDATE of the balance row: cash, promises, headroom and closed periods must allow what comes after it."""
    row = BALANCES.c
    after = {name: row[name] + bindparam(f"d_{name}", type_=BigInteger) for name, _ in FIGURES.values()}
    times, day = bindparam("times", type_=BigInteger), bindparam("day", type_=Date)
    promised = (after["commitments_fen"] + after["reserved_fen"]) * literal_column("10000", BigInteger)
    nothing = literal_column("0", BigInteger)
    return (
        update(BALANCES)
        .where(
            row.pool == bindparam("for_pool"),
            after["approved_fen"] >= nothing,
            after["cash_fen"] >= after["approved_fen"],
            after["commitments_fen"] >= nothing,
            after["reserved_fen"] >= nothing,
            or_(times.is_(None), after["cash_fen"] * times >= promised),
            or_(day.is_(None), row.closed_until.is_(None), row.closed_until < day),
        )
        .values(after)
    )


@cache
def _texts(make: str) -> _Texts:
    journal, entry = ", ".join(_JOURNAL), ", ".join(_ENTRY)
    if make == sqlite.dialect.name:
        marks = ", ".join("?" * len(_JOURNAL)), ", ".join("?" * len(_ENTRY))
        return _Texts(
            str(moving().compile(dialect=sqlite.dialect(paramstyle="named"))),
            f"INSERT INTO pool_journal ({journal}) VALUES ({marks[0]}) ON CONFLICT (reference) DO NOTHING",  # noqa: S608  # column names of our own
            f"INSERT INTO pool_entries ({entry}) VALUES ({marks[1]})",  # noqa: S608
        )
    move_text = str(moving().compile(dialect=psycopg()))  # type: ignore[no-untyped-call]
    # The rows travel as two JSON texts: one text of SQL for one booking and for thousands, which the server prepares once; the
    # driver would write down twelve arrays value by value.
    whole = f"""
WITH moved AS ({move_text} RETURNING pool_balances.pool),
taken AS (
  INSERT INTO pool_journal ({journal})
  SELECT reference, pool, effective_on, %(written_on)s::date, digest, reverses, words
  FROM moved, json_to_recordset(%(journal)s::json)
    AS j (reference text, effective_on date, digest text, reverses text, words jsonb)
  ON CONFLICT (reference) DO NOTHING RETURNING reference, effective_on
),
entered AS (
  INSERT INTO pool_entries ({entry})
  SELECT reference, %(for_pool)s, debit, credit, amount_fen, reason, effective_on, party, loan
  FROM taken JOIN json_to_recordset(%(entries)s::json) AS e
    (place bigint, reference text, debit text, credit text, amount_fen bigint, reason text, party text, loan text)
    USING (reference)
  ORDER BY place
)
SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM taken)"""  # noqa: S608  # column names of our own
    return _Texts(move_text, whole, "")


def write(
    connection: Connection,
    pool: str,
    bookings: Sequence[Booking],
    *,
    moved: Mapping[str, int],
    times_bp: int | None,
    on: date,
    written_on: date,
) -> Outcome:
    """Move the balance row by `moved` and write the bookings, all of them or nothing."""
    make, many = connection.dialect.name, len(bookings) > 1
    texts, way = _texts(make), _in_three if make == sqlite.dialect.name else _in_one
    cursor = connection.connection.cursor()
    try:
        if many:
            cursor.execute("SAVEPOINT bookings")
        told = way(cursor, texts, bookings, pool, _given(pool, moved, times_bp, on), written_on)
        if many:
            if told != "booked":
                cursor.execute("ROLLBACK TO SAVEPOINT bookings")
            cursor.execute("RELEASE SAVEPOINT bookings")
        elif told == "taken":
            # Of one booking only the balance row has moved: back it goes, whatever headroom and closed periods say by now.
            cursor.execute(texts.move, _given(pool, {name: -fen for name, fen in moved.items()}, None, None))
    except connection.dialect.loaded_dbapi.Error as fault:
        raise driver_error(connection, cursor, fault) from fault
    finally:
        cursor.close()
    return told


def _given(pool: str, moved: Mapping[str, int], times_bp: int | None, on: date | None) -> dict[str, Any]:
    """The parameters of `moving`. A day as text is a day to both makes."""
    given: dict[str, Any] = {"for_pool": pool, "times": times_bp, "day": on and on.isoformat()}
    for name, fen in moved.items():
        given[f"d_{name}"] = fen
    return given


def _in_three(
    cursor: Any, texts: _Texts, bookings: Sequence[Booking], pool: str, given: dict[str, Any], written_on: date
) -> Outcome:
    cursor.execute(texts.move, given)
    if cursor.rowcount != 1:
        return "refused"
    written, days = written_on.isoformat(), {each.on: each.on.isoformat() for each in bookings}
    cursor.executemany(
        texts.journal,
        [
            (each.reference, pool, days[each.on], written, each.digest(pool), each.reverses, _words(each.words))
            for each in bookings
        ],
    )
    if cursor.rowcount != len(bookings):
        return "taken"
    # `str` gives the driver plain text: what it must ask for its text (an enumeration's member) costs it several times as much.
    cursor.executemany(
        texts.entries,
        [
            (
                each.reference,
                pool,
                str(line.debit),
                str(line.credit),
                line.amount_fen,
                str(line.reason),
                days[each.on],
                line.party,
                line.loan,
            )
            for each in bookings
            for line in each.lines
        ],
    )
    return "booked"


@lru_cache(maxsize=64)
def _words(words: Words) -> str:
    return json.dumps(words.as_dict(), ensure_ascii=False)


def _in_one(
    cursor: Any, texts: _Texts, bookings: Sequence[Booking], pool: str, given: dict[str, Any], written_on: date
) -> Outcome:
    journal = [
        {
            "reference": each.reference,
            "effective_on": each.on,
            "digest": each.digest(pool),
            "reverses": each.reverses,
            "words": each.words.as_dict(),
        }
        for each in bookings
    ]
    lines = [(each.reference, line) for each in bookings for line in each.lines]
    entries = [
        {
            "place": place,
            "reference": reference,
            "debit": line.debit,
            "credit": line.credit,
            "amount_fen": line.amount_fen,
            "reason": line.reason,
            "party": line.party,
            "loan": line.loan,
        }
        for place, (reference, line) in enumerate(lines)
    ]
    cursor.execute(texts.journal, given | {"written_on": written_on, "journal": _json(journal), "entries": _json(entries)})
    moved, taken = cursor.fetchone()
    return "refused" if not moved else "booked" if taken == len(bookings) else "taken"
