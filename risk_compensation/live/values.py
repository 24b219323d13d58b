"""What stood in a pool's book when it was read, as values with units in their names: of a pool, a loan, a claim, a move.

Nothing follows a value, and nobody changes the book through it; `views` reads them, and each act of the live pool answers one.
Written in: domain §6.3 (moves), §6.4 (entries). Money is fen of the pool's currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from risk_compensation.scheme import SchemeTerms, covered_fen, terms_on


@dataclass(frozen=True, slots=True)
class PoolView:
    """One special account under one scheme. `parties`: code of every other kind of party that the scheme names, but the bank."""

    code: str
    scheme: str
    guarantor: str
    fund: str
    custodian: str
    opened_on: date
    state: str
    currency: str
    parties: dict[str, str]

    def code_of(self, kind: str) -> str:
        """The code of the party of that kind; a bank differs from loan to loan."""
        return {"guarantor": self.guarantor, "fund": self.fund}.get(kind) or self.parties[kind]


@dataclass(frozen=True, slots=True)
class PoolStep:
    """Why a pool, or one bank or guarantor in it (`party`), was opened, warned, paused, reopened: by whom, in whose words."""

    id: int
    pool: str
    state: str
    on: date
    by: str
    words: dict[str, str]
    party: str | None


@dataclass(frozen=True, slots=True)
class RegisteredLoan:
    """A loan in a pool (入库), with what the scheme's shares may depend on, as it was when the loan entered."""

    reference: str
    pool: str
    bank: str
    guarantor: str
    firm: str
    amount_fen: int
    principal_fen: int
    committed_fen: int
    guarantee_no: str
    guaranteed_on: date
    registered_on: date
    overdue_since: date | None
    policy_digest: str
    state: str
    mode: str
    size: str
    months: int
    revenue_fen: int | None
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class FiledClaim:
    """What the claimant asks of the pool for one loan, and what became of it. `parts`: kind of party -> what it bears (fen), an
    estimate until approval; `payout_fen`: the pool's part; `aside_fen`: what is set aside of it and not paid yet."""

    claim_no: str
    loan: str
    pool: str
    claimant: str
    filed_by: str
    filed_on: date
    guarantor_paid_fen: int
    unpaid_principal_fen: int
    unpaid_interest_fen: int
    payout_fen: int
    judgment_no: str
    judged_on: date | None
    documents: Mapping[str, Any]
    checks: Sequence[Mapping[str, Any]]
    maker: str | None
    opinion: str | None
    checker: str | None
    deferred_until: date | None
    approved_on: date | None
    parts: Mapping[str, int]
    counted_fen: int
    aside_fen: int
    instruction_no: str | None
    receipt_no: str | None
    paid_on: date | None
    paid_fen: int
    state: str


@dataclass(frozen=True, slots=True)
class LoanStep:
    """A move of a loan in the pool and of its claim: from, to, by whom, when, in whose words."""

    claim_no: str | None
    move: str
    was: str
    became: str
    on: date
    by: str
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class ClaimPayment:
    """One payment of the custody bank on a claim, by its receipt."""

    receipt_no: str
    claim_no: str
    no: int
    amount_fen: int
    on: date


@dataclass(frozen=True, slots=True)
class HeldHeadroom:
    """Headroom held between the firm's acceptance and the registration; `expires_on` is its last day."""

    reference: str
    pool: str
    amount_fen: int
    held_fen: int
    reserved_on: date
    expires_on: date
    state: str


@dataclass(frozen=True, slots=True)
class LoanCase:
    """A loan and the pool that it stands in."""

    loan: RegisteredLoan
    pool: PoolView

    @property
    def terms(self) -> SchemeTerms:
        """The terms under which the loan entered: they rule its claim for good."""
        return terms_on(self.pool.scheme, self.loan.registered_on)

    @property
    def parties(self) -> dict[str, str]:
        """Kind of party -> its code."""
        known = {"guarantor": self.loan.guarantor, "fund": self.pool.fund, "bank": self.loan.bank, **self.pool.parties}
        return {kind: code for kind, code in known.items() if code}


@dataclass(frozen=True, slots=True)
class ClaimCase(LoanCase):
    """A claim with the loan and the pool that it is about."""

    claim: FiledClaim

    @property
    def loss_fen(self) -> int:
        """The loss that is shared: what of unpaid principal and interest the scheme covers."""
        return covered_fen(self.terms, self.claim.unpaid_principal_fen, self.claim.unpaid_interest_fen)


@dataclass(frozen=True, slots=True)
class MoneyProposal:
    """What one person says has moved, or shall move, in a pool, and what another decided about it. `body`: what was said;
    `result`: what booking it would do, and did; `party`: on whose behalf it was said."""

    id: str
    pool: str
    kind: str
    reference: str
    loan: str | None
    body: Mapping[str, Any]
    result: Mapping[str, Any]
    digest: str
    party: str
    proposed_by: str
    proposed_on: date
    state: str
    decided_by: str | None
    decided_on: date | None
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """One movement: from the credited account to the debited one, a positive number of fen."""

    reference: str
    debit: str
    credit: str
    amount_fen: int
    reason: str
    on: date
    party: str | None
    loan: str | None


@dataclass(frozen=True, slots=True)
class PoolBooking:
    """One event's booking. `on`: the day it takes effect; `written_on`: when it was written down (None: the same day)."""

    reference: str
    on: date
    written_on: date | None
    reverses: str | None
    words: dict[str, str]
