"""Which value of a fact would satisfy everything that is asked of it, as near to the present one as may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from backend.matching import way_words
from backend.matching.changes import Blocked
from backend.matching.conditions import Part, Question, number
from products import industry, size
from products.schema import ProductTerms
from products.vocabulary import fact

_FAR = 10**17
_SECTIONS = [f"{letter}{first:02d}" for letter, (first, _) in industry.SECTIONS.items()]


def holds(question: Question, value: Any) -> bool:
    """Whether a known value satisfies a question."""
    form, want = question.form, question.want
    if form == "known":
        return True
    if form in ("within", "not_within"):
        return industry.within(value, want) == (form == "within")
    mine = number(value)
    if form == "prefix":
        return str(mine).startswith(want)
    return bool(mine >= want if form == "ge" else mine <= want if form == "le" else (mine in want) == (form == "in"))


def typed(code: str, found: int) -> Any:
    """A whole number as the fact's own kind."""
    kind = fact(code).kind
    if kind == "date":
        return date.fromordinal(found)
    if kind == "bool":
        return bool(found)
    return [{}] * found if kind == "list" else found


def solve(code: str, questions: Sequence[Question], value: Any) -> Any:
    """The nearest value that satisfies all; Blocked if there is none."""
    kind = fact(code).kind
    if kind == "text":
        named = [word for one in questions if one.form in ("in", "prefix", "within") for word in sorted(one.want)]
        words = [
            *named,
            "A",
            "B",
            "M",
            "C",
            "D",
            "N",
            *(f"{letter}{first:02d}" for letter, (first, _) in industry.SECTIONS.items()),
        ]
        found = next((word for word in words if all(holds(one, word) for one in questions)), None)
        if found is None:
            raise Blocked(way_words.fixed(code))
        return found
    low = max([one.want for one in questions if one.form == "ge"], default=-_FAR)
    high = min([one.want for one in questions if one.form == "le"], default=_FAR)
    if kind in ("bool", "list"):
        low, high = max(low, 0), min(high, 1 if kind == "bool" else high)
    elif kind == "date":
        low, high = max(low, 1), min(high, date.max.toordinal())
    near = number(value) if value is not None else (date(2020, 1, 1).toordinal() if kind == "date" else 0)
    among = [set(one.want) for one in questions if one.form == "in"]
    barred = {bad for one in questions if one.form == "out" for bad in one.want}
    start = min(max(near, low), high)
    pool = set.intersection(*among) if among else {start + step * sign for step in range(len(barred) + 2) for sign in (1, -1)}
    fits = sorted((abs(one - near), one) for one in pool if low <= one <= high and one not in barred)
    if not fits:
        raise Blocked(way_words.fixed(code))
    return typed(code, fits[0][1])


def amount(part: Part, value: Any) -> Fraction:
    """What a part adds to a limit; nothing where it is not known."""
    if value is None:
        return Fraction(0)
    return (
        Fraction(dict(part.table).get(str(value), 0)) if part.table is not None else max(Fraction(0), number(value) * part.factor)
    )


def industries(terms: ProductTerms) -> list[str]:
    """What an unknown industry may turn out to be: a section, or what the product itself names."""
    named = [*terms.block.industries, *(word for one in terms.block.criteria for word in one.only_for)]
    return list(dict.fromkeys([*_SECTIONS, *named]))


def same_size(code: str) -> tuple[str, ...]:
    """The facts that stand for the same measure of size."""
    return next((codes for codes in size.FACTS.values() if code in codes), ())


def size_values(mine: str, code: str, least: Any, day: date) -> list[int]:
    """Values at which a firm's size may turn, none below what the record must show anyway."""
    of, name = size.class_of(mine, day), next(name for name, codes in size.FACTS.items() if code in codes)
    limits = [getattr(of, tier).named.get(name) for tier in size.TIERS] if of is not None else []
    found = {0, *(limit for limit in limits if limit is not None)} | {limit - 1 for limit in limits if limit is not None}
    floor = number(least) if least is not None else 0
    return sorted({max(one, floor) for one in found})
