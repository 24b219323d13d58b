"""Whom a claim waits for, since when, until when: a clock for every party. Written in: domain §6.3 (5 and 25 working days).

Filing, review and decision are the scheme's deadlines; supplement, instruction and payment those of clocks.yaml. The time a
claimant takes to bring papers is not the fund's: its clocks start anew when they are there.

>>> rules_on(date(2025, 1, 9)).pay_working_days
5
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.calendar import add_working_days
from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.errors import Misconfigured
from backend.kit.words import Words
from backend.loans.tables import Facility, Guarantee
from risk_compensation.live import CLAIM_LIVE, ClaimCase, Move, State
from risk_compensation.live import views as pool_views

ACTS: dict[str, Words] = {
    "pay_bank": Words("向银行代偿", "pay the bank"),
    "file": Words("提出代偿申请", "file the claim"),
    "review": Words("初审", "review"),
    "decide": Words("复核决定", "decide"),
    "supplement": Words("补充材料", "bring papers"),
    "instruct": Words("发出付款指令", "instruct the payment"),
    "pay": Words("付款并出具回单", "pay and give the receipt"),
}


class Rules(DatedBlock):
    """Deadlines of a claim that schemes do not state."""

    supplement_working_days: int = Field(gt=0)
    instruct_working_days: int = Field(gt=0)
    pay_working_days: int = Field(gt=0)


_RULES = Dated(
    Path(__file__).parent / "clocks.yaml", DatedFile[Rules], "clocks.yaml has no rules for {day}: add a block with its source"
)


def rules_on(day: date) -> Rules:
    """The rules in force on that day."""
    return _RULES.on(day)


@dataclass(frozen=True, slots=True)
class Clock:
    """`party` (a code) has to do `act` (a key of ACTS) since a day; `due_on` is its last day, None where the calendar of working
    days ends before; `late_days` counts calendar days past it."""

    loan: str
    claim_no: str | None
    party: str
    act: str
    since: date
    due_on: date | None
    late_days: int


def _clock(loan: str, claim_no: str | None, party: str, act: str, since: date, due: date | None, day: date) -> Clock:
    return Clock(loan, claim_no, party, act, since, due, max(0, (day - due).days) if due else 0)


def _working(since: date, count: int) -> date | None:
    try:
        return add_working_days(since, count)
    except Misconfigured:
        return None  # next year's holidays are not published yet: no day is better than a guessed one


def of_claim(session: Session, case: ClaimCase, day: date) -> Clock | None:
    """The clock of a claim on that day; None where nobody has to do anything."""
    claim, loan, pool = case.claim, case.loan, case.pool
    if claim.state not in CLAIM_LIVE:
        return None
    terms, rules = case.terms, rules_on(claim.filed_on)
    entered = {move.became: move.on for move in pool_views.claim_history(session, claim.claim_no)}
    submitted = entered.get(State.CLAIM_SUBMITTED, claim.filed_on)
    if claim.state == State.APPROVED and not claim.aside_fen and claim.payout_fen > claim.paid_fen:
        return None  # it waits for money: nobody is late
    considered = max(submitted, claim.deferred_until or submitted)
    party, act, since, count = {
        State.CLAIM_SUBMITTED: (pool.fund, "review", submitted, terms.deadlines.review_working_days),
        State.UNDER_REVIEW: (pool.fund, "decide", considered, terms.deadlines.decide_working_days),
        State.SUPPLEMENT: (claim.claimant, "supplement", entered.get(State.SUPPLEMENT, submitted), rules.supplement_working_days),
        State.APPROVED: (pool.fund, "instruct", entered.get(State.APPROVED, submitted), rules.instruct_working_days),
        State.INSTRUCTED: (pool.custodian, "pay", entered.get(State.INSTRUCTED, submitted), rules.pay_working_days),
    }[State(claim.state)]
    return _clock(loan.reference, claim.claim_no, party, act, since, _working(since, count), day)


def every(session: Session, day: date) -> list[Clock]:
    """Every clock that runs, most urgent first: claims, guarantors who have paid but not claimed, banks that may claim and
    have not."""
    live = sorted(pool_views.claim_cases(session, states=CLAIM_LIVE), key=lambda each: each.claim.claim_no)
    found = [clock for case in live if (clock := of_claim(session, case, day)) is not None]
    claimed = pool_views.loans_claimed(session)
    asked = select(Guarantee, Facility).join(Facility, Facility.application_id == Guarantee.application_id)
    paid = session.execute(asked.where(Guarantee.demanded_on.is_not(None)).order_by(Guarantee.id)).all()
    unclaimed = [each for each in paid if each[1].id not in claimed and each[1].registered_on is not None]
    cases = pool_views.loan_cases(session, [facility.id for _, facility in unclaimed])
    for guarantee, facility in unclaimed:
        if guarantee.paid_on is not None:
            due = guarantee.paid_on + timedelta(days=cases[facility.id].terms.deadlines.claim_within_days)
            found.append(_clock(facility.id, None, guarantee.guarantor, "file", guarantee.paid_on, due, day))
    for of_bank in pool_views.overdue_cases(session):
        loan, terms = of_bank.loan, of_bank.terms
        if terms.claimant != "bank" or loan.reference in claimed or loan.overdue_since is None:
            continue
        may = terms.trigger.met_on(terms.trigger.days(loan.overdue_since))
        if may is not None and may <= day:
            due = may + timedelta(days=terms.deadlines.claim_within_days)
            found.append(_clock(loan.reference, None, loan.bank, "file", may, due, day))
    return sorted(found, key=lambda each: (each.due_on or date.max, each.loan))


def late(session: Session, day: date) -> list[Clock]:
    """The clocks that have run out."""
    return [each for each in every(session, day) if each.late_days > 0]


def history(session: Session, case: ClaimCase) -> list[tuple[str, date, date | None, bool]]:
    """What each party took for its part of a claim: (act, from, done on, in time). For files and for the regulator."""
    claim, terms, rules = case.claim, case.terms, rules_on(case.claim.filed_on)
    found: list[tuple[str, date, date | None, bool]] = []
    since = claim.filed_on
    for move in pool_views.claim_history(session, claim.claim_no):
        limit = {
            Move.REVIEW: ("review", terms.deadlines.review_working_days),
            Move.ASK: ("review", terms.deadlines.review_working_days),
            Move.SUPPLY: ("supplement", rules.supplement_working_days),
            Move.APPROVE: ("decide", terms.deadlines.decide_working_days),
            Move.REJECT: ("decide", terms.deadlines.decide_working_days),
            Move.INSTRUCT: ("instruct", rules.instruct_working_days),
            Move.PAY: ("pay", rules.pay_working_days),
        }.get(Move(move.move))
        if limit is not None:
            due = _working(since, limit[1])
            found.append((limit[0], since, move.on, due is None or move.on <= due))
        if move.move != Move.REVIEW:
            since = move.on
    return found


def worst(clocks: Iterable[Clock]) -> int:
    """The most days anybody is late."""
    return max((each.late_days for each in clocks), default=0)
