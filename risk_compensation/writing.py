"""How bookings reach the tables, in as few statements as each make of database allows; `ledger` says when and why.

Written in: domain §6.4. The balance row moves first, by one conditional UPDATE, and is held until the transaction ends; the
journal takes the references; the entries follow. PostgreSQL does all three in one statement, so that a hot pool is held for one
round trip; SQLite in three. The texts are made once for each make.

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
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg

from backend.kit.words import Words
from risk_compensation.movements import FIGURES, Booking
from risk_compensation.tables import PoolBalance

Outcome = Literal["booked", "refused", "taken"]
"""`refused`: the condition does not hold, nothing was written. `taken`: the row has moved, but a reference was there before."""
BALANCES = cast(Table, PoolBalance.__table__)
_JOURNAL = ("reference", "pool", "effective_on", "written_on", "digest", "reverses", "words")
_ENTRY = ("reference", "pool", "debit", "credit", "amount_fen", "reason", "effective_on", "party", "loan")


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is sent: `order` names the parameters of `move` in their order where the driver counts them."""

    move: str
    order: tuple[str, ...] | None
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
        move = moving().compile(dialect=sqlite.dialect())
        marks = ", ".join("?" * len(_JOURNAL)), ", ".join("?" * len(_ENTRY))
        return _Texts(
            str(move),
            tuple(move.positiontup or ()),
            f"INSERT INTO pool_journal ({journal}) VALUES ({marks[0]}) ON CONFLICT (reference) DO NOTHING",  # noqa: S608  # column names of our own
            f"INSERT INTO pool_entries ({entry}) VALUES ({marks[1]})",  # noqa: S608
        )
    move_text = str(moving().compile(dialect=psycopg()))  # type: ignore[no-untyped-call]
    whole = f"""
WITH moved AS ({move_text} RETURNING pool_balances.pool),
taken AS (
  INSERT INTO pool_journal ({journal})
  SELECT r, %(for_pool)s, o, %(written_on)s::date, d, v, w::jsonb FROM moved,
    unnest(%(references)s::text[], %(days)s::date[], %(digests)s::text[], %(reversed)s::text[], %(words)s::text[])
    AS j (r, o, d, v, w)
  ON CONFLICT (reference) DO NOTHING RETURNING reference, effective_on
),
entered AS (
  INSERT INTO pool_entries ({entry})
  SELECT r, %(for_pool)s, debit, credit, fen, reason, effective_on, party, loan
  FROM unnest(%(of)s::text[], %(debits)s::text[], %(credits)s::text[], %(fen)s::bigint[], %(reasons)s::text[],
    %(parties)s::text[], %(loans)s::text[]) WITH ORDINALITY AS e (r, debit, credit, fen, reason, party, loan, place)
  JOIN taken ON taken.reference = r ORDER BY place
)
SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM taken)"""  # noqa: S608  # column names of our own
    return _Texts(move_text, None, whole, "")


def give_back(connection: Connection, pool: str, moved: Mapping[str, int]) -> None:
    """Undo a move of the balance row in the transaction that made it; closed periods and headroom do not stand in the way."""
    texts = _texts(connection.dialect.name)
    _run(connection, texts.move, _given(pool, {name: -fen for name, fen in moved.items()}, None, None), texts.order)


def _given(pool: str, moved: Mapping[str, int], times_bp: int | None, on: date | None) -> dict[str, Any]:
    return {"for_pool": pool, "times": times_bp, "day": on} | {f"d_{name}": fen for name, fen in moved.items()}


def _run(connection: Connection, text: str, given: dict[str, Any], order: tuple[str, ...] | None) -> Any:
    if order is None:
        return connection.exec_driver_sql(text, given)
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}
    return connection.exec_driver_sql(text, tuple(plain[name] for name in order))


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
    """Move the balance row by `moved` and write the bookings. After `taken` the caller undoes what was written."""
    given = _given(pool, moved, times_bp, on)
    if connection.dialect.name == postgresql.dialect.name:
        return _in_one(connection, pool, bookings, given | {"written_on": written_on})
    texts, written = _texts(connection.dialect.name), written_on.isoformat()
    if _run(connection, texts.move, given, texts.order).rowcount != 1:
        return "refused"
    rows = [
        (each.reference, pool, each.on.isoformat(), written, each.digest(pool), each.reverses, _words(each.words))
        for each in bookings
    ]
    if _many(connection, texts.journal, rows) != len(rows):
        return "taken"
    _many(
        connection,
        texts.entries,
        [
            (
                each.reference,
                pool,
                line.debit.value,
                line.credit.value,
                line.amount_fen,
                line.reason.value,
                each.on.isoformat(),
                line.party,
                line.loan,
            )
            for each in bookings
            for line in each.lines
        ],
    )
    return "booked"


def _many(connection: Connection, text: str, rows: list[tuple[Any, ...]]) -> int:
    if not rows:
        return 0
    return connection.exec_driver_sql(text, rows[0] if len(rows) == 1 else rows).rowcount


@lru_cache(maxsize=64)
def _words(words: Words) -> str:
    return json.dumps(words.as_dict(), ensure_ascii=False)


def _in_one(connection: Connection, pool: str, bookings: Sequence[Booking], given: dict[str, Any]) -> Outcome:
    lines = [(each.reference, line) for each in bookings for line in each.lines]
    given |= {
        "references": [each.reference for each in bookings],
        "days": [each.on for each in bookings],
        "digests": [each.digest(pool) for each in bookings],
        "reversed": [each.reverses for each in bookings],
        "words": [_words(each.words) for each in bookings],
        "of": [reference for reference, _ in lines],
        "debits": [line.debit.value for _, line in lines],
        "credits": [line.credit.value for _, line in lines],
        "fen": [line.amount_fen for _, line in lines],
        "reasons": [line.reason.value for _, line in lines],
        "parties": [line.party for _, line in lines],
        "loans": [line.loan for _, line in lines],
    }
    moved, taken = connection.exec_driver_sql(_texts(connection.dialect.name).journal, given).one()
    return "refused" if not moved else "booked" if taken == len(bookings) else "taken"
