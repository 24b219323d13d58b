"""Debt capacity: what the firm's cash flow carries, less every debt that is known to us. A cap on every limit. Whole fen.

    carries = min(sales × margin × part free for debt, sales × ceiling) × share of the grade
    left    = carries − outstanding here − tax arrears − a share of the guarantees given      (never below nought)

The shares stand in the card. What is unknown is said each time: debt at other banks always; the margin, the guarantees or what a
mortgage secures where we cannot see them. After domain §5.5 (working-capital need; aggregated debt is checked by the bank).

>>> [line.code for line in DEBTS]
['bnk_outstanding_fen', 'tax_arrears_fen', 'guarantee_links']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.kit.money import wan
from backend.kit.rates import percent
from backend.kit.words import Words
from backend.scoring.card import Band, Capacity

NOTHING = Words("缺少开票数据，无法估算偿债能力", "without invoices no debt capacity can be worked out")


@dataclass(frozen=True, slots=True)
class Debt:
    """One kind of debt that we can know of, and what people call it."""

    code: str
    words: Words


DEBTS = (
    Debt("bnk_outstanding_fen", Words("本平台贷款余额", "outstanding through this platform")),
    Debt("tax_arrears_fen", Words("欠税余额", "tax arrears")),
    Debt("guarantee_links", Words("对外担保按比例计入", "a share of the guarantees given")),
)


def known_debt(terms: Capacity, values: Mapping[str, Any]) -> dict[str, int]:
    """Each known debt in fen; what is not known is not in it."""
    found = {code: int(values[code]) for code in ("bnk_outstanding_fen", "tax_arrears_fen") if values.get(code) is not None}
    links = values.get("guarantee_links")
    if links is not None:
        given = sum(int(link.get("amount_fen") or 0) for link in links if link.get("direction") == "given")
        found["guarantee_links"] = given * terms.guarantee_share_bp // 10_000
    return found


def capacity(terms: Capacity, band: Band, values: Mapping[str, Any]) -> tuple[int | None, Words]:
    """What is left for new debt, rounded down, with the sum in words; None where no sales are known."""
    sales = values.get("sales_12m_fen")
    if sales is None:
        return None, NOTHING
    margin = values.get("gross_margin_bp")
    used = terms.margin_if_unknown_bp if margin is None else max(0, min(terms.margin_ceiling_bp, int(margin)))
    free = int(sales) * used * terms.free_share_bp // 100_000_000
    carried = min(free, int(sales) * terms.sales_share_ceiling_bp // 10_000) * band.capacity_bp // 10_000
    debts = known_debt(terms, values)
    left = max(0, carried - sum(debts.values()))
    return left, _said(int(sales), used, band, carried, debts, _unknown(values, debts))


def _unknown(values: Mapping[str, Any], debts: Mapping[str, int]) -> list[Words]:
    found = [Words("其他银行的负债平台未知，由银行核实", "debt at other banks is unknown here and the bank checks it")]
    if values.get("gross_margin_bp") is None:
        found.append(Words("毛利率未知，按保守值计", "the margin is unknown and taken low"))
    if "guarantee_links" not in debts:
        found.append(Words("对外担保未授权查看", "guarantees given are not authorised"))
    if values.get("property_mortgaged") is True:
        found.append(Words("不动产抵押所担保的债务金额未知", "what the mortgage on real estate secures is unknown"))
    return found


def _said(sales: int, margin: int, band: Band, carried: int, debts: Mapping[str, int], unknown: list[Words]) -> Words:
    less = [(debt.words, debts[debt.code]) for debt in DEBTS if debts.get(debt.code)]
    zh = "、".join(f"{words.zh} {wan(fen)} 万元" for words, fen in less) or "已知负债 0.00 万元"
    en = ", ".join(f"{wan(fen)} {words.en}" for words, fen in less) or "no debt known here"
    return Words(
        f"按近12个月开票额 {wan(sales)} 万元、毛利率 {percent(margin, 1)} 与等级 {band.grade} 估算，"
        f"可承担债务 {wan(carried)} 万元，减去{zh}；{'；'.join(each.zh for each in unknown)}",
        f"from 12 months of invoices ({wan(sales)} ×10,000 yuan), a margin of {percent(margin, 1)} and grade {band.grade}: "
        f"{wan(carried)} ×10,000 yuan of debt, less {en}; {'; '.join(each.en for each in unknown)}",
    )
