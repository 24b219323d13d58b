"""The price on what is known: LPR of the day + spread by facts, with its range and its fees.

Written in domain §5.1 (LPR). `price` never asks a bank; it is indicative. An adjustment whose fact is not known leaves the rate
unmoved and widens `low_bp`–`high_bp`; so does a bank that prices by its own rating, and then `rate_bp` is the dearest it may say.
What a loan truly costs is in `cost`, the quotes in `benchmark`; both are named here too.

>>> from products.catalogue import load
>>> terms = load().get("tax_credit_loan", date(2025, 6, 1))
>>> price(terms, {"tax_grade": "A", "zero_filings_12m": 0}, day=date(2025, 6, 1)).sentence.en
'3.80% a year, simple (1-year LPR 3.00% + 80 bp); no other cost'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from backend.kit.rates import percent
from backend.kit.words import Words
from products.benchmark import TENORS, ceiling_bp, lpr_body, lpr_bp, lpr_digest, lpr_on
from products.cost import AllIn, CostLine, all_in, offered, reckon, refusal
from products.fees import Fee
from products.rules import test_holds
from products.schema import ProductTerms

__all__ = [
    "AllIn", "CostLine", "Fee", "Price", "all_in", "ceiling_bp", "fees_of", "lpr_body", "lpr_digest", "lpr_on", "offered",
    "price", "reckon", "refusal",
]  # fmt: skip
RESETS = {
    "january": Words("浮动利率，每年1月1日按最新LPR调整", "floating: follows the LPR each 1 January"),
    "loan_date": Words("浮动利率，每满一年按最新LPR调整", "floating: follows the LPR each year on the loan's day"),
}
OWN_RATING = Words("，由银行按自有评级确定", ", which the bank sets by its own rating")


@dataclass(frozen=True, slots=True)
class Price:
    """An indicative yearly rate in basis points, the range left open, the fees, and one sentence."""

    lpr_bp: int
    spread_bp: int
    rate_bp: int
    low_bp: int
    high_bp: int
    fees: tuple[Fee, ...]
    sentence: Words


@lru_cache(maxsize=1024)
def fees_of(terms: ProductTerms) -> tuple[Fee, ...]:
    """A product's fees as the all-in cost counts them."""
    return tuple(
        Fee(fee.title, fee.payer, fee.payee, fee.rate, fee.amount, fee.per, fee.kind, fee.due) for fee in terms.block.fees
    )


@lru_cache(maxsize=1024)
def _beside(terms: ProductTerms) -> Words:
    """What is paid beside interest, and whether the rate floats, as the end of a sentence."""
    costs = [fee.words for fee in fees_of(terms) if fee.payer == "borrower"]
    said = (
        Words("；另收" + "、".join(cost.zh for cost in costs), "; in addition " + ", ".join(cost.en for cost in costs))
        if costs
        else Words("；无其他费用", "; no other cost")
    )
    floats = RESETS.get(terms.block.price.reset)
    return Words(f"{said.zh}；{floats.zh}", f"{said.en}; {floats.en}") if floats else said


def price(terms: ProductTerms, values: Mapping[str, Any], *, day: date, listing_grade: str | None = None) -> Price:
    """The price on these facts with the LPR of `day`. No query of any bureau or bank."""
    asked = terms.block.price
    base_bp = lpr_bp(asked.benchmark, day)
    spread = asked.spread + sum(item.add for item in asked.listing_grades if item.grade == listing_grade)
    low = asked.spread_from - asked.spread if asked.spread_from is not None else 0
    high = 0
    for item in asked.adjustments:
        value = values.get(item.fact)
        if value is None:
            low, high = low + min(0, item.add), high + max(0, item.add)
        elif test_holds(item.op, item.value, value, day):
            spread += item.add
    spread, low, high = max(spread, -base_bp), max(spread + low, -base_bp), spread + high
    rate, tenor, extra = base_bp + spread, TENORS[asked.benchmark], _beside(terms)
    open_ = Words("", "")
    if low != high:
        span = f"{percent(base_bp + low)}–{percent(base_bp + high)}"
        why = OWN_RATING if asked.spread_from is not None else Words("", "")
        open_ = Words(f"，视未知信息在 {span} 之间{why.zh}", f", between {span} depending on what is not known yet{why.en}")
    sign = "+" if spread >= 0 else "−"
    return Price(
        base_bp, spread, rate, base_bp + low, base_bp + high, fees_of(terms),
        Words(
            f"年利率（单利）{percent(rate)}（{tenor.zh} {percent(base_bp)} {sign} {abs(spread)} 基点{open_.zh}）{extra.zh}",
            f"{percent(rate)} a year, simple ({tenor.en} {percent(base_bp)} {sign} {abs(spread)} bp{open_.en}){extra.en}",
        ),
    )  # fmt: skip
