"""Schedules of repayment, to the fen (domain §5.2; interest by 银发〔2005〕129号: day = year/360, month = year/12).

The value date counts, the last day does not. `equal_*` are counted 30/360: a month is a twelfth of a year. The other ways are
counted by actual days over 360 or 365, with one rounding (half up) per period. The last instalment takes the odd fen.
Due days: `equal_*` the value date's day of each month (the month's last day where it has no such day); `interest_first` and
`revolving` the 20th and the day of maturity; `bullet` maturity alone. `interest_first` and `bullet` may also be counted 30/360:
then months are equal and dues fall on the value date's day.

>>> rows = schedule(100_000_000, 360, 12, "equal_instalments", "30/360", date(2025, 1, 15))
>>> rows[0].principal_fen + rows[0].interest_fen, sum(row.interest_fen for row in rows)
(8496726, 1960710)
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from backend.kit.calendar import add_months
from backend.kit.errors import Invalid
from backend.kit.words import Words

BASES = {"act/360": 360, "act/365": 365}
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


def _equal_instalments(amount_fen: int, rate_bp: int, dues: list[date]) -> list[Instalment]:
    paid, left, rows = annuity_fen(amount_fen, rate_bp, len(dues)), amount_fen, []
    for no, due in enumerate(dues, 1):
        interest = half_up(left * rate_bp, 120_000)
        principal = left if no == len(dues) else max(0, min(left, paid - interest))
        left -= principal
        rows.append(Instalment(no, due, principal, interest, left))
    return rows


def _equal_principal(amount_fen: int, rate_bp: int, dues: list[date]) -> list[Instalment]:
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


def _at_the_end(amount_fen: int, rate_bp: int, dues: list[date], start: date, months: int, day_count: str) -> list[Instalment]:
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


def schedule(
    amount_fen: int, rate_bp: int, months: int, way: str, day_count: str, start: date, due_day: int | None = None
) -> tuple[Instalment, ...]:
    """Every due day of a loan drawn whole on `start` and repaid as promised.

    `due_day` moves the monthly due day of interest_first and revolving (20 by default); for the other ways it follows from
    the value date. Invalid: amount, rate, term or day out of range, an unknown way, a way with the wrong day count.
    """
    if amount_fen <= 0 or rate_bp < 0 or months <= 0:
        raise Invalid("amount", Words("金额、期限须为正，利率不得为负", "amount and term are positive, the rate is not negative"))
    if due_day is not None and (way not in ("interest_first", "revolving") or not 1 <= due_day <= 31):
        raise Invalid("due_day", Words("该还款方式的还款日由起息日决定", "the due day of this way follows from the value date"))
    monthly = [add_months(start, no) for no in range(1, months + 1)]
    counts = {"equal_instalments": ("30/360",), "equal_principal": ("30/360",), "revolving": tuple(BASES)}
    if way not in (*counts, "interest_first", "bullet") or day_count not in counts.get(way, ("30/360", *BASES)):
        raise Invalid("way", Words(f"还款方式 {way} 不能按 {day_count} 计息", f"the way {way} cannot be counted {day_count}"))
    if way == "equal_instalments":
        return tuple(_equal_instalments(amount_fen, rate_bp, monthly))
    if way == "equal_principal":
        return tuple(_equal_principal(amount_fen, rate_bp, monthly))
    if way == "bullet":
        dues = monthly[-1:]
    elif day_count in BASES:
        dues = _twentieths(start, monthly[-1], due_day or USUAL_DUE_DAY)
    else:
        dues = monthly
    return tuple(_at_the_end(amount_fen, rate_bp, dues, start, months, day_count))
