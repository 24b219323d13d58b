"""The rate at which what a borrower pays is worth what it received: internal rate of return
(domain §5.3, PBoC 公告〔2021〕第3号).

All in Decimals. The borrower's flows are one receipt first and payments after it, so the value as a function of the rate rises
and bends one way; Newton's steps from zero climb to the root without ever passing it.

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


def rate_of(flows: Sequence[Flow]) -> Decimal:
    """The rate per period as a fraction. ValueError if nothing was received or less is paid back than received."""
    received = -sum(fen for period, fen in flows if period == 0)
    payments = [(period, Decimal(fen)) for period, fen in flows if period > 0]
    if received <= 0 or sum(fen for _, fen in payments) < received or any(fen < 0 for _, fen in payments):
        raise ValueError("a borrower receives first and pays back at least as much")
    with localcontext() as context:
        context.prec = 34
        rate = Decimal(0)
        for _ in range(200):
            factor = 1 + rate
            worth = Decimal(0)
            slope = Decimal(0)
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
