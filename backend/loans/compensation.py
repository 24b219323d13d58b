"""After default: whoever the scheme names claims from the pool, and money comes back. Either the bank claims (政银), or it asks
the guarantor, which pays and claims (政担).

Written in: domain §6.4 (政担: the guarantor first pays the bank, then claims), §6.3 (moves of a claim). What the guarantor says
it paid is believed only when the bank has reported it. The fund's own acts are in `fund_acts`; what is done to money is
`risk_compensation`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import SYSTEM, Actor
from backend.kit import locks
from backend.kit.clock import day_of
from backend.kit.errors import Conflict, NotFound, Refused
from backend.kit.money import yuan_text
from backend.kit.plausible import named, size_fen, within
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.loans import pool_money
from backend.loans.guarantees import own_guarantee, party_code
from backend.loans.tables import Draw, Facility, Guarantee, Payment
from backend.loans.values import GuaranteeView
from backend.parties.actions import under_firm
from risk_compensation import live as pool_events
from risk_compensation.live import MoneyProposal
from risk_compensation.live import views as pool_views
from risk_compensation.scheme import guarantor_owes


def covered_draws(session: Session, facility_id: str) -> list[Draw]:
    """The draws of a facility that the pool covers."""
    query = select(Draw).where(Draw.facility_id == facility_id, Draw.coverage == "registered")
    query = query.order_by(Draw.value_date, Draw.draw_no)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def unpaid_principal_fen(session: Session, facility_id: str) -> int:
    """What neither the borrower nor a recovery has repaid of the covered draws; the guarantor's payment is not deducted."""
    drawn = sum(each.amount_fen - each.repaid_by_borrower_fen for each in covered_draws(session, facility_id))
    return drawn - paid_by(session, facility_id, "recovery")


def paid_by(session: Session, facility_id: str, source: str) -> int:
    """Principal that came from a guarantor or a recovery, by the bank's reports (fen)."""
    query = select(func.sum(Payment.our_principal_fen)).join(Draw, Draw.id == Payment.draw_id)
    covered = Draw.facility_id == facility_id, Draw.coverage == "registered"
    return int(session.scalar(query.where(*covered, Payment.source == source)) or 0)


def recovered_fen(session: Session, facility_ids: Sequence[str]) -> dict[str, int]:
    """Facility -> principal that recoveries repaid on its covered draws (fen); facilities without any are left out."""
    query = select(Draw.facility_id, func.sum(Payment.our_principal_fen)).join(Draw, Draw.id == Payment.draw_id)
    query = query.where(Draw.facility_id.in_(facility_ids), Draw.coverage == "registered", Payment.source == "recovery")
    return {name: int(total) for name, total in session.execute(query.group_by(Draw.facility_id))}


def _case(session: Session, draw_id: str) -> tuple[Draw, Facility, Guarantee]:
    """The draw, its facility and guarantee, as they are now that their firm is held."""
    draw = under_firm(session, Draw, draw_id)
    facility = locks.fresh(session, Facility, draw.facility_id) if draw else None
    if draw is None or facility is None or draw.coverage != "registered":
        raise NotFound()
    asked = select(Guarantee).where(Guarantee.application_id == facility.application_id)
    guarantee = session.scalar(asked.execution_options(populate_existing=True))
    if guarantee is None:
        raise NotFound()
    return draw, facility, guarantee


def demand_on_guarantor(session: Session, actor: Actor, *, draw_id: str, at: datetime) -> GuaranteeView:
    """The bank asks the guarantor to pay its part of what is unpaid, and where the guarantor then claims, the pool's too. The
    second time changes nothing.

    By the bank's own people, or by SYSTEM in the bank's name. Refused `not_overdue` while nothing is past due.
    """
    draw, facility, guarantee = _case(session, draw_id)
    if actor != SYSTEM and party_code(session, actor) != facility.bank:
        raise NotFound()
    if guarantee.demanded_on is not None:
        return seen(GuaranteeView, guarantee)
    if draw.unpaid_since is None or day_of(at) <= draw.unpaid_since:
        raise Refused(Words("该笔用信没有逾期", "nothing is past due on this draw"), code="not_overdue")
    case = pool_views.loan_case(session, facility.id)
    if case is None:
        raise NotFound()
    owed = guarantor_owes(case.terms, case.terms.shares_of(case.loan), unpaid_principal_fen(session, facility.id))
    guarantee.demanded_on, guarantee.demanded_fen = day_of(at), owed
    pool_events.overdue(session, reference=facility.id, since=draw.unpaid_since, on=day_of(at))
    session.flush()
    log(session, actor, "guarantor.demanded", guarantee, at, {"amount_fen": guarantee.demanded_fen})
    return seen(GuaranteeView, guarantee)


