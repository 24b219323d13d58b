"""What a borrower pays beside interest, and when (domain §5.3: every cost directly related to the loan counts).

>>> fee = Fee(Words("担保费", "guarantee fee"), payee="guarantor", rate_bp=100, per="year", due="each_year")
>>> fee.parts(100_000_000, 18, date(2025, 1, 15))
((datetime.date(2025, 1, 15), 1000000), (datetime.date(2026, 1, 15), 500000))
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backend.kit.calendar import add_months
from backend.kit.rates import percent
from backend.kit.words import Words
from products.repayment import half_up

WHEN = {
    "at_draw": Words("放款时一次", "once, at the draw"),
    "each_year": Words("每年年初", "at the start of each year"),
    "at_maturity": Words("到期时一次", "once, at maturity"),
}


@dataclass(frozen=True, slots=True)
class Fee:
    """A cost beside interest: a rate on the amount, once or per year, or a fixed sum; due at the draw unless it says so."""

    title: Words
    payer: str = "borrower"
    payee: str = "bank"
    rate_bp: int | None = None
    amount_fen: int | None = None
    per: str = "loan"
    kind: str = "service"
    due: str = "at_draw"

    def fen(self, principal_fen: int, months: int) -> int:
        """What this fee comes to on a loan, half up."""
        if self.amount_fen is not None:
            return self.amount_fen * -(-months // 12) if self.per == "year" else self.amount_fen
        share = principal_fen * (self.rate_bp or 0)
        return half_up(share * months, 120_000) if self.per == "year" else half_up(share, 10_000)

    def parts(self, principal_fen: int, months: int, start: date) -> tuple[tuple[date, int], ...]:
        """Each day on which some of it is due. The parts add up to `fen`: the last year takes what is left."""
        whole = self.fen(principal_fen, months)
        if self.due == "at_maturity":
            return ((add_months(start, months), whole),)
        if self.due != "each_year":
            return ((start, whole),)
        years, found, left = -(-months // 12), [], whole
        for year in range(years):
            part = left if year == years - 1 else self.fen(principal_fen, 12)
            found.append((add_months(start, 12 * year), part))
            left -= part
        return tuple(found)

    @property
    def words(self) -> Words:
        """The fee in one phrase."""
        if self.amount_fen is not None:
            text = f"{Decimal(self.amount_fen) / 100:,.2f}"
            size = Words(f"{text} 元", f"{text} yuan")
            return Words(f"{self.title.zh} {size.zh}", f"{self.title.en} {size.en}")
        rate = percent(self.rate_bp or 0)
        size = Words(f"{rate}/年", f"{rate} a year") if self.per == "year" else Words(rate, f"{rate} once")
        return Words(f"{self.title.zh} {size.zh}", f"{self.title.en} {size.en}")
