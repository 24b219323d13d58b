"""A compensation scheme as dated, sourced policy: `published/<scheme>.yaml`, read strictly. Written in: domain §6.1-§6.4.

Each number says where it comes from; what no public text gives says `assumed: why`. Each block carries worked examples. Reading
a file plays no book: whether its examples come out is asked by `play.checking`, before a pool is opened or started under it.

>>> terms = terms_on("ningbo_442", date(2025, 1, 1))
>>> terms.shares
{'guarantor': 4, 'fund': 4, 'bank': 2}
>>> terms.claimant
'guarantor'
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from backend.kit.dated import in_force, overlaps
from backend.kit.errors import NotFound
from backend.kit.money import share_out
from backend.kit.policy import Source, Strict, cached, canonical, digest
from backend.kit.words import Words
from risk_compensation.scheme.conditions import Breaker, Caps, Deadlines, Example, Leverage, MoneyShort, Papers, Scope, Trigger
from risk_compensation.scheme.loans import BookLoan
from risk_compensation.scheme.parts import (
    PUBLIC,
    Backing,
    Bonuses,
    Charge,
    ClawBack,
    Excess,
    Limits,
    LossBase,
    OddFen,
    PartyKind,
    PoolMoney,
    Recovery,
    Tier,
    Weighed,
)
from risk_compensation.scheme.sharing import share_loss, share_recovery

FOLDER = Path(__file__).parent / "published"


class Worked(Strict):
    """A small book played under the scheme: who has borne what in the end, which loans were not taken (`play.checking`)."""

    title: Words
    loans: tuple[BookLoan, ...]
    money_fen: int | None = None
    until: date | None = None
    bears: dict[PartyKind, int]
    outside_fen: int = 0
    waiting_fen: int = 0
    refused: tuple[str, ...] = ()
    source: Source


class SchemeTerms(Strict):
    """What a scheme says from `valid_from` until `valid_to` (both included)."""

    valid_from: date
    valid_to: date | None = None
    source: Source
    claimant: PartyKind
    payee: PartyKind
    base: LossBase | None = None
    trigger: Trigger
    shares: dict[PartyKind, int]
    tiers: tuple[Tier, ...] = ()
    bonuses: Bonuses | None = None
    odd_fen: OddFen
    charges: tuple[Charge, ...] = ()
    backing: tuple[Backing, ...] = ()
    excess: Excess | None = None
    limits: Limits | None = None
    money: PoolMoney | None = None
    recovery: Recovery | None = None
    claw_back: ClawBack | None = None
    leverage: Leverage
    caps: Caps
    scope: Scope
    deadlines: Deadlines
    breaker: Breaker
    stops: tuple[Breaker, ...] = ()
    money_short: MoneyShort
    documents: Papers
    example: Example | None = None
    worked: tuple[Worked, ...] = ()

    @property
    def odd_fen_order(self) -> tuple[PartyKind, ...]:
        return self.odd_fen.order

    @property
    def digest(self) -> str:
        """What a registration and a claim cite: of what the file says, so that a new kind of part changes no older citation."""
        said = self.model_dump(mode="json", exclude_unset=True, exclude={"worked"})
        return digest(canonical({"valid_to": None} | said))

    @property
    def parties(self) -> frozenset[str]:
        """Every kind of party that bears, stands behind or takes over something under it."""
        rows = (self.shares, *(tier.shares for tier in self.tiers))
        named: set[str] = {party for row in rows for party in row} | {each.behind for each in self.backing}
        named |= {self.excess.payer} if self.excess else set()
        return frozenset(named | ({self.limits.beyond} if self.limits else set()))

    @property
    def beyond(self) -> str:
        """Who bears what the pool cannot or may not pay."""
        return self.limits.beyond if self.limits else self.payee

    def shares_of(self, loan: Weighed) -> dict[str, int]:
        """The weights for one loan: of the first tier that fits it, with its bonuses."""
        chosen = next((tier.shares for tier in self.tiers if tier.fits(loan)), self.shares)
        weights: dict[str, int] = dict(chosen.items())
        if self.bonuses:
            to, giver = self.bonuses.to, self.bonuses.taken_from
            more = sum(each.points for each in self.bonuses.each if set(each.tags) & set(loan.tags))
            more = max(0, min(more, self.bonuses.most - weights.get(to, 0), weights.get(giver, 0)))
            weights[to], weights[giver] = weights.get(to, 0) + more, weights.get(giver, 0) - more
        return weights

    @property
    def asks_of_firm(self) -> bool:
        """Whether size or revenue of the firm matters under it."""
        tiers = any(tier.sizes or tier.revenue_upto_fen for tier in self.tiers)
        scope = self.scope.sizes or self.scope.revenue_upto_fen
        return bool(tiers or scope or self.caps.loan_fen_by_size or (self.limits and self.limits.firm_fen_by_size))

    def needs_guarantor(self, loan: Weighed) -> bool:
        """Whether a guarantor must have decided before the loan may enter."""
        return self.claimant == "guarantor" or loan.mode == "guarantee" or "guarantor" in self.shares_of(loan)

    def commitment_fen(self, loan: Weighed, principal_fen: int) -> int:
        """What `principal_fen` of the covered loan counts against headroom."""
        if self.leverage.basis == "principal":
            return principal_fen
        parts = share_out(principal_fen, self.shares_of(loan), odd_fen_order=self.odd_fen_order)
        return sum(fen for party, fen in parts.items() if party in PUBLIC)

    @model_validator(mode="after")
    def _comes_out(self) -> SchemeTerms:
        rows = (self.shares, *(tier.shares for tier in self.tiers))
        named = self.parties
        if not named <= set(self.odd_fen.order) or len(set(self.odd_fen.order)) != len(self.odd_fen.order):
            raise ValueError("odd_fen.order names each party of shares once")
        if self.claimant not in named or self.payee not in named:
            raise ValueError("claimant and payee are parties of shares")
        if any(weight <= 0 for row in rows for weight in row.values()):
            raise ValueError("each share is a positive whole number")
        if self.bonuses and any(sum(row.values()) != 100 for row in rows):
            raise ValueError("bonuses are percentage points: shares add up to 100")
        if self.limits and self.limits.bank_balance_bp and self.leverage.basis != "principal":
            raise ValueError("limits.bank_balance_bp: a bank’s balance is read from commitments, which must count principal")
        if self.caps.loan_fen > self.caps.firm_fen:
            raise ValueError("caps: one loan cannot be larger than all loans of the firm")
        if self.example is None and not self.worked:
            raise ValueError("a scheme carries a worked example: example, or worked")
        if self.example is not None:
            self._example_comes_out(self.example)
        return self

    def _example_comes_out(self, example: Example) -> None:
        if share_loss(self, example.loss_fen) != example.shares:
            raise ValueError(f"example: the loss is shared {share_loss(self, example.loss_fen)}, the file says {example.shares}")
        net = example.recovered_fen - example.costs_fen
        returned = share_recovery(example.shares, net_fen=net, already={}, odd_fen_order=self.odd_fen_order)
        if returned != example.returned:
            raise ValueError(f"example: the recovery is shared {returned}, the file says {example.returned}")
        if example.shares["fund"] - example.returned["fund"] != example.fund_net_fen:
            raise ValueError("example: fund_net_fen is the fund's share less what it got back")


class Scheme(Strict):
    """One scheme through time."""

    code: str
    title: Words
    currency: Literal["CNY", "USD"] = "CNY"
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


def terms_still(code: str, day: date) -> SchemeTerms:
    """What rules the money and the old claims on that day: the terms in force, or, once the scheme has ended, its last ones.
    NotFound when it had said nothing yet."""
    said = [block for block in scheme(code).terms if block.valid_from <= day]
    return in_force(said, day) or (max(said, key=lambda block: block.valid_from) if said else terms_on(code, day))


def codes() -> tuple[str, ...]:
    """Every scheme there is."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
