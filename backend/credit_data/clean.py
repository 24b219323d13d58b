"""Make a department's text into values: full-width to half-width, amounts, days, periods, yes and no. What cannot be read is a
fault with its place, collected for the source's own complaint list, never guessed around (五步九环: 清洗, domain §1 no. 36).

>>> amount("１２．５万元"), amount("￥1,234.50"), amount("(300)")
(12500000, 123450, -30000)
>>> day("2025年1月3日"), day("20250103"), day("")
(datetime.date(2025, 1, 3), datetime.date(2025, 1, 3), None)
>>> period("202501"), yes("是"), whole("1,203 人")
('2025-01', True, 1203)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any


class Unclean(ValueError):
    """A value that cannot be read; the message says what was found."""


_DAY = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?$")
_PERIOD = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})月?$")
_UNITS = {"亿": Decimal(10**8), "万": Decimal(10**4), "千": Decimal(1000)}


def text(value: Any) -> str:
    """Half-width, trimmed."""
    plain = value if isinstance(value, str) else "" if value is None else str(value)
    return plain.strip() if plain.isascii() else unicodedata.normalize("NFKC", plain).strip()


@lru_cache(maxsize=65536)
def _amount(plain: str) -> int:
    found = plain.replace(",", "").replace("¥", "").replace("人民币", "").replace(" ", "")
    sign = 1
    if found.startswith("(") and found.endswith(")"):
        found, sign = found[1:-1], -1
    found = found.removesuffix("元")
    scale = Decimal(1)
    for unit, factor in _UNITS.items():
        if found.endswith(unit):
            found, scale = found[: -len(unit)], factor
            break
    try:
        fen = Decimal(found) * scale * 100
        return sign * int(fen.quantize(Decimal(1)))
    except (InvalidOperation, ValueError) as error:
        raise Unclean(f"“{plain}” is not an amount of money") from error


def amount(value: Any) -> int | None:
    """Whole fen; empty is None."""
    plain = text(value)
    return _amount(plain) if plain else None


@lru_cache(maxsize=16384)
def _day(plain: str) -> date:
    found = _DAY.match(plain)
    if not found or (plain.isdigit() and len(plain) != 8):
        raise Unclean(f"“{plain}” is not a day")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise Unclean(f"“{plain}” is not a day of the calendar") from error


def day(value: Any) -> date | None:
    """A day; empty is None."""
    plain = text(value)
    return _day(plain) if plain else None


def period(value: Any) -> str:
    """A month, `YYYY-MM`."""
    plain = text(value)
    found = _PERIOD.match(plain)
    if not found or not 1 <= int(found.group(2)) <= 12:
        raise Unclean(f"“{plain}” is not a month")
    return f"{found.group(1)}-{int(found.group(2)):02d}"


def yes(value: Any) -> bool | None:
    """是 or 否; empty is None."""
    plain = text(value).upper()
    if not plain:
        return None
    if plain in ("是", "有", "Y", "YES", "1", "TRUE"):
        return True
    if plain in ("否", "无", "N", "NO", "0", "FALSE"):
        return False
    raise Unclean(f"“{plain}” is neither yes nor no")


def whole(value: Any) -> int | None:
    """A whole number, with or without its unit; empty is None."""
    plain = text(value)
    if not plain:
        return None
    found = re.match(r"^(-?[\d,]+)(?:\.0*)?\s*\D*$", plain)
    if not found:
        raise Unclean(f"“{plain}” is not a whole number")
    return int(found.group(1).replace(",", ""))


def share(value: Any) -> int | None:
    """A share in basis points: `30%` or `0.3`; empty is None."""
    plain = text(value)
    if not plain:
        return None
    try:
        number = Decimal(plain.removesuffix("%")) * (100 if plain.endswith("%") else 10_000)
    except InvalidOperation as error:
        raise Unclean(f"“{plain}” is not a share") from error
    return int(number)


Reader = Callable[[Any], Any]
