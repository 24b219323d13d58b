"""How the log is kept. Triggers on both makes of database refuse UPDATE and DELETE."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, event
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base
from backend.kit.guards import append_only


class AuditLine(Base):
    """One act by one actor on one object."""

    __tablename__ = "audit_lines"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    written_at: Mapped[datetime]
    actor_id: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(32))
    party_id: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(80), index=True)
    firm_id: Mapped[str | None] = mapped_column(String(64), index=True)
    details: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))


class PolicyBlock(Base):
    """A dated policy block as it stood, named by the SHA-256 of its canonical bytes."""

    __tablename__ = "policy_blocks"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)


GUARDED = ("audit_lines", "policy_blocks")
for _table in (AuditLine, PolicyBlock):
    for _ddl in append_only(_table.__tablename__):
        event.listen(_table.__table__, "after_create", _ddl)