def guarantor_paid(
    session: Session, actor: Actor, *, guarantee_id: str, amount_fen: int, receipt_no: str, paid_on: date, at: datetime
) -> GuaranteeView:
    """The guarantor says that it has paid the bank. The same receipt again changes nothing; another is a Conflict.

    Refused: not_demanded, paid_too_little. Invalid: future_day, too_early, amount, receipt_no.
    """
    guarantee = own_guarantee(session, actor, guarantee_id)
    receipt_no = named(receipt_no, "receipt_no")
    size_fen(amount_fen, "amount_fen")
    within(paid_on, guarantee.demanded_on or guarantee.asked_on, day_of(at), "on")
    if guarantee.paid_receipt_no is not None:
        if (guarantee.paid_receipt_no, guarantee.paid_fen) == (receipt_no, amount_fen):
            return seen(GuaranteeView, guarantee)
        raise Conflict(Words("已登记过代偿付款", "a payment has been noted already"), code="paid_once")
    if guarantee.demanded_on is None:
        raise Refused(Words("银行尚未要求代偿", "the bank has not asked for payment"), code="not_demanded")
    if amount_fen < guarantee.demanded_fen:
        text = yuan_text(guarantee.demanded_fen)
        raise Refused(Words(f"应代偿 {text} 元", f"{text} yuan are asked for"), code="paid_too_little")
    guarantee.paid_on, guarantee.paid_fen, guarantee.paid_receipt_no = paid_on, amount_fen, receipt_no
    session.flush()
    log(session, actor, "guarantor.paid", guarantee, at, {"amount_fen": amount_fen, "receipt_no": receipt_no})
    return seen(GuaranteeView, guarantee)


def facility_of(session: Session, guarantee: Guarantee) -> Facility:
    facility = session.scalar(select(Facility).where(Facility.application_id == guarantee.application_id))
    if facility is None:
        raise NotFound()
    return facility


def own_facility(session: Session, actor: Actor, draw_id: str) -> Facility:
    """The covered facility of one of the actor's own bank's draws, its firm held; another's is as good as missing."""
    draw = under_firm(session, Draw, draw_id)
    facility = locks.fresh(session, Facility, draw.facility_id) if draw is not None else None
    ours = facility is not None and actor.role == "bank_officer" and party_code(session, actor) == facility.bank
    if draw is None or facility is None or not ours or facility.registered_on is None:
        raise NotFound()
    return facility


def propose_recovery(
    session: Session, actor: Actor, *, guarantee_id: str, gross_fen: int, costs_fen: int, receipt_no: str, on: date, at: datetime
) -> MoneyProposal:
    """Money recovered by the guarantor and paid into the special account, it says: the fund confirms it, then it is shared back.
    `result` says what each kind of party would get of it.

    The bank's part reaches the draw when the bank reports it (source `recovery`). Refused: nothing_paid, recovery_above_paid.
    """
    facility = facility_of(session, own_guarantee(session, actor, guarantee_id))
    return _recovered(session, actor, facility, gross_fen, costs_fen, receipt_no, on, at)


def propose_recovery_by_bank(
    session: Session, actor: Actor, *, draw_id: str, gross_fen: int, costs_fen: int, receipt_no: str, on: date, at: datetime
) -> MoneyProposal:
    """The same, recovered by a bank that had claimed."""
    facility = own_facility(session, actor, draw_id)
    return _recovered(session, actor, facility, gross_fen, costs_fen, receipt_no, on, at)


def _recovered(
    session: Session, actor: Actor, facility: Facility, gross_fen: int, costs_fen: int, receipt_no: str, on: date, at: datetime
) -> MoneyProposal:
    loan = pool_views.loan(session, facility.id)
    if loan is None:
        raise Refused(Words("尚未代偿，没有可分配的追偿", "nothing has been paid out on this loan yet"), code="nothing_paid")
    body = {"loan": facility.id, "gross_fen": gross_fen, "costs_fen": costs_fen, "receipt_no": receipt_no, "on": on}
    return pool_money.put(session, actor, loan.pool, "recovery", body, at)


def log(session: Session, actor: Actor, action: str, guarantee: Guarantee, at: datetime, details: dict[str, Any]) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="guarantee",
        object_id=guarantee.id,
        firm_id=guarantee.firm_id,
        details=details,
    )
