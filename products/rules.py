"""May this firm have this product, and up to what base limit? Three-valued: a missing fact is unknown, never a no.

Criteria are compiled once per dated block into closures; nothing is evaluated from text. A criterion with `knows: bank` never
makes the answer unknown: it says that the bank will check, unless a fact we happen to know already says no.
A `no` stands above an `unknown`, an `unknown` above a `yes` (domain §0.5, §5.5 explanation of decisions).

>>> from products.catalogue import load
>>> from datetime import date
>>> terms = load().get("invoice_credit_loan", date(2025, 6, 1))
>>> verdict = evaluate(terms, {"sales_12m_fen": 1_000_000}, day=date(2025, 6, 1), firm=FirmView("enterprise"))
>>> verdict.answer, verdict.reasons[0].words.en
('no', 'invoiced sales of 12 months: 1.00 万元; the product asks for at least 100.00 万元')
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any

from backend.kit.money import wan
from backend.kit.words import Words
from products import sentences
from products.criteria import Answer, Criterion, Knows
from products.schema import LimitTerm, ProductTerms
from products.vocabulary import fact, show

_ORDER = {("no", "platform"): 0, ("no", "bank"): 0, ("unknown", "platform"): 1, ("yes", "platform"): 2, ("yes", "bank"): 2}


@dataclass(frozen=True, slots=True)
class FirmView:
    """The little of a firm that criteria may look at beside facts."""

    subject_type: str
    region: str | None = None
    industry: str | None = None
    uscc: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion's answer in one sentence; `way` is what turns a no or an unknown into a yes."""

    criterion: str
    answer: Answer
    words: Words
    fact: str | None = None
    value: Any = None
    knows: Knows = "platform"
    way: Words | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """The base limit in fen, or None with the facts it still needs."""

    amount_fen: int | None
    words: Words
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the product says to a firm: reasons ordered no, unknown, yes, then what the bank will check."""

    answer: Answer
    reasons: tuple[Reason, ...]
    base_limit: Limit


Check = Callable[[Mapping[str, Any], date, Collection[str]], Reason]
Holds = Callable[[Any, date], bool]


def _holds(op: str, threshold: Any) -> Holds:
    """The comparison as a closure over its threshold."""
    table: dict[str, Holds] = {
        "at_least": lambda value, day: bool(value >= threshold),
        "at_most": lambda value, day: bool(value <= threshold),
        "is": lambda value, day: bool(value == threshold),
        "is_not": lambda value, day: bool(value != threshold),
        "one_of": lambda value, day: value in threshold,
        "not_one_of": lambda value, day: value not in threshold,
        "starts_with_one_of": lambda value, day: str(value).startswith(threshold),
        "within_days": lambda value, day: (day - value).days <= threshold,
        "at_least_days_ago": lambda value, day: (day - value).days >= threshold,
        "count_at_least": lambda value, day: len(value) >= threshold,
    }
    return table[op]


def test_holds(op: str, threshold: Any, value: Any, day: date) -> bool:
    """One comparison, for pricing."""
    return _holds(op, threshold)(value, day)


test_holds.__test__ = False  # type: ignore[attr-defined]  # pytest: not a test


def _compile(criterion: Criterion) -> Check:
    title = criterion.title.words if criterion.title else None
    if criterion.fact is None or criterion.op is None:
        told = Reason(criterion.id, "unknown", sentences.bank_checks(title or Words("", "")), knows="bank")
        return lambda values, day, withheld: told
    code, op, threshold, knows = criterion.fact, criterion.op, criterion.value, criterion.knows
    holds = _holds(op, threshold)
    want = sentences.asked(code, op, threshold)
    own_way = criterion.way.words if criterion.way else None
    bank_title = title or Words(f"{fact(code).title.zh}（要求{want.zh}）", f"{fact(code).title.en} ({want.en})")

    def check(values: Mapping[str, Any], day: date, withheld: Collection[str]) -> Reason:
        value = values.get(code)
        if value is None:
            if knows == "bank":
                return Reason(criterion.id, "unknown", sentences.bank_checks(bank_title), code, None, "bank")
            way = sentences.way_to_know(code, code in withheld)
            return Reason(criterion.id, "unknown", sentences.missing(code, want), code, None, "platform", way)
        if holds(value, day):
            return Reason(criterion.id, "yes", sentences.met(code, op, threshold, value), code, value)
        way = own_way or sentences.way_to_yes(code, op, threshold)
        return Reason(criterion.id, "no", sentences.failed(code, op, threshold, value), code, value, "platform", way)

    return check


@lru_cache(maxsize=1024)
def _compiled(terms: ProductTerms) -> tuple[Check, ...]:
    return tuple(_compile(criterion) for criterion in terms.block.criteria)


def _subject(terms: ProductTerms, firm: FirmView) -> Reason:
    args = ("subject_type", "one_of", terms.subject_types)
    if firm.subject_type in terms.subject_types:
        return Reason("subject_type", "yes", sentences.met(*args, firm.subject_type), "subject_type", firm.subject_type)
    way = Words("请选择面向该主体类型的产品", "choose a product made for this kind of firm")
    words = sentences.failed(*args, firm.subject_type)
    return Reason("subject_type", "no", words, "subject_type", firm.subject_type, "platform", way)


def _listing(terms: ProductTerms, grade: str | None) -> Reason | None:
    """The recognition that opens the product. Not being on a list is known, so it is a no with its way."""
    wanted = terms.block.whitelist
    if wanted is None:
        return None
    if grade in wanted.grades:
        words = Words(f"已列入认定名单（{grade} 级）", f"on the recognition list, grade {grade}; the bank still decides")
        return Reason("whitelist", "yes", words, None, grade)
    asked = "、".join(wanted.grades)
    words = (
        Words("未列入产品要求的认定名单", "not on the recognition list that this product asks for")
        if grade is None
        else Words(f"认定等级 {grade}，产品要求 {asked}", f"recognised with grade {grade}; the product asks for {asked}")
    )
    return Reason("whitelist", "no", words, None, grade, "platform", wanted.way.words)


def _term_fen(term: LimitTerm, value: int) -> Decimal:
    if term.share is not None:
        return Decimal(value) * term.share / 10_000
    if term.times is not None:
        return Decimal(value) * term.times
    return Decimal(value) * (term.each or 0)


def _term_words(term: LimitTerm) -> Words:
    title = fact(term.fact).title
    if term.each is not None:
        each = show("sales_12m_fen", term.each).zh
        return Words(f"{title.zh}×{each}", f"{title.en} × {each}")
    factor = f"{Decimal(term.share) / 100:g}%" if term.share is not None else f"{term.times:g}"
    return Words(f"{title.zh}×{factor}", f"{title.en} × {factor}")


def base_limit(terms: ProductTerms, values: Mapping[str, Any]) -> Limit:
    """The product's formula on these facts, in fen, rounded down; None if a fact it needs is missing."""
    formula = terms.block.limit
    needs = tuple(term.fact for term in formula.terms if not term.optional and values.get(term.fact) is None)
    known = [term for term in formula.terms if values.get(term.fact) is not None]
    parts = [_term_words(term) for term in (formula.terms if needs else known)]
    joined = Words("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))
    how = Words("取最低", "the least of") if formula.take == "least" else Words("合计", "the sum of")
    rule = Words(f"{how.zh}：{joined.zh}", f"{how.en} {joined.en}") if len(parts) > 1 else joined
    if needs:
        lacking = "、".join(fact(code).title.zh for code in needs), ", ".join(fact(code).title.en for code in needs)
        return Limit(
            None, Words(f"额度按{rule.zh}计算，尚缺：{lacking[0]}", f"the limit is {rule.en}; not known yet: {lacking[1]}"), needs
        )
    amounts = [max(Decimal(0), _term_fen(term, values[term.fact])) for term in known]
    raw = min(amounts) if formula.take == "least" else sum(amounts, Decimal(0))
    held = max(Decimal(formula.floor), min(raw, Decimal(formula.ceiling)))
    steps = (held / formula.round_down_to).to_integral_value(rounding=ROUND_DOWN)
    amount = int(steps) * formula.round_down_to
    capped = raw > formula.ceiling
    words = Words(
        f"基础额度 {wan(amount)} 万元（{rule.zh}{'，按上限计' if capped else ''}）",
        f"base limit {wan(amount)} 万元 ({rule.en}{', held at the ceiling' if capped else ''})",
    )
    return Limit(amount, words)


def _limit_reason(terms: ProductTerms, limit: Limit, withheld: Collection[str]) -> Reason:
    if limit.amount_fen is None:
        code = limit.needs[0]
        return Reason("base_limit", "unknown", limit.words, code, None, "platform", sentences.way_to_know(code, code in withheld))
    if limit.amount_fen >= terms.min_fen:
        return Reason("base_limit", "yes", limit.words, None, limit.amount_fen)
    least = wan(terms.min_fen)
    words = Words(
        f"{limit.words.zh}，低于产品起点 {least} 万元", f"{limit.words.en}, below the product's smallest loan of {least} 万元"
    )
    way = Words(
        "经营规模提高后重新匹配，或选择起点更低的产品",
        "match again as the business grows, or choose a product with smaller loans",
    )
    return Reason("base_limit", "no", words, None, limit.amount_fen, "platform", way)


def combine(reasons: Collection[Reason]) -> Answer:
    """No above unknown above yes; what only the bank can check does not count until it is a no."""
    if any(reason.answer == "no" for reason in reasons):
        return "no"
    return "unknown" if any(reason.answer == "unknown" and reason.knows == "platform" for reason in reasons) else "yes"


def ordered(reasons: Collection[Reason]) -> tuple[Reason, ...]:
    """No first, then unknown, then yes, then what the bank will check; the file's order within each."""
    return tuple(sorted(reasons, key=lambda reason: _ORDER.get((reason.answer, reason.knows), 3)))


def evaluate(
    terms: ProductTerms,
    values: Mapping[str, Any],
    *,
    day: date,
    firm: FirmView,
    listing_grade: str | None = None,
    withheld: Collection[str] = (),
) -> Verdict:
    """The product's answer on these facts. `day` is the day of the facts: ages of dates count to it.

    `withheld` names facts for which no consent lives; they are unknown and the way is to authorise them.
    """
    seen = {"region": firm.region, "industry": firm.industry, "subject_type": firm.subject_type}
    seen |= {code: value for code, value in values.items() if value is not None}
    reasons = [_subject(terms, firm)]
    listing = _listing(terms, listing_grade)
    if listing is not None:
        reasons.append(listing)
    reasons += [check(seen, day, withheld) for check in _compiled(terms)]
    limit = base_limit(terms, seen)
    reasons.append(_limit_reason(terms, limit, withheld))
    return Verdict(combine(reasons), ordered(reasons), limit)


def with_reason(verdict: Verdict, reason: Reason) -> Verdict:
    """The verdict after one more reason was learnt."""
    reasons = (*verdict.reasons, reason)
    return replace(verdict, answer=combine(reasons), reasons=ordered(reasons))
