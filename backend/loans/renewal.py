"""The renewal desk (无还本续贷): 60 days before a draw matures, firm and bank are asked, and answer.

Written in: domain §5.5 (金规〔2024〕13号): the borrower applies before maturity, the new contract is signed before the due day,
and a normal loan stays normal if its conditions hold (`renewal_terms`). The platform shows; the bank decides. A renewal belongs
to its ancestor's cohort, so that vintages do not begin anew with old money.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import SYSTEM, Actor
from backend.kit import clock, locks, rules
from backend.kit import rows as kept
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.plausible import not_after
from backend.kit.words import Words
from backend.loans.guarantees import party_code
from backend.loans.renewal_terms import conditions, rules_on
from backend.loans.rules import RENEWAL_ANSWERED, RENEWED_ONCE
from backend.loans.tables import Draw, Renewal
from backend.loans.values import RenewalKept, ReportedDraw
from backend.parties import views as parties
from backend.parties.actions import under_firm
from backend.steps import actions as steps

KIND = "loans.renewal"


def plan(session: Session, draw: Draw) -> None:
    """One step at the draw's value date that will ask in time; the second time changes nothing."""
    terms = rules_on(draw.value_date)
    if terms is None:
        return
    due = max(draw.matures_on - timedelta(days=terms.notice.days), draw.value_date + timedelta(days=1))
    if due < draw.matures_on:
        moment = clock.start_of(due) + timedelta(hours=9)
        steps.enqueue(session, kind=KIND, key=draw.id, payload={"draw": draw.id}, due=moment)


def cohort_of(session: Session, draw: Draw) -> date:
    """The value date under which a draw is counted: its own, or that of the first draw which it renews."""
    known = session.scalar(select(Renewal.cohort).where(Renewal.renewed_by == draw.id))
    return known or draw.value_date


def ask(session: Session, draw_id: str, at: datetime) -> Renewal | None:
    """Put the question before firm and bank; None where the draw no longer runs. The second time changes nothing."""
    draw = under_firm(session, Draw, draw_id)
    if draw is None:
        raise NotFound()
    known = locks.fresh(session, Renewal, draw_id)
    day = clock.day_of(at)
    if known is not None or draw.repaid_on is not None or draw.state not in ("running", "late") or day >= draw.matures_on:
        return known
    made = Renewal(
        draw_id=draw.id,
        firm_id=draw.firm_id,
        bank=draw.bank,
        cohort=cohort_of(session, draw),
        asked_on=day,
        answer_by=draw.matures_on - timedelta(days=1),
        state="asked",
        conditions=[],
    )
    session.add(made)
    session.flush()
    _log(session, SYSTEM, "renewal.asked", made, at, {"matures_on": draw.matures_on.isoformat()})
    return made


def _held(session: Session, draw_id: str) -> Renewal:
    found = under_firm(session, Renewal, draw_id)
    if found is None:
        raise NotFound()
    return found


def firm_says(session: Session, actor: Actor, *, draw_id: str, wanted: bool, words: str, at: datetime) -> RenewalKept:
    """The firm wants its draw renewed, or does not: its application, which only counts before maturity.

    Refused: matured. Conflict: the bank has decided.
    """
    row = _held(session, draw_id)
    if not actor.role.startswith("firm") or row.firm_id != parties.firm_id_of(session, actor.party_id):
        raise NotFound()
    if clock.day_of(at) > row.answer_by:
        raise Refused(Words("贷款已到期，不能再申请续贷", "the loan has matured: it can no longer be renewed"), code="matured")
    state = "wanted" if wanted else "unwanted"
    if row.state == state:
        return kept.seen(RenewalKept, row)
    if row.state not in ("asked", "wanted", "unwanted"):
        raise Conflict(Words("银行已作出决定", "the bank has already decided"), code="decided")
    rules.put(session, row, "state", state, rule=RENEWAL_ANSWERED)
    row.firm_said_on, row.firm_said_by, row.firm_words = clock.day_of(at), actor.id, words[:1000]
    session.flush()
    _log(session, actor, f"renewal.{state}", row, at, {})
    return kept.seen(RenewalKept, row)


