"""How matches are kept: each run anew, older runs stay. A match cites its policies and facts by digest."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, Fen


class MatchRun(Base):
    """One look at one firm: when, on which facts, for which need."""

    __tablename__ = "match_runs"
    __table_args__ = (Index("ix_match_runs_firm_id_at", "firm_id", "at"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"))
    at: Mapped[datetime]
    facts_on: Mapped[date]
    policy_on: Mapped[date]
    facts_digest: Mapped[str] = mapped_column(String(64))
    card: Mapped[str | None] = mapped_column(String(64))
    card_digest: Mapped[str | None] = mapped_column(String(64))
    capacity_fen: Mapped[int | None] = mapped_column(Fen)
    capacity_words: Mapped[dict[str, Any]]
    amount_fen: Mapped[int | None] = mapped_column(Fen)
    weights: Mapped[dict[str, Any] | None]
    ranking_digest: Mapped[str | None] = mapped_column(String(64))


class StoredMatch(Base):
    """One product's answer in a run; `place` is its rank from 1.

    `uplift_items` is what the firm may see, `uplift_detail` every item with its own part, for audit. `score` is out of a million
    and `score_parts` add up to it; `chance` is empty where none may be told, and `chance_words` says why. Rows older than the
    columns after `cost_lines` have nothing there.
    """

    __tablename__ = "matches"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("match_runs.id"), index=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"))
    place: Mapped[int]
    product: Mapped[str] = mapped_column(String(64))
    bank: Mapped[str] = mapped_column(String(64))
    title: Mapped[dict[str, Any]]
    facts_on: Mapped[date]
    policy_on: Mapped[date]
    policy_digest: Mapped[str] = mapped_column(String(64))
    facts_digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(8))
    reasons: Mapped[list[Any]]
    base_fen: Mapped[int | None] = mapped_column(Fen)
    uplift_programme: Mapped[str | None] = mapped_column(String(64))
    uplift_bp: Mapped[int]
    uplift_words: Mapped[dict[str, Any] | None]
    uplift_items: Mapped[list[Any]]
    uplift_detail: Mapped[list[Any]]
    credit_before_fen: Mapped[int | None] = mapped_column(Fen)
    limit_fen: Mapped[int | None] = mapped_column(Fen)
    effective_uplift_fen: Mapped[int] = mapped_column(Fen)
    capped_by: Mapped[str | None] = mapped_column(String(16))
    limit_words: Mapped[dict[str, Any]]
    amount_fen: Mapped[int | None] = mapped_column(Fen)
    months: Mapped[int]
    way: Mapped[str] = mapped_column(String(32))
    rate_bp: Mapped[int]
    low_bp: Mapped[int]
    high_bp: Mapped[int]
    price: Mapped[dict[str, Any]]
    nominal_bp: Mapped[str | None] = mapped_column(String(32))
    effective_bp: Mapped[str | None] = mapped_column(String(32))
    by_days_bp: Mapped[str | None] = mapped_column(String(32))
    interest_fen: Mapped[int | None] = mapped_column(Fen)
    fees_fen: Mapped[int | None] = mapped_column(Fen)
    cost_lines: Mapped[list[Any]]
    monthly_fen: Mapped[int | None] = mapped_column(Fen)
    decision_days: Mapped[int | None]
    decision_measured: Mapped[bool | None]
    chance: Mapped[dict[str, Any] | None]
    chance_words: Mapped[dict[str, Any] | None]
    score: Mapped[int | None]
    score_parts: Mapped[list[Any] | None]
