"""A cleaned record, a distilled value, and how records are chosen by day and period: shared by everything that distils. Pure.

>>> day = date(2025, 4, 21)
>>> [r.fields["period"] for r in months([Record("tax", "filing", {"period": p}, day) for p in ("2025-04", "2025-03")], day)]
['2025-03']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Record:
    """One cleaned record."""

    source: str
    kind: str
    fields: Mapping[str, Any]
    delivered_on: date
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """What distilling says of one fact."""

    value: Any
    as_of: date
    doubts: tuple[str, ...] = ()


Found = dict[str, Value]


def latest(records: Iterable[Record]) -> Record | None:
    """The record that was delivered last."""
    return max(records, key=lambda record: record.delivered_on, default=None)


def doubts(records: Iterable[Record]) -> tuple[str, ...]:
    """Every doubt of these records, once."""
    return tuple(sorted({doubt for record in records for doubt in record.doubts}))


def within(records: Iterable[Record], name: str, day: date) -> list[Record]:
    """The records whose day lies in the year that ends with `day`."""
    return [record for record in records if record.fields.get(name) and day - YEAR < record.fields[name] <= day]


def months(records: Iterable[Record], day: date, *, back: int = 12, skip: int = 0) -> list[Record]:
    """The records of the last `back` whole months before the day's month, `skip` months earlier."""
    last = day.year * 12 + day.month - 1 - skip
    wanted = {
        f"{month // 12 if month % 12 else month // 12 - 1}-{month % 12 or 12:02d}" for month in range(last - back + 1, last + 1)
    }
    return sorted((r for r in records if r.fields.get("period") in wanted), key=lambda record: str(record.fields["period"]))
