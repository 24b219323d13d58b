"""Rates in basis points (bp): 1 bp = 0.01 %. Computed rates are Decimals.

>>> percent(345)
'3.45%'
>>> fraction(345)
Decimal('0.0345')
"""

from __future__ import annotations

from decimal import Decimal


def fraction(rate_bp: int | Decimal) -> Decimal:
    """300 bp -> 0.03."""
    return Decimal(rate_bp) / 10_000


def percent(rate_bp: int | Decimal, places: int = 2) -> str:
    """300 bp -> '3.00%'."""
    return f"{Decimal(rate_bp) / 100:.{places}f}%"
