"""The rate at which what a borrower pays is worth what it received: internal rate of return
(domain §5.3, PBoC 公告〔2021〕第3号).

The borrower's flows are one receipt first and payments after it, so the value as a function of the rate falls and bends one way:
there is one root, and Newton's steps find it from anywhere below. They start from the nearest root that floats can tell, which is
only a place to begin: every figure that is used is a Decimal.

>>> flat = [(0, -100_000_000)] + [(month, 8_833_333) for month in range(1, 13)]
>>> f"{nominal_bp(rate_of(flat)) / 100:.4f} {effective_bp(rate_of(flat), 12) / 100:.4f}"
'10.8964 11.4574'
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext

Flow = tuple[int, int]
"""(periods since the start, fen paid by the borrower); the receipt is negative and stands at 0."""

_ENOUGH = Decimal("1e-18")


def _near(received: int, payments: Sequence[Flow]) -> Decimal:
    """A root as near as floats tell it, never negative."""
    rate = 0.0
    try:
        for _ in range(60):
            worth = slope = 0.0
            for period, fen in payments:
                present = fen * (1.0 + rate) ** -period
                worth += present
                slope += period * present
            step = (worth - received) * (1.0 + rate) / slope
            rate += step
            if abs(step) < 1e-13:
                break
    except (OverflowError, ZeroDivisionError):
        return Decimal(0)
    return Decimal(repr(rate)) if 0.0 < rate < 1e6 else Decimal(0)


def rate_of(flows: Sequence[Flow]) -> Decimal:
    """The rate per period as a fraction. ValueError if nothing was received or less is paid back than received."""
    received = -sum(fen for period, fen in flows if period == 0)
    payments = [(period, fen) for period, fen in flows if period > 0]
    if received <= 0 or sum(fen for _, fen in payments) < received or any(fen < 0 for _, fen in payments):
        raise ValueError("a borrower receives first and pays back at least as much")
    with localcontext() as context:
        context.prec = 34
        rate = _near(received, payments)
        for _ in range(200):
            factor = 1 + rate
            worth = slope = Decimal(0)
            for period, fen in payments:
                present = fen * factor ** (-period)
                worth += present
                slope += period * present
            step = (worth - received) * factor / slope
            rate += step
            if abs(step) < _ENOUGH:
                break
        return +rate


def rate_by_days(flows: Sequence[tuple[date, int]]) -> Decimal:
    """The yearly effective rate as a fraction, by actual days over 365 (what spreadsheets call XIRR). The receipt comes first."""
    start = flows[0][0]
    daily = rate_of([((day - start).days, fen) for day, fen in flows])
    return (1 + daily) ** 365 - 1


def nominal_bp(monthly: Decimal) -> Decimal:
    """Twelve times the monthly rate, in basis points."""
    return monthly * 12 * 10_000


def effective_bp(rate: Decimal, periods: int) -> Decimal:
    """The compounded yearly rate, in basis points."""
    return ((1 + rate) ** periods - 1) * 10_000


def monthly_of(yearly: Decimal) -> Decimal:
    """The monthly rate that compounds to a yearly one."""
    return (1 + yearly) ** (Decimal(1) / 12) - 1
