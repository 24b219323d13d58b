"""Schedules of repayment, to the fen (domain §5.2; interest by 银发〔2005〕129号: day = year/360, month = year/12).

The value date counts, the last day does not. `equal_*` are counted 30/360: a month is a twelfth of a year. The other ways are
counted by actual days over 360 or 365, with one rounding (half up) per period. The last instalment takes the odd fen.
Due days: `equal_*` the value date's day of each month (the month's last day where it has no such day); `interest_first` and
`revolving` the 20th and the day of maturity; `bullet` maturity alone; `by_cycle` the 20th and the end of each production cycle.
`interest_first` and `bullet` may also be counted 30/360: then months are equal and dues fall on the value date's day.

>>> rows = schedule(100_000_000, 360, 12, "equal_instalments", "30/360", date(2025, 1, 15))
>>> rows[0].principal_fen + rows[0].interest_fen, sum(row.interest_fen for row in rows)
(8496726, 1960710)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from backend.kit.calendar import add_months
from backend.kit.errors import Invalid
from backend.kit.words import Words

BASES = {"act/360": 360, "act/365": 365}
COUNTED = {
    "equal_instalments": ("30/360",),
    "equal_principal": ("30/360",),
    "interest_first": ("30/360", *BASES),
    "bullet": ("30/360", *BASES),
    "revolving": tuple(BASES),
    "by_cycle": tuple(BASES),
}
USUAL_DUE_DAY = 20


@dataclass(frozen=True, slots=True)
class Instalment:
    """One due day: whole fen of principal and interest, and the principal still owed after it."""

    no: int
    due_on: date
    principal_fen: int
    interest_fen: int
    balance_after_fen: int


def half_up(numerator: int, denominator: int) -> int:
    """A non-negative fraction to the nearest whole, half up.

    >>> half_up(5, 2), half_up(7, 3)
    (3, 2)
    """
    return (2 * numerator + denominator) // (2 * denominator)


def interest_fen(balance_fen: int, rate_bp: int, days: int, day_count: str) -> int:
    """Interest of one period of actual days on one balance, in fen, half up."""
    return half_up(balance_fen * days * rate_bp, 10_000 * BASES[day_count])


def annuity_fen(amount_fen: int, rate_bp: int, months: int) -> int:
    """The equal instalment in fen, half up: P·i(1+i)^n / ((1+i)^n − 1) with i = rate/12, in whole numbers throughout."""
    if rate_bp == 0:
        return half_up(amount_fen, months)
    growth, unit = (120_000 + rate_bp) ** months, 120_000**months
    return half_up(amount_fen * rate_bp * growth, 120_000 * (growth - unit))


def _equal_instalments(amount_fen: int, rate_bp: int, dues: Sequence[date]) -> list[Instalment]:
    paid, left, rows = annuity_fen(amount_fen, rate_bp, len(dues)), amount_fen, []
    for no, due in enumerate(dues, 1):
        interest = half_up(left * rate_bp, 120_000)
        principal = left if no == len(dues) else max(0, min(left, paid - interest))
        left -= principal
        rows.append(Instalment(no, due, principal, interest, left))
    return rows


def _equal_principal(amount_fen: int, rate_bp: int, dues: Sequence[date]) -> list[Instalment]:
    part, left, rows = amount_fen // len(dues), amount_fen, []
    for no, due in enumerate(dues, 1):
        interest = half_up(left * rate_bp, 120_000)
        principal = left if no == len(dues) else part
        left -= principal
        rows.append(Instalment(no, due, principal, interest, left))
    return rows


def _twentieths(start: date, matures: date, due_day: int) -> list[date]:
    """Each month's due day strictly after the start and before maturity, then maturity."""
    dues, month = [], date(start.year, start.month, 1)
    while month <= matures:
        due = month.replace(day=min(due_day, monthrange(month.year, month.month)[1]))
        if start < due < matures:
            dues.append(due)
        month = add_months(month, 1)
    return [*dues, matures]


@lru_cache(maxsize=4096)
def _monthly(start: date, months: int) -> tuple[date, ...]:
    return tuple(add_months(start, no) for no in range(1, months + 1))


@lru_cache(maxsize=4096)
def _dues(start: date, months: int, way: str, day_count: str, due_day: int) -> tuple[date, ...]:
    """Every due day of a loan that is not repaid in equal parts."""
    monthly = _monthly(start, months)
    if way == "bullet":
        return monthly[-1:]
    return tuple(_twentieths(start, monthly[-1], due_day)) if day_count in BASES else monthly


