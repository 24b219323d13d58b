"""The base limit: a product's formula on what is known (domain §4.4 base, §5.5 working capital).

>>> from datetime import date
>>> from products.catalogue import load
>>> base_limit(load().get("invoice_credit_loan", date(2025, 6, 1)), {"sales_12m_fen": 100_000_000}).amount_fen
10000000
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any

from backend.kit.money import wan
from backend.kit.words import Words
from products.parts import LimitTerm
from products.schema import ProductTerms
from products.vocabulary import fact, show


@dataclass(frozen=True, slots=True)
class Limit:
    """The base limit in fen, or None with the facts it still needs."""

    amount_fen: int | None
    words: Words
    needs: tuple[str, ...] = ()


def _term_fen(term: LimitTerm, value: Any) -> Decimal:
    if term.share is not None:
        return Decimal(value) * term.share / 10_000
    if term.times is not None:
        return Decimal(value) * term.times
    if term.table is not None:
        return Decimal(term.table.get(str(value), 0))
    return Decimal(value) * (term.each or 0)


def _term_words(term: LimitTerm) -> Words:
    title = fact(term.fact).title
    if term.table is not None:
        steps = "、".join(f"{grade} {wan(amount)} 万元" for grade, amount in term.table.items())
        return Words(f"{title.zh}对应额度（{steps}）", f"{title.en} ({steps.replace('、', ', ')})")
    if term.each is not None:
        each = show("sales_12m_fen", term.each).zh
        return Words(f"{title.zh}×{each}", f"{title.en} × {each}")
    factor = f"{Decimal(term.share) / 100:g}%" if term.share is not None else f"{term.times:g}"
    return Words(f"{title.zh}×{factor}", f"{title.en} × {factor}")


@lru_cache(maxsize=4096)
def _rule(terms: ProductTerms, codes: tuple[str, ...]) -> Words:
    """The formula over the terms of these facts, in words."""
    parts = [_term_words(term) for term in terms.block.limit.terms if term.fact in codes]
    joined = Words("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))
    how = Words("取最低", "the least of") if terms.block.limit.take == "least" else Words("合计", "the sum of")
    return Words(f"{how.zh}：{joined.zh}", f"{how.en} {joined.en}") if len(parts) > 1 else joined


def base_fen(terms: ProductTerms, values: Mapping[str, Any]) -> tuple[int | None, bool]:
    """The product's formula on these facts in fen, rounded down, and whether the ceiling held it; None if a fact is missing."""
    formula = terms.block.limit
    amounts = []
    for term in formula.terms:
        value = values.get(term.fact)
        if value is not None:
            amounts.append(max(Decimal(0), _term_fen(term, value)))
        elif not term.optional:
            return None, False
    raw = min(amounts) if formula.take == "least" else sum(amounts, Decimal(0))
    held = max(Decimal(formula.floor), min(raw, Decimal(formula.ceiling)))
    steps = (held / formula.round_down_to).to_integral_value(rounding=ROUND_DOWN)
    return int(steps) * formula.round_down_to, raw > formula.ceiling


def base_limit(terms: ProductTerms, values: Mapping[str, Any]) -> Limit:
    """As `base_fen`, in words; without an amount, with the facts it still needs."""
    amount, capped = base_fen(terms, values)
    if amount is None:
        needs = tuple(term.fact for term in terms.block.limit.terms if not term.optional and values.get(term.fact) is None)
        rule = _rule(terms, tuple(term.fact for term in terms.block.limit.terms))
        lacking = "、".join(fact(code).title.zh for code in needs), ", ".join(fact(code).title.en for code in needs)
        return Limit(
            None, Words(f"额度按{rule.zh}计算，尚缺：{lacking[0]}", f"the limit is {rule.en}; not known yet: {lacking[1]}"), needs
        )
    rule = _rule(terms, tuple(term.fact for term in terms.block.limit.terms if values.get(term.fact) is not None))
    words = Words(
        f"基础额度 {wan(amount)} 万元（{rule.zh}{'，按上限计' if capped else ''}）",
        f"base limit {wan(amount)} 万元 ({rule.en}{', held at the ceiling' if capped else ''})",
    )
    return Limit(amount, words)
