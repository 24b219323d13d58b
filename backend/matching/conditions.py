"""What a product asks, as plain comparisons of whole numbers and words: the one form from which both compiled ways are built.

Money, counts and shares are whole numbers already; a day is its ordinal, a truth value 0 or 1, a list its length. Every ordered
test becomes `ge` or `le` against a whole number, so that products that ask the same share one comparison. What each test means is
written in `products.rules`; a proof holds the two together pair by pair.

>>> from products.catalogue import load
>>> book = asked_by(load().get("invoice_credit_loan", date(2025, 6, 1)), date(2025, 6, 1))
>>> next(one for one in book.questions if one.fact == "sales_12m_fen")
Question(fact='sales_12m_fen', form='ge', want=100000000, counts=True, only_for=())
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Any, Literal

from products.criteria import Criterion
from products.schema import ProductTerms

Form = Literal["ge", "le", "in", "out", "prefix", "within", "not_within", "known"]
SUBJECT = "firm:subject_type"  # the register's own entry, which no fact overrides


def listing(programme: str) -> str:
    """The column that holds a firm's recognition grade under a programme."""
    return f"listing:{programme}"


def number(value: Any) -> Any:
    """A value as it is compared: a whole number, or a word as it is. ValueError for a broken number, which no fact is."""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, (list, tuple)):
        return len(value)
    if value != int(value):
        raise ValueError(f"{value} is not a whole number; facts are counted in whole fen, basis points, days or units")
    return int(value)


@dataclass(frozen=True, slots=True)
class Question:
    """One comparison. `counts`: a missing fact makes the answer unknown; else only the bank can tell, and a miss says nothing."""

    fact: str
    form: Form
    want: Any
    counts: bool = True
    only_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of firm that a product is for; `day` picks the standard in force."""

    wanted: frozenset[str]
    day: date


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a limit: value × factor, or an amount by grade."""

    fact: str
    factor: Fraction
    table: tuple[tuple[str, int], ...] | None
    optional: bool


@dataclass(frozen=True, slots=True)
class Enough:
    """The base limit reaches the smallest loan: the least or the sum of the parts is at least `least_fen`.

    `always` is an answer that holds whatever the parts are, once they are known: a floor above, or a ceiling below.
    """

    take: str
    parts: tuple[Part, ...]
    least_fen: int
    always: bool | None

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(part.fact for part in self.parts if not part.optional)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything a product asks, in no particular order: a no anywhere is a no."""

    product: str
    questions: tuple[Question, ...]
    elsewhere: tuple[Question, ...]  # only the bank can say more than the industry
    sizes: Sizes | None
    enough: Enough


def question_of(criterion: Criterion, day: date) -> Question | None:
    """A criterion as a comparison; None where only the bank can ask."""
    code, op, want = criterion.fact, criterion.op, criterion.value
    if code is None or op is None:
        return None
    counts, only_for = criterion.knows == "platform", criterion.only_for
    table: dict[str, tuple[Form, Any]] = {
        "at_least": ("ge", want),
        "at_most": ("le", want),
        "is": ("in", (want,)),
        "is_not": ("out", (want,)),
        "one_of": ("in", want),
        "not_one_of": ("out", want),
        "starts_with_one_of": ("prefix", want),
        "within_days": ("ge", day.toordinal() - want if op == "within_days" else None),
        "at_least_days_ago": ("le", day.toordinal() - want if op == "at_least_days_ago" else None),
        "count_at_least": ("ge", want),
    }
    form, value = table[op]
    plain = frozenset(number(one) for one in value) if form in ("in", "out") else value if form == "prefix" else number(value)
    return Question(code, form, plain, counts, only_for)


def _enough(terms: ProductTerms) -> Enough:
    formula = terms.block.limit
    least = -(-terms.min_fen // formula.round_down_to) * formula.round_down_to
    always = True if formula.floor >= least else False if formula.ceiling < least else None
    parts = []
    for term in formula.terms:
        factor = Fraction(1)
        if term.share is not None:
            factor = Fraction(term.share, 10_000)
        elif term.times is not None:
            factor = Fraction(Decimal(term.times))
        elif term.each is not None:
            factor = Fraction(term.each)
        table = tuple(sorted(term.table.items())) if term.table is not None else None
        parts.append(Part(term.fact, factor, table, term.optional))
    return Enough(formula.take, tuple(parts), least, always)


@lru_cache(maxsize=4096)
def asked_by(terms: ProductTerms, day: date) -> Asked:
    """What a product asks of facts of that day."""
    block = terms.block
    found = [Question(SUBJECT, "in", frozenset(terms.subject_types))]
    if block.regions:
        found.append(Question("region", "prefix", block.regions))
    if block.industries:
        found.append(Question("industry", "within", block.industries))
    if block.except_industries:
        found.append(Question("industry", "not_within", block.except_industries, counts=False))
    if block.whitelist is not None and block.whitelist.required:
        # Not being on a list is known: the column says so with an empty word.
        found.append(Question(listing(block.whitelist.programme), "in", frozenset(block.whitelist.grades)))
    found += [one for criterion in block.criteria if (one := question_of(criterion, day)) is not None]
    bare = tuple(
        Question("industry", "within", criterion.only_for)
        for criterion in block.criteria
        if criterion.fact is None and criterion.only_for
    )
    sizes = Sizes(frozenset(block.sizes), day) if block.sizes else None
    return Asked(terms.code, tuple(dict.fromkeys(found)), bare, sizes, _enough(terms))


def reaches(part: Part, least_fen: int) -> int | None:
    """The least whole value of a part's fact with which it reaches an amount alone; None if none does."""
    return ceil(least_fen / part.factor) if part.factor > 0 else None