def bank_says(session: Session, actor: Actor, *, draw_id: str, agreed: bool, words: str, at: datetime) -> RenewalKept:
    """The bank's decision on a firm's application, with the conditions as it saw them then. Its words are kept as they are.

    Refused: not_applied, matured. Invalid: no words. Conflict: another decision was made.
    """
    row = _of_bank(session, actor, draw_id)
    state = "agreed" if agreed else "declined"
    if row.state == state:
        return kept.seen(RenewalKept, row)
    if row.state in ("agreed", "declined", "renewed"):
        raise Conflict(Words("已作出另一决定", "another decision was made"), code="decided")
    if row.state != "wanted":
        raise Refused(Words("企业尚未申请续贷", "the firm has not applied for renewal"), code="not_applied")
    if clock.day_of(at) > row.answer_by:
        raise Refused(Words("贷款已到期", "the loan has matured"), code="matured")
    if not words.strip():
        raise Invalid("words", Words("请写明理由", "please give the reason"))
    draw = session.get_one(Draw, draw_id)
    seen = conditions(session, actor, draw, recipient=row.bank, at=at)
    row.conditions = [each.as_dict() for each in seen]
    rules.put(session, row, "state", state, rule=RENEWAL_ANSWERED)
    row.bank_said_on, row.bank_said_by, row.bank_words = clock.day_of(at), actor.id, words[:1000]
    session.flush()
    _log(session, actor, f"renewal.{state}", row, at, {"unknown": [each.code for each in seen if each.held == "unknown"]})
    return kept.seen(RenewalKept, row)


def renewed(session: Session, actor: Actor, *, draw_id: str, new_draw_no: str, signed_on: date, at: datetime) -> RenewalKept:
    """The bank names the draw that renews this one; it is counted in the ancestor's cohort.

    Refused: not_agreed, signed_late (the new contract must be signed before the old loan falls due), another_firm, drawn_before.
    """
    row = _of_bank(session, actor, draw_id)
    not_after(signed_on, clock.day_of(at), "signed_on")
    if row.state not in ("agreed", "renewed"):
        raise Refused(Words("银行尚未同意续贷", "the bank has not agreed to renew"), code="not_agreed")
    if signed_on > row.answer_by:
        raise Refused(
            Words("新合同须在到期前签订", "the new contract is signed before the old loan falls due"), code="signed_late"
        )
    found = session.scalar(select(Draw).where(Draw.bank == row.bank, Draw.draw_no == new_draw_no))
    if found is None or found.id == draw_id or found.firm_id != row.firm_id:
        raise Refused(
            Words("没有找到该企业的这笔新用信", "this bank has told no such new draw of this firm"), code="another_firm"
        )
    if found.value_date <= session.get_one(Draw, draw_id).value_date:
        raise Refused(Words("续贷用信须晚于原用信", "a draw renews only an earlier one"), code="drawn_before")
    if row.renewed_by not in (None, found.id):
        raise Conflict(Words("已登记另一笔续贷用信", "another draw renews this one"), code="renewed")
    rules.put(session, row, "state", "renewed", rule=RENEWED_ONCE)
    row.renewed_by, row.signed_on = found.id, signed_on
    heir = session.get(Renewal, found.id)  # asked about before the bank named it: its cohort is the ancestor's all the same
    while heir is not None and heir.cohort != row.cohort:
        heir.cohort = row.cohort
        heir = session.get(Renewal, heir.renewed_by) if heir.renewed_by else None
    session.flush()
    _log(session, actor, "renewal.renewed", row, at, {"by": found.id, "cohort": row.cohort.isoformat()})
    return kept.seen(RenewalKept, row)


def _of_bank(session: Session, actor: Actor, draw_id: str) -> Renewal:
    row = _held(session, draw_id)
    if actor.role != "bank_officer" or row.bank != party_code(session, actor):
        raise NotFound()
    return row


def next_act(found: RenewalKept, day: date, *, by_firm: bool) -> str:
    """What the firm, or else the bank, may do next: wish | decide | name | nothing."""
    open_ = day <= found.answer_by
    if by_firm:
        return "wish" if open_ and found.state in ("asked", "wanted", "unwanted") else "nothing"
    return "decide" if open_ and found.state == "wanted" else "name" if found.state == "agreed" else "nothing"


def rows(
    session: Session, *, day: date, firm_id: str | None = None, bank: str | None = None, over: bool = False
) -> list[tuple[RenewalKept, ReportedDraw]]:
    """The renewals of a firm or a bank that somebody may still act on, with their draws, the next to mature first; `over`: those
    that are over instead: decided against, renewed, repaid, or matured without a wish or a decision."""
    query = select(Renewal, Draw).join(Draw, Draw.id == Renewal.draw_id).order_by(Draw.matures_on, Draw.id)
    ended = or_(
        Renewal.state.in_(("declined", "renewed")),
        and_(Renewal.state != "agreed", Renewal.answer_by < day),
        and_(Renewal.state != "agreed", Draw.repaid_on.is_not(None)),
    )
    query = query.where(ended if over else not_(ended))
    if firm_id is not None:
        query = query.where(Renewal.firm_id == firm_id)
    if bank is not None:
        query = query.where(Renewal.bank == bank)
    return [(kept.seen(RenewalKept, row), kept.seen(ReportedDraw, draw)) for row, draw in session.execute(query)]


def _log(session: Session, actor: Actor, action: str, row: Renewal, at: datetime, details: dict[str, Any]) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="draw",
        object_id=row.draw_id,
        firm_id=row.firm_id,
        details=details,
    )
