"""A draw and a guarantee as others may see them: frozen, whatever the rows become afterwards. Money is fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class BankDraw:
    """A draw as its bank reported it, and as our book has it since: the columns after `told_on`. `application_id`: what it came
    from. coverage: none | registered | uncovered; state: running | late | repaid | compensated."""

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
    application_id: str


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
