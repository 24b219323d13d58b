"""A published scorecard as dated data: `cards/<code>.yaml`.

Everything a reader needs to work out a score by hand is in the file: bins, points, the scale that turns points into a
probability, the grades, the population, and how well it did on towns that it had not seen (domain §5.5 on explainable rules).

>>> bin_ = Bin(below=Decimal(500), points=12, share_bp=4000, bad_rate_bp=610)
>>> bin_.holds(Decimal(499)), bin_.holds(Decimal(500))
(True, False)
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from backend.kit import policy
from backend.kit.dated import DatedBlock, DatedFile
from backend.kit.words import Words

Grade = Literal["A", "B", "C", "D", "E"]
NEVER_USED = frozenset(
    {
        *("region", "registered_capital_fen", "uscc", "name", "legal_rep", "legal_rep_gender", "legal_rep_age"),
        *("信誉评级", "企业代号", "企业名称", "行序号", "发票号码", "标签状态"),
        *("LoanNr_ChkDgt", "Name", "City", "Zip", "Term", "ChgOffDate", "ChgOffPrinGr", "BalanceGross", "SampleWeight"),
        *("DisbursementDate", "DisbursementGross", "MIS_Status"),
        *("personal_status_and_sex", "age_in_years", "foreign_worker"),
    }
)
"""Facts that no card may carry: identifiers, where a firm comes from, who its people are (domain §9, fairness); in public data
also what a bank's staff thought, and what was known only after the loan was made."""
CAPACITY_FACTS = frozenset(
    {
        *("sales_12m_fen", "gross_margin_bp", "bnk_outstanding_fen", "tax_arrears_fen", "guarantee_links"),
        "property_mortgaged",
    }
)
"""What the debt capacity is worked out from (`capacity.py`)."""
Vocabulary = Literal["facts", "cumcm", "sba", "german"]
"""Who defines the facts a card names: `vocabulary/facts.yaml`, or one of the public data sets in `scoring/sources`."""


class Bin(policy.Strict):
    """One bin: numbers below `below` (and not below the bin before it), or one of the words `is_in`; neither = all the rest."""

    below: Decimal | None = None
    is_in: tuple[str, ...] = ()
    points: int
    share_bp: int = Field(ge=0, le=10_000)
    bad_rate_bp: int = Field(ge=0, le=10_000)

    def holds(self, value: Decimal | str) -> bool:
        if isinstance(value, str):
            return not self.is_in or value in self.is_in
        return self.below is None or value < self.below


class Special(policy.Strict):
    """A value that is no measurement (a code such as 0 for "unknown"), with points of its own."""

    values: tuple[str, ...] = Field(min_length=1)
    points: int
    share_bp: int = Field(ge=0, le=10_000)
    bad_rate_bp: int = Field(ge=0, le=10_000)


class Characteristic(policy.Strict):
    """One fact and its points. `read_as` turns a day into months or days before the assessment.

    Special values are looked at before the bins; neither they nor `missing` take part in the order of the bins.
    """

    fact: str
    read_as: Literal["value", "months_since", "days_since"] = "value"
    unit: str
    title: Words
    way: Words | None = None
    monotone: Literal["rising", "falling", "none"]
    coefficient: Decimal
    average_points: int
    bins: tuple[Bin, ...] = Field(min_length=2)
    special: tuple[Special, ...] = ()
    missing: Bin

    @property
    def changeable(self) -> bool:
        """Whether the firm can do something about it."""
        return self.way is not None

    @property
    def every_bin(self) -> tuple[Bin | Special, ...]:
        """Bins, then special values, then missing: the order of `place`."""
        return (*self.bins, *self.special, self.missing)

    def place(self, reading: Decimal | str | None) -> int:
        """Where a reading falls among `every_bin`. Training and scoring both ask here, so that they cannot differ."""
        if reading is None:
            return len(self.bins) + len(self.special)
        for number, special in enumerate(self.special):
            if str(reading) in special.values:
                return len(self.bins) + number
        return next(number for number, b in enumerate(self.bins) if b.holds(reading))

    @model_validator(mode="after")
    def _bins(self) -> Characteristic:
        if self.fact in NEVER_USED:
            raise ValueError(f"{self.fact} may not be used in a card")
        edges = [b.below for b in self.bins if b.below is not None]
        if edges != sorted(set(edges)):
            raise ValueError("the bins' edges must rise")
        if self.bins[-1].below is not None or self.bins[-1].is_in:
            raise ValueError("the last bin takes the rest: it has neither `below` nor `is_in`")
        points = [b.points for b in self.bins]
        if self.monotone == "rising" and points != sorted(points):
            raise ValueError("the points must not fall from bin to bin")
        if self.monotone == "falling" and points != sorted(points, reverse=True):
            raise ValueError("the points must not rise from bin to bin")
        return self


