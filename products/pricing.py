"""What a loan costs: LPR of the day + spread by facts, fees, and the all-in annual rate that products are ranked by.

Written in domain §5.1 (LPR) and §5.3 (disclosure). `price` never asks a bank; it is indicative. An adjustment whose fact is not
known leaves the rate unmoved and widens `low_bp`–`high_bp`.
`all_in` puts every cost the borrower bears against the principal really outstanding, refuses more than the ceiling in force
(`benchmarks/ceiling.yaml`), and lists each cost with payer, payee and way, as the 综合融资成本清单 does.

>>> fee = Fee(Words("担保费", "guarantee fee"), rate_bp=100)
>>> borrowed = all_in(100_000_000, 360, 12, "equal_instalments", "30/360", (fee,), date(2025, 1, 15))
>>> f"{borrowed.nominal_bp:.2f} {borrowed.effective_bp:.2f}"
'547.54 561.50'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from backend.kit.dated import in_force
from backend.kit.errors import Misconfigured, Refused
from backend.kit.policy import Source, Strict, cached, canonical, digest
from backend.kit.rates import percent
from backend.kit.words import Words
from products.irr import effective_bp, monthly_of, nominal_bp, rate_by_days, rate_of
from products.repayment import half_up, schedule
from products.rules import test_holds
from products.schema import ProductTerms
from products.vocabulary import ShareText, WordsText

FOLDER = Path(__file__).parent / "benchmarks"
TENORS = {"one_year": Words("1年期LPR", "1-year LPR"), "five_years": Words("5年期以上LPR", "5-year LPR")}


class LprBlock(Strict):
    """One monthly quote that moved."""

    valid_from: date
    valid_to: date | None = None
    source: Source
    one_year: ShareText
    five_years: ShareText


class CeilingBlock(Strict):
    """The highest all-in rate that may be shown."""

    valid_from: date
    valid_to: date | None = None
    source: Source
    ceiling: ShareText


class LprFile(Strict):
    """benchmarks/lpr.yaml"""

    code: str
    title: WordsText
    blocks: tuple[LprBlock, ...]


class CeilingFile(Strict):
    """benchmarks/ceiling.yaml"""

    code: str
    title: WordsText
    blocks: tuple[CeilingBlock, ...]


@cache
def lpr_on(day: date) -> LprBlock:
    """The LPR in force on a day. Misconfigured before the first quote in the file: a rate is never guessed."""
    block = in_force(cached(FOLDER / "lpr.yaml", LprFile).blocks, day)
    if block is None:
        raise Misconfigured(f"no LPR is known for {day}: add the quote to products/benchmarks/lpr.yaml", code="lpr")
    return block


@cache
def ceiling_bp(day: date) -> int:
    """The all-in ceiling in force on a day."""
    block = in_force(cached(FOLDER / "ceiling.yaml", CeilingFile).blocks, day)
    if block is None:
        raise Misconfigured(f"no all-in ceiling is known for {day}: add it to products/benchmarks/ceiling.yaml", code="ceiling")
    return block.ceiling


def lpr_body(day: date) -> bytes:
    """The canonical LPR block of a day, for who keeps what was applied."""
    return canonical(lpr_on(day))


def lpr_digest(day: date) -> str:
    """SHA-256 of that block."""
    return digest(lpr_body(day))


@dataclass(frozen=True, slots=True)
class Fee:
    """A cost beside interest, due when the money is drawn: a rate on the amount, once or per year, or a fixed sum."""

    title: Words
    payer: str = "borrower"
    payee: str = "bank"
    rate_bp: int | None = None
    amount_fen: int | None = None
    per: str = "loan"

    def fen(self, principal_fen: int, months: int) -> int:
        """What this fee comes to on a loan, half up."""
        if self.amount_fen is not None:
            return self.amount_fen
        share = principal_fen * (self.rate_bp or 0)
        return half_up(share * months, 120_000) if self.per == "year" else half_up(share, 10_000)

    @property
    def words(self) -> Words:
        """The fee in one phrase."""
        if self.amount_fen is not None:
            size = Words(f"{Decimal(self.amount_fen) / 100:,.2f} 元", f"{Decimal(self.amount_fen) / 100:,.2f} yuan")
        else:
            rate = percent(self.rate_bp or 0)
            size = Words(f"{rate}/年", f"{rate} a year") if self.per == "year" else Words(rate, f"{rate} once")
        return Words(f"{self.title.zh} {size.zh}", f"{self.title.en} {size.en}")


@dataclass(frozen=True, slots=True)
class Price:
    """An indicative yearly rate in basis points, the range left open by unknown facts, the fees, and one sentence."""

    lpr_bp: int
    spread_bp: int
    rate_bp: int
    low_bp: int
    high_bp: int
    fees: tuple[Fee, ...]
    sentence: Words


def price(terms: ProductTerms, values: Mapping[str, Any], *, day: date, listing_grade: str | None = None) -> Price:
    """The price on these facts with the LPR of `day`. No query of any bureau or bank."""
    asked = terms.block.price
    lpr = lpr_on(day)
    base_bp = lpr.one_year if asked.benchmark == "one_year" else lpr.five_years
    spread = asked.spread + sum(item.add for item in asked.listing_grades if item.grade == listing_grade)
    low = high = 0
    for item in asked.adjustments:
        value = values.get(item.fact)
        if value is None:
            low, high = low + min(0, item.add), high + max(0, item.add)
        elif test_holds(item.op, item.value, value, day):
            spread += item.add
    spread, low, high = max(spread, -base_bp), max(spread + low, -base_bp), spread + high
    rate = base_bp + spread
    fees = tuple(Fee(fee.title.words, fee.payer, fee.payee, fee.rate, fee.amount, fee.per) for fee in terms.block.fees)
    tenor = TENORS[asked.benchmark]
    costs = [fee.words for fee in fees if fee.payer == "borrower"]
    extra = (
        Words("；另收" + "、".join(cost.zh for cost in costs), "; in addition " + ", ".join(cost.en for cost in costs))
        if costs
        else Words("；无其他费用", "; no other cost")
    )
    open_ = Words("", "")
    if low != high:
        span = f"{percent(base_bp + low)}–{percent(base_bp + high)}"
        open_ = Words(f"，视未知信息在 {span} 之间", f", between {span} depending on what is not known yet")
    sign = "+" if spread >= 0 else "−"
    return Price(
        base_bp, spread, rate, base_bp + low, base_bp + high, fees,
        Words(
            f"年利率（单利）{percent(rate)}（{tenor.zh} {percent(base_bp)} {sign} {abs(spread)} 基点{open_.zh}）{extra.zh}",
            f"{percent(rate)} a year, simple ({tenor.en} {percent(base_bp)} {sign} {abs(spread)} bp{open_.en}){extra.en}",
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the cost list: what, who pays, who collects, how much, when."""

    title: Words
    payer: str
    payee: str
    amount_fen: int
    cycle: Words


