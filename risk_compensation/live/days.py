"""The end of a business day, as the loans in the pools hear of it: overdue or cured, released as far as it was repaid, a claim
smaller than it was. Told again it changes nothing.

Written in: domain §6.3 (moves), §6.4 (repayment releases a commitment; a claim shrinks with the principal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from risk_compensation.live.claim_events import principal_fell
from risk_compensation.live.claims import CLAIM_LIVE, PAID_STATES, State
from risk_compensation.live.registrations import cure, overdue, release
from risk_compensation.tables import Claim, Registration


@dataclass(frozen=True, slots=True)
class LoanToday:
    """What our book of a bank's loan says at the end of a day. `late_since`: the first due day that was missed (None: nothing is
    past due); `demanded`: its guarantor was asked to pay; `unpaid_fen`: principal not repaid; `covered_fen`: that, and what may
    still be drawn."""

    reference: str
    late_since: date | None
    demanded: bool
    unpaid_fen: int
    covered_fen: int


@dataclass(frozen=True, slots=True)
class LoanHeard:
    """`over`: nothing that a bank reports moves the loan any more: it is released, or its claim was paid."""

    released_fen: int
    over: bool


def end_of_day(session: Session, told: Sequence[LoanToday], on: date) -> dict[str, LoanHeard]:
    """Tell the pools of several loans, all held with their pools, in this order; answers by the loans' references."""
    wanted = select(Registration).where(Registration.reference.in_([each.reference for each in told]))
    loans = {each.reference: each for each in session.scalars(wanted)}
    return {each.reference: _hear(session, loans[each.reference], each, on) for each in told}


def _hear(session: Session, loan: Registration, told: LoanToday, on: date) -> LoanHeard:
    released = 0
    if loan.state == State.ACTIVE and told.late_since is not None:
        overdue(session, reference=loan.reference, since=told.late_since, on=on)
    elif loan.state == State.OVERDUE and told.late_since is None and not told.demanded:
        cure(session, reference=loan.reference, on=on)
    if told.covered_fen < loan.principal_fen and loan.state not in CLAIM_LIVE | PAID_STATES:
        released = release(session, reference=loan.reference, principal_fen=told.covered_fen, on=on)
    if loan.state in CLAIM_LIVE - {State.INSTRUCTED}:
        running = select(Claim.claim_no).where(Claim.loan == loan.reference, Claim.state == loan.state, Claim.paid_fen == 0)
        for claim_no in session.scalars(running).all():
            principal_fell(session, claim_no=claim_no, unpaid_principal_fen=told.unpaid_fen, on=on)
    return LoanHeard(released, loan.state == State.RELEASED or loan.state in PAID_STATES)
