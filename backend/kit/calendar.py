"""Working days in mainland China, from dated holiday files (`holidays/<year>.yaml`).

The State Council's yearly notice (节假日安排) names days off and weekend days that are worked. A day outside the files is an
error, not a guess: next year's notice appears late in this one.

>>> is_working_day(date(2025, 10, 1))
False
>>> add_working_days(date(2025, 9, 29), 5)
datetime.date(2025, 10, 13)
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from backend.kit.errors import Misconfigured
from backend.kit.policy import Source, Strict, load

FOLDER = Path(__file__).parent / "holidays"


class HolidayYear(Strict):
    """One year's notice: days off that would be worked, weekend days that are worked."""

    year: int
    source: Source
    days_off: tuple[date, ...]
    worked_weekends: tuple[date, ...]


@cache
def _year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    path = FOLDER / f"{year}.yaml"
    if not path.exists():
        raise Misconfigured(f"no holiday file for {year}: add backend/kit/holidays/{year}.yaml from the yearly notice")
    block = load(path, HolidayYear)
    return frozenset(block.days_off), frozenset(block.worked_weekends)


def is_working_day(day: date) -> bool:
    """Whether banks and authorities work on that day."""
    off, worked = _year(day.year)
    return day in worked or (day.weekday() < 5 and day not in off)


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day` (which itself does not count)."""
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return day


def promised_by(day: date, count: int) -> date | None:
    """As `add_working_days`, for a promise that is only shown; None where next year's notice is not there yet.

    >>> promised_by(date(2026, 12, 30), 5) is None
    True
    """
    try:
        return add_working_days(day, count)
    except Misconfigured:
        return None


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day.

    >>> add_months(date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
