"""One firm's uplifts as the platform works them out: facts as far as consents open them, every public tie, what persons decided.

Other firms' trades are not read: their consents are for their own assessment. A ring over firms that we may not read shows only
where it touches this firm's own records (it buys what it sells).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import SYSTEM, Actor
from backend.kit import clock, rules
from backend.kit.errors import Conflict, Invalid, Refused
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.parties.actions import hold_firm, under_firm
from backend.uplifts import prices, ties, views
from backend.uplifts.evidence import Known, Surroundings, evidence_of, purchases_of
from backend.uplifts.model import Uplift, evaluate
from backend.uplifts.rules import REVIEWED_ONCE
from backend.uplifts.sentences import FOR_REVIEW
from backend.uplifts.tables import UpliftReview

REVIEWERS = ("regulator", "whitelist_issuer")


def of_firm(
    session: Session, *, firm_id: str, uscc: str, facts: Mapping[str, Known], programmes: Collection[str], at: datetime
) -> dict[str, Uplift]:
    """The uplift by each of these programmes; pieces that a person should look at are noted for one."""
    if not programmes:
        return {}
    day = clock.day_of(at)
    ties.refresh(session, at=at, firm_id=firm_id)
    cleared, confirmed = views.decided(session, firm_id)
    found = {}
    for code in sorted(programmes):
        programme = views.programme(session, code)
        terms = programme.on(day)
        close: frozenset[str] = frozenset()
        if terms is not None:
            lines = terms.screens
            close = ties.related(session, uscc, hops=lines.equity_hops, least_share_bp=lines.least_share_bp)
        evidence = evidence_of(facts, uscc, close, day)
        contents = views.contents_of_others(session, firm_id, [piece.content for piece in evidence], day)
        around = Surroundings(
            uscc,
            purchases_of(facts, uscc, day),
            prices.usual(session, {piece.product for piece in evidence}),
            contents_elsewhere=contents,
            cleared=cleared,
            confirmed=confirmed,
        )
        found[code] = evaluate(programme, evidence, day, around)
        _ask_for_review(session, firm_id, found[code], day, at)
    return found


def _ask_for_review(session: Session, firm_id: str, uplift: Uplift, day: date, at: datetime) -> None:
    """The log's line names no firm: a firm sees the lines about itself, and must not read a suspicion there."""
    doubtful = {item.evidence_id: item.suspicions for item in uplift.items if FOR_REVIEW.intersection(item.suspicions)}
    if not doubtful:
        return
    hold_firm(session, firm_id)
    known = set(session.scalars(select(UpliftReview.evidence_id).where(UpliftReview.firm_id == firm_id)))
    for name in sorted(doubtful.keys() - known):
        row = UpliftReview(
            id=new_id("review"), firm_id=firm_id, evidence_id=name, programme=uplift.programme, reasons=list(doubtful[name]),
            opened_on=day, state="open",
        )  # fmt: skip
        session.add(row)
        audit.record(session, at=at, actor=SYSTEM, action="uplift.review_asked", object_kind="uplift_review", object_id=row.id)
    session.flush()


def decide_review(session: Session, actor: Actor, *, review_id: str, counts: bool, words: str, at: datetime) -> UpliftReview:
    """A person has looked: the piece counts, or not. Refused for other roles, Conflict once decided, Invalid without words."""
    if actor.role not in REVIEWERS:
        raise Refused(Words("只有认定部门或监管人员可以复核", "only the issuer or the regulator reviews"), code="role")
    row = under_firm(session, UpliftReview, review_id) or views.review(session, review_id)
    if row.state != "open":
        raise Conflict(Words("该凭据已复核", "this piece has been reviewed"))
    if len(words.strip()) < 4:
        raise Invalid("words", Words("请写明依据", "say on what the decision rests"))
    rules.put(session, row, "state", "cleared" if counts else "confirmed", rule=REVIEWED_ONCE)
    row.words = words.strip()[:400]
    row.decided_by, row.decided_on = actor.id, clock.day_of(at)
    session.flush()
    details = {"state": row.state}
    audit.record(
        session, at=at, actor=actor, action="uplift.reviewed", object_kind="uplift_review", object_id=row.id, details=details
    )
    return row
