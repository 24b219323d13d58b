"""What a product file says: `loans/<bank>/<product>.yaml`, read strictly (domain §1, §4.4, §5).

One file is one product; each block under `blocks` holds from a day until another and names its source. `ProductTerms` is one
block in force, ready for `rules`, `pricing` and `repayment`. Money is written `30万元`, shares and rates `1.20%`.

>>> LimitTerm.model_validate({"fact": "sales_12m_fen", "share": "10%"}).share
1000
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from backend.kit.policy import Source, Strict, canonical, digest
from backend.kit.words import Words
from products.criteria import Answer, Criterion, Test
from products.vocabulary import FactCode, MoneyText, ShareText, WordsText, fact, items_of, typed

SubjectType = Literal["enterprise", "sole_trader", "cooperative"]
Way = Literal["equal_instalments", "equal_principal", "interest_first", "revolving", "bullet"]
DayCount = Literal["30/360", "act/360", "act/365"]


class LimitTerm(Strict):
    """One term of the base limit: a share or a multiple of a money fact, or so much for each unit of a counted one."""

    fact: FactCode
    share: ShareText | None = None
    times: Decimal | None = Field(default=None, gt=0)
    each: MoneyText | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> LimitTerm:
        said = [name for name in ("share", "times", "each") if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError("a limit term says exactly one of share, times, each")
        wanted = "int" if said == ["each"] else "fen"
        if fact(self.fact).kind != wanted:
            raise ValueError(f"“{said[0]}” is for facts of kind {wanted}; {self.fact} is of kind {fact(self.fact).kind}")
        return self


class LimitFormula(Strict):
    """The base limit: the least or the sum of its terms, held between floor and ceiling, rounded down."""

    take: Literal["least", "sum"]
    terms: tuple[LimitTerm, ...] = Field(min_length=1)
    ceiling: MoneyText
    floor: MoneyText = 0
    round_down_to: MoneyText

    @model_validator(mode="after")
    def _sound(self) -> LimitFormula:
        if self.round_down_to <= 0 or not 0 <= self.floor <= self.ceiling:
            raise ValueError("the limit needs 0 ≤ floor ≤ ceiling and a positive round_down_to")
        if all(term.optional for term in self.terms) or (self.take == "least" and any(term.optional for term in self.terms)):
            raise ValueError(
                "an optional term adds to a sum that has at least one firm term; it cannot stand alone or in a least"
            )
        return self


class Adjustment(Test):
    """If the test on a fact holds, so much is added to the spread."""

    add: ShareText


class GradeAdjustment(Strict):
    """For this recognition grade so much is added to the spread."""

    grade: str
    add: ShareText


class PriceTerms(Strict):
    """LPR of a tenor, a spread, and what moves it."""

    benchmark: Literal["one_year", "five_years"]
    spread: ShareText
    adjustments: tuple[Adjustment, ...] = ()
    listing_grades: tuple[GradeAdjustment, ...] = ()


class FeeTerms(Strict):
    """A cost beside interest, due at the start: a share of the amount once or per year, or a fixed sum."""

    title: WordsText
    payer: Literal["borrower", "bank", "fund"]
    payee: str
    rate: ShareText | None = None
    amount: MoneyText | None = None
    per: Literal["loan", "year"] = "loan"

    @model_validator(mode="after")
    def _one_way(self) -> FeeTerms:
        if (self.rate is None) == (self.amount is None):
            raise ValueError("a fee says either a rate or an amount")
        if (self.rate or self.amount or 0) < 0:
            raise ValueError("a fee is not negative")
        return self


class WhitelistTerms(Strict):
    """The recognition programme whose listing opens the product, and how to get on it."""

    programme: str
    grades: tuple[str, ...] = Field(min_length=1)
    way: WordsText


class ExampleFirm(Strict):
    """The firm of an example."""

    subject_type: SubjectType = "enterprise"
    region: str | None = None
    industry: str | None = None


class Expectation(Strict):
    """What the example must answer."""

    answer: Answer
    limit: MoneyText | None = None
    rate: ShareText | None = None
    because: str | None = None


class Example(Strict):
    """A firm and what the product must say to it: every example is a test."""

    name: str
    day: date
    firm: ExampleFirm = ExampleFirm()
    listing_grade: str | None = None
    facts: dict[str, Any]
    expect: Expectation

    @model_validator(mode="before")
    @classmethod
    def _typed(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("facts"), dict):
            return {**data, "facts": {code: typed(code, value) for code, value in data["facts"].items()}}
        return data


class AmountRange(Strict):
    """What one may ask for."""

    min: MoneyText
    max: MoneyText


def _several(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values or len(set(values)) != len(values):
        raise ValueError("say at least one, each once")
    return values


class Block(Strict):
    """The terms of a product from one day to another."""

    valid_from: date
    valid_to: date | None = None
    source: Source
    summary: WordsText
    subject_types: Annotated[tuple[SubjectType, ...], AfterValidator(_several)]
    amount: AmountRange
    months: Annotated[tuple[int, ...], AfterValidator(_several)]
    ways: Annotated[tuple[Way, ...], AfterValidator(_several)]
    day_count: DayCount
    late_surcharge: ShareText
    guarantor_required: bool = False
    scheme: str | None = None
    whitelist: WhitelistTerms | None = None
    uplift_programme: str | None = None
    decision_days: int = Field(gt=0)
    bureau_queries: tuple[Literal["firm", "owner"], ...]
    contact: WordsText
    facts_handed: tuple[FactCode, ...]
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    limit: LimitFormula
    price: PriceTerms
    fees: tuple[FeeTerms, ...] = ()
    examples: tuple[Example, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> Block:
        equal = {way.startswith("equal_") for way in self.ways}
        ids = [criterion.id for criterion in self.criteria]
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        if not 0 < self.amount.min <= self.amount.max:
            raise ValueError("the amount needs 0 < min ≤ max")
        if any(months <= 0 for months in self.months):
            raise ValueError("a term in months is positive")
        if equal != {self.day_count == "30/360"}:
            raise ValueError("equal_instalments and equal_principal are counted 30/360, every other way act/360 or act/365")
        if len(set(ids)) != len(ids):
            raise ValueError("two criteria have the same id; give each its own")
        if self.scheme is not None and not self.guarantor_required:
            raise ValueError("a product under a compensation scheme needs “guarantor_required: true”")
        if self.scheme is not None and self.uplift_programme is not None:
            raise ValueError("an uplift never enlarges a guaranteed loan; remove uplift_programme or scheme")
        return self


class Product(Strict):
    """One product file."""

    code: str
    bank: str
    title: WordsText
    family: str
    blocks: tuple[Block, ...] = Field(min_length=1)


@dataclass(frozen=True, eq=False)
class ProductTerms:
    """One product as it stands on a day. `body` is the canonical dated block and `digest` its SHA-256: what a match cites."""

    code: str
    bank: str
    title: Words
    family: str
    block: Block
    summary: Words
    subject_types: tuple[str, ...]
    min_fen: int
    max_fen: int
    months: tuple[int, ...]
    ways: tuple[str, ...]
    day_count: str
    late_surcharge_bp: int
    facts_handed: tuple[str, ...]
    facts_used: tuple[str, ...]
    items_needed: tuple[str, ...]
    whitelist_programme: str | None
    uplift_programme: str | None
    scheme: str | None
    guarantor_required: bool
    decision_days: int
    bureau_queries: tuple[str, ...]
    contact: Words
    body: bytes
    digest: str

    @classmethod
    def of(cls, product: Product, block: Block) -> ProductTerms:
        """The terms that one block of a product file sets."""
        used = [criterion.fact for criterion in block.criteria if criterion.fact is not None]
        used += [term.fact for term in block.limit.terms] + [item.fact for item in block.price.adjustments]
        needed = {criterion.fact for criterion in block.criteria if criterion.fact is not None and criterion.knows == "platform"}
        needed |= {term.fact for term in block.limit.terms} | set(block.facts_handed)
        head = {"code": product.code, "bank": product.bank, "title": product.title, "family": product.family}
        body = canonical(head | {"block": block})
        return cls(
            code=product.code, bank=product.bank, title=product.title.words, family=product.family, block=block,
            summary=block.summary.words, subject_types=block.subject_types, min_fen=block.amount.min, max_fen=block.amount.max,
            months=block.months, ways=block.ways, day_count=block.day_count, late_surcharge_bp=block.late_surcharge,
            facts_handed=block.facts_handed, facts_used=tuple(dict.fromkeys(used)), items_needed=items_of(needed),
            whitelist_programme=block.whitelist.programme if block.whitelist else None,
            uplift_programme=block.uplift_programme, scheme=block.scheme, guarantor_required=block.guarantor_required,
            decision_days=block.decision_days, bureau_queries=block.bureau_queries, contact=block.contact.words,
            body=body, digest=digest(body),
        )  # fmt: skip
