"""What `POST /api/me/matches` answers, for its published description: rows as they are kept, so that none is built twice."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from backend.kit.words import Words


class MatchReason(BaseModel):
    """One condition's answer: on which fact, who knows it, and what would change it."""

    criterion: str
    answer: Literal["yes", "no", "unknown"]
    knows: str
    words: Words
    fact: str | None
    value: Any
    way: Words | None


class MatchFee(BaseModel):
    title: Words
    payer: str
    payee: str
    rate_bp: int | None
    amount_fen: int | None
    per: str
    kind: str
    due: Any


class MatchPrice(BaseModel):
    lpr_bp: int | None
    spread_bp: int | None
    sentence: Words
    fees: list[MatchFee]


class MatchCost(BaseModel):
    """One line of what the loan costs, over the whole term."""

    title: Words
    payer: str
    payee: str
    amount_fen: int
    cycle: Words
    kind: str
    dues: list[Any]


class MatchEvidence(BaseModel):
    """One piece of data-asset evidence; of a trade only its direction is told."""

    evidence_id: str
    indicator: str
    counted: bool
    why: str
    direction: str
    contribution_fen: int | None
    words: Words
    consent_id: str | None = None
    on: date | None = None
    coefficient_bp: int | None = None


class MatchChance(BaseModel):
    """How often the bank approved before, with the interval of that share, in basis points."""

    share_bp: int
    low_bp: int
    high_bp: int
    answers: int


class MatchScorePart(BaseModel):
    name: str
    weight_bp: int
    mark: int
    points: int


class MatchStep(BaseModel):
    """One step of the way to a yes."""

    kind: str
    words: Words
    effort: int
    item: str | None = None
    fact: str | None = None
    until: date | None = None
    amount_fen: int | None = None


class MatchWay(BaseModel):
    """The smallest way to a yes, easiest step first; or what stands in it."""

    steps: list[MatchStep]
    blocked: list[Words]


class MatchAnswer(BaseModel):
    """One product's answer. What serves other regions comes last and says only that: product, bank, title, answer, reasons."""

    product: str
    bank: str
    title: Words
    answer: Literal["yes", "no", "unknown"]
    reasons: list[MatchReason]
    family: str
    channel: str
    id: str | None = None
    run_id: str | None = None
    firm_id: str | None = None
    place: int | None = Field(default=None, description="Its rank, from 1.")
    facts_on: date | None = None
    policy_on: date | None = None
    policy_digest: str | None = None
    facts_digest: str | None = None
    base_fen: int | None = None
    uplift_programme: str | None = None
    uplift_bp: int | None = None
    uplift_words: Words | None = None
    uplift_items: list[MatchEvidence] | None = None
    credit_before_fen: int | None = None
    limit_fen: int | None = None
    effective_uplift_fen: int | None = None
    capped_by: str | None = None
    limit_words: Words | None = None
    amount_fen: int | None = None
    months: int | None = None
    way: str | None = None
    rate_bp: int | None = None
    low_bp: int | None = None
    high_bp: int | None = None
    price: MatchPrice | None = None
    nominal_bp: str | None = None
    effective_bp: str | None = None
    by_days_bp: str | None = None
    interest_fen: int | None = None
    fees_fen: int | None = None
    cost_lines: list[MatchCost] | None = None
    monthly_fen: int | None = None
    decision_days: int | None = None
    decision_measured: bool | None = None
    chance: MatchChance | None = None
    chance_words: Words | None = None
    score: int | None = Field(default=None, description="Out of a million; the parts add up to it.")
    score_parts: list[MatchScorePart] | None = None
    weights: dict[str, int] | None = Field(default=None, description="The published weights, in basis points.")
    way_to_yes: MatchWay | None = None
