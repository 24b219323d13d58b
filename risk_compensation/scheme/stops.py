"""When something stops. Written in: domain §6.3 (ratios to be defined explicitly), §6.1 (what each published rule divides).

>>> months_before(date(2025, 3, 31), 1)
datetime.date(2025, 2, 28)
"""

from __future__ import annotations

from datetime import date


def months_before(day: date, months: int) -> date:
    """The day so many months earlier (never later than the 28th)."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, min(day.day, 28))
