"""How needs, applications, offers and their timeline are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, Fen
from backend.kit.guards import append_only


class Need(Base):
    """What a firm asks for, once: an amount, a term, a purpose. Applications belong to it."""

    __tablename__ = "needs"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    amount_fen: Mapped[int] = mapped_column(Fen)
    months: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(32))
    submitted_at: Mapped[datetime]
    submitted_on: Mapped[date]
    idempotency_key: Mapped[str | None] = mapped_column(String(80), unique=True)


class Application(Base):
    """One bank's part of a need. Its id is our reference, and the bank's idempotency key."""

    __tablename__ = "applications"
    __table_args__ = (UniqueConstraint("need_id", "bank", "product"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    need_id: Mapped[str] = mapped_column(ForeignKey("needs.id"), index=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    bank: Mapped[str] = mapped_column(String(64), index=True)
    product: Mapped[str] = mapped_column(String(64))
    amount_fen: Mapped[int] = mapped_column(Fen)
    months: Mapped[int]
    way: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16), index=True)
    bank_reference: Mapped[str] = mapped_column(String(80), default="")
    policy_digest: Mapped[str] = mapped_column(String(64), default="")
    match_id: Mapped[str | None] = mapped_column(String(64))
    scheme: Mapped[str | None] = mapped_column(String(64))
    submitted_at: Mapped[datetime]
    submitted_on: Mapped[date]
    wait_until: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    decided_on: Mapped[date | None]
    decision_words: Mapped[str] = mapped_column(String(2000), default="")
    decision_reasons: Mapped[list[Any]] = mapped_column(default=list)
    documents_asked: Mapped[list[Any]] = mapped_column(default=list)
    documents_words: Mapped[str] = mapped_column(String(2000), default="")


class Offer(Base):
    """What a bank binds itself to, until `valid_until` (that day included). Rates of cost are Decimals as text, in bp."""

    __tablename__ = "offers"
    __table_args__ = (UniqueConstraint("application_id", "offer_no"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    offer_no: Mapped[str] = mapped_column(String(80))
    amount_fen: Mapped[int] = mapped_column(Fen)
    rate_bp: Mapped[int]
    months: Mapped[int]
    way: Mapped[str] = mapped_column(String(24))
    day_count: Mapped[str] = mapped_column(String(16))
    fees: Mapped[list[Any]]
    conditions: Mapped[list[Any]]
    nominal_bp: Mapped[str] = mapped_column(String(32))
    effective_bp: Mapped[str] = mapped_column(String(32))
    by_days_bp: Mapped[str] = mapped_column(String(32))
    interest_fen: Mapped[int] = mapped_column(Fen)
    fees_fen: Mapped[int] = mapped_column(Fen)
    valid_until: Mapped[date]
    offered_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))  # open, accepted, withdrawn, lapsed; refused: too dear to be shown
    accepted_at: Mapped[datetime | None]


class ApplicationEvent(Base):
    """One line of an application's timeline: what happened, in the platform's words and, verbatim, in the bank's."""

    __tablename__ = "application_events"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(24))
    actor_id: Mapped[str] = mapped_column(String(64))
    words: Mapped[dict[str, Any]]
    verbatim: Mapped[str] = mapped_column(String(2000), default="")


class ApplicationDocument(Base):
    """A document handed to a bank, sealed."""

    __tablename__ = "application_documents"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    sent: Mapped[bool] = mapped_column(default=False)


class BankIndication(Base):
    """What a bank itself says it might lend, asked once a day per product, amount and term, without naming the firm.

    state: asked, answered, silent (the bank did not answer), refused (its no, or a consent that was gone)."""

    __tablename__ = "bank_indications"
    __table_args__ = (UniqueConstraint("firm_id", "product", "amount_fen", "months", "asked_on"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    bank: Mapped[str] = mapped_column(String(64))
    product: Mapped[str] = mapped_column(String(64))
    amount_fen: Mapped[int] = mapped_column(Fen)
    months: Mapped[int]
    asked_at: Mapped[datetime]
    asked_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    answered_at: Mapped[datetime | None]
    limit_fen: Mapped[int | None] = mapped_column(Fen)
    rate_bp: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(2000), default="")


class TakenMessage(Base):
    """A bank's message that has had its effect: the second time changes nothing."""

    __tablename__ = "taken_messages"
    bank: Mapped[str] = mapped_column(String(64), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(160), primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), index=True)
    taken_at: Mapped[datetime]


GUARDED = ("application_events",)
for _ddl in append_only("application_events"):
    event.listen(ApplicationEvent.__table__, "after_create", _ddl)
