"""Departments repeat and contradict themselves: for one named record the latest delivery wins, and the doubt is noted.

This is the second of the five steps 清洗、比对、关联、同步、分发 (domain §1 no. 36 [S2]).

>>> older = ("k",), date(2025, 1, 1), {"sales": 1}
>>> newer = ("k",), date(2025, 2, 1), {"sales": 2}
>>> [(fields["sales"], doubts) for fields, _, doubts in compared([newer, older])]
[(2, ('contradictory records',))]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

CONTRADICTORY = "contradictory records"

Named = tuple[tuple[Any, ...], date, Mapping[str, Any]]


def compared(records: Iterable[Named]) -> list[tuple[Mapping[str, Any], date, tuple[str, ...]]]:
    """One (fields, delivered_on, doubts) per name, in the order of the names' first arrival."""
    best: dict[tuple[Any, ...], tuple[Mapping[str, Any], date, tuple[str, ...]]] = {}
    for name, delivered_on, fields in sorted(records, key=lambda record: record[1]):
        before = best.get(name)
        repeats = before is None or before[0] == fields
        best[name] = (fields, delivered_on, (before[2] if before else ()) if repeats else (CONTRADICTORY,))
    return list(best.values())
