"""Everything that may be done with loans, in one place to look; each is handed a session and a moment and never commits.

Before the draw: `guarantees`. What a bank reports: `bank_reports`. The end of a day: `day`. After default: `compensation`, the
fund's acts in `fund_acts`, what moves its money in `pool_money`. Here: a frozen limit, and events other than days that lower a
class (domain §5.4).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import locks
from backend.kit.clock import day_of
from backend.kit.errors import Invalid, NotFound
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.loans.bank_reports import take_contract, take_draw, take_repayment
from backend.loans.claiming import file_bank_claim, file_claim, supply_documents, withdraw_claim
from backend.loans.compensation import demand_on_guarantor, guarantor_paid, propose_recovery, propose_recovery_by_bank
from backend.loans.day import close_day
from backend.loans.fund_acts import (
    approve_claim,
    instruct_payment,
    propose_write_off,
    reject_claim,
    review_claim,
    set_pool,
    write_off,
)
from backend.loans.guarantees import (
    ask_guarantor,
    decide_guarantee,
    guarantee_letter,
    register_at_pool,
    registration_certificate,
)
from backend.loans.model import rules_on
from backend.loans.pool_money import confirm, propose_claw_back, propose_payment
from backend.loans.tables import ClassSignal, Draw, Facility
from backend.parties.tables import Firm

__all__ = [
    "approve_claim",
    "ask_guarantor",
    "close_day",
    "confirm",
    "decide_guarantee",
    "demand_on_guarantor",
    "file_bank_claim",
    "file_claim",
    "freeze",
    "guarantee_letter",
    "guarantor_paid",
    "instruct_payment",
    "lift_signal",
    "propose_claw_back",
    "propose_payment",
    "propose_recovery",
    "propose_recovery_by_bank",
    "propose_write_off",
    "raise_signal",
    "register_at_pool",
    "registration_certificate",
    "reject_claim",
    "review_claim",
    "set_pool",
    "supply_documents",
    "take_contract",
    "take_draw",
    "take_repayment",
    "withdraw_claim",
    "write_off",
]


def freeze(session: Session, actor: Actor, *, facility_id: str, frozen_fen: int, at: datetime, words: Words) -> Facility:
    """Freeze a part of a facility's limit (0 lifts it): what is frozen cannot be drawn. Invalid when it is above the limit."""
    facility = locks.under(session, Firm, Facility, facility_id)
    if facility is None:
        raise NotFound()
    if not 0 <= frozen_fen <= facility.limit_fen:
        raise Invalid("frozen_fen", Words("冻结金额须在授信额度之内", "the frozen part lies within the limit"))
    facility.frozen_fen = frozen_fen
    audit.record(
        session,
        at=at,
        actor=actor,
        action="loan.freeze",
        object_kind="facility",
        object_id=facility.id,
        firm_id=facility.firm_id,
        details={"frozen_fen": frozen_fen, "words": words.as_dict()},
    )
    return facility


def raise_signal(
    session: Session, actor: Actor, *, firm_id: str, name: str, words: Words, at: datetime, draw_id: str | None = None
) -> ClassSignal:
    """Something other than days lowers the class of a draw, or of all draws of the firm, from the next close of a day on.

    `name` is one of the events in classes.yaml. The second time changes nothing. Invalid: an unknown event.
    """
    if name not in rules_on(day_of(at)).events.become:
        raise Invalid("name", Words("没有这种分类事件", "there is no such event"))
    locks.hold(session, Firm, firm_id)
    query = select(ClassSignal).where(ClassSignal.firm_id == firm_id, ClassSignal.name == name, ClassSignal.until.is_(None))
    same_draw = ClassSignal.draw_id.is_(None) if draw_id is None else ClassSignal.draw_id == draw_id
    known = session.scalar(query.where(same_draw))
    if known is not None:
        return known
    made = ClassSignal(id=new_id("sig"), firm_id=firm_id, draw_id=draw_id, name=name, since=day_of(at), words=words.as_dict())
    session.add(made)
    session.flush()
    _log_signal(session, actor, "loan.signal_raised", made, at)
    return made


def lift_signal(session: Session, actor: Actor, *, signal_id: str, at: datetime) -> ClassSignal:
    """The event no longer holds after today; a bad class it made stays until it was observed."""
    signal = locks.under(session, Firm, ClassSignal, signal_id)
    if signal is None:
        raise NotFound()
    if signal.until is None:
        signal.until = day_of(at)
        _log_signal(session, actor, "loan.signal_lifted", signal, at)
    live = select(Draw).where(Draw.firm_id == signal.firm_id, Draw.repaid_on.is_(None))
    for draw in session.scalars(live.execution_options(populate_existing=True)):
        if signal.draw_id in (None, draw.id) and draw.dpd == 0:
            draw.cured_on = day_of(at)
    session.flush()
    return signal


def _log_signal(session: Session, actor: Actor, action: str, signal: ClassSignal, at: datetime) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="signal",
        object_id=signal.id,
        firm_id=signal.firm_id,
        details={"name": signal.name, "words": signal.words},
    )
