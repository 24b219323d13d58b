"""How facilities, draws, what fell due and what was paid are kept, and where a bank and we differ.

What a bank told is never edited; the columns of a draw after `told` are our own running state, computed again from the payments
whenever one arrives. Payments, class changes and discrepancies only grow: the database refuses UPDATE and DELETE.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, Fen
from backend.kit.guards import append_only, statements

Serial = BigInteger().with_variant(Integer(), "sqlite")


class Facility(Base):
    """授信: what the bank signed. Made by the bank's contract alone."""

    __tablename__ = "facilities"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(String(64), index=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    bank: Mapped[str] = mapped_column(String(64))
    product: Mapped[str] = mapped_column(String(64))
    contract_no: Mapped[str] = mapped_column(String(80))
    limit_fen: Mapped[int] = mapped_column(Fen)
    signed_on: Mapped[date]
    expires_on: Mapped[date]
    rate_bp: Mapped[int]
    frozen_fen: Mapped[int] = mapped_column(Fen, default=0)
    scheme: Mapped[str | None] = mapped_column(String(64))
    guarantor: Mapped[str | None] = mapped_column(String(64))
    pool: Mapped[str | None] = mapped_column(String(64))
    registered_fen: Mapped[int] = mapped_column(Fen, default=0)
    registered_on: Mapped[date | None]
    pool_refusal: Mapped[dict[str, Any] | None]
    pool_closed: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (UniqueConstraint("bank", "contract_no"),)


class Draw(Base):
    """用信: what the bank paid out under a facility. Only draws carry interest, days past due and class."""

    __tablename__ = "draws"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.id"), index=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    bank: Mapped[str] = mapped_column(String(64))
    draw_no: Mapped[str] = mapped_column(String(80))
    amount_fen: Mapped[int] = mapped_column(Fen)
    value_date: Mapped[date]
    matures_on: Mapped[date]
    rate_bp: Mapped[int]
    penalty_bp: Mapped[int]
    way: Mapped[str] = mapped_column(String(24))
    day_count: Mapped[str] = mapped_column(String(16))
    first_loan: Mapped[bool | None]
    coverage: Mapped[str] = mapped_column(String(16))  # none, registered, uncovered
    told_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), default="running")  # running, late, repaid, compensated
    outstanding_fen: Mapped[int] = mapped_column(Fen)
    repaid_by_borrower_fen: Mapped[int] = mapped_column(Fen, default=0)
    unpaid_since: Mapped[date | None]
    dpd: Mapped[int] = mapped_column(default=0)
    max_dpd: Mapped[int] = mapped_column(default=0)
    cls: Mapped[str] = mapped_column(String(16), default="normal")
    cured_on: Mapped[date | None]
    defaulted_on: Mapped[date | None]
    repaid_on: Mapped[date | None]
    closed: Mapped[bool] = mapped_column(default=False, index=True)
    __table_args__ = (UniqueConstraint("bank", "draw_no"), CheckConstraint("amount_fen > 0", name="positive"))


class DueLine(Base):
    """One due day of a draw: what the bank's schedule says, and the interest ours says."""

    __tablename__ = "due_lines"
    draw_id: Mapped[str] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_on: Mapped[date]
    principal_fen: Mapped[int] = mapped_column(Fen)
    told_interest_fen: Mapped[int] = mapped_column(Fen)
    our_interest_fen: Mapped[int] = mapped_column(Fen)


class Payment(Base):
    """A repayment as the bank told it, and as we would have applied it when we heard of it. Never edited."""

    __tablename__ = "payments"
    bank: Mapped[str] = mapped_column(String(64), primary_key=True)
    payment_no: Mapped[str] = mapped_column(String(80), primary_key=True)
    draw_id: Mapped[str] = mapped_column(ForeignKey("draws.id"), index=True)
    seq: Mapped[int]
    paid_on: Mapped[date]
    told_on: Mapped[date]
    amount_fen: Mapped[int] = mapped_column(Fen)
    source: Mapped[str] = mapped_column(String(16))
    told_expenses_fen: Mapped[int] = mapped_column(Fen)
    told_penalty_fen: Mapped[int] = mapped_column(Fen)
    told_interest_fen: Mapped[int] = mapped_column(Fen)
    told_principal_fen: Mapped[int] = mapped_column(Fen)
    our_expenses_fen: Mapped[int] = mapped_column(Fen)
    our_penalty_fen: Mapped[int] = mapped_column(Fen)
    our_interest_fen: Mapped[int] = mapped_column(Fen)
    our_principal_fen: Mapped[int] = mapped_column(Fen)
    unapplied_fen: Mapped[int] = mapped_column(Fen)
    __table_args__ = (CheckConstraint("amount_fen > 0", name="positive"),)


