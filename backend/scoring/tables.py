"""How assessments are kept: what was known (sealed), by which card (digest), and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, Fen


class Assessment(Base):
    """One assessment. `sealed` holds the facts used; after erasure it is empty and `erased_on` says since when."""

    __tablename__ = "assessments"
    __table_args__ = (Index("ix_assessments_firm_at", "firm_id", "at"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"))
    at: Mapped[datetime]
    facts_on: Mapped[date]
    card: Mapped[str] = mapped_column(String(32))
    policy_digest: Mapped[str] = mapped_column(String(64))
    facts_digest: Mapped[str] = mapped_column(String(64))
    result_digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    erased_on: Mapped[date | None]
    pd: Mapped[Decimal | None] = mapped_column(Numeric(7, 6))
    grade: Mapped[str | None] = mapped_column(String(1))
    score: Mapped[int | None]
    reasons: Mapped[list[Any]]
    debt_capacity_fen: Mapped[int | None] = mapped_column(Fen)
    capacity_words: Mapped[dict[str, Any]]
    not_assessed: Mapped[dict[str, Any] | None]
