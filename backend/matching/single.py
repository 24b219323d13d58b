"""One firm: a product's questions as a list of closures, an answer without sentences. For searches that ask thousands of times.

`products.rules.evaluate` is the definition and gives the sentences; a proof holds the two together.

>>> from datetime import date
>>> from products.catalogue import load
>>> from products.rules import FirmView
>>> day = date(2025, 6, 1)
>>> says = closures(load().get("invoice_credit_loan", day), day)
>>> says({"sales_12m_fen": 1_000_000}, FirmView("enterprise"), None)
'no'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from backend.matching.conditions import SUBJECT, Enough, Question, Sizes, asked_by, number
from products import industry, size
from products.rules import FirmView
from products.schema import ProductTerms

Answer = Literal["yes", "no", "unknown"]
Says = Callable[[Mapping[str, Any], FirmView, str | None], Answer]
_Check = Callable[[Mapping[str, Any]], int]  # 0 no, 1 unknown, 2 nothing against it
_ANSWERS: tuple[Answer, ...] = ("no", "unknown", "yes")


def _holds(question: Question) -> Callable[[Any], bool]:
    want = question.want
    table: dict[str, Callable[[Any], bool]] = {
        "ge": lambda value: bool(value >= want),
        "le": lambda value: bool(value <= want),
        "in": lambda value: value in want,
        "out": lambda value: value not in want,
        "prefix": lambda value: str(value).startswith(want),
        "within": lambda value: industry.within(value, want),
        "not_within": lambda value: not industry.within(value, want),
    }
    return table[question.form]


def _asks(question: Question) -> _Check:
    holds, code, only_for = _holds(question), question.fact, question.only_for
    missing = 1 if question.counts else 2

    def check(seen: Mapping[str, Any]) -> int:
        value = seen.get(code)
        if value is None:
            return missing
        return 2 if holds(number(value)) else 0

    def narrowed(seen: Mapping[str, Any]) -> int:
        mine = seen.get("industry")
        if mine is None:
            return 1
        return check(seen) if industry.within(mine, only_for) else 2

    return narrowed if only_for else check


def _sized(wanted: Sizes) -> _Check:
    def check(seen: Mapping[str, Any]) -> int:
        if seen[SUBJECT] == "sole_trader":
            return 2 if {"micro", "small"} & wanted.wanted else 0
        mine = seen.get("industry")
        may_be = size.possible(mine, seen, wanted.day) if mine is not None else None
        if may_be is None or set(may_be) <= wanted.wanted:
            return 2
        return 1 if set(may_be) & wanted.wanted else 0

    return check


def _enough(wanted: Enough) -> _Check:
    needs, least = wanted.needs, Fraction(wanted.least_fen)

    def check(seen: Mapping[str, Any]) -> int:
        if any(seen.get(code) is None for code in needs):
            return 1
        if wanted.always is not None:
            return 2 if wanted.always else 0
        amounts = [Fraction(0)]
        for part in wanted.parts:
            value = seen.get(part.fact)
            if value is None:
                continue
            raw = Fraction(dict(part.table).get(str(value), 0)) if part.table is not None else number(value) * part.factor
            amounts.append(max(Fraction(0), raw))
        found = sum(amounts) if wanted.take == "sum" else min(amounts[1:])
        return 2 if found >= least else 0

    return check


@lru_cache(maxsize=4096)
def closures(terms: ProductTerms, day: date) -> Says:
    """The product's answer as a function of facts, firm and recognition grade."""
    asked = asked_by(terms, day)
    checks = [_asks(question) for question in (*asked.questions, *asked.elsewhere) if not question.fact.startswith("listing:")]
    # What only the bank can say of some industries counts nothing but an unknown industry.
    checks[len(checks) - len(asked.elsewhere) :] = [
        lambda seen: 2 if seen.get("industry") is not None else 1 for _ in asked.elsewhere
    ]
    if asked.sizes is not None:
        checks.append(_sized(asked.sizes))
    checks.append(_enough(asked.enough))
    grades = terms.block.whitelist.grades if terms.block.whitelist is not None and terms.block.whitelist.required else None

    def says(values: Mapping[str, Any], firm: FirmView, grade: str | None) -> Answer:
        seen = {"region": firm.region, "industry": firm.industry, "subject_type": firm.subject_type}
        seen |= {code: value for code, value in values.items() if value is not None}
        seen[SUBJECT] = firm.subject_type
        if grades is not None and grade not in grades:
            return "no"
        worst = 2
        for check in checks:
            found = check(seen)
            if found == 0:
                return "no"
            worst = min(worst, found)
        return _ANSWERS[worst]

    return says
