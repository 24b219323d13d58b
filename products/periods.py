"""Loans that do not run as planned: a broken first period, a rate that follows the LPR, early repayment, money drawn and
repaid at will (domain §5.1 repricing, §5.2; interest by 银发〔2005〕129号).

One rule throughout: a period's interest is one sum over its days, rounded half up once. A whole month of a 30/360 loan is a
twelfth of a year; where its rate or balance changes inside, the twelfth is shared by actual days. A broken period counts its days
over 360.

>>> rows = broken(100_000_000, 360, 12, date(2025, 1, 8), date(2025, 2, 20))
>>> rows[0].interest_fen, rows[0].due_on, rows[-1].balance_after_fen
(430000, datetime.date(2025, 2, 20), 0)
>>> payoff(100_000_000, 360, "act/360", date(2025, 1, 20), date(2025, 2, 4)).interest_fen
150000
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from backend.kit.calendar import add_months
from backend.kit.errors import Invalid
from backend.kit.words import Words
from products.repayment import BASES, USUAL_DUE_DAY, Instalment, annuity_fen, half_up, schedule

Rates = Sequence[tuple[date, int]]
"""A rate in basis points and the day from which it holds, in order of days; the first holds from the value date."""


@dataclass(frozen=True, slots=True)
class Payoff:
    """What settles a loan on a day: the principal still owed and the interest since the last due day."""

    on: date
    principal_fen: int
    interest_fen: int

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.interest_fen


def broken(
    amount_fen: int,
    rate_bp: int,
    months: int,
    start: date,
    first_due: date,
    way: str = "equal_instalments",
    *,
    matures: date | None = None,
) -> tuple[Instalment, ...]:
    """`equal_*` with due days of the bank's own: `months` instalments from the first, a month apart; the last on `matures`.

    A broken period, the first or the last, counts its actual days over 360; the principal is repaid as if it had been a month.
    Invalid: a first due day not after the value date, a last one not after the one before it, or another way.
    """
    if way not in ("equal_instalments", "equal_principal"):
        raise Invalid("way", Words("只有等额还款有首个还款日", "only equal ways have a first due day of their own"))
    if first_due <= start:
        raise Invalid("first_due", Words("首个还款日须晚于起息日", "the first due day comes after the value date"))
    days = [add_months(first_due, no) for no in range(months)]
    days[-1] = matures or days[-1]
    if months > 1 and days[-1] <= days[-2]:
        raise Invalid("matures", Words("到期日须晚于上一还款日", "it matures after the due day before it"))
    since, left, rows = start, amount_fen, list[Instalment]()
    for row, due in zip(schedule(amount_fen, rate_bp, months, way, "30/360", start), days, strict=True):
        whole = since != start and due == add_months(first_due, row.no - 1)
        whole = whole or (since == start and due == add_months(start, 1))
        interest = row.interest_fen if whole else half_up(left * (due - since).days * rate_bp, 3_600_000)
        rows.append(Instalment(row.no, due, row.principal_fen, interest, row.balance_after_fen))
        since, left = due, row.balance_after_fen
    return tuple(rows)


def resets(start: date, matures: date, rule: str) -> tuple[date, ...]:
    """The days on which a floating rate follows the LPR: each 1 January, or each year on the value date's day.

    >>> resets(date(2025, 3, 10), date(2027, 3, 10), "january")
    (datetime.date(2026, 1, 1), datetime.date(2027, 1, 1))
    >>> resets(date(2025, 3, 10), date(2027, 3, 10), "loan_date")
    (datetime.date(2026, 3, 10),)
    """
    if rule == "january":
        days = (date(year, 1, 1) for year in range(start.year + 1, matures.year + 1))
    elif rule == "loan_date":
        days = (add_months(start, 12 * year) for year in range(1, matures.year - start.year + 1))
    else:
        return ()
    return tuple(day for day in days if start < day < matures)


def rates(start: date, matures: date, rule: str, spread_bp: int, lpr: Callable[[date], int]) -> Rates:
    """The rate from each reset on: the quote of that day + the spread, which never moves. `lpr` answers for a day."""
    return [(day, lpr(day) + spread_bp) for day in (start, *resets(start, matures, rule))]


def _mean(moved: Rates, since: date, until: date) -> tuple[int, int]:
    """Rate × days over a period, and its days. The first day counts, the last does not."""
    total = 0
    for place, (day, rate_bp) in enumerate(moved):
        ends = moved[place + 1][0] if place + 1 < len(moved) else until
        total += rate_bp * max(0, (min(ends, until) - max(day, since)).days)
    return total, (until - since).days


def floating(
    amount_fen: int, moved: Rates, months: int, way: str, day_count: str, start: date, due_day: int | None = None
) -> tuple[Instalment, ...]:
    """As `schedule`, with a rate that moved. Equal instalments are worked out anew, on what is left, for every due day after a
    reset; the month in which it fell is shared by days."""
    plain = schedule(amount_fen, moved[0][1], months, way, day_count, start, due_day)
    left, since, rows, annuity, at_rate = amount_fen, start, list[Instalment](), 0, -1
    for row in plain:
        weight, days = _mean(moved, since, row.due_on)
        if day_count in BASES:
            interest = half_up(left * weight, 10_000 * BASES[day_count])
        else:
            interest = half_up(left * weight, 120_000 * days)
        principal = row.principal_fen
        if way == "equal_instalments":
            now = next(rate for day, rate in reversed(moved) if day < row.due_on)
            if now != at_rate:
                annuity, at_rate = annuity_fen(left, now, len(plain) - row.no + 1), now
            # What a month shared by two rates adds or takes stays interest: the principal follows the rate that holds now.
            principal = max(0, min(left, annuity - half_up(left * now, 120_000)))
        principal = left if row is plain[-1] else min(left, principal)
        left -= principal
        rows.append(Instalment(row.no, row.due_on, principal, interest, left))
        since = row.due_on
    return tuple(rows)


def payoff(balance_fen: int, rate_bp: int, day_count: str, since: date, on: date) -> Payoff:
    """What settles a loan on a day between two due days. `since` is the last due day; a 30/360 loan counts days over 360."""
    if on < since:
        raise Invalid("on", Words("结清日早于上一还款日", "settled before the last due day"))
    return Payoff(on, balance_fen, half_up(balance_fen * (on - since).days * rate_bp, 10_000 * BASES.get(day_count, 360)))


def early(
    rows: Sequence[Instalment], rate_bp: int, way: str, start: date, on: date, amount_fen: int, *, keep: str
) -> tuple[Payoff, tuple[Instalment, ...]]:
    """Part of an `equal_*` loan repaid on a day of the borrower's choice: what is paid then, and the plan from there.

    `keep="term"` lowers the instalments, `keep="instalment"` ends sooner. Interest to the day is paid with it; the next period
    starts on that day and is broken. Invalid: more than is owed, a day that is none of the loan's.
    """
    past = [row for row in rows if row.due_on <= on]
    left = past[-1].balance_after_fen if past else rows[0].principal_fen + rows[0].balance_after_fen
    to_come = rows[len(past) :]
    if not to_come or on < start:
        raise Invalid("on", Words("当日没有未到期本金", "nothing of this loan is owed on that day"))
    if not 0 < amount_fen <= left:
        raise Invalid("amount", Words("提前还款金额须大于零且不超过未还本金", "repay more than nothing and at most what is owed"))
    paid = payoff(left, rate_bp, "30/360", past[-1].due_on if past else start, on)
    settled = Payoff(on, amount_fen, paid.interest_fen)
    left -= amount_fen
    if left == 0:
        return settled, ()
    months = len(to_come)
    if keep == "instalment":
        part = to_come[0].principal_fen + to_come[0].interest_fen
        months = next((n for n in range(1, months) if _covers(left, rate_bp, n, way, part, to_come)), months)
    return settled, broken(left, rate_bp, months, on, to_come[0].due_on, way)


def _covers(left: int, rate_bp: int, months: int, way: str, instalment: int, to_come: Sequence[Instalment]) -> bool:
    """Whether instalments no dearer than now repay what is left in so many months."""
    if way == "equal_instalments":
        return annuity_fen(left, rate_bp, months) <= instalment
    return -(-left // months) <= to_come[0].principal_fen


def at_will(
    moves: Sequence[tuple[date, int]], rate_bp: int, day_count: str, matures: date, due_day: int = USUAL_DUE_DAY
) -> tuple[Instalment, ...]:
    """Money drawn (+) and repaid (−) at will: interest by days on what is drawn, due on each due day and at maturity, when the
    rest of the principal is due. Nothing is charged on what is not drawn. Invalid: more repaid than drawn, days out of order.

    >>> at_will([(date(2025, 1, 1), 100_000_000), (date(2025, 1, 11), -50_000_000)], 360, "act/360", date(2025, 1, 21))
    (Instalment(no=1, due_on=datetime.date(2025, 1, 20), principal_fen=0, interest_fen=145000, balance_after_fen=50000000), \
Instalment(no=2, due_on=datetime.date(2025, 1, 21), principal_fen=50000000, interest_fen=5000, balance_after_fen=0))
    """
    balance, days = 0, [day for day, _ in moves]
    if not moves or days != sorted(days) or days[-1] >= matures or moves[0][1] <= 0:
        raise Invalid(
            "moves", Words("用款与还款须按日期先后，且早于到期日", "draws and repayments come in order and before maturity")
        )
    for _, change in moves:
        balance += change
        if balance < 0:
            raise Invalid("moves", Words("还款超过已用金额", "more was repaid than was drawn"))
    months = 12 * (matures.year - days[0].year) + matures.month - days[0].month + 1
    dues = [row.due_on for row in schedule(1, 0, months, "revolving", day_count, days[0], due_day) if row.due_on < matures]
    left, since, rows = 0, days[0], list[Instalment]()
    for no, due in enumerate([*dues, matures], 1):
        weight = 0
        for day, change in [(day, change) for day, change in moves if since <= day < due]:
            weight += left * (day - since).days
            left, since = left + change, day
        weight += left * (due - since).days
        interest = half_up(weight * rate_bp, 10_000 * BASES[day_count])
        principal = left if due == matures else 0
        left, since = left - principal, due
        rows.append(Instalment(no, due, principal, interest, left))
    return tuple(rows)
