"""Borrowers of a town month by month: what the platform would know of each on every sweep day, and when it first fell behind.

Facts go the platform's own way (records as delivered by that day, cleaned, compared, distilled); invoices are cut into books once
per record, because they are most of the work. The loan is one like in `sample.py`; its fate is the economy's truth. Nothing here
knows a threshold or a colour.

>>> told = list(watch(8601, 12, date(2025, 1, 10), months=2))
>>> [day.isoformat() for day in told[0].facts]
['2025-01-10', '2025-01-21', '2025-02-21']
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from backend.credit_data import compare, invoices, records
from backend.credit_data.distil import Record, Value, distil
from backend.credit_data.model import Fact
from backend.kit.calendar import add_months
from backend.town.city import Town, build
from backend.town.fortune import stream
from backend.town.records import of_firm
from backend.vocabulary.facts import definitions, items

SWEEP_ON = 21
LOAN_MONTHS = 12
# What early warning never asks for, left out to be quick.
UNASKED = frozenset({"DAT01", "DAT02", "DAT03", "WAT01", "HPF01", "PEN01", "REA01"})


@dataclass(frozen=True)
class Borrower:
    """A firm: what was known of it on the day of the draw and on each sweep day after, and what became of its loan.

    `first_overdue` is the day after the first instalment that was never paid; None when all were. `borrows` is False for a firm
    that is only tied to a borrower: its facts are the public ones.
    """

    seed: int
    number: int
    uscc: str
    borrows: bool
    drawn_on: date
    ends_on: date
    first_overdue: date | None
    facts: Mapping[date, Mapping[str, Fact]]


def watch(
    seed: int, size: int, drawn_on: date, *, months: int = LOAN_MONTHS + 1, downturn: date | None = None
) -> Iterator[Borrower]:
    """Every firm that trades on that day and has opened something, as a borrower; and those tied to one, as neighbours."""
    town = build(seed, size, downturn=downturn)
    rng = stream(seed, "watch")
    month = (drawn_on.year - 2023) * 12 + drawn_on.month - 1
    year = town.economy.sales_fen[:, month - 12 : month].sum(axis=1)
    amounts = np.maximum(1_000_000, (year * rng.uniform(0.04, 0.12, size)).astype(np.int64))
    fates = town.economy.fates(amounts, amounts * 1025 // 12_000, drawn_on, LOAN_MONTHS)
    days = [drawn_on, *_sweep_days(drawn_on, months)]
    ends = add_months(drawn_on, LOAN_MONTHS)
    for firm, plan, fate in zip(town.firms, town.plans, fates, strict=True):
        borrows = bool(plan.items) and bool(town.economy.sales_fen[firm.number, month - 3 : month].any())
        if not borrows and not (town.ties.get(firm.number) or town.guarantees.get(firm.number)):
            continue
        overdue = None if fate.pays_all else add_months(drawn_on, fate.instalments + 1) + timedelta(days=1)
        facts = _told(town, firm.number, plan.items if borrows else (), days)
        yield Borrower(seed, firm.number, firm.uscc, borrows, drawn_on, ends, overdue, facts)


def _sweep_days(after: date, months: int) -> list[date]:
    first = after.replace(day=SWEEP_ON) if after.day < SWEEP_ON else add_months(after.replace(day=1), 1).replace(day=SWEEP_ON)
    return [add_months(first, n) for n in range(months)]


def _told(town: Town, number: int, authorised: Iterable[str], days: list[date]) -> dict[date, dict[str, Fact]]:
    """What is known on each of those days."""
    opened = ({code for code, item in items().items() if item.access == "P"} | set(authorised)) - UNASKED
    named: list[compare.Named] = []
    books: list[tuple[str, date, invoices.Book]] = []
    key = town.firms[number].uscc
    for source, uscc, kind, delivered_on, fields in of_firm(town, number, days[-1]):
        if uscc != key or records.SHAPES[source, kind].item not in opened:
            continue
        cleaned, _ = records.read(source, kind, json.loads(json.dumps(fields)))
        if cleaned is None:
            continue
        if source == "invoices":
            book, _ = invoices.read(cleaned.get("rows") or [], days[-1])
            books.append((str(cleaned["period"]), delivered_on, book))
        else:
            named.append((records.key_of(source, kind, cleaned), delivered_on, cleaned))
    named.sort(key=lambda entry: entry[1])
    return {day: _known(named, books, opened, day) for day in days}


def _known(
    named: list[compare.Named], books: list[tuple[str, date, invoices.Book]], opened: set[str], day: date
) -> dict[str, Fact]:
    delivered = [entry for entry in named if entry[1] <= day]
    names = list(dict.fromkeys(entry[0] for entry in delivered))
    kept = [
        Record(name[0], name[1], fields, delivered_on, doubts)
        for name, (fields, delivered_on, doubts) in zip(names, compare.compared(delivered), strict=True)
    ]
    found: dict[str, Value] = dict(distil(kept, day, delivered=opened))
    latest = {period: book for period, delivered_on, book in books if delivered_on <= day}
    if latest:
        found |= {code: Value(value, day) for code, value in invoices.facts(_joined(list(latest.values())), day).items()}
    return {code: _fact(code, value) for code, value in found.items()}


def _joined(books: list[invoices.Book]) -> invoices.Book:
    """Several months as one book. Partners keep their numbers of the month: nobody counts them here."""
    parts: list[Any] = [np.concatenate([getattr(b, name) for b in books]) for name in ("day", "out", "net", "valid", "partner")]
    return invoices.Book(*parts)


def _fact(code: str, value: Value) -> Fact:
    definition = definitions()[code]
    return Fact(code, value.value, definition.unit, value.as_of, definition.source, None, value.doubts)
