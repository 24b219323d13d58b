"""Which evidence lifts which facility: kept so that one piece never lifts two live facilities unnoticed (domain §4.4)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, Fen


class UpliftEvidence(Base):
    """One piece of evidence under one facility, from the day it was granted until the facility ended."""

    __tablename__ = "uplift_evidence"
    __table_args__ = (UniqueConstraint("facility_id", "evidence_id"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    facility_id: Mapped[str] = mapped_column(String(64))
    evidence_id: Mapped[str] = mapped_column(String(120), index=True)
    programme: Mapped[str] = mapped_column(String(64))
    policy_digest: Mapped[str] = mapped_column(String(64))
    contribution_fen: Mapped[int] = mapped_column(Fen)
    granted_on: Mapped[date]
    ended_on: Mapped[date | None]
