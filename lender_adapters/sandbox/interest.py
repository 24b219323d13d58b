"""The bank's own arithmetic: schedules, day counts, interest and penalty, in whole fen, rounded half up.

Written from the practice of Chinese banks (人民银行 结息 on the 20th; 按月等额 by twelfths of a year), and kept apart from the
platform's own arithmetic on purpose: two hands must arrive at the same fen.

>>> rows = schedule(100_000_000, 360, 12, "equal_instalments", "30/360", date(2025, 1, 15))
>>> rows[0].principal_fen + rows[0].interest_fen, rows[-1].principal_fen + rows[-1].interest_fen
(8496726, 8496724)
>>> sum(row.interest_fen for row in rows)
1960710
>>> rows = schedule(100_000_000, 360, 12, "equal_principal", "30/360", date(2025, 1, 31))
>>> sum(row.interest_fen for row in rows), rows[0].due_on
(1950000, datetime.date(2025, 2, 28))
>>> rows = schedule(100_000_000, 360, 12, "interest_first", "act/360", date(2025, 1, 20))
>>> len(rows), rows[0].due_on, rows[-1].due_on, sum(row.interest_fen for row in rows)
(12, datetime.date(2025, 2, 20), datetime.date(2026, 1, 20), 3650000)
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from lender_adapters.port import DueLine

INTEREST_DAY = 20
BASES = {"act/360": 360, "act/365": 365}
TWELFTHS = frozenset({"equal_instalments", "equal_principal"})


def half_up(amount: Fraction) -> int:
    """A non-negative amount to the nearest whole, halves upward."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day.

    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def by_twelfth(balance_fen: int, rate_bp: int) -> int:
    """Interest of one month as a twelfth of a year."""
    return half_up(Fraction(balance_fen * rate_bp, 120_000))


def by_days(segments: Iterable[tuple[int, int]], rate_bp: int, day_count: str) -> int:
    """Interest of one period from its (balance in fen, days) segments: one rounding for the whole period."""
    weight = sum(balance * days for balance, days in segments)
    return half_up(Fraction(weight * rate_bp, 10_000 * BASES[day_count]))


def penalty(unpaid_fen: int, days: int, penalty_bp: int) -> int:
    """Penalty interest on overdue principal, by days over 360.

    >>> penalty(1_000_000, 10, 540)
    1500
    """
    return half_up(Fraction(unpaid_fen * days * penalty_bp, 3_600_000))


def due_days(months: int, way: str, start: date) -> list[date]:
    """The days on which something falls due, the last of them the maturity day."""
    maturity = add_months(start, months)
    if way in TWELFTHS:
        return [add_months(start, number) for number in range(1, months + 1)]
    if way == "bullet":
        return [maturity]
    days, day = [], date(start.year, start.month, INTEREST_DAY)
    if day <= start:
        day = add_months(day, 1)
    while day < maturity:
        days.append(day)
        day = add_months(day, 1)
    return [*days, maturity]


def schedule(amount_fen: int, rate_bp: int, months: int, way: str, day_count: str, start: date) -> tuple[DueLine, ...]:
    """What falls due when, if everything is paid on its day. The last line takes the rest of the principal."""
    days = due_days(months, way, start)
    if way in TWELFTHS:
        return _by_months(amount_fen, rate_bp, way, days)
    rows, before = [], start
    for number, day in enumerate(days, 1):
        interest = by_days([(amount_fen, (day - before).days)], rate_bp, day_count)
        rows.append(DueLine(number, day, amount_fen if day == days[-1] else 0, interest))
        before = day
    return tuple(rows)


def _by_months(amount_fen: int, rate_bp: int, way: str, days: list[date]) -> tuple[DueLine, ...]:
    count = len(days)
    monthly = Fraction(rate_bp, 120_000)
    growth = (1 + monthly) ** count
    instalment = half_up(amount_fen * monthly * growth / (growth - 1)) if monthly else amount_fen // count
    rows, balance = [], amount_fen
    for number, day in enumerate(days, 1):
        interest = by_twelfth(balance, rate_bp)
        share = amount_fen // count if way == "equal_principal" else instalment - interest
        principal = balance if number == count else min(share, balance)
        rows.append(DueLine(number, day, principal, interest))
        balance -= principal
    return tuple(rows)
