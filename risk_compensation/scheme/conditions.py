"""When and whether: the rules of a compensation scheme. What lets a claim be filed, what may enter, what stops, how long, on
which papers.

Written in: domain §6.1 (published schemes), §6.2-§6.3.

>>> Trigger(days_past_due=60, loan_class="substandard", needs="any", source="assumed: for the example").needs
'any'
>>> CLASS_AFTER_DAYS["substandard"]
90
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, Protocol

from pydantic import Field, model_validator

from backend.kit.policy import Source, Strict
from backend.kit.words import Words
from risk_compensation.scheme.parts import Mode, Size, Weighed

RatioName = Literal[
    "net_paid_over_entered", "compensated_over_entered", "overdue_over_balance", "paid_over_premium", "paid_over_money"
]
LoanClass = Literal["special_mention", "substandard", "doubtful", "loss"]
CLASS_AFTER_DAYS: dict[str, int] = {"special_mention": 7, "substandard": 90, "doubtful": 270, "loss": 360}
"""The class that follows from days past due alone: it begins when these days are exceeded. domain §5.4 [V]; day limits [M]."""


class Trigger(Strict):
    """What must have happened before a claim may be filed: all of it, or any of it; then `wait_days` of recovery first."""

    judgment: bool = False
    guarantor_paid: bool = False
    days_past_due: int | None = Field(default=None, gt=0)
    loan_class: LoanClass | None = None
    needs: Literal["all", "any"] = "all"
    wait_days: int = Field(default=0, ge=0)
    source: Source

    @model_validator(mode="after")
    def _something(self) -> Trigger:
        if not (self.judgment or self.guarantor_paid or self.days_past_due or self.loan_class):
            raise ValueError("trigger: name at least one of judgment, guarantor_paid, days_past_due, loan_class")
        return self

    def days(
        self,
        since: date,
        *,
        judged_on: date | None = None,
        guarantor_paid_on: date | None = None,
        classed: Mapping[str, date] = MappingProxyType({}),
    ) -> dict[str, date | None]:
        """For each thing named, the day on which it was or will be there; None where nobody has said so yet.

        `since` is the due day that was missed. `classed`: class -> the day it was given, where that was before the days alone
        would have given it.
        """
        found: dict[str, date | None] = {}
        if self.days_past_due is not None:
            found["days_past_due"] = since + timedelta(days=self.days_past_due)
        if self.loan_class is not None:
            by_days = since + timedelta(days=CLASS_AFTER_DAYS[self.loan_class] + 1)
            found["loan_class"] = min(by_days, classed.get(self.loan_class, by_days))
        found |= {"judgment": judged_on} if self.judgment else {}
        found |= {"guarantor_paid": guarantor_paid_on} if self.guarantor_paid else {}
        return found

    def met_on(self, days: Mapping[str, date | None]) -> date | None:
        """The first day on which a claim may be filed, if these are the `days`; None: not yet known."""
        known = [day for day in days.values() if day is not None]
        if not known or (self.needs == "all" and len(known) < len(days)):
            return None
        return (max if self.needs == "all" else min)(known) + timedelta(days=self.wait_days)


class Leverage(Strict):
    """How many fen of commitments one fen of cash carries, in basis points (100000 = 10 times), and what a commitment counts."""

    times_bp: int = Field(gt=0)
    basis: Literal["principal", "fund_share"]
    source: Source


class Caps(Strict):
    """Largest principal per loan (by size of the firm where the scheme says so) and per firm, in fen."""

    loan_fen: int = Field(gt=0)
    loan_fen_by_size: dict[Size, int] = Field(default_factory=dict)
    firm_fen: int = Field(gt=0)
    source: Source

    def of_loan(self, size: str) -> int:
        """The largest principal of one loan to a firm of that size."""
        return {str(each): fen for each, fen in self.loan_fen_by_size.items()}.get(size, self.loan_fen)


class Entering(Weighed, Protocol):
    """What is asked of a loan when it enters; an unknown industry is empty."""

    @property
    def industry(self) -> str: ...


class Scope(Strict):
    """Which loans may enter: industries (GB/T 4754 section letters; none named: every one), kinds of loan, sizes and revenue of
    the firm, longest term, whether a firm has loans of one bank only in a year. What is unknown is asked for, not guessed."""

    industries: tuple[str, ...] = ()
    modes: tuple[Mode, ...] = ()
    sizes: tuple[Size, ...] = ()
    tag: str | None = None
    revenue_upto_fen: int | None = Field(default=None, gt=0)
    term_months: int | None = Field(default=None, gt=0)
    one_bank_a_year: bool = False
    source: Source

    def leaves_out(self, loan: Entering) -> str:
        """Why the loan is outside (a key of `entering.WHY_NOT`), or nothing."""
        reasons = {
            "mode": bool(self.modes) and loan.mode not in self.modes,
            "industry": bool(self.industries) and loan.industry[:1] not in self.industries,
            "size": bool(self.sizes) and loan.size not in self.sizes,
            "tag": self.tag is not None and self.tag not in loan.tags,
            "revenue": self.revenue_upto_fen is not None
            and (loan.revenue_fen is None or loan.revenue_fen > self.revenue_upto_fen),
            "term": self.term_months is not None and loan.months > self.term_months,
        }
        return next((code for code, found in reasons.items() if found), "")


class Deadlines(Strict):
    """Calendar days for the claimant and the reservation, working days for the fund."""

    reservation_days: int = Field(gt=0)
    claim_within_days: int = Field(gt=0)
    review_working_days: int = Field(gt=0)
    decide_working_days: int = Field(gt=0)
    source: Source


class Breaker(Strict):
    """A stop rule: a ratio (basis points), for whom it is taken, and what it does at `warn_bp` and at `pause_bp`.

    The ratios: the pool's net payments over principal entered, all that was compensated (whoever bore it) over principal entered,
    overdue over balance, the insurer's payments over its premiums, each in the last `window_months` or the calendar year; the
    pool's payments over money paid in. `strictly`: only above `pause_bp`, not at it. `defers`: nothing
    is closed to new loans; claims wait until next year instead.
    """

    ratio: RatioName
    window_months: int = Field(gt=0)
    calendar_year: bool = False
    minimum_loans: int = Field(ge=1)
    warn_bp: int = Field(gt=0)
    pause_bp: int = Field(gt=0)
    of: tuple[Literal["pool", "bank", "guarantor"], ...] = ("pool", "bank", "guarantor")
    strictly: bool = False
    defers: bool = False
    source: Source

    @model_validator(mode="after")
    def _warns_first(self) -> Breaker:
        if self.warn_bp >= self.pause_bp:
            raise ValueError("breaker: warn_bp comes before pause_bp")
        return self

    def judge(self, part_fen: int, whole_fen: int, loans: int) -> Literal["open", "warn", "paused"]:
        """What the rule says of a part of a whole over that many loans; too few loans, or nothing to divide by, say nothing."""
        above = part_fen * 10_000
        if loans < self.minimum_loans or whole_fen <= 0 or above < whole_fen * self.warn_bp:
            return "open"
        line = whole_fen * self.pause_bp
        return "paused" if above > line or (above == line and not self.strictly) else "warn"


class MoneyShort(Strict):
    """What happens when claims exceed the cash. `approval_order`: whole claims, first approved first paid, the others wait.
    `pro_rata`: the claims of a year are paid at its end in one proportion. `next_budget`: what is there is paid, the rest waits
    for the next money. `bank_bears`: what is there is paid, the rest falls on whoever bears what is beyond the pool."""

    rule: Literal["approval_order", "pro_rata", "next_budget", "bank_bears"]
    source: Source


class Paper(Strict):
    """One document of the claim checklist."""

    code: str
    title: Words
    required: bool


class Papers(Strict):
    """The claim checklist; an empty one: no list is published."""

    papers: tuple[Paper, ...]
    source: Source


class Example(Strict):
    """A worked example of one loss and one recovery, in fen; checked on loading."""

    loss_fen: int
    shares: dict[str, int]
    recovered_fen: int
    costs_fen: int
    returned: dict[str, int]
    fund_net_fen: int
    source: Source
