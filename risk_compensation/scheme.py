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
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from backend.kit.dated import in_force, overlaps
from backend.kit.errors import NotFound
from backend.kit.policy import Source, Strict, cached, canonical, digest
from backend.kit.words import Words
from risk_compensation.book import BookLoan
from risk_compensation.scheme_parts import (
    Backing,
    Bonuses,
    Breaker,
    Caps,
    Charge,
    ClawBack,
    Deadlines,
    Example,
    Excess,
    Leverage,
    Limits,
    LossBase,
    MoneyShort,
    OddFen,
    Papers,
    PartyKind,
    PoolMoney,
    Recovery,
    Scope,
    Tier,
    Trigger,
)
from risk_compensation.sharing import share_loss, share_recovery

FOLDER = Path(__file__).parent / "schemes"


class Worked(Strict):
    """A small book played under the scheme: who has borne what in the end, which loans were not taken; checked on loading."""

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
    def runs_live(self) -> bool:
        """Whether the live book can run it: the guarantor claims the fund’s part of principal, in one ratio for all loans."""
        more = (self.base, self.tiers, self.bonuses, self.backing, self.excess, self.limits, self.money, self.recovery)
        flat = not any(more) and set(self.shares) == {"guarantor", "fund", "bank"}
        rules = (self.breaker, *self.stops)
        watched = all(rule.ratio == "net_paid_over_entered" and not rule.defers for rule in rules)
        return flat and watched and self.claimant == self.payee == "guarantor" and self.money_short.rule == "approval_order"

    def shares_of(self, loan: BookLoan) -> dict[str, int]:
        """The weights for one loan: of the first tier that fits it, with its bonuses."""
        chosen = next((tier.shares for tier in self.tiers if loan.fits(tier)), self.shares)
        weights: dict[str, int] = dict(chosen.items())
        if self.bonuses:
            to, giver = self.bonuses.to, self.bonuses.taken_from
            more = sum(each.points for each in self.bonuses.each if set(each.tags) & set(loan.tags))
            more = max(0, min(more, self.bonuses.most - weights.get(to, 0), weights.get(giver, 0)))
            weights[to], weights[giver] = weights.get(to, 0) + more, weights.get(giver, 0) - more
        return weights

    def commitment_fen(self, principal_fen: int) -> int:
        """What `principal_fen` of a covered loan counts against headroom."""
        return principal_fen if self.leverage.basis == "principal" else share_loss(self, principal_fen)["fund"]

    @model_validator(mode="after")
    def _comes_out(self) -> SchemeTerms:
        rows = (self.shares, *(tier.shares for tier in self.tiers))
        named = {party for row in rows for party in row} | {each.behind for each in self.backing}
        named |= {self.excess.payer} if self.excess else set()
        named |= {self.limits.beyond} if self.limits else set()
        if not named <= set(self.odd_fen.order) or len(set(self.odd_fen.order)) != len(self.odd_fen.order):
            raise ValueError("odd_fen.order names each party of shares once")
        if self.claimant not in named or self.payee not in named:
            raise ValueError("claimant and payee are parties of shares")
        if any(weight <= 0 for row in rows for weight in row.values()):
            raise ValueError("each share is a positive whole number")
        if self.bonuses and any(sum(row.values()) != 100 for row in rows):
            raise ValueError("bonuses are percentage points: shares add up to 100")
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
        returned = share_recovery(self, net_fen=net, loss_fen=example.loss_fen, already={})
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
        from risk_compensation.course import play  # the course plays schemes, and a scheme's examples are courses

        for place, block in enumerate(self.terms):
            for worked in block.worked:
                done = play(self, worked.loans, money_fen=worked.money_fen, until=worked.until)
                found = (done.net_fen(), done.outside_fen, done.waiting_fen, tuple(done.refused))
                said = ({k: v for k, v in worked.bears.items() if v}, worked.outside_fen, worked.waiting_fen, worked.refused)
                if found != said:
                    raise ValueError(f"terms.{place}, “{worked.title.en}”: comes out as {found}, the file says {said}")
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
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
