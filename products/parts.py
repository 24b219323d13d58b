"""The parts of a product file: limit, price, fees, recognition, documents, the clock, examples (domain §4.4, §5).

Money is written `30万元`, shares and rates `1.20%`. A key that a part learnt after the first products were published is left out
of its canonical text while it is not used: so a block keeps the digest that matches cite.

>>> LimitTerm.model_validate({"fact": "sales_12m_fen", "share": "10%"}).share
1000
>>> LimitTerm.model_validate({"fact": "public_credit_grade", "table": {"A": "50万元"}}).table
{'A': 50000000}
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, model_validator

from backend.kit.policy import Strict
from backend.kit.words import Words
from products.criteria import Answer, Growing, Test
from products.vocabulary import FactCode, MoneyText, ShareText, fact, typed

SubjectType = Literal["enterprise", "sole_trader", "cooperative"]
Way = Literal["equal_instalments", "equal_principal", "interest_first", "revolving", "bullet", "by_cycle"]
DayCount = Literal["30/360", "act/360", "act/365"]
Payer = Literal["borrower", "bank", "fund"]
FeeKind = Literal["service", "guarantee", "insurance", "appraisal", "registration", "notary"]
Due = Literal["at_draw", "each_year", "at_maturity"]


class LimitTerm(Growing):
    """One term of the base limit: a share or a multiple of a money fact, so much for each unit of a counted one, or so much for
    a grade."""

    LATER = frozenset({"table"})
    fact: FactCode
    share: ShareText | None = None
    times: Decimal | None = Field(default=None, gt=0)
    each: MoneyText | None = None
    table: dict[str, MoneyText] | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> LimitTerm:
        said = [name for name in ("share", "times", "each", "table") if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError("a limit term says exactly one of share, times, each, table")
        wanted = {"each": "int", "table": "text"}.get(said[0], "fen")
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


class PriceTerms(Growing):
    """LPR of a tenor, a spread, and what moves it.

    With `spread_from` the bank prices by its own rating: `spread` is then the dearest, `spread_from` the cheapest, and we reckon
    with the dearest. `reset` says when a floating rate follows the LPR; a fixed one never does.
    """

    LATER = frozenset({"spread_from", "reset"})
    benchmark: Literal["one_year", "five_years"]
    spread: ShareText
    spread_from: ShareText | None = None
    reset: Literal["fixed", "january", "loan_date"] = "fixed"
    adjustments: tuple[Adjustment, ...] = ()
    listing_grades: tuple[GradeAdjustment, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> PriceTerms:
        if self.spread_from is not None and self.spread_from >= self.spread:
            raise ValueError("spread_from is the cheapest price of a range; it lies below spread, the dearest")
        return self


class FeeTerms(Growing):
    """A cost beside interest: a share of the amount once or per year, or a fixed sum; due at the draw unless it says else."""

    LATER = frozenset({"kind", "due"})
    title: Words
    payer: Payer
    payee: str
    kind: FeeKind = "service"
    rate: ShareText | None = None
    amount: MoneyText | None = None
    per: Literal["loan", "year"] = "loan"
    due: Due = "at_draw"

    @model_validator(mode="after")
    def _one_way(self) -> FeeTerms:
        if (self.rate is None) == (self.amount is None):
            raise ValueError("a fee says either a rate or an amount")
        if (self.rate or self.amount or 0) < 0:
            raise ValueError("a fee is not negative")
        if self.due == "each_year" and self.per != "year":
            raise ValueError("a fee due each year is one per year; add “per: year”")
        if self.payee == "bank" and self.payer == "borrower":
            raise ValueError("a bank takes no fee for lending beside interest (七不准, domain §5.5); put it into the spread")
        return self


class WhitelistTerms(Growing):
    """The recognition programme that opens the product (or only moves its price, `required: false`), and how to get on it."""

    LATER = frozenset({"required"})
    programme: str
    grades: tuple[str, ...] = Field(min_length=1)
    way: Words
    required: bool = True


class Clock(Strict):
    """How fast the bank promises to be: minutes to fill in, hours to decide and to pay out, and whether a person is needed."""

    apply_minutes: int | None = Field(default=None, gt=0)
    decide_hours: int | None = Field(default=None, ge=0)
    pay_hours: int | None = Field(default=None, ge=0)
    human: bool = True


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