def _at_the_end(
    amount_fen: int, rate_bp: int, dues: Sequence[date], start: date, months: int, day_count: str
) -> list[Instalment]:
    rows, since = [], start
    for no, due in enumerate(dues, 1):
        if day_count in BASES:
            interest = interest_fen(amount_fen, rate_bp, (due - since).days, day_count)
        else:
            interest = half_up(amount_fen * rate_bp * (months // len(dues)), 120_000)
        last = no == len(dues)
        rows.append(Instalment(no, due, amount_fen if last else 0, interest, 0 if last else amount_fen))
        since = due
    return rows


def _by_cycle(
    amount_fen: int, rate_bp: int, start: date, months: int, day_count: str, due_day: int, cycle: int
) -> list[Instalment]:
    """Interest each month; an equal part of the principal at the end of each production cycle, the last takes the odd fen."""
    ends = _monthly(start, months)[cycle - 1 :: cycle]
    dues = sorted({*_dues(start, months, "interest_first", day_count, due_day), *ends})
    part, left, since, rows = amount_fen // len(ends), amount_fen, start, list[Instalment]()
    for no, due in enumerate(dues, 1):
        interest = interest_fen(left, rate_bp, (due - since).days, day_count)
        principal = left if due == ends[-1] else part if due in ends else 0
        left -= principal
        rows.append(Instalment(no, due, principal, interest, left))
        since = due
    return rows


def schedule(
    amount_fen: int,
    rate_bp: int,
    months: int,
    way: str,
    day_count: str,
    start: date,
    due_day: int | None = None,
    *,
    cycle_months: int | None = None,
) -> tuple[Instalment, ...]:
    """Every due day of a loan drawn whole on `start` and repaid as promised.

    `due_day` moves the monthly due day of interest_first, revolving and by_cycle (20 by default); for the other ways it follows
    from the value date. `cycle_months` is how long one production cycle of by_cycle lasts.
    Invalid: amount, rate, term or day out of range, an unknown way, a way with the wrong day count.
    """
    if amount_fen <= 0 or rate_bp < 0 or months <= 0:
        raise Invalid("amount", Words("金额、期限须为正，利率不得为负", "amount and term are positive, the rate is not negative"))
    if due_day is not None and (way not in ("interest_first", "revolving", "by_cycle") or not 1 <= due_day <= 31):
        raise Invalid("due_day", Words("该还款方式的还款日由起息日决定", "the due day of this way follows from the value date"))
    if way not in COUNTED or day_count not in COUNTED[way]:
        raise Invalid("way", Words(f"还款方式 {way} 不能按 {day_count} 计息", f"the way {way} cannot be counted {day_count}"))
    if way == "equal_instalments":
        return tuple(_equal_instalments(amount_fen, rate_bp, _monthly(start, months)))
    if way == "equal_principal":
        return tuple(_equal_principal(amount_fen, rate_bp, _monthly(start, months)))
    if way == "by_cycle":
        if cycle_months is None or cycle_months <= 0 or months % cycle_months:
            raise Invalid("cycle_months", Words("期限须为生产周期的整数倍", "the term is a whole number of production cycles"))
        return tuple(_by_cycle(amount_fen, rate_bp, start, months, day_count, due_day or USUAL_DUE_DAY, cycle_months))
    dues = _dues(start, months, way, day_count, due_day or USUAL_DUE_DAY)
    return tuple(_at_the_end(amount_fen, rate_bp, dues, start, months, day_count))


def regular_fen(rows: Sequence[Instalment], way: str) -> int:
    """What falls due in an ordinary month: the first instalment of equal ways (of equal_principal the dearest), a whole month's
    interest of the others; 0 where nothing falls due before maturity.

    >>> regular_fen(schedule(100_000_000, 360, 12, "equal_instalments", "30/360", date(2025, 1, 15)), "equal_instalments")
    8496726
    >>> regular_fen(schedule(100_000_000, 360, 12, "interest_first", "act/360", date(2025, 1, 15)), "interest_first")
    310000
    """
    if way.startswith("equal_"):
        return rows[0].principal_fen + rows[0].interest_fen
    # The first period is rarely a whole month, and the last brings the principal.
    before = [row for row in rows[:-1] if not row.principal_fen]
    return before[min(1, len(before) - 1)].interest_fen if before else 0


def odd_fen(rows: Sequence[Instalment], way: str) -> tuple[int, int] | None:
    """Which instalment takes what does not divide, and how many fen it pays more (or less) than the others; None if none does.

    >>> odd_fen(schedule(100_000_000, 360, 12, "equal_instalments", "30/360", date(2025, 1, 15)), "equal_instalments")
    (12, -2)
    >>> odd_fen(schedule(100_000_000, 360, 12, "equal_principal", "30/360", date(2025, 1, 15)), "equal_principal")
    (12, 4)
    """
    if way == "equal_instalments":
        paid = [row.principal_fen + row.interest_fen for row in rows]
    elif way in ("equal_principal", "by_cycle"):
        paid = [row.principal_fen for row in rows if row.principal_fen]
    else:
        return None
    odd = paid[-1] - paid[0]
    return (rows[-1].no, odd) if odd else None
