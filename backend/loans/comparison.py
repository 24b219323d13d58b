"""A bank's report held against what we would have said: its schedule, its contract, its split of a payment.

Differences are kept for a person to look at; nothing is refused and nothing is bent. Written in: domain §5.2, §5.5.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit.errors import Answer
from backend.kit.money import yuan_text
from backend.kit.words import Words
from backend.loans import interest
from backend.loans.account import note, terms_of
from backend.loans.tables import Draw, DueLine, Facility, Payment
from lender_adapters import port
from products import repayment


def due_lines(session: Session, facility: Facility, draw: Draw, message: port.Drawn, on: date) -> None:
    """Keep the bank's due days, which the contract makes binding, and hold them against the schedule we would have made."""
    months = interest.months_between(message.value_date, message.matures_on)
    try:
        ours = repayment.schedule(message.amount_fen, message.rate_bp, months, message.way, message.day_count, message.value_date)
    except Answer as no:
        ours = ()
        theirs = {"way": message.way, "day_count": message.day_count, "months": months}
        note(session, facility, kind="schedule", key=draw.draw_no, ours={}, theirs=theirs, words=no.words, on=on, draw=draw)
    foreseen = interest.play(terms_of(draw, [(each.no, each.due_on, each.principal_fen) for each in message.schedule]), (), on)
    by_no = {line.no: line.interest_fen for line in foreseen.lines}
    for line in message.schedule:
        session.add(
            DueLine(
                draw_id=draw.id,
                no=line.no,
                due_on=line.due_on,
                principal_fen=line.principal_fen,
                told_interest_fen=line.interest_fen,
                our_interest_fen=by_no[line.no],
            )
        )
    session.flush()
    told = [(each.due_on, each.principal_fen, each.interest_fen) for each in message.schedule]
    made = [(each.due_on, each.principal_fen, each.interest_fen) for each in ours]
    if ours and told != made:
        apart = [n for n in range(max(len(told), len(made))) if told[n : n + 1] != made[n : n + 1]]
        first = apart[0]
        note(
            session,
            facility,
            kind="schedule",
            key=draw.draw_no,
            ours={"rows": len(made), "first_difference": list(made[first]) if first < len(made) else None},
            theirs={"rows": len(told), "first_difference": list(told[first]) if first < len(told) else None},
            words=Words(
                f"还款计划第 {first + 1} 期起与我方计算不同", f"the bank's schedule differs from ours from line {first + 1} on"
            ),
            on=on,
            draw=draw,
        )


def contract_limits(session: Session, facility: Facility, draw: Draw, on: date) -> None:
    """Note what the draw says that the contract does not."""
    used = session.scalar(select(func.sum(Draw.outstanding_fen)).where(Draw.facility_id == facility.id)) or 0
    found: list[tuple[str, Words, dict[str, Any], dict[str, Any]]] = []
    if used > facility.limit_fen - facility.frozen_fen:
        said = Words("用信超过授信额度", "more is drawn than the facility allows")
        ours: dict[str, Any] = {"limit_fen": facility.limit_fen, "frozen_fen": facility.frozen_fen}
        found.append(("over_limit", said, ours, {"drawn_fen": int(used)}))
    if not facility.signed_on <= draw.value_date <= facility.expires_on:
        said = Words("起息日不在授信有效期内", "the value date lies outside the facility's time")
        ours = {"signed_on": facility.signed_on, "expires_on": facility.expires_on}
        found.append(("outside_facility", said, ours, {"value_date": draw.value_date}))
    if draw.rate_bp != facility.rate_bp:
        said = Words("用信利率与合同不同", "the rate of the draw is not that of the contract")
        found.append(("rate", said, {"rate_bp": facility.rate_bp}, {"rate_bp": draw.rate_bp}))
    if draw.coverage == "uncovered":
        said = Words(
            "有担保的用信未在资金池入库，池不承担责任", "a guaranteed draw was not registered: the pool does not cover it"
        )
        ours = {"registered_fen": facility.registered_fen, "registered_on": facility.registered_on}
        found.append(("uncovered", said, ours, {"amount_fen": draw.amount_fen, "value_date": draw.value_date}))
    for kind, said, ours, theirs in found:
        note(session, facility, kind=kind, key=draw.draw_no, ours=ours, theirs=theirs, words=said, on=on, draw=draw)


def compare_split(session: Session, facility: Facility, draw: Draw, payment: Payment, split: interest.Split, on: date) -> None:
    ours = {
        "expenses_fen": split.expenses_fen,
        "penalty_fen": split.penalty_fen,
        "interest_fen": split.interest_fen,
        "principal_fen": split.principal_fen,
    }
    theirs = {
        "expenses_fen": payment.told_expenses_fen,
        "penalty_fen": payment.told_penalty_fen,
        "interest_fen": payment.told_interest_fen,
        "principal_fen": payment.told_principal_fen,
    }
    if ours != theirs:
        text = yuan_text(payment.amount_fen)
        said = Words(f"{text} 元还款的分配与银行不同", f"we split the payment of {text} otherwise than the bank")
        note(
            session,
            facility,
            kind="split",
            key=payment.payment_no,
            ours=ours | {"unapplied_fen": split.unapplied_fen},
            theirs=theirs,
            words=said,
            on=on,
            draw=draw,
            payment_no=payment.payment_no,
        )
