"""What has changed lately: the last three whole months beside the same three a year earlier, bills unpaid now. Pure.

Early warning looks at these (domain §8); a year's sum moves too late. A month counts once it is over, and a change is only said
when every month of both sides was delivered, except for invoices: a month without any is a month without sales.

>>> windows(date(2025, 4, 21))
((datetime.date(2025, 1, 1), datetime.date(2025, 4, 1)), (datetime.date(2024, 1, 1), datetime.date(2024, 4, 1)))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from backend.kit.calendar import add_months

Window = tuple[date, date]
MONTHS = 3
FLOOR_FEN = 100_000
"""A quarter below 1,000 yuan a year ago is too little to say by how much it changed."""


def windows(day: date) -> tuple[Window, Window]:
    """The last three whole months before `day`, and the same three a year earlier; the end is not included."""
    end = day.replace(day=1)
    start = add_months(end, -MONTHS)
    return (start, end), (add_months(start, -12), add_months(end, -12))


def change_bp(now: int, before: int) -> int:
    """By how much, in basis points of what was.

    >>> change_bp(70, 100), change_bp(0, 100)
    (-3000, -10000)
    """
    return max(-(10**9), min(10**9, (now - before) * 10_000 // before))


def sum_change_bp(now: Sequence[int], before: Sequence[int], *, floor: int) -> int | None:
    """Change of a monthly figure; None unless all months of both sides are there and it was at least `floor` before."""
    if len(now) != MONTHS or len(before) != MONTHS or sum(before) < max(1, floor):
        return None
    return change_bp(sum(now), sum(before))


def unpaid_days(bills: Iterable[Mapping[str, Any]], day: date) -> int:
    """Days since the oldest bill was due that is not paid on `day`."""
    open_: list[date] = [bill["due_on"] for bill in bills if bill.get("due_on") and (bill.get("paid_on") or day) >= day]
    return max(0, (day - min(open_)).days) if open_ else 0