@dataclass(frozen=True, slots=True)
class AllIn:
    """The all-in cost, in basis points per year, and its lines.

    `equal_*` loans are counted by months (`nominal_bp` twelve times the monthly rate, `effective_bp` compounded), the others by
    actual days. `by_days_bp` is the effective rate by actual days for every way: what products are ranked by.
    """

    nominal_bp: Decimal
    effective_bp: Decimal
    by_days_bp: Decimal
    interest_fen: int
    fees_fen: int
    cost_lines: tuple[CostLine, ...]


_CYCLES = {
    "equal_instalments": Words("每月", "each month"),
    "equal_principal": Words("每月", "each month"),
    "interest_first": Words("每月，到期结清", "each month and at maturity"),
    "revolving": Words("每月，按实际用款天数", "each month, by the days really drawn"),
    "bullet": Words("到期一次", "once, at maturity"),
}


def all_in(amount_fen: int, rate_bp: int, months: int, way: str, day_count: str, fees: Sequence[Fee], start: date) -> AllIn:
    """The true yearly cost of a loan drawn whole on `start`. Refused (`all_in_above_ceiling`) above the ceiling of that day."""
    rows = schedule(amount_fen, rate_bp, months, way, day_count, start)
    borne = [(fee, fee.fen(amount_fen, months)) for fee in fees if fee.payer == "borrower"]
    interest, paid = sum(row.interest_fen for row in rows), sum(fen for _, fen in borne)
    received = amount_fen - paid
    if received <= 0:
        raise Refused(Words("费用超过借款金额", "the fees exceed the loan"), code="all_in_above_ceiling")
    flows = [(row.due_on, row.principal_fen + row.interest_fen) for row in rows]
    yearly = rate_by_days([(start, -received), *flows])
    by_days = yearly * 10_000
    monthly = monthly_of(yearly)
    if day_count == "30/360" and len(rows) == months:
        monthly = rate_of([(0, -received), *((row.no, row.principal_fen + row.interest_fen) for row in rows)])
    effective = effective_bp(monthly, 12)
    ceiling = ceiling_bp(start)
    if by_days > ceiling:
        raise Refused(
            Words(
                f"综合年化成本 {percent(by_days)}，超过上限 {percent(ceiling)}，不予展示",
                f"the all-in cost of {percent(by_days)} a year exceeds the ceiling of {percent(ceiling)}",
            ),
            code="all_in_above_ceiling",
        )
    lines = [CostLine(Words("利息", "interest"), "borrower", "bank", interest, _CYCLES[way])]
    lines += [CostLine(fee.title, fee.payer, fee.payee, fen, Words("放款时一次", "once, at the draw")) for fee, fen in borne]
    return AllIn(nominal_bp(monthly), effective, by_days, interest, paid, tuple(lines))
