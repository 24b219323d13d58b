"""The parts a compensation scheme is made of, one small class for each question an official would ask of it.

Written in: domain §6.1 (published schemes), §6.3-§6.4. `scheme.SchemeTerms` puts them together; `course` plays them on a book.

>>> Trigger(days_past_due=60, loan_class="substandard", needs="any", source="assumed: for the example").needs
'any'
>>> CLASS_AFTER_DAYS["substandard"]
90
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from backend.kit.policy import Source, Strict
from backend.kit.words import Words

PartyKind = Literal[
    "bank", "guarantor", "re_guarantor", "insurer", "appraiser", "mutual_fund", "fund", "district_fund", "excess_fund"
]
PUBLIC: tuple[PartyKind, ...] = ("fund", "district_fund", "excess_fund")
"""The parties that pay with public money, out of one special account."""
PARTY_WORDS: dict[str, Words] = {
    "bank": Words("银行", "bank"),
    "guarantor": Words("担保机构", "guarantor"),
    "re_guarantor": Words("省级再担保", "provincial re-guarantor"),
    "insurer": Words("保险公司", "insurer"),
    "appraiser": Words("评估机构", "appraiser"),
    "mutual_fund": Words("企业互助金", "firms’ mutual fund"),
    "fund": Words("补偿基金", "compensation fund"),
    "district_fund": Words("区县基金", "district’s fund"),
    "excess_fund": Words("超赔基金", "excess-loss fund"),
}
Mode = Literal["loan", "guarantee", "insurance"]
Size = Literal["micro", "small", "medium"]
LoanClass = Literal["special_mention", "substandard", "doubtful", "loss"]
CLASS_AFTER_DAYS: dict[str, int] = {"special_mention": 7, "substandard": 90, "doubtful": 270, "loss": 360}
"""The class that follows from days past due alone: it begins when these days are exceeded. domain §5.4 [V]; day limits [M]."""


class LossBase(Strict):
    """What a claim is for: the principal unpaid on the day of the claim (what comes back later is shared), or the loss that is
    left once recovery is over (nothing is shared later); and whether interest counts."""

    counts: Literal["unpaid_principal", "actual_loss"]
    covers: Literal["principal", "interest", "principal_and_interest"] = "principal"
    source: Source


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


class Tier(Strict):
    """Other shares for loans of which everything named here is true; the first tier that fits applies."""

    modes: tuple[Mode, ...] = ()
    sizes: tuple[Size, ...] = ()
    tag: str | None = None
    amount_upto_fen: int | None = Field(default=None, gt=0)
    revenue_upto_fen: int | None = Field(default=None, gt=0)
    shares: dict[PartyKind, int]


class Bonus(Strict):
    """Percentage points more, once, for loans with any of these tags."""

    tags: tuple[str, ...]
    points: int = Field(gt=0)


class Bonuses(Strict):
    """Bonuses add up, go to one party's share and come from another's, up to `most` per cent."""

    to: PartyKind
    taken_from: PartyKind
    most: int = Field(gt=0, le=100)
    each: tuple[Bonus, ...]
    source: Source


class Charge(Strict):
    """What is collected when a loan enters: a premium, a fee, or a contribution to a fund; of the principal, once or per year."""

    kind: Literal["premium", "fee", "contribution"]
    to: PartyKind
    once_bp: int = Field(default=0, ge=0)
    yearly_bp: int = Field(default=0, ge=0)
    source: Source


class Backing(Strict):
    """A waterfall: `party` pays only out of what it has collected; what that does not reach falls on `behind`."""

    party: PartyKind
    behind: PartyKind
    source: Source


class Excess(Strict):
    """Excess of loss, by calendar year: of what `relieves` pays above `over_bp` of its premiums, `payer` takes `part_bp`."""

    relieves: PartyKind
    payer: PartyKind
    over_bp: int = Field(gt=0)
    part_bp: int = Field(gt=0, le=10_000)
    year_fen: int | None = Field(default=None, gt=0)
    source: Source


class Quota(Strict):
    """Each loan earns its bank a quota for payouts; unused quota carries over, up to a part of the bank's balance."""

    loan_bp: int = Field(gt=0)
    balance_bp: int = Field(gt=0)


class Limits(Strict):
    """The most that the parties in `counts` pay together; what is above falls on `beyond`. Fen, calendar years."""

    counts: tuple[PartyKind, ...]
    beyond: PartyKind
    loan_fen: int | None = Field(default=None, gt=0)
    firm_fen: int | None = Field(default=None, gt=0)
    firm_fen_by_size: dict[Size, int] = Field(default_factory=dict)
    year_fen: int | None = Field(default=None, gt=0)
    bank_year_fen: int | None = Field(default=None, gt=0)
    guarantor_year_fen: int | None = Field(default=None, gt=0)
    bank_balance_bp: int | None = Field(default=None, gt=0)
    entered_bp: int | None = Field(default=None, gt=0)
    fees_times_bp: int | None = Field(default=None, gt=0)
    quota: Quota | None = None
    source: Source


class PoolMoney(Strict):
    """What is paid into the account: once, then each 1 January for `years` years; not said: the scheme does not limit it."""

    opening_fen: int | None = Field(default=None, ge=0)
    yearly_fen: int = Field(default=0, ge=0)
    years: int = Field(default=0, ge=0)
    source: Source


class Recovery(Strict):
    """To whom recovered money goes after `costs`: in the ratio of what each bore, or to public money or the bank first."""

    order: Literal["ratio", "public_first", "bank_first"]
    costs: Literal["first", "bank"]
    source: Source


class ClawBack(Strict):
    """Who must give public money back when fraud or misuse is found after payment."""

    returned_by: PartyKind
    source: Source


class OddFen(Strict):
    """Who gets the odd fen first."""

    order: tuple[PartyKind, ...]
    source: Source


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

    ratio: Literal[
        "net_paid_over_entered", "compensated_over_entered", "overdue_over_balance", "paid_over_premium", "paid_over_money"
    ]
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
