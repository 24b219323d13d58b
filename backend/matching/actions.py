"""Match one firm with every product in force, and keep the answers.

Rows are made once, as plain dictionaries: they go into the database in one statement, and the door shows the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.credit_data import views as credit_data
from backend.kit.clock import day_of
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.matching import history, inputs, ranking
from backend.matching.changes import State, Way
from backend.matching.history import Known
from backend.matching.model import Match, match_one, ranked, shown_items
from backend.matching.tables import MatchRun, StoredMatch
from backend.matching.way import find
from backend.parties import views as parties
from backend.uplifts import evaluation
from backend.whitelists import views as whitelists
from products import directory
from products.catalogue import Catalogue
from products.cost import CostLine
from products.fees import Fee
from products.rules import Reason
from products.scope import outside

_RUNS = cast(Table, MatchRun.__table__)
_MATCHES = cast(Table, StoredMatch.__table__)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one firm: the run, its rows in order of rank as they are kept, what serves other regions only, and the way to
    yes of every no and unknown, if it was asked for."""

    run: dict[str, Any]
    rows: list[dict[str, Any]]
    elsewhere: dict[str, Reason]
    ways: dict[str, Way]


def plain(value: Any) -> Any:
    """A value as JSON keeps it; a list by its length, for its members are nobody's business here."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return len(value) if isinstance(value, (list, tuple)) else value


def reason_dict(reason: Reason) -> dict[str, Any]:
    """A reason as JSON keeps it; `views.reasons` reads it back."""
    return {
        "criterion": reason.criterion, "answer": reason.answer, "knows": reason.knows, "words": reason.words.as_dict(),
        "fact": reason.fact, "value": plain(reason.value), "way": reason.way.as_dict() if reason.way else None,
    }  # fmt: skip


def _said(words: Words | None) -> dict[str, Any] | None:
    return words.as_dict() if words is not None else None


def _fee(fee: Fee) -> dict[str, Any]:
    return {
        "title": fee.title.as_dict(), "payer": fee.payer, "payee": fee.payee, "rate_bp": fee.rate_bp,
        "amount_fen": fee.amount_fen, "per": fee.per, "kind": fee.kind, "due": fee.due,
    }  # fmt: skip


def _line(line: CostLine) -> dict[str, Any]:
    return {
        "title": line.title.as_dict(), "payer": line.payer, "payee": line.payee, "amount_fen": line.amount_fen,
        "cycle": line.cycle.as_dict(), "kind": line.kind, "dues": line.dues,
    }  # fmt: skip


def _kept(run: Mapping[str, Any], place: int, found: Match, policy_digest: str) -> dict[str, Any]:
    price, cost, score = found.price, found.all_in, found.score
    return {
        "id": new_id("match"), "run_id": run["id"], "firm_id": run["firm_id"], "place": place, "product": found.product,
        "bank": found.bank, "title": found.title.as_dict(), "facts_on": run["facts_on"], "policy_on": run["policy_on"],
        "policy_digest": policy_digest, "facts_digest": run["facts_digest"], "answer": found.answer,
        "reasons": [reason_dict(reason) for reason in found.reasons], "base_fen": found.base_fen,
        "uplift_programme": found.uplift_programme, "uplift_bp": found.uplift_bp, "uplift_words": _said(found.uplift_words),
        "uplift_items": shown_items(found.uplift_items, found.uplift_contact),
        "uplift_detail": [item.as_dict() for item in found.uplift_items], "credit_before_fen": found.credit_before_fen,
        "limit_fen": found.limit_fen, "effective_uplift_fen": found.effective_uplift_fen, "capped_by": found.capped_by,
        "limit_words": found.limit_words.as_dict(), "amount_fen": found.amount_fen, "months": found.months, "way": found.way,
        "rate_bp": price.rate_bp, "low_bp": price.low_bp, "high_bp": price.high_bp,
        "price": {
            "lpr_bp": price.lpr_bp, "spread_bp": price.spread_bp, "sentence": price.sentence.as_dict(),
            "fees": [_fee(fee) for fee in price.fees],
        },
        "nominal_bp": f"{cost.nominal_bp:.4f}" if cost else None, "effective_bp": f"{cost.effective_bp:.4f}" if cost else None,
        "by_days_bp": f"{cost.by_days_bp:.4f}" if cost else None, "interest_fen": cost.interest_fen if cost else None,
        "fees_fen": cost.fees_fen if cost else None, "cost_lines": [_line(line) for line in cost.cost_lines] if cost else [],
        "monthly_fen": found.monthly_fen, "decision_days": found.decision_days, "decision_measured": found.decision_measured,
        "chance": found.chance.as_dict(), "chance_words": found.chance.words.as_dict(),
        "score": score.points if score else None, "score_parts": [part.as_dict() for part in score.parts] if score else [],
    }  # fmt: skip


def look(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    at: datetime,
    catalogue: Catalogue,
    amount_fen: int | None = None,
    months: int | None = None,
    headroom: Mapping[str, int] | None = None,
    owed: Mapping[str, int] | None = None,
    known: Known = history.NOTHING,
    ways: bool = False,
) -> Look:
    """Match a firm with every product in force on the day of `at`, and keep the run.

    Products that serve other regions have one reason and no more; they are not kept.
    Facts are read through the consents that live at `at`; what is withheld turns answers unknown, never no. `headroom` says per
    scheme what the pool could still take; a scheme it does not name is not capped by its pool. `owed` says per bank what the
    platform knows the firm has there, against the limit of that bank's group. `known` is what was counted of past answers.
    """
    firm = parties.firm(session, firm_id)
    day = day_of(at)
    file = credit_data.read(session, actor, firm_id=firm_id, purpose="pre_loan", recipient="platform", at=at)
    values, view = inputs.values_of(file.facts), inputs.view_of(firm)
    stands = inputs.standing(file.facts, facts_on=day, policy_on=day)
    offered, out = [], dict[str, Reason]()
    for terms in catalogue.on(day):
        other = outside(terms, values.get("region") or firm.region)
        if other is None:
            offered.append(terms)
        else:
            out[terms.code] = other
    wanted = {terms.uplift_programme for terms in offered if terms.uplift_programme is not None}
    lifts = evaluation.of_firm(session, firm_id=firm_id, uscc=firm.uscc, facts=file.facts, programmes=wanted, at=at)
    grades = whitelists.grades_of(session, [firm.uscc], day)[firm.uscc]
    left = {terms.code: directory.group_left(terms.bank, owed or {}, day) for terms in offered}
    found = ranked(
        (
            match_one(
                terms, values, firm=view, facts_on=day, policy_on=day,
                listing_grade=grades.get(terms.whitelist_programme or ""), withheld=file.withheld,
                capacity_fen=stands.capacity_fen, uplift=lifts.get(terms.uplift_programme or ""),
                headroom_fen=(headroom or {}).get(terms.scheme or ""), group_left_fen=left[terms.code], known=known,
                amount_fen=amount_fen, months=months,
            )
            for terms in offered
        ),
        day,
    )  # fmt: skip
    to_yes = {}
    terms_of = {terms.code: terms for terms in offered} if ways else {}
    for one in found if ways else ():
        if one.answer != "yes":
            terms = terms_of[one.product]
            to_yes[one.product] = find(terms, State(
                values, view, day, grades.get(terms.whitelist_programme or ""), amount_fen, capacity_fen=stands.capacity_fen,
                headroom_fen=(headroom or {}).get(terms.scheme or ""), uplift_bp=one.uplift_bp, group_left_fen=left[one.product],
            ))  # fmt: skip
    policy = ranking.in_force_on(day)
    kept = audit.keep_policies(
        session, kind="match", blocks={one.product: one.policy_body for one in found} | {"ranking": ranking.body(day)}
    )
    run: dict[str, Any] = {
        "id": new_id("run"), "firm_id": firm_id, "at": at, "facts_on": day, "policy_on": day, "facts_digest": file.digest,
        "card": stands.card, "card_digest": stands.card_digest, "capacity_fen": stands.capacity_fen,
        "capacity_words": stands.capacity_words.as_dict(), "amount_fen": amount_fen,
        "weights": policy.weights.model_dump(), "ranking_digest": kept["ranking"],
    }  # fmt: skip
    rows = [_kept(run, place, one, kept[one.product]) for place, one in enumerate(found, 1)]
    _keep(session, run, rows)
    audit.record(
        session, at=at, actor=actor, action="matching.matched", object_kind="match_run", object_id=run["id"], firm_id=firm_id,
        details={"facts": file.digest, "answers": {row["product"]: row["answer"] for row in rows}, "elsewhere": len(out)},
    )  # fmt: skip
    return Look(run, rows, out, to_yes)


def _keep(session: Session, run: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    connection = session.connection()
    connection.execute(_RUNS.insert(), run)
    if rows:
        connection.execute(_MATCHES.insert(), rows)


def match(session: Session, actor: Actor, **asked: Any) -> list[StoredMatch]:
    """As `look`, with the same arguments; only its rows, in order of rank."""
    return [StoredMatch(**row) for row in look(session, actor, **asked).rows]
