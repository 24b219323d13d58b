"""Who bears what: the parts of a compensation scheme that divide a loss, one small class for each question an official would ask.

Written in: domain §6.1 (published schemes), §6.4. `terms.SchemeTerms` puts them together with `conditions`; `play.course` plays
them on a book, `live` runs them on a live pool.

>>> Tier(sizes=("micro",), shares={"fund": 6, "bank": 4}).sizes
('micro',)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from pydantic import Field

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


class Weighed(Protocol):
    """What the shares of a loan may depend on. `size` is empty and `revenue_fen` None where they are not known."""

    @property
    def amount_fen(self) -> int: ...
    @property
    def months(self) -> int: ...
    @property
    def mode(self) -> str: ...
    @property
    def size(self) -> str: ...
    @property
    def revenue_fen(self) -> int | None: ...
    @property
    def tags(self) -> Sequence[str]: ...


class LossBase(Strict):
    """What a claim is for: the principal unpaid on the day of the claim (what comes back later is shared), or the loss that is
    left once recovery is over (nothing is shared later); and whether interest counts."""

    counts: Literal["unpaid_principal", "actual_loss"]
    covers: Literal["principal", "interest", "principal_and_interest"] = "principal"
    source: Source


class Tier(Strict):
    """Other shares for loans of which everything named here is true; the first tier that fits applies."""

    modes: tuple[Mode, ...] = ()
    sizes: tuple[Size, ...] = ()
    tag: str | None = None
    amount_upto_fen: int | None = Field(default=None, gt=0)
    revenue_upto_fen: int | None = Field(default=None, gt=0)
    shares: dict[PartyKind, int]

    def fits(self, loan: Weighed) -> bool:
        """Whether everything named is true of the loan; an unknown revenue fits no revenue tier."""
        revenue = loan.revenue_fen
        return (
            (not self.modes or loan.mode in self.modes)
            and (not self.sizes or loan.size in self.sizes)
            and (self.tag is None or self.tag in loan.tags)
            and (self.amount_upto_fen is None or loan.amount_fen <= self.amount_upto_fen)
            and (self.revenue_upto_fen is None or (revenue is not None and revenue <= self.revenue_upto_fen))
        )


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

    def fen(self, loan: Weighed) -> int:
        """What is collected for the loan over its term, whole fen, the odd part dropped."""
        return loan.amount_fen * (self.once_bp * 12 + self.yearly_bp * loan.months) // 120_000


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

    def of_firm(self, size: str) -> int | None:
        """The most for one firm of that size."""
        return {str(each): fen for each, fen in self.firm_fen_by_size.items()}.get(size, self.firm_fen)


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

    @property
    def first(self) -> tuple[PartyKind, ...]:
        """Who is made whole before the others get anything."""
        return {"public_first": PUBLIC, "bank_first": ("bank",), "ratio": ()}[self.order]


class ClawBack(Strict):
    """Who must give public money back when fraud or misuse is found after payment."""

    returned_by: PartyKind
    source: Source


class OddFen(Strict):
    """Who gets the odd fen first."""

    order: tuple[PartyKind, ...]
    source: Source
