"""Facts under seal. What is public stays readable in its row; the value and the doubts of any other fact are sealed together.

The seal is bound to the whole place of the fact: its number, firm, code, item and both days. A ciphertext put into another row,
or a row that is given to another firm, another item or another day, does not open, and neither does a value written down in
clear (domain §3.5: no use beyond what was consented to).

>>> is_sealed("sales_12m_fen"), is_sealed("bnk_max_dpd"), is_sealed("region")
(True, True, False)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.credit_data.tables import FactRow
from backend.kit.crypto import Sealer
from backend.kit.errors import Fault
from backend.kit.policy import canonical
from backend.vocabulary.facts import definitions, items


class Kept(Protocol):
    """What a row must bring to be opened."""

    @property
    def seq(self) -> int: ...
    @property
    def firm_id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def known_on(self) -> date: ...
    @property
    def as_of(self) -> date: ...
    @property
    def value(self) -> Any: ...
    @property
    def sealed(self) -> bytes | None: ...
    @property
    def doubts(self) -> Any: ...


def is_sealed(code: str) -> bool:
    """Whether this fact is kept under seal. Asked of the definition, never of the row."""
    return items()[definitions()[code].item].access != "P"


def place(seq: int, firm_id: str, code: str, item: str, known_on: date, as_of: date) -> str:
    """Where a fact stands, in full."""
    return f"facts|{seq}|{firm_id}|{code}|{item}|{known_on.isoformat()}|{as_of.isoformat()}"


def closed(row: dict[str, Any], sealer: Sealer) -> dict[str, Any]:
    """A row of plain `value` and `doubts` as it is inserted."""
    if not is_sealed(row["code"]):
        return row | {"sealed": None}
    body = canonical([row["value"], row["doubts"]])
    where = place(*(row[name] for name in ("seq", "firm_id", "code", "item", "known_on", "as_of")))
    return row | {"value": None, "doubts": [], "sealed": sealer.seal(body, place=where)}


def opened(row: Kept, sealer: Sealer) -> tuple[Any, tuple[str, ...]]:
    """Value and doubts of a row. Fault (`seal`) when it was moved, altered, or stands there in clear against its definition."""
    if not is_sealed(row.code):
        return row.value, tuple(row.doubts or ())
    if not row.sealed:
        raise Fault(f"fact {row.seq} ({row.code}) is not under seal", code="seal")
    where = place(row.seq, row.firm_id, row.code, row.item, row.known_on, row.as_of)
    value, doubts = json.loads(sealer.open(row.sealed, place=where))
    return value, tuple(doubts)


def next_numbers(session: Session, count: int) -> Sequence[int]:
    """Numbers for new facts: a seal must know its own before the row is written. SQLite has one writer; PostgreSQL a sequence."""
    if session.get_bind().dialect.name == "postgresql":
        query = text("SELECT nextval(pg_get_serial_sequence('facts', 'seq')) FROM generate_series(1, :count)")
        return list(session.scalars(query, {"count": count}))
    last = session.scalar(select(func.max(FactRow.seq))) or 0
    return range(last + 1, last + 1 + count)
