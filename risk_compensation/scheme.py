"""A compensation scheme as dated, sourced policy: `schemes/<scheme>.yaml`, read strictly. Written in: domain §6.1-§6.4.

Each number says where it comes from; what no public text gives says `assumed: why`. Each block carries a worked example that
is checked when the file is read: a scheme whose example does not come out cannot be loaded.

>>> terms = terms_on("ningbo_442", date(2025, 1, 1))
>>> terms.shares
{'guarantor': 4, 'fund': 4, 'bank': 2}
>>> terms.claimant
'guarantor'
"""

from __future__ import annotations

from datetime import date
from itertools import chain
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from backend.kit.dated import in_force, overlaps
from backend.kit.errors import NotFound
from backend.kit.policy import Source, Strict, cached, canonical, digest
from backend.kit.words import Words
from risk_compensation.sharing import share_loss, share_recovery

FOLDER = Path(__file__).parent / "schemes"
PartyKind = Literal["guarantor", "fund", "bank"]


class Trigger(Strict):
    """What must have happened before a claim may be filed."""

    judgment: bool
    guarantor_paid: bool
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
    """Largest principal per loan and per firm, in fen."""

    loan_fen: int = Field(gt=0)
    firm_fen: int = Field(gt=0)
    source: Source


class Scope(Strict):
    """Which industries (GB/T 4754 section letters) may enter; an unknown industry is asked for, not guessed."""

    industries: tuple[str, ...]
    source: Source


class Deadlines(Strict):
    """Calendar days for the claimant and the reservation, working days for the fund."""

    reservation_days: int = Field(gt=0)
    claim_within_days: int = Field(gt=0)
    review_working_days: int = Field(gt=0)
    decide_working_days: int = Field(gt=0)
    source: Source


class Breaker(Strict):
    """Net paid in the window over principal entered in the window (basis points), for the pool, each bank and each guarantor."""

    ratio: Literal["net_paid_over_entered"]
    window_months: int = Field(gt=0)
    minimum_loans: int = Field(ge=1)
    warn_bp: int = Field(gt=0)
    pause_bp: int = Field(gt=0)
    source: Source


class MoneyShort(Strict):
    """What happens when approved claims exceed the cash: first approved, first paid; the others wait."""

    rule: Literal["approval_order"]
    source: Source


class Paper(Strict):
    """One document of the claim checklist."""

    code: str
    title: Words
    required: bool


class Papers(Strict):
    """The claim checklist."""

    papers: tuple[Paper, ...]
    source: Source


class Example(Strict):
    """A worked example of the scheme, in fen; checked on loading."""

    loss_fen: int
    shares: dict[str, int]
    recovered_fen: int
    costs_fen: int
    returned: dict[str, int]
    fund_net_fen: int
    source: Source


class SchemeTerms(Strict):
    """What a scheme says from `valid_from` until `valid_to` (both included)."""

    valid_from: date
    valid_to: date | None = None
    source: Source
    claimant: Literal["guarantor"]
    payee: Literal["guarantor"]
    trigger: Trigger
    shares: dict[str, int]
    odd_fen: OddFen
    leverage: Leverage
    caps: Caps
    scope: Scope
    deadlines: Deadlines
    breaker: Breaker
    money_short: MoneyShort
    documents: Papers
    example: Example

    @property
    def odd_fen_order(self) -> tuple[PartyKind, ...]:
        return self.odd_fen.order

    @property
    def digest(self) -> str:
        """What a registration and a claim cite."""
        return digest(canonical(self))

    def commitment_fen(self, principal_fen: int) -> int:
        """What `principal_fen` of a covered loan counts against headroom."""
        return principal_fen if self.leverage.basis == "principal" else share_loss(self, principal_fen)["fund"]

    @model_validator(mode="after")
    def _comes_out(self) -> SchemeTerms:
        if set(self.shares) != set(self.odd_fen.order) or len(self.odd_fen.order) != len(self.shares):
            raise ValueError("odd_fen.order names each party of shares once")
        if self.claimant not in self.shares or self.payee not in self.shares:
            raise ValueError("claimant and payee are parties of shares")
        if any(weight <= 0 for weight in self.shares.values()):
            raise ValueError("each share is a positive whole number")
        if self.breaker.warn_bp >= self.breaker.pause_bp:
            raise ValueError("breaker: warn_bp comes before pause_bp")
        if self.caps.loan_fen > self.caps.firm_fen:
            raise ValueError("caps: one loan cannot be larger than all loans of the firm")
        example = self.example
        if share_loss(self, example.loss_fen) != example.shares:
            raise ValueError(f"example: the loss is shared {share_loss(self, example.loss_fen)}, the file says {example.shares}")
        net = example.recovered_fen - example.costs_fen
        returned = share_recovery(self, net_fen=net, loss_fen=example.loss_fen, already={})
        if returned != example.returned:
            raise ValueError(f"example: the recovery is shared {returned}, the file says {example.returned}")
        if example.shares["fund"] - example.returned["fund"] != example.fund_net_fen:
            raise ValueError("example: fund_net_fen is the fund's share less what it got back")
        return self


class Scheme(Strict):
    """One scheme through time."""

    code: str
    title: Words
    terms: tuple[SchemeTerms, ...]

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Scheme:
        for a, b in overlaps(self.terms):
            raise ValueError(f"the blocks from {a.valid_from} and from {b.valid_from} are in force on a common day")
        return self


def scheme(code: str) -> Scheme:
    """The scheme of that code; NotFound when no file has it."""
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.stem == code:
            return cached(path, Scheme)
    raise NotFound(Words(f"没有名为“{code}”的补偿方案", f"there is no compensation scheme “{code}”"), code="scheme_unknown")


def terms_on(code: str, day: date) -> SchemeTerms:
    """What the scheme says on that day; NotFound when it says nothing yet, or nothing any more."""
    block = in_force(scheme(code).terms, day)
    if block is None:
        raise NotFound(
            Words(f"方案“{code}”在 {day} 无效", f"the scheme “{code}” is not in force on {day}"), code="scheme_not_in_force"
        )
    return block


def codes() -> tuple[str, ...]:
    """Every scheme there is."""
    return tuple(sorted(path.stem for path in chain(FOLDER.glob("*.yaml"))))