class ClassEvent(Base):
    """A draw's class changed: from, to, why, on which day, how many days past due."""

    __tablename__ = "class_events"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    draw_id: Mapped[str] = mapped_column(ForeignKey("draws.id"), index=True)
    day: Mapped[date]
    was: Mapped[str] = mapped_column(String(16))
    became: Mapped[str] = mapped_column(String(16))
    dpd: Mapped[int]
    causes: Mapped[list[Any]]


class ClassSignal(Base):
    """Something other than days that lowers a class (`classes.yaml` events): on one draw, or on all draws of a firm."""

    __tablename__ = "class_signals"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    draw_id: Mapped[str | None] = mapped_column(ForeignKey("draws.id"))
    name: Mapped[str] = mapped_column("event_name", String(32))
    since: Mapped[date]
    until: Mapped[date | None] = mapped_column("until_day")
    words: Mapped[dict[str, Any]]


class Discrepancy(Base):
    """Where a bank's report and our own book differ; a person looks. One row per difference."""

    __tablename__ = "discrepancies"
    key: Mapped[str] = mapped_column(String(240), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    bank: Mapped[str] = mapped_column(String(64))
    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.id"), index=True)
    draw_id: Mapped[str | None] = mapped_column(ForeignKey("draws.id"), index=True)
    payment_no: Mapped[str | None] = mapped_column(String(80))
    ours: Mapped[dict[str, Any]]
    theirs: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any]]
    found_on: Mapped[date]


class Guarantee(Base):
    """The guarantor's decision, asked at acceptance, made before the draw; and what it was asked to pay and paid."""

    __tablename__ = "guarantees"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(String(64), unique=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    bank: Mapped[str] = mapped_column(String(64))
    product: Mapped[str] = mapped_column(String(64))
    scheme: Mapped[str] = mapped_column(String(64))
    pool: Mapped[str] = mapped_column(String(64))
    guarantor: Mapped[str] = mapped_column(String(64), index=True)
    amount_fen: Mapped[int] = mapped_column(Fen)
    months: Mapped[int]
    asked_on: Mapped[date]
    until: Mapped[date] = mapped_column("until_day")
    state: Mapped[str] = mapped_column(String(16))  # waiting, granted, declined
    guarantee_no: Mapped[str | None] = mapped_column(String(80))
    decided_on: Mapped[date | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    words: Mapped[dict[str, Any]]
    demanded_on: Mapped[date | None]
    demanded_fen: Mapped[int] = mapped_column(Fen, default=0)
    paid_on: Mapped[date | None]
    paid_fen: Mapped[int] = mapped_column(Fen, default=0)
    paid_receipt_no: Mapped[str | None] = mapped_column(String(120))


class SignedConditions(Base):
    """Which conditions of a payout the fund had checked when a loan entered its pool, signed; and which were left open."""

    __tablename__ = "signed_conditions"
    loan: Mapped[str] = mapped_column(ForeignKey("pool_registrations.reference"), primary_key=True)
    signed_on: Mapped[date]
    document: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(256))
    public_key: Mapped[str] = mapped_column(String(128))
    signer: Mapped[str] = mapped_column(String(200))


class Renewal(Base):
    """无还本续贷: what firm and bank say of renewing a draw that matures soon. `cohort`: the value date of the first ancestor."""

    __tablename__ = "renewals"
    draw_id: Mapped[str] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    bank: Mapped[str] = mapped_column(String(64), index=True)
    cohort: Mapped[date]
    asked_on: Mapped[date]
    answer_by: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))  # asked, wanted, unwanted, agreed, declined, renewed
    firm_said_on: Mapped[date | None]
    firm_said_by: Mapped[str | None] = mapped_column(String(64))
    firm_words: Mapped[str] = mapped_column(String(1000), default="")
    bank_said_on: Mapped[date | None]
    bank_said_by: Mapped[str | None] = mapped_column(String(64))
    bank_words: Mapped[str] = mapped_column(String(1000), default="")
    conditions: Mapped[list[Any]]
    renewed_by: Mapped[str | None] = mapped_column(ForeignKey("draws.id"), unique=True)
    signed_on: Mapped[date | None]


class FirmOutcome(Base):
    """The BNK facts last handed to credit_data for a firm, so that only changes are appended.

    `told_at` is empty when a bank has told something since.
    """

    __tablename__ = "firm_outcomes"
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date]
    told_at: Mapped[datetime | None]


GUARDED = ("payments", "class_events", "discrepancies", "signed_conditions")
GUARDS = {dialect: tuple(text for name in GUARDED for text in statements(name, dialect)) for dialect in ("sqlite", "postgresql")}
for _table in (Payment, ClassEvent, Discrepancy, SignedConditions):
    for _ddl in append_only(_table.__tablename__):
        event.listen(_table.__table__, "after_create", _ddl)
