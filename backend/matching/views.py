"""Read kept matches: what was worked out, as it was said then. Nothing that is answered here can be changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.kit.errors import NotFound
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.matching.history import Chance
from backend.matching.model import CAPS
from backend.matching.ranking import Part, Score
from backend.matching.scarcity import Ask, Option
from backend.matching.tables import MatchRun, StoredMatch
from products.rules import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """One look at one firm: when, on the facts of which day, by the policies of which day, for which need."""

    id: str
    firm_id: str
    at: datetime
    facts_on: date
    policy_on: date
    amount_fen: int | None
    capacity_fen: int | None


@dataclass(frozen=True, slots=True)
class KeptCost:
    """One line of what a loan costs: who pays it, how much over the whole term, when."""

    title: Words
    payer: str
    amount_fen: int
    cycle: Words | None


@dataclass(frozen=True, slots=True)
class KeptUplift:
    """One piece of data-asset evidence as the firm may see it; without an amount where only its direction may be told."""

    indicator: str
    contribution_fen: int | None
    words: Words
    counted: bool


@dataclass(frozen=True, slots=True)
class MatchBrief:
    """A match in a list: what one might have, at which cost a year by days, without its reasons."""

    id: str
    product: str
    bank: str
    answer: str
    limit_fen: int | None
    rate_bp: int
    by_days_bp: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMatch:
    """One product's answer in a run; its costs a year in basis points. Runs of before know no chance, score or days: None."""

    id: str
    product: str
    bank: str
    title: Words
    facts_on: date
    policy_on: date
    policy_digest: str
    answer: str
    reasons: tuple[Reason, ...]
    uplift_programme: str | None
    uplift_bp: int
    uplift_words: Words | None
    uplift_items: tuple[KeptUplift, ...]
    credit_before_fen: int | None
    limit_fen: int | None
    effective_uplift_fen: int
    capped_words: Words | None
    limit_words: Words
    amount_fen: int | None
    months: int
    way: str
    rate_bp: int
    price_words: Words
    nominal_bp: Decimal | None
    effective_bp: Decimal | None
    by_days_bp: Decimal | None
    interest_fen: int | None
    fees_fen: int | None
    cost_lines: tuple[KeptCost, ...]
    decision_days: int | None
    decision_measured: bool | None
    chance: Chance | None
    score: Score | None


def _match(row: StoredMatch) -> KeptMatch:
    rates = {name: _decimal(getattr(row, name)) for name in ("nominal_bp", "effective_bp", "by_days_bp")}
    return seen(
        KeptMatch,
        row,
        title=Words.of(row.title),
        reasons=tuple(_reason(item) for item in row.reasons),
        uplift_words=_words(row.uplift_words),
        uplift_items=tuple(
            KeptUplift(item["indicator"], item["contribution_fen"], Words.of(item["words"]), bool(item["counted"]))
            for item in row.uplift_items
        ),
        capped_words=CAPS.get(row.capped_by or ""),
        limit_words=Words.of(row.limit_words),
        price_words=Words.of(row.price["sentence"]),
        cost_lines=tuple(
            KeptCost(Words.of(line["title"]), line["payer"], line["amount_fen"], _words(line.get("cycle")))
            for line in row.cost_lines
        ),
        chance=_chance(row),
        score=Score(row.score, tuple(Part(**part) for part in row.score_parts or ())) if row.score is not None else None,
        **rates,
    )


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _words(kept: dict[str, Any] | None) -> Words | None:
    return Words.of(kept) if kept else None


def _chance(row: StoredMatch) -> Chance | None:
    if row.chance_words is None:
        return None
    told = row.chance or {}
    figures = {name: told.get(name) for name in ("share_bp", "low_bp", "high_bp", "answers")}
    return Chance(**figures, words=Words.of(row.chance_words))


def _newest(session: Session, firm_id: str) -> MatchRun | None:
    query = select(MatchRun).where(MatchRun.firm_id == firm_id).order_by(MatchRun.at.desc(), MatchRun.id.desc()).limit(1)
    return session.scalar(query)


def latest_run(session: Session, firm_id: str) -> KeptRun | None:
    """The newest run of a firm."""
    run = _newest(session, firm_id)
    return seen(KeptRun, run) if run is not None else None


def latest(session: Session, firm_id: str) -> list[KeptMatch]:
    """The matches of the newest run in order of rank; empty if the firm was never matched."""
    run = _newest(session, firm_id)
    if run is None:
        return []
    rows = session.scalars(select(StoredMatch).where(StoredMatch.run_id == run.id).order_by(StoredMatch.place))
    return [_match(row) for row in rows]


def briefs(session: Session, firm_id: str) -> list[MatchBrief]:
    """As `latest`, of each match only what a list needs."""
    run = _newest(session, firm_id)
    if run is None:
        return []
    kept = StoredMatch
    columns = kept.id, kept.product, kept.bank, kept.answer, kept.limit_fen, kept.rate_bp, kept.by_days_bp
    rows = session.execute(select(*columns).where(kept.run_id == run.id).order_by(kept.place))
    return [seen(MatchBrief, row, by_days_bp=_decimal(row.by_days_bp)) for row in rows]


def one(session: Session, firm_id: str, product: str) -> KeptMatch:
    """The newest match of a firm with a product; NotFound if there is none."""
    run = _newest(session, firm_id)
    which = StoredMatch.run_id == (run.id if run is not None else None), StoredMatch.product == product
    row = session.scalar(select(StoredMatch).where(*which).order_by(StoredMatch.place).limit(1))
    if row is None:
        raise NotFound()
    return _match(row)


def of_application(session: Session, match_id: str | None, *, firm_id: str, product: str, until: datetime) -> KeptMatch | None:
    """The match an application rests on: the one it cites, else the newest of that product before it was submitted."""
    row = _cited(session, match_id, firm_id, product, until)
    return _match(row) if row is not None else None


def uplift_detail(session: Session, match_id: str) -> list[Any]:
    """Every piece of evidence of a match with what it adds by itself: for the evidence kept under a loan, never for a page."""
    return list(session.get_one(StoredMatch, match_id).uplift_detail)


def _cited(session: Session, match_id: str | None, firm_id: str, product: str, until: datetime) -> StoredMatch | None:
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


def uplift_digest(session: Session, match: KeptMatch) -> str:
    """Which dated terms of the uplift programme a match was worked out by."""
    return str(json.loads(audit.policy(session, match.policy_digest)).get("uplift") or "")


def _reason(item: dict[str, Any]) -> Reason:
    way = Words.of(item["way"]) if item["way"] else None
    return Reason(item["criterion"], item["answer"], Words.of(item["words"]), item["fact"], item["value"], item["knows"], way)
