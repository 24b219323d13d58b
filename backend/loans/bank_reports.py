"""What a bank's contract, draw and repayment do to our book. Each is idempotent by the bank's own number and never commits.

Acceptance books nothing: only a contract makes a facility, only a draw report makes a draw. The bank's schedule is held against
products.repayment, its split of each payment against ours (`comparison`); the bank's word stays as it was said.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import rules
from backend.kit.clock import day_of
from backend.kit.errors import Conflict, Invalid
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.loans import interest, renewal
from backend.loans.account import note, payments_of, play, refresh, settle
from backend.loans.comparison import compare_split, contract_limits, due_lines
from backend.loans.tables import Draw, Facility, Guarantee, Payment
from backend.parties.actions import hold_firm, under_firm
from lender_adapters import port
from risk_compensation import live as pool_events

_OTHER_CONTRACT = Words("该合同号属于另一笔申请", "this contract number belongs to another application")
_OTHER_DRAW = Words("该用信编号属于另一笔用信", "this number belongs to another draw")
_OTHER_PAYMENT = Words("该还款编号属于另一笔还款", "this number belongs to another payment")


def take_contract(
    session: Session,
    *,
    application_id: str,
    firm_id: str,
    bank: str,
    product: str,
    message: port.ContractSigned,
    at: datetime,
    scheme: str | None = None,
) -> Facility:
    """The bank signed: a facility. The same contract told again changes nothing.

    `scheme` is the product's compensation scheme; the guarantor is the one who decided for this application.
    Conflict `reference_reused` when the number already stands for another application.
    """
    hold_firm(session, firm_id)
    known = session.scalar(select(Facility).where(Facility.bank == bank, Facility.contract_no == message.contract_no))
    if known is not None:
        if known.application_id != application_id:
            raise Conflict(_OTHER_CONTRACT, code="reference_reused")
        return known
    guarantee = session.scalar(select(Guarantee).where(Guarantee.application_id == application_id))
    facility = Facility(
        id=new_id("fac"),
        application_id=application_id,
        firm_id=firm_id,
        bank=bank,
        product=product,
        contract_no=message.contract_no,
        limit_fen=message.limit_fen,
        signed_on=message.signed_on,
        expires_on=message.expires_on,
        rate_bp=message.rate_bp,
        frozen_fen=0,
        scheme=scheme,
        guarantor=guarantee.guarantor if guarantee else None,
        pool=guarantee.pool if guarantee else None,
        registered_fen=0,
    )
    # Two firms' contracts under one number meet only here.
    with rules.once(session, Conflict(_OTHER_CONTRACT, code="reference_reused")):
        session.add(facility)
    _log(
        session, facility, "loan.contract", facility.id, at, {"limit_fen": facility.limit_fen, "contract_no": message.contract_no}
    )
    return facility


def take_draw(session: Session, *, bank: str, message: port.Drawn, at: datetime) -> Draw:
    """The bank paid out: a draw, with its due days. The same draw told again changes nothing.

    Under a scheme, a draw beyond what is registered is kept all the same, marked uncovered, and noted as a discrepancy.
    Conflict `contract_unknown` when we have not been told of its contract.
    """
    name = session.scalar(select(Facility.id).where(Facility.bank == bank, Facility.contract_no == message.contract_no))
    facility = under_firm(session, Facility, name) if name is not None else None
    if facility is None:
        raise Conflict(Words("尚未收到该合同", "the contract of this draw is not known yet"), code="contract_unknown")
    known = session.scalar(select(Draw).where(Draw.bank == bank, Draw.draw_no == message.draw_no))
    if known is not None:
        if (known.facility_id, known.amount_fen, known.value_date) != (facility.id, message.amount_fen, message.value_date):
            note(
                session,
                facility,
                kind="retold",
                # Told of another contract, it is another difference for each: nobody else's note stands for it.
                key=message.draw_no if known.facility_id == facility.id else f"{message.draw_no}:{facility.contract_no}",
                ours={"amount_fen": known.amount_fen, "value_date": known.value_date},
                theirs={"amount_fen": message.amount_fen, "value_date": message.value_date},
                words=Words("银行重报的用信与原报不同", "the bank tells this draw again, differently"),
                on=day_of(at),
                draw=known,
            )
        return known
    draw = Draw(
        id=new_id("draw"),
        facility_id=facility.id,
        firm_id=facility.firm_id,
        bank=bank,
        draw_no=message.draw_no,
        amount_fen=message.amount_fen,
        value_date=message.value_date,
        matures_on=message.matures_on,
        rate_bp=message.rate_bp,
        penalty_bp=message.penalty_bp,
        way=message.way,
        day_count=message.day_count,
        first_loan=message.first_loan,
        coverage=_coverage(session, facility, message),
        told_on=message.on,
        outstanding_fen=message.amount_fen,
    )
    with rules.once(session, Conflict(_OTHER_DRAW, code="reference_reused")):
        session.add(draw)
    due_lines(session, facility, draw, message, day_of(at))
    contract_limits(session, facility, draw, day_of(at))
    if draw.coverage == "registered":
        pool_events.activate(session, reference=facility.id, on=message.value_date)
    refresh(session, draw, day_of(at))
    renewal.plan(session, draw)
    details = {"amount_fen": draw.amount_fen, "draw_no": draw.draw_no, "coverage": draw.coverage}
    _log(session, facility, "loan.draw", draw.id, at, details)
    return draw


def _coverage(session: Session, facility: Facility, message: port.Drawn) -> str:
    if facility.scheme is None:
        return "none"
    covered = select(func.sum(Draw.amount_fen)).where(Draw.facility_id == facility.id, Draw.coverage == "registered")
    drawn = int(session.scalar(covered) or 0) + message.amount_fen
    in_time = facility.registered_on is not None and facility.registered_on <= message.value_date
    return "registered" if in_time and drawn <= facility.registered_fen else "uncovered"


def take_repayment(session: Session, *, bank: str, message: port.Repaid, at: datetime) -> Payment:
    """The bank received money on a draw. The same payment told again changes nothing.

    We split it ourselves and hold our split against the bank's. A payment told late, after one of a later day, is put in its
    place; if that moves the split of another, this is noted too.
    Conflict `draw_unknown` when we have not been told of its draw.
    """
    name = session.scalar(select(Draw.id).where(Draw.bank == bank, Draw.draw_no == message.draw_no))
    draw = under_firm(session, Draw, name) if name is not None else None
    if draw is None:
        raise Conflict(Words("尚未收到该笔用信", "the draw of this repayment is not known yet"), code="draw_unknown")
    if message.amount_fen <= 0:
        raise Invalid("amount_fen", Words("还款金额须为正", "a repayment is positive"))
    facility = session.get_one(Facility, draw.facility_id)
    known = session.get(Payment, (bank, message.payment_no))
    if known is not None:
        if (known.draw_id, known.amount_fen, known.paid_on, known.source) != (
            draw.id,
            message.amount_fen,
            message.paid_on,
            message.source,
        ):
            note(
                session,
                facility,
                kind="retold",
                key=message.payment_no if known.draw_id == draw.id else f"{message.payment_no}:{draw.draw_no}",
                ours={"amount_fen": known.amount_fen, "paid_on": known.paid_on},
                theirs={"amount_fen": message.amount_fen, "paid_on": message.paid_on},
                words=Words("银行重报的还款与原报不同", "the bank tells this payment again, differently"),
                on=day_of(at),
                draw=draw,
                payment_no=message.payment_no,
            )
        return known
    # How late the money came, also when no day was closed in between.
    draw.max_dpd = max(draw.max_dpd, interest.past_due_days(draw.unpaid_since, message.paid_on))
    before = payments_of(session, draw.id)
    made = Payment(
        bank=bank,
        payment_no=message.payment_no,
        draw_id=draw.id,
        seq=len(before) + 1,
        paid_on=message.paid_on,
        told_on=message.on,
        amount_fen=message.amount_fen,
        source=message.source,
        told_expenses_fen=message.expenses_fen,
        told_penalty_fen=message.penalty_fen,
        told_interest_fen=message.interest_fen,
        told_principal_fen=message.principal_fen,
    )
    ordered = sorted([*before, made], key=lambda each: each.paid_on)
    account = play(session, draw, ordered, day_of(at))
    splits = dict(zip([each.payment_no for each in ordered], account.splits, strict=True))
    split = splits[message.payment_no]
    made.our_expenses_fen, made.our_penalty_fen = split.expenses_fen, split.penalty_fen
    made.our_interest_fen, made.our_principal_fen = split.interest_fen, split.principal_fen
    made.unapplied_fen = split.unapplied_fen
    with rules.once(session, Conflict(_OTHER_PAYMENT, code="reference_reused")):
        session.add(made)
    for each in ordered:
        compare_split(session, facility, draw, each, splits[each.payment_no], day_of(at))
    settle(session, draw, ordered, account, day_of(at))
    details = {"amount_fen": made.amount_fen, "source": made.source, "draw": draw.id}
    _log(session, facility, "loan.repayment", f"{bank}:{message.payment_no}", at, details)
    return made


def _log(session: Session, facility: Facility, action: str, object_id: str, at: datetime, details: dict[str, Any]) -> None:
    audit.record(
        session,
        at=at,
        actor=Actor(facility.bank, "bank_system", None),
        action=action,
        object_kind=action.split(".")[1],
        object_id=object_id,
        firm_id=facility.firm_id,
        details=details,
    )
