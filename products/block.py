"""What a product file says: `loans/<bank>/<product>.yaml`, read strictly. One file is one product; each block under
`blocks` holds from a day until another and names its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from backend.kit.policy import Faulty, Source
from backend.kit.words import Words
from products import industry
from products.criteria import Criterion, Growing
from products.directory import FamilyCode
from products.parts import (
    AmountRange,
    Clock,
    DayCount,
    Example,
    FeeTerms,
    LimitFormula,
    PriceTerms,
    SubjectType,
    Way,
    WhitelistTerms,
)
from products.size import Size
from products.vocabulary import FactCode, ShareText

PURPOSES = ("working_capital", "equipment", "stock", "orders", "wages", "data_product", "other")
Purpose = Literal["working_capital", "equipment", "stock", "orders", "wages", "data_product", "other"]
Channel = Literal["platform", "at_the_bank"]
Fault = tuple[tuple[str | int, ...], str]
_DIVISION = re.compile(r"^\d{2}(\d{2}(\d{2})?)?$")


def _several(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values or len(set(values)) != len(values):
        raise ValueError("say at least one, each once")
    return values


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        raise ValueError("say each once")
    return values


def _division(code: str) -> str:
    if not _DIVISION.match(code):
        raise ValueError(f'“{code}” is no division code of GB/T 2260; write 2, 4 or 6 digits in quotes, like "42" or "3302"')
    return code


Industries = Annotated[tuple[Annotated[str, AfterValidator(industry.checked)], ...], AfterValidator(_once)]


class Block(Growing):
    """The terms of a product from one day to another."""

    LATER = frozenset(
        {"channel", "regions", "industries", "except_industries", "sizes", "purposes", "documents", "clock", "insurer_required",
         "cycle_months", "scheme_tags"}
    )  # fmt: skip
    valid_from: date
    valid_to: date | None = None
    source: Source
    summary: Words
    channel: Channel = "platform"
    subject_types: Annotated[tuple[SubjectType, ...], AfterValidator(_several)]
    regions: Annotated[tuple[Annotated[str, AfterValidator(_division)], ...], AfterValidator(_once)] = ()
    industries: Industries = ()
    except_industries: Industries = ()
    sizes: Annotated[tuple[Size, ...], AfterValidator(_once)] = ()
    purposes: Annotated[tuple[Purpose, ...], AfterValidator(_once)] = ()
    amount: AmountRange
    months: Annotated[tuple[int, ...], AfterValidator(_several)]
    ways: Annotated[tuple[Way, ...], AfterValidator(_several)]
    cycle_months: int | None = Field(default=None, gt=0)
    day_count: DayCount
    late_surcharge: ShareText
    guarantor_required: bool = False
    insurer_required: bool = False
    scheme: str | None = None
    scheme_tags: Annotated[tuple[str, ...], AfterValidator(_once)] = ()
    whitelist: WhitelistTerms | None = None
    uplift_programme: str | None = None
    decision_days: int = Field(gt=0)
    clock: Clock | None = None
    bureau_queries: tuple[Literal["firm", "owner"], ...]
    contact: Words
    documents: tuple[Words, ...] = ()
    facts_handed: tuple[FactCode, ...]
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    limit: LimitFormula
    price: PriceTerms
    fees: tuple[FeeTerms, ...] = ()
    examples: tuple[Example, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> Block:
        faults = [*self._terms(), *self._questions(), *self._standing()]
        if faults:
            raise Faulty(faults)
        return self

    def _terms(self) -> Iterator[Fault]:
        """Faults of days, amounts and ways."""
        equal = {way.startswith("equal_") for way in self.ways}
        cycle = self.cycle_months
        if self.valid_to is not None and self.valid_to < self.valid_from:
            yield ("valid_to",), "it lies before valid_from"
        if not 0 < self.amount.min <= self.amount.max:
            yield ("amount",), "it needs 0 < min ≤ max"
        if self.limit.ceiling < self.amount.min:
            yield ("limit", "ceiling"), "no limit would reach the smallest loan; raise it or lower amount.min"
        if any(months <= 0 for months in self.months):
            yield ("months",), "a term in months is positive"
        if equal != {self.day_count == "30/360"}:
            yield (
                ("day_count",),
                "equal_instalments and equal_principal are counted 30/360, every other way act/360 or act/365",
            )
        if ("by_cycle" in self.ways) != (cycle is not None):
            yield ("ways",), "the way by_cycle and cycle_months belong together; say both or neither"
        if cycle is not None and any(months % cycle for months in self.months):
            yield ("months",), "every term must be a whole number of cycles; mend months or cycle_months"
        if self.channel == "platform" and "by_cycle" in self.ways:
            yield ("ways",), "no bank's system here speaks of by_cycle yet; say “channel: at_the_bank” or another way"
        if self.price.reset != "fixed" and max(self.months) <= 12:
            yield ("price", "reset"), "a loan of a year or less has one rate; say “reset: fixed” or give a longer term"
        if self.late_surcharge < 0:
            yield ("late_surcharge",), "it is what is added to the rate on overdue principal, never less than 0%"

    def _questions(self) -> Iterator[Fault]:
        """Faults of what is asked of a firm."""
        first: dict[str, int] = {}
        for number, criterion in enumerate(self.criteria):
            if criterion.id in first:
                yield ("criteria", number, "id"), f"criterion {first[criterion.id]} has the same id; give each its own"
            first.setdefault(criterion.id, number)
        for number, one in enumerate(self.except_industries):
            if self.industries and not industry.within(one, self.industries):
                yield ("except_industries", number), f"{one} lies outside industries already; remove it"
        grades = self.whitelist.grades if self.whitelist is not None else ()
        for number, moved in enumerate(self.price.listing_grades):
            if moved.grade not in grades:
                yield ("price", "listing_grades", number), f"{moved.grade} is no grade of the whitelist named here; add it there"

    def _standing(self) -> Iterator[Fault]:
        """Faults of who stands behind the loan and where it is applied for."""
        if self.scheme_tags and self.scheme is None:
            yield ("scheme_tags",), "they are for the shares of a compensation scheme; name it in “scheme”"
        if self.scheme is not None and self.uplift_programme is not None:
            yield ("uplift_programme",), "an uplift never enlarges a guaranteed loan; remove uplift_programme or scheme"
        if self.insurer_required and not any(fee.kind == "insurance" for fee in self.fees):
            yield ("insurer_required",), "an insured loan names its premium; add a fee with “kind: insurance”"
        if self.insurer_required and self.uplift_programme is not None:
            yield ("uplift_programme",), "an uplift never enlarges an insured loan; remove uplift_programme"
        if self.channel == "at_the_bank" and not self.documents:
            yield ("channel",), "a firm that applies at the bank must know what to bring; add documents"
        if self.channel == "at_the_bank" and self.facts_handed:
            yield ("facts_handed",), "the platform hands nothing to a bank that is applied to in person; write “facts_handed: []”"


class Product(Growing):
    """One product file."""

    LATER = frozenset({"families"})
    code: str
    bank: str
    title: Words
    family: FamilyCode
    families: Annotated[tuple[FamilyCode, ...], AfterValidator(_once)] = ()
    blocks: tuple[Block, ...] = Field(min_length=1)
