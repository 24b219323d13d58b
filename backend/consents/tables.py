"""How consents and powers of attorney are kept. Items and recipients have rows of their own, for the reading statement's sake."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base


class Consent(Base):
    """One authorisation document. `state`: draft, signed, revoked, superseded; expiry follows from `valid_to`."""

    __tablename__ = "consents"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    purpose: Mapped[str] = mapped_column(String(16))
    subject_person: Mapped[str | None] = mapped_column(String(100))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(200), default="")
    signer: Mapped[str] = mapped_column(String(100), default="")
    capacity: Mapped[str] = mapped_column(String(24), default="")
    power_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ConsentItem(Base):
    """One item a consent opens."""

    __tablename__ = "consent_items"
    consent_id: Mapped[str] = mapped_column(ForeignKey("consents.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(16), primary_key=True)


class ConsentRecipient(Base):
    """One body a consent names: `platform`, or a bank's party code."""

    __tablename__ = "consent_recipients"
    consent_id: Mapped[str] = mapped_column(ForeignKey("consents.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(64), primary_key=True)


class PowerOfAttorney(Base):
    """A stored power of attorney 授权委托书: an agent may sign these items within this period. The paper is kept
    under seal (`views.paper`); `digest` is of the plain bytes."""

    __tablename__ = "powers_of_attorney"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    agent_name: Mapped[str] = mapped_column(String(100))
    items: Mapped[list[Any]]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    stored_at: Mapped[datetime]
