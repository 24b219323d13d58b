"""Which evidence lifts which facility; what a person looks at; alerts of the honesty monitor and what two persons decided.

Kept so that one piece never lifts two live facilities unnoticed (domain §4.4), that a facility is judged by the terms under which
it was granted, and that a new coefficient has two names under it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, Fen


class UpliftEvidence(Base):
    """One piece of evidence under one facility, from the day it was granted until the facility ended. `standing`: stands,
    expired, not_valid (the register says otherwise than at the grant), unseen (not read again)."""

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
    indicator: Mapped[str | None] = mapped_column(String(16))
    consent_id: Mapped[str | None] = mapped_column(String(64))
    happened_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    coefficient_bp: Mapped[int | None]
    half_life_months: Mapped[int | None]
    weight: Mapped[str | None] = mapped_column(String(32))
    content: Mapped[str | None] = mapped_column(String(128), index=True)
    standing: Mapped[str | None] = mapped_column(String(16))


class UpliftFacility(Base):
    """The one uplift programme under a facility: how much of its limit rests on data assets, and what of that is frozen now."""

    __tablename__ = "uplift_facilities"
    facility_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    programme: Mapped[str] = mapped_column(String(64))
    policy_digest: Mapped[str] = mapped_column(String(64))
    uplift_bp: Mapped[int]
    base_fen: Mapped[int] = mapped_column(Fen)
    effective_fen: Mapped[int] = mapped_column(Fen)
    limit_fen: Mapped[int] = mapped_column(Fen)
    granted_on: Mapped[date]
    used_twice: Mapped[list[Any]]
    fallen_fen: Mapped[int] = mapped_column(Fen, default=0)
    frozen_fen: Mapped[int] = mapped_column(Fen, default=0)
    checked_on: Mapped[date | None]
    ended_on: Mapped[date | None]


class UpliftLink(Base):
    """A shareholding between two names of the register, as public records say it; the newest entry of a firm stands."""

    __tablename__ = "uplift_links"
    uscc: Mapped[str] = mapped_column(String(32), primary_key=True)
    other: Mapped[str] = mapped_column(String(220), primary_key=True, index=True)
    share_bp: Mapped[int]
    fact_seq: Mapped[int]


class UpliftPrice(Base):
    """What a data product usually sells for: the middle of at least five sellers' middles. Names nobody."""

    __tablename__ = "uplift_prices"
    product: Mapped[str] = mapped_column(String(200), primary_key=True)
    usual_fen: Mapped[int] = mapped_column(Fen)
    sellers: Mapped[int]
    known_on: Mapped[date]


class UpliftReview(Base):
    """A piece for a person to look at. state: open, cleared (it counts), confirmed (it does not). Never shown to the firm."""

    __tablename__ = "uplift_reviews"
    __table_args__ = (UniqueConstraint("firm_id", "evidence_id"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"))
    evidence_id: Mapped[str] = mapped_column(String(120))
    programme: Mapped[str] = mapped_column(String(64))
    reasons: Mapped[list[Any]]
    opened_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12), default="open", index=True)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_on: Mapped[date | None]
    words: Mapped[str] = mapped_column(String(400), default="")


class UpliftAlert(Base):
    """Firms lifted by one coefficient default more than firms like them: the evidence at the look that raised it."""

    __tablename__ = "uplift_alerts"
    __table_args__ = (UniqueConstraint("programme", "policy_digest", "coefficient"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    programme: Mapped[str] = mapped_column(String(64))
    policy_digest: Mapped[str] = mapped_column(String(64))
    coefficient: Mapped[str] = mapped_column(String(16))
    found_on: Mapped[date]
    figures: Mapped[dict[str, Any]]
    closed_on: Mapped[date | None]


class UpliftDecision(Base):
    """A new dated coefficient: one person proposes, another decides. state: proposed, approved, rejected."""

    __tablename__ = "uplift_decisions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    alert_id: Mapped[str | None] = mapped_column(ForeignKey("uplift_alerts.id"))
    programme: Mapped[str] = mapped_column(String(64), index=True)
    indicator: Mapped[str] = mapped_column(String(16))
    coefficient_bp: Mapped[int]
    valid_from: Mapped[date]
    words: Mapped[str] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(12))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
