"""Read kept matches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.matching.model import CAPS
from backend.matching.scarcity import Ask, Option
from backend.matching.tables import MatchRun, StoredMatch
from products.rules import Reason


def latest_run(session: Session, firm_id: str) -> MatchRun | None:
    """The newest run of a firm."""
    query = select(MatchRun).where(MatchRun.firm_id == firm_id).order_by(MatchRun.at.desc(), MatchRun.id.desc()).limit(1)
    return session.scalar(query)


def latest(session: Session, firm_id: str) -> list[StoredMatch]:
    """The matches of the newest run in order of rank; empty if the firm was never matched."""
    run = latest_run(session, firm_id)
    if run is None:
        return []
    return list(session.scalars(select(StoredMatch).where(StoredMatch.run_id == run.id).order_by(StoredMatch.place)))


def one(session: Session, firm_id: str, product: str) -> StoredMatch:
    """The newest match of a firm with a product; NotFound if there is none."""
    for row in latest(session, firm_id):
        if row.product == product:
            return row
    raise NotFound()


def of_application(session: Session, match_id: str | None, *, firm_id: str, product: str, until: datetime) -> StoredMatch | None:
    """The match an application rests on: the one it cites, else the newest of that product before it was submitted."""
    if match_id is not None:
        return session.get(StoredMatch, match_id)
    query = select(StoredMatch).join(MatchRun, MatchRun.id == StoredMatch.run_id)
    query = query.where(StoredMatch.firm_id == firm_id, StoredMatch.product == product, MatchRun.at <= until)
    return session.scalar(query.order_by(MatchRun.at.desc(), MatchRun.id.desc()).limit(1))


def asks(session: Session, schemes: Mapping[str, str | None]) -> list[Ask]:
    """Every firm's newest match with a yes, in the order in which they were matched, for planning. Amounts in whole 万元."""
    newest = select(MatchRun.firm_id, func.max(MatchRun.at).label("at")).group_by(MatchRun.firm_id).subquery()
    query = select(MatchRun, StoredMatch).join(StoredMatch, StoredMatch.run_id == MatchRun.id)
    query = query.join(newest, (newest.c.firm_id == MatchRun.firm_id) & (newest.c.at == MatchRun.at))
    query = query.where(StoredMatch.answer == "yes").order_by(MatchRun.at, MatchRun.id, StoredMatch.place)
    found: dict[str, tuple[int, list[Option]]] = {}
    for run, row in session.execute(query):
        if not row.limit_fen or row.by_days_bp is None:
            continue
        most = row.limit_fen // 1_000_000
        found.setdefault(run.firm_id, ((run.amount_fen or 0) // 1_000_000, []))[1].append(
            Option(row.product, row.bank, schemes.get(row.product), most, round(float(row.by_days_bp)))
        )
    return [
        Ask(firm, wanted or max(option.most for option in options), tuple(options)) for firm, (wanted, options) in found.items()
    ]


def uplift_digest(session: Session, row: StoredMatch) -> str:
    """Which dated terms of the uplift programme a match was worked out by."""
    return str(json.loads(audit.policy(session, row.policy_digest)).get("uplift") or "")


def reasons(row: StoredMatch) -> tuple[Reason, ...]:
    """A kept match's reasons as they were said."""
    return tuple(_reason(item) for item in row.reasons)


def _reason(item: dict[str, Any]) -> Reason:
    way = Words.of(item["way"]) if item["way"] else None
    return Reason(item["criterion"], item["answer"], Words.of(item["words"]), item["fact"], item["value"], item["knows"], way)


def capped_words(row: StoredMatch) -> Words | None:
    """What held the limit, as people read it."""
    return CAPS.get(row.capped_by or "")
