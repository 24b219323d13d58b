"""How departments write things down: commas, 万元, full-width digits, five kinds of date. Most of the time they write plainly.

>>> mess = Mess("seed", often=1.0)
>>> len({mess.money(123_450_00) for _ in range(50)}) > 2
True
>>> Mess("seed", often=0.0).money(123_450_00)
'123450.00'
"""

from __future__ import annotations

import random
from datetime import date

_WIDE = {ord(c): ord(c) + 0xFEE0 for c in "0123456789.ABCDEFGHJKLMNPQRTUWXY"}


class Mess:
    """One clerk's hand. `often` is how often it strays from the plain form."""

    def __init__(self, seed: str, often: float = 0.06) -> None:
        self.dice = random.Random(seed)
        self.often = often

    def strays(self, often: float | None = None) -> bool:
        return self.dice.random() < (self.often if often is None else often)

    def money(self, fen: int) -> str:
        """Yuan; straying: with commas, with ￥, in 万元 when nothing is lost, or full-width."""
        sign, whole = ("-", -fen) if fen < 0 else ("", fen)
        plain = f"{sign}{whole // 100}.{whole % 100:02d}"
        if self.dice.random() >= self.often:
            return plain
        choice = self.dice.randrange(4)
        if choice == 0:
            return f"{sign}{whole // 100:,}.{whole % 100:02d}"
        if choice == 1:
            return f"￥{plain}" if not sign else f"({whole // 100}.{whole % 100:02d})"
        if choice == 2 and whole % 10_000 == 0:
            return f"{sign}{whole // 1_000_000}.{whole % 1_000_000 // 10_000:02d}万元"
        return plain.translate(_WIDE)

    def day(self, day: date | None) -> str:
        if day is None:
            return ""
        if self.dice.random() >= self.often:
            return day.isoformat()
        forms = (
            f"{day.year}年{day.month}月{day.day}日",
            f"{day:%Y%m%d}",
            f"{day.year}/{day.month}/{day.day}",
            f"{day.year}-{day.month}-{day.day}",
            day.isoformat().translate(_WIDE),
        )
        return forms[self.dice.randrange(len(forms))]

    def period(self, year: int, month: int) -> str:
        plain = f"{year}-{month:02d}"
        if self.dice.random() >= self.often:
            return plain
        return (f"{year}{month:02d}", f"{year}年{month}月")[self.dice.randrange(2)]

    def number(self, value: int) -> str:
        plain = str(value)
        return plain.translate(_WIDE) if self.dice.random() < self.often else plain

    def yes(self, value: bool) -> str:
        pairs = (("是", "否"), ("Y", "N"), ("1", "0"))
        return pairs[self.dice.randrange(3) if self.dice.random() < self.often else 0][0 if value else 1]

    def key(self, uscc: str) -> str:
        """A credit code as a careless clerk keys it."""
        return uscc.lower() if self.dice.random() < 0.5 else uscc.translate(_WIDE)
