"""The two frames of monitoring out of the platform's own tables: assessments, and what banks told (BNK facts alone)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.credit_data import feedback
from backend.credit_data import views as credit_data
from backend.credit_data.feedback import Told
from backend.kit import clock
from backend.kit.calendar import add_months
from backend.parties.views import REGISTER
from backend.scoring.monitoring.limits import Limits
from backend.scoring.tables import Assessment

BAD = frozenset({"substandard", "doubtful", "loss"})
ASSESSED = ("firm", "month", "grade", "pd", "region", "industry", "size", "ownership", "drawn")


def frames(session: Session, card: str, limits: Limits, *, at: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(assessed, outcomes) of one card by the day of `at`. The size of a firm is asked under its consent; unknown without."""
    day = clock.day_of(at)
    told, firm = feedback.told(session, day), REGISTER.c
    query = (
        select(
            *(Assessment.firm_id, Assessment.at, Assessment.grade, Assessment.pd),
            *(firm.region, firm.industry, firm.subject_type),
        )
        .join(REGISTER, firm.firm_id == Assessment.firm_id)
        .where(Assessment.card == card, Assessment.grade.is_not(None), Assessment.facts_on <= day)
        .order_by(Assessment.at, Assessment.id)
    )
    rows = session.execute(query).all()
    sizes = _sizes(session, sorted({row.firm_id for row in rows}), limits, at)
    assessed = [
        {
            "firm": row.firm_id,
            "month": f"{clock.day_of(row.at):%Y-%m}",
            "grade": row.grade,
            "pd": float(row.pd),
            "region": row.region or "unknown",
            "industry": (row.industry or "unknown")[:1] if row.industry else "unknown",
            "size": sizes.get(row.firm_id, "unknown"),
            "ownership": row.subject_type,
            "drawn": bool(told.get(row.firm_id)),
        }
        for row in rows
    ]
    before: dict[str, float] = {}
    for row in rows:
        first = _first_draw(told.get(row.firm_id))
        # What was said before the money came is what can be held against the outcome.
        if first is not None and clock.day_of(row.at) <= first:
            before[row.firm_id] = float(row.pd)
    outcomes = [{"firm": firm, "pd": chance, "bad": outcome(told[firm], day, limits)} for firm, chance in before.items()]
    frame = pd.DataFrame(assessed, columns=list(ASSESSED)).drop_duplicates(["firm", "month"], keep="last")
    return frame, pd.DataFrame(outcomes, columns=["firm", "pd", "bad"])


def _first_draw(told: Told | None) -> date | None:
    return min((loan.value_date for loan in told.loans), default=None) if told else None


def outcome(told: Told, day: date, limits: Limits) -> int | None:
    """1 when a loan fell so far behind, 0 when all are repaid or a year old without that, None while it is too early to say.

    >>> from backend.scoring.monitoring import limits
    >>> young = feedback.Loan("b", 9, 5, date(2025, 3, 1), date(2026, 3, 1), 0, "normal", "running")
    >>> outcome(Told((young,), 0, False, date(2025, 6, 1)), date(2025, 6, 1), limits.on(date(2025, 6, 1))) is None
    True
    """
    if told.defaulted or told.max_dpd >= limits.bad_from_days or any(loan.cls in BAD for loan in told.loans):
        return 1
    old = all(not loan.live or day >= add_months(loan.value_date, limits.mature_months) for loan in told.loans)
    return 0 if told.loans and old else None


def _sizes(session: Session, firms: list[str], limits: Limits, at: datetime) -> Mapping[str, str]:
    """The band of each firm's yearly invoiced sales, where it has opened them for assessment."""
    if not firms:
        return {}
    swept: Any = credit_data.sweep(session, SYSTEM, purpose="pre_loan", at=at, codes=["sales_12m_fen"], firm_ids=firms)
    return {firm: size_of(int(facts["sales_12m_fen"].value), limits) for firm, facts in swept if "sales_12m_fen" in facts}


def size_of(sales_fen: int, limits: Limits) -> str:
    """The band of a year's sales.

    >>> from backend.scoring.monitoring import limits
    >>> size_of(250_000_000, limits.on(date(2025, 6, 1)))
    '100-500'
    """
    edges, wan = (0, *limits.sizes.below_wan), sales_fen // 1_000_000
    for low, high in pairwise(edges):
        if wan < high:
            return f"{low}-{high}"
    return f"{edges[-1]}+"
