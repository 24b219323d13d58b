"""A facility, a draw, a payment, a guarantee, a renewal as others may see them: frozen, whatever the rows become afterwards.

Money is fen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class SignedFacility:
    """授信: what the bank signed. `registered_fen`, `registered_on`: what entered a compensation pool, and when."""

    id: str
    application_id: str
    firm_id: str
    bank: str
    product: str
    contract_no: str
    limit_fen: int
    signed_on: date
    expires_on: date
    rate_bp: int
    frozen_fen: int
    scheme: str | None
    guarantor: str | None
    pool: str | None
    registered_fen: int
    registered_on: date | None
    pool_refusal: Mapping[str, Any] | None
    pool_closed: bool


@dataclass(frozen=True, slots=True)
class ReportedDraw:
    """用信: a draw as its bank reported it, and as our book has it since: what stands after `told_on`. coverage: none |
    registered | uncovered; state: running | late | repaid | compensated."""

    id: str
    facility_id: str
    firm_id: str
    bank: str
    draw_no: str
    amount_fen: int
    value_date: date
    matures_on: date
    rate_bp: int
    penalty_bp: int
    way: str
    day_count: str
    first_loan: bool | None
    coverage: str
    told_on: date
    state: str
    outstanding_fen: int
    repaid_by_borrower_fen: int
    unpaid_since: date | None
    dpd: int
    max_dpd: int
    cls: str
    cured_on: date | None
    defaulted_on: date | None
    repaid_on: date | None
    closed: bool


@dataclass(frozen=True, slots=True)
class BankDraw(ReportedDraw):
    """A draw with the application that it came from."""

    application_id: str


@dataclass(frozen=True, slots=True)
class ReportedPayment:
    """A repayment as the bank told it (`told_…`), and as we would have applied it when we heard of it (`our_…`)."""

    bank: str
    payment_no: str
    draw_id: str
    seq: int
    paid_on: date
    told_on: date
    amount_fen: int
    source: str
    told_expenses_fen: int
    told_penalty_fen: int
    told_interest_fen: int
    told_principal_fen: int
    our_expenses_fen: int
    our_penalty_fen: int
    our_interest_fen: int
    our_principal_fen: int
    unapplied_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalAsked:
    """无还本续贷: what firm and bank say of renewing a draw that matures soon. state: asked | wanted | unwanted | agreed |
    declined | renewed. `cohort`: the value date of the first ancestor."""

    draw_id: str
    firm_id: str
    bank: str
    cohort: date
    asked_on: date
    answer_by: date
    state: str
    firm_said_on: date | None
    firm_said_by: str | None
    firm_words: str
    bank_said_on: date | None
    bank_said_by: str | None
    bank_words: str
    renewed_by: str | None
    signed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalKept(RenewalAsked):
    """The same with the `conditions` as the bank saw them when it decided."""

    conditions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class GuaranteeView:
    """The guarantor's decision, asked at acceptance, made before the draw; what it was asked to pay and paid. state: waiting |
    granted | declined."""

    id: str
    application_id: str
    firm_id: str
    bank: str
    product: str
    scheme: str
    pool: str
    guarantor: str
    amount_fen: int
    months: int
    asked_on: date
    until: date
    state: str
    guarantee_no: str | None
    decided_on: date | None
    decided_by: str | None
    words: dict[str, str]
    demanded_on: date | None
    demanded_fen: int
    paid_on: date | None
    paid_fen: int
    paid_receipt_no: str | None