class Requirement(policy.Strict):
    """What makes a firm part of the population: a number not below, or one of these texts; otherwise these words answer it."""

    fact: str
    at_least: Decimal | None = None
    is_in: tuple[str, ...] = ()
    words: Words


class Exclusion(policy.Strict):
    """What takes a firm out of the population: a truth, or a text that begins so."""

    fact: str
    is_true: bool = False
    begins_with: tuple[str, ...] = ()
    words: Words


class Population(policy.Strict):
    """Whom the card was made for. A firm `in_default` needs no card: its probability is 1 and its grade the last.

    Where several cards hold a firm, the one with the largest `specific` is taken. A card with `chosen_without` is for firms
    of which those facts are not known; one of which they are known could be looked up in it all the same.
    """

    words: Words
    specific: int = 0
    chosen_without: tuple[str, ...] = ()
    requires: tuple[Requirement, ...]
    excludes: tuple[Exclusion, ...] = ()
    in_default: tuple[Exclusion, ...] = ()


class Scale(policy.Strict):
    """At `anchor_score` there are `anchor_odds` good firms to one bad; `doubling` more points double the odds."""

    base_points: int
    anchor_score: int
    anchor_odds: int = Field(gt=0)
    doubling: int = Field(gt=0)
    least: int
    most: int


class Band(policy.Strict):
    """A grade and the probability of default below which it is given; the last band has none."""

    grade: Grade
    pd_below: Decimal | None = None
    capacity_bp: int = Field(ge=0, le=10_000)
    words: Words


class Capacity(policy.Strict):
    """Debt that the cash flow can carry: sales x margin x the part of it free for debt, held below a part of sales."""

    source: policy.Source
    margin_if_unknown_bp: int = Field(ge=0)
    margin_ceiling_bp: int = Field(gt=0)
    free_share_bp: int = Field(gt=0)
    sales_share_ceiling_bp: int = Field(gt=0)
    guarantee_share_bp: int = Field(default=0, ge=0, le=10_000)


class Interval(policy.Strict):
    """A figure with its 95 % bootstrap interval."""

    value: Decimal
    low: Decimal
    high: Decimal


class GradeCheck(policy.Strict):
    """Expected against observed failures of one grade, in towns the card had not seen."""

    grade: Grade
    n: int
    expected_bp: int
    observed_bp: int
    low_bp: int
    high_bp: int


class Rival(policy.Strict):
    """Another model on the same firms: what explaining the score costs in sharpness."""

    name: str
    auc: Interval


class Validation(policy.Strict):
    """How well the card did, and how that was computed."""

    how: Words
    towns_trained: int
    towns_validated: int
    n_trained: int
    n: int
    bad: int
    bad_rate_bp: int
    auc: Interval
    ks: Interval
    brier: Interval
    slope: Interval
    by_grade: tuple[GradeCheck, ...]
    rivals: tuple[Rival, ...] = ()


class Card(DatedBlock):
    """One card as in force from `valid_from` to `valid_to`."""

    code: str
    title: Words
    vocabulary: Vocabulary = "facts"
    approved_by: Words
    outcome: Words
    trained_on: Words
    facts_on: date | None = None
    as_of_window_days: int = Field(gt=0)
    population: Population
    scale: Scale
    characteristics: tuple[Characteristic, ...] = Field(min_length=3)
    grades: tuple[Band, ...] = Field(min_length=2)
    capacity: Capacity
    validation: Validation

    @model_validator(mode="after")
    def _grades(self) -> Card:
        bounds = [band.pd_below for band in self.grades]
        if bounds[-1] is not None or None in bounds[:-1] or bounds[:-1] != sorted(set(filter(None, bounds))):
            raise ValueError("the grades' bounds must rise, and the last grade takes the rest")
        return self

    @property
    def facts(self) -> frozenset[str]:
        """Every fact the card looks at: bins, population and capacity."""
        who = self.population
        asked = {need.fact for need in who.requires} | {case.fact for case in (*who.excludes, *who.in_default)}
        return frozenset(asked | {c.fact for c in self.characteristics} | CAPACITY_FACTS)


class CardFile(DatedFile[Card]):
    """All blocks of one card, oldest first."""
