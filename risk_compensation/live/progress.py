"""How far a claim has come, for whoever shows it: what it waits for, what may still be done, who bears what. Pure: no I/O.

Written in: domain §6.3 (moves), §6.1 (shares, limits, what happens when money runs out).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backend.kit.money import share_out
from risk_compensation.live.claims import State
from risk_compensation.live.values import FiledClaim, LoanCase
from risk_compensation.scheme import PARTY_WORDS

UNDECIDED = frozenset({State.CLAIM_SUBMITTED, State.UNDER_REVIEW, State.SUPPLEMENT})
COMES_BACK = frozenset({State.PAID, State.RECOVERING, State.PART_RECOVERED, State.WRITE_OFF_APPLIED, State.WRITTEN_OFF})


@dataclass(frozen=True, slots=True)
class PartShare:
    """What one kind of party bears of a loss: by the scheme's ratio, after limits, collections and cash, and what came back."""

    kind: str
    ratio_fen: int
    bears_fen: int
    back_fen: int = 0


def waits_fen(claim: FiledClaim) -> int:
    """What of an approved claim waits for money."""
    if claim.state not in (State.APPROVED, State.INSTRUCTED):
        return 0
    return claim.payout_fen - claim.paid_fen - claim.aside_fen


def put_off(claim: FiledClaim, day: date) -> bool:
    """Whether a rule has put the decision off to a later day."""
    return claim.state == State.UNDER_REVIEW and claim.deferred_until is not None and day < claim.deferred_until


def waits_for_money(claim: FiledClaim) -> bool:
    """Whether it is approved and nothing of it can be paid yet: nobody is late."""
    return claim.state == State.APPROVED and not claim.aside_fen and claim.payout_fen > claim.paid_fen


def stands_at(claim: FiledClaim, day: date) -> str:
    """Its state, or what it waits for where nobody has to act: deferred | waits_for_money."""
    return "deferred" if put_off(claim, day) else "waits_for_money" if waits_for_money(claim) else claim.state


def may_be_withdrawn(claim: FiledClaim) -> bool:
    """Whether the claimant may take it back: before the custody bank is instructed, and while nothing is paid."""
    return claim.state in UNDECIDED | {State.APPROVED} and not claim.paid_fen


def shares(
    case: LoanCase, loss_fen: int, parts: Mapping[str, int], back_fen: Mapping[str, int] | None = None
) -> tuple[PartShare, ...]:
    """Every kind of party that bears a part of a loss, by the ratio or in the end; the bank last. `back_fen`: by party's code."""
    ratio = share_out(loss_fen, case.terms.shares_of(case.loan), odd_fen_order=case.terms.odd_fen_order)
    shown = [kind for kind in PARTY_WORDS if ratio.get(kind) or parts.get(kind)]
    code, back = case.parties, back_fen or {}
    return tuple(
        PartShare(kind, ratio.get(kind, 0), parts.get(kind, 0), back.get(code.get(kind, ""), 0))
        for kind in sorted(shown, key=lambda kind: kind == "bank")
    )
