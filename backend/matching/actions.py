"""Match one firm with every product in force, and keep the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.credit_data import views as credit_data
from backend.kit.clock import SHANGHAI
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.matching import inputs
from backend.matching.changes import State, Way
from backend.matching.model import Match, match_one, ranked, shown_items
from backend.matching.tables import MatchRun, StoredMatch
from backend.matching.way import find
from backend.parties import views as parties
from backend.uplifts import evaluation
from backend.whitelists import views as whitelists
from products.catalogue import Catalogue
from products.rules import Reason
from products.scope import outside


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


def _kept(run: MatchRun, place: int, found: Match, policy_digest: str) -> StoredMatch:
    price, cost = found.price, found.all_in
    return StoredMatch(
        id=new_id("match"), run_id=run.id, firm_id=run.firm_id, place=place, product=found.product, bank=found.bank,
        title=found.title.as_dict(), facts_on=run.facts_on, policy_on=run.policy_on,
        policy_digest=policy_digest,
        facts_digest=run.facts_digest, answer=found.answer, reasons=[reason_dict(reason) for reason in found.reasons],
        base_fen=found.base_fen, uplift_programme=found.uplift_programme, uplift_bp=found.uplift_bp,
        uplift_words=_said(found.uplift_words), uplift_items=shown_items(found.uplift_items, found.uplift_contact),
        uplift_detail=[item.as_dict() for item in found.uplift_items],
        credit_before_fen=found.credit_before_fen, limit_fen=found.limit_fen, effective_uplift_fen=found.effective_uplift_fen,
        capped_by=found.capped_by, limit_words=found.limit_words.as_dict(), amount_fen=found.amount_fen, months=found.months,
        way=found.way, rate_bp=price.rate_bp, low_bp=price.low_bp, high_bp=price.high_bp,
        price={
            "lpr_bp": price.lpr_bp, "spread_bp": price.spread_bp, "sentence": price.sentence.as_dict(),
            "fees": [asdict(fee) for fee in price.fees],
        },
        nominal_bp=f"{cost.nominal_bp:.4f}" if cost else None, effective_bp=f"{cost.effective_bp:.4f}" if cost else None,
        by_days_bp=f"{cost.by_days_bp:.4f}" if cost else None, interest_fen=cost.interest_fen if cost else None,
        fees_fen=cost.fees_fen if cost else None, cost_lines=[asdict(line) for line in cost.cost_lines] if cost else [],
    )  # fmt: skip


def match(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    at: datetime,
    catalogue: Catalogue,
    amount_fen: int | None = None,
    months: int | None = None,
    headroom: Mapping[str, int] | None = None,
    ways: dict[str, Way] | None = None,
    elsewhere: dict[str, Reason] | None = None,
) -> list[StoredMatch]:
    """Match a firm with every product in force on the day of `at`, keep the run, answer it in order of rank.

    Products that serve other regions have one reason and no more; they are not kept; `elsewhere`, if given, is filled with it.

    Facts are read through the consents that live at `at`; what is withheld turns answers unknown, never no. `headroom` says per
    scheme what the pool could still take; a scheme it does not name is not capped by its pool. `ways`, if given, is filled with
    the way to yes of every no and unknown, by product, from the same reading.
    """
    firm = parties.firm(session, firm_id)
    day = at.astimezone(SHANGHAI).date()
    file = credit_data.read(session, actor, firm_id=firm_id, purpose="pre_loan", recipient="platform", at=at)
    values = inputs.values_of(file.facts)
    stands = inputs.standing(file.facts, facts_on=day, policy_on=day)
    offered, out = [], dict[str, Reason]()
    for terms in catalogue.on(day):
        other = outside(terms, values.get("region") or firm.region)
        if other is None:
            offered.append(terms)
        else:
            out[terms.code] = other
    if elsewhere is not None:
        elsewhere.update(out)
    wanted = {terms.uplift_programme for terms in offered if terms.uplift_programme is not None}
    lifts = evaluation.of_firm(session, firm_id=firm_id, uscc=firm.uscc, facts=file.facts, programmes=wanted, at=at)
    grades = {name: one.grade for name, one in whitelists.listings(session, firm_id, day).items()}
    found = ranked(
        match_one(
            terms, values, firm=inputs.view_of(firm), facts_on=day, policy_on=day,
            listing_grade=grades.get(terms.whitelist_programme or ""), withheld=file.withheld,
            capacity_fen=stands.capacity_fen, uplift=lifts.get(terms.uplift_programme or ""),
            headroom_fen=(headroom or {}).get(terms.scheme or ""), amount_fen=amount_fen, months=months,
        )
        for terms in offered
    )  # fmt: skip
    if ways is not None:
        terms_of = {terms.code: terms for terms in offered}
        for one in found:
            if one.answer == "yes":
                continue
            terms = terms_of[one.product]
            ways[one.product] = find(terms, State(
                values, inputs.view_of(firm), day, grades.get(terms.whitelist_programme or ""), amount_fen,
                capacity_fen=stands.capacity_fen, headroom_fen=(headroom or {}).get(terms.scheme or ""), uplift_bp=one.uplift_bp,
            ))  # fmt: skip
    run = MatchRun(
        id=new_id("run"), firm_id=firm_id, at=at, facts_on=day, policy_on=day, facts_digest=file.digest, card=stands.card,
        card_digest=stands.card_digest, capacity_fen=stands.capacity_fen, capacity_words=stands.capacity_words.as_dict(),
        amount_fen=amount_fen,
    )  # fmt: skip
    session.add(run)
    session.flush()
    kept = audit.keep_policies(session, kind="match", blocks={one.product: one.policy_body for one in found})
    rows = [_kept(run, place, one, kept[one.product]) for place, one in enumerate(found, 1)]
    session.add_all(rows)
    audit.record(
        session, at=at, actor=actor, action="matching.matched", object_kind="match_run", object_id=run.id, firm_id=firm_id,
        details={"facts": file.digest, "answers": {row.product: row.answer for row in rows}, "elsewhere": len(out)},
    )  # fmt: skip
    return rows
