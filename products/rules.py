"""May this firm have this product, and up to what base limit? Three-valued: a missing fact is unknown, never a no.

This is the readable definition; whatever answers faster must answer the same. Criteria become closures once per dated block;
nothing is evaluated from text. A criterion with `knows: bank` never makes the answer unknown: it says that the bank will check,
unless a fact we happen to know already says no. A `no` stands above an `unknown`, an `unknown` above a `yes` (domain §0.5, §5.5
explanation of decisions). A firm of another region is answered with that alone.

>>> from products.catalogue import load
>>> from datetime import date
>>> terms = load().get("invoice_credit_loan", date(2025, 6, 1))
>>> verdict = evaluate(terms, {"sales_12m_fen": 1_000_000}, day=date(2025, 6, 1), firm=FirmView("enterprise"))
>>> verdict.answer, verdict.reasons[0].words.en
('no', 'invoiced sales in 12 months: 1.00 万元; the product asks for at least 100.00 万元')
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from backend.kit.money import wan
from backend.kit.words import Words
from products import industry, scope, sentences
from products.criteria import Answer, Criterion
from products.limits import Limit, base_limit
from products.schema import ProductTerms
from products.scope import FirmView, Reason
from products.vocabulary import fact

__all__ = ["FirmView", "Limit", "Reason", "Verdict", "base_limit", "evaluate"]

_ORDER = {("no", "platform"): 0, ("no", "bank"): 0, ("unknown", "platform"): 1, ("yes", "platform"): 2, ("yes", "bank"): 2}
ELSEWHERE = Limit(None, Words("不适用于本地区", "not for your region"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the product says to a firm: reasons ordered no, unknown, yes, then what the bank will check.

    `elsewhere`: the product serves other regions, and nothing else was asked.
    """

    answer: Answer
    reasons: tuple[Reason, ...]
    base_limit: Limit
    elsewhere: bool = False


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
    check = _asked(criterion)
    return _only_for(criterion, check) if criterion.only_for else check


def _only_for(criterion: Criterion, check: Check) -> Check:
    """The same question, put to the named industries alone."""
    names = "、".join(criterion.only_for)
    spared = Words(f"只对行业 {names} 适用的条件，不涉及", f"asked of the industries {names} only: it does not concern this firm")

    def narrowed(values: Mapping[str, Any], day: date, withheld: Collection[str]) -> Reason:
        code = values.get("industry")
        if code is None:
            words = sentences.missing("industry", sentences.asked("industry", "starts_with_one_of", criterion.only_for))
            way = sentences.way_to_know("industry", "industry" in withheld)
            return Reason(criterion.id, "unknown", words, "industry", None, "platform", way)
        if not industry.within(code, criterion.only_for):
            return Reason(criterion.id, "yes", spared, "industry", code)
        return check(values, day, withheld)

    return narrowed


def _asked(criterion: Criterion) -> Check:
    title = criterion.title
    if criterion.discloses == "none":
        title = Words("银行未公开的一项条件", "a condition that the bank does not publish")
    if criterion.fact is None or criterion.op is None:
        told = Reason(criterion.id, "unknown", sentences.bank_checks(title or Words("", "")), knows="bank")
        return lambda values, day, withheld: told
    code, op, threshold, knows = criterion.fact, criterion.op, criterion.value, criterion.knows
    holds, want = _holds(op, threshold), sentences.asked(code, op, threshold)
    exact = criterion.discloses == "exact"
    named = sentences.direction(code, op) if criterion.discloses == "direction" else None
    own_way = criterion.way
    asked_of = Words(f"{fact(code).title.zh}（要求{want.zh}）", f"{fact(code).title.en} ({want.en})") if exact else named
    bank_title = title or asked_of or Words("", "")

    def check(values: Mapping[str, Any], day: date, withheld: Collection[str]) -> Reason:
        value = values.get(code)
        if value is None:
            if knows == "bank":
                return Reason(criterion.id, "unknown", sentences.bank_checks(bank_title), code, None, "bank")
            words = sentences.missing(code, want) if exact else sentences.hidden("unknown", named)
            return Reason(criterion.id, "unknown", words, code, None, "platform", sentences.way_to_know(code, code in withheld))
        if holds(value, day):
            words = sentences.met(code, op, threshold, value, want) if exact else sentences.hidden("yes", named)
            return Reason(criterion.id, "yes", words, code, value)
        if exact:
            words = sentences.failed(code, op, threshold, value, want)
            return Reason(
                criterion.id, "no", words, code, value, "platform", own_way or sentences.way_to_yes(code, op, threshold)
            )
        # What is kept back must not be read off the fact beside it either.
        shown = code if named is not None else None
        return Reason(criterion.id, "no", sentences.hidden("no", named), shown, None, "platform", scope.CALL)

    return check


@lru_cache(maxsize=1024)
def _compiled(terms: ProductTerms) -> tuple[Check, ...]:
    return tuple(_compile(criterion) for criterion in terms.block.criteria)


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
    elsewhere = scope.outside(terms, seen["region"])
    if elsewhere is not None:
        return Verdict("no", (elsewhere,), ELSEWHERE, elsewhere=True)
    reasons = scope.asked(terms, firm, seen, day, listing_grade, withheld)
    reasons += [check(seen, day, withheld) for check in _compiled(terms)]
    limit = base_limit(terms, seen)
    reasons.append(_limit_reason(terms, limit, withheld))
    return Verdict(combine(reasons), ordered(reasons), limit)


def with_reason(verdict: Verdict, reason: Reason) -> Verdict:
    """The verdict after one more reason was learnt."""
    reasons = (*verdict.reasons, reason)
    return replace(verdict, answer=combine(reasons), reasons=ordered(reasons))
