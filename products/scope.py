"""For whom a product is at all: kind of firm, region, industry, size, recognition. Asked before any criterion.

Region and industry are known by prefix (domain §2.2, §2.3), the size by `size.py`. A firm of another region is told that and
nothing else: the rest of such a product does not concern it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from backend.kit.words import Words
from products import industry, sentences, size
from products.criteria import Answer, Knows
from products.schema import ProductTerms

CALL = Words("该条件由银行掌握，请联系产品页所列联系人", "the bank keeps this condition; call the contact named with the product")


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


@lru_cache(maxsize=8192)
def outside(terms: ProductTerms, region: str | None) -> Reason | None:
    """The whole answer to a firm of another region; None where the product may serve it."""
    regions = terms.block.regions
    if not regions or region is None or region.startswith(regions):
        return None
    words = sentences.failed("region", "starts_with_one_of", regions, region)
    way = Words("该产品只面向所列地区，请选择本地产品", "this product serves the named regions only; choose one of your region")
    return Reason("region", "no", words, "region", region, "platform", way)


def _kind(terms: ProductTerms, firm: FirmView) -> Reason:
    args = ("subject_type", "one_of", terms.subject_types)
    if firm.subject_type in terms.subject_types:
        return Reason("subject_type", "yes", sentences.met(*args, firm.subject_type), "subject_type", firm.subject_type)
    way = Words("请选择面向该主体类型的产品", "choose a product made for this kind of firm")
    words = sentences.failed(*args, firm.subject_type)
    return Reason("subject_type", "no", words, "subject_type", firm.subject_type, "platform", way)


def _prefix(name: str, code: str, wanted: tuple[str, ...], value: str | None, *, good: bool, withheld: Collection[str]) -> Reason:
    op = "starts_with_one_of"
    if value is None:
        words = sentences.missing(code, sentences.asked(code, op, wanted))
        return Reason(name, "unknown", words, code, None, "platform", sentences.way_to_know(code, code in withheld))
    if good:
        return Reason(name, "yes", sentences.met(code, op, wanted, value), code, value)
    way = Words("请选择面向本行业的产品", "choose a product made for your industry")
    return Reason(name, "no", sentences.failed(code, op, wanted, value), code, value, "platform", way)


def _excepted(terms: ProductTerms, value: str | None) -> Reason | None:
    not_for = terms.block.except_industries
    if not not_for or value is None or not industry.within(value, not_for):
        return None
    words = Words(f"所属行业 {value} 不在该产品支持范围内", f"the industry {value} is excepted from this product")
    way = Words("请选择面向本行业的产品", "choose a product made for your industry")
    return Reason("industry", "no", words, "industry", value, "platform", way)


def _size(terms: ProductTerms, kind: str, code: str | None, values: Mapping[str, Any], day: date) -> Reason | None:
    """Micro, small, medium or large, as far as it is known. A sole trader counts as micro (普惠口径, domain §2.4)."""
    wanted = terms.block.sizes
    if not wanted:
        return None
    asked = Words("、".join(size.TITLES[one].zh for one in wanted), ", ".join(size.TITLES[one].en for one in wanted))
    if kind == "sole_trader":
        words = Words("个体工商户按小微口径计", "a sole trader counts as small")
        return Reason("size", "yes", words) if {"micro", "small"} & set(wanted) else Reason("size", "no", words, way=CALL)
    may_be = size.possible(code, values, day) if code is not None else None
    if may_be is None:
        words = Words(f"企业规模（要求{asked.zh}）：由银行认定", f"size of the firm ({asked.en}): the bank will check")
        return Reason("size", "unknown", words, knows="bank")
    told = Words("或".join(size.TITLES[one].zh for one in may_be), " or ".join(size.TITLES[one].en for one in may_be))
    words = Words(f"企业规模：{told.zh}，产品要求{asked.zh}", f"size of the firm: {told.en}; the product asks for {asked.en}")
    if set(may_be) <= set(wanted):
        return Reason("size", "yes", words, None, may_be[0])
    if not set(may_be) & set(wanted):
        way = Words("请选择面向本规模企业的产品", "choose a product made for firms of your size")
        return Reason("size", "no", words, None, may_be[0], "platform", way)
    lacking = size.missing(code or "", values, day)
    return Reason("size", "unknown", words, lacking[0], None, "platform", sentences.way_to_know(lacking[0], False))


def _listing(terms: ProductTerms, grade: str | None) -> Reason | None:
    """The recognition that opens the product. Not being on a list is known, so it is a no with its way."""
    wanted = terms.block.whitelist
    if wanted is None:
        return None
    if grade in wanted.grades:
        words = Words(f"已列入认定名单（{grade} 级）", f"on the recognition list, grade {grade}; the bank still decides")
        return Reason("whitelist", "yes", words, None, grade)
    if not wanted.required:
        words = Words("未列入认定名单，不影响申请，只影响价格", "not on the recognition list: that moves the price only")
        return Reason("whitelist", "yes", words, None, grade)
    asked = "、".join(wanted.grades)
    words = (
        Words("未列入产品要求的认定名单", "not on the recognition list that this product asks for")
        if grade is None
        else Words(f"认定等级 {grade}，产品要求 {asked}", f"recognised with grade {grade}; the product asks for {asked}")
    )
    return Reason("whitelist", "no", words, None, grade, "platform", wanted.way)


def asked(
    terms: ProductTerms, firm: FirmView, seen: Mapping[str, Any], day: date, grade: str | None, withheld: Collection[str]
) -> list[Reason]:
    """Every question of scope, in the order in which a firm would be asked. `seen` is what is known, the register included."""
    block, code = terms.block, seen.get("industry")
    reasons = [_kind(terms, firm)]
    if block.regions:
        value = seen.get("region")
        good = value is not None and value.startswith(block.regions)
        reasons.append(_prefix("region", "region", block.regions, value, good=good, withheld=withheld))
    if block.industries:
        good = code is not None and industry.within(code, block.industries)
        reasons.append(_prefix("industry", "industry", block.industries, code, good=good, withheld=withheld))
    others = (_excepted(terms, code), _size(terms, firm.subject_type, code, seen, day), _listing(terms, grade))
    return reasons + [one for one in others if one is not None]
