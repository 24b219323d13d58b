"""Money in whole minor units (分, fen). No float ever holds money.

Practice: 1 yuan = 100 fen; Chinese small-firm finance speaks of 万元 (10,000 yuan).

>>> fen_of("1234.56")
123456
>>> wan(123_456_000_000)
'123,456.00'
>>> share_out(100, {"guarantor": 4, "fund": 4, "bank": 2}, odd_fen_order=("bank", "fund", "guarantor"))
{'guarantor': 40, 'fund': 40, 'bank': 20}
>>> share_out(1, {"guarantor": 4, "fund": 4, "bank": 2}, odd_fen_order=("bank", "fund", "guarantor"))
{'guarantor': 0, 'fund': 1, 'bank': 0}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from backend.kit.errors import Invalid
from backend.kit.words import Words

CENT = Decimal("0.01")


def yuan(amount_fen: int) -> Decimal:
    """Whole fen as yuan with two decimals."""
    return (Decimal(amount_fen) / 100).quantize(CENT)


MOST_DIGITS = 15


def fen_of(amount: str | int | Decimal, *, place: str = "amount") -> int:
    """Yuan as whole fen; more than two decimals, or no number at all, is refused."""
    try:
        value = Decimal(str(amount).replace(",", "").strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise Invalid(place, Words(f"“{amount}”不是金额", f"“{amount}” is not an amount of money"))
    if value.adjusted() > MOST_DIGITS:  # before it is written out: 1e999999 would be a million digits
        raise Invalid(place, Words("金额过大", "the amount is too large"))
    scaled = value * 100
    if scaled != scaled.to_integral_value():
        raise Invalid(place, Words(f"“{amount}”超过两位小数", f"“{amount}” has more than two decimals"))
    return int(scaled)


def rounded_fen(amount_yuan: Decimal) -> int:
    """Yuan to the nearest fen, half up: the rounding of Chinese bank interest."""
    return int((amount_yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def wan(amount_fen: int) -> str:
    """Fen as 万元 with two decimals and thousands separators: what people read."""
    value = (Decimal(amount_fen) / 1_000_000).quantize(CENT, rounding=ROUND_HALF_UP)
    return f"{value:,.2f}"


def yuan_text(amount_fen: int) -> str:
    """Fen as yuan with thousands separators: 1,234.56."""
    return f"{yuan(amount_fen):,.2f}"


def share_out(amount_fen: int, weights: Mapping[str, int], *, odd_fen_order: Sequence[str]) -> dict[str, int]:
    """Split whole fen by weight; parts add up. Largest remainder, ties by `odd_fen_order`.

    Works for a non-negative amount. Every name in `weights` must stand in `odd_fen_order`.
    """
    if amount_fen < 0:
        raise ValueError("share_out splits non-negative amounts; reverse the entry instead")
    total = sum(weights.values())
    if total <= 0:
        raise ValueError("the weights must add up to something")
    missing = set(weights) - set(odd_fen_order)
    if missing:
        raise ValueError(f"odd_fen_order does not name {sorted(missing)}")
    parts = {name: amount_fen * weight // total for name, weight in weights.items()}
    rest = amount_fen - sum(parts.values())
    queue = sorted(weights, key=lambda name: (-(amount_fen * weights[name] % total), odd_fen_order.index(name)))
    for name in queue[:rest]:
        parts[name] += 1
    return parts
