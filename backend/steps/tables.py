"""How steps and the inbox are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base


class Step(Base):
    """One thing to be done. `due` is business time; lease and `not_before` are machine time."""

    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("kind", "key"), Index("ix_steps_state_due", "state", "due"))
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(160))
    payload: Mapped[dict[str, Any]]
    due: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="waiting")  # waiting, leased, done, dead
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class InboxMessage(Base):
    """What the outside world said, byte for byte, before anybody acted on it."""

    __tablename__ = "inbox_messages"
    __table_args__ = (UniqueConstraint("source", "message_id"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(160))
    verb: Mapped[str] = mapped_column(String(24))
    reference: Mapped[str] = mapped_column(String(64), index=True)
    sent: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    received_at: Mapped[datetime]
    business_at: Mapped[datetime]
    step_id: Mapped[str | None] = mapped_column(String(64))
