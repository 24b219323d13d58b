"""The small sums every figure is made of. Pure.

>>> share_bp(1, 3), share_bp(1, 0)
(3333, None)
>>> weighted_bp([(Decimal(300), 100), (Decimal(400), 300)])
375.0
>>> percentile([1, 2, 3, 40], 50), percentile([1, 2, 3, 40], 90), percentile([], 50)
(2, 40, None)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Row = dict[str, Any]
OUTCOMES = ("approved", "declined", "withdrawn", "expired", "pending")


def share_bp(part: int, whole: int) -> int | None:
    """A share in basis points, half up; None of nothing."""
    return (2 * part * 10_000 + whole) // (2 * whole) if whole else None


def weighted_bp(pairs: Iterable[tuple[Decimal | int, int]]) -> float | None:
    """Σ(rate x amount) / Σ amount, to the hundredth of a basis point; None of nothing."""
    top, bottom = Decimal(0), 0
    for rate, amount in pairs:
        top, bottom = top + Decimal(rate) * amount, bottom + amount
    return float((top / bottom).quantize(Decimal("0.01"), ROUND_HALF_UP)) if bottom else None


def percentile(values: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile: a value that really occurred."""
    return sorted(values)[(len(values) * percent + 99) // 100 - 1] if values else None


def month_of(day: date) -> str:
    """YYYY-MM."""
    return f"{day:%Y-%m}"


def months(first: date, last: date) -> list[date]:
    """The last day of each month from the first day's to the last day's; of the last month, the last day itself."""
    found, month = [], first.year * 12 + first.month - 1
    while month < last.year * 12 + last.month - 1:
        month += 1
        found.append(date.fromordinal(date(month // 12, month % 12 + 1, 1).toordinal() - 1))
    return [*found, last]


def grouped(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Things by key, keys in order."""
    found: dict[K, list[T]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return {each: found[each] for each in sorted(found)}  # type: ignore[type-var]  # the keys used here are text or tuples of it


def counted(things: Sequence[Any], outcomes: Sequence[str] = OUTCOMES) -> Row:
    """How many were submitted, and how many ended in each way."""
    return {"submitted": len(things)} | {name: sum(1 for each in things if each.outcome == name) for name in outcomes}
