"""What others may read of pools, their loans and their claims, and whom they hold before they act on several.

What is wanted together, a claim with its loan and its pool, is read in one statement. What is made of the entries (headroom,
statements of parties, the journal) stands in `statements`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.kit import locks
from backend.kit.rows import seen
from risk_compensation.live.claims import CLAIM_ENDED, State
from risk_compensation.live.values import (
    ClaimCase,
    ClaimPayment,
    FiledClaim,
    HeldHeadroom,
    LoanCase,
    LoanStep,
    PoolView,
    RegisteredLoan,
)
from risk_compensation.tables import Claim, LoanMove, Payout, Pool, Registration, Reservation


def pool(session: Session, code: str) -> PoolView | None:
    """One pool; None where there is none."""
    found = session.get(Pool, code)
    return seen(PoolView, found) if found is not None else None


def loan(session: Session, reference: str) -> RegisteredLoan | None:
    """One loan in a pool; None where it has not entered any."""
    found = session.get(Registration, reference)
    return seen(RegisteredLoan, found) if found is not None else None


def loans(session: Session, references: Iterable[str]) -> dict[str, RegisteredLoan]:
    """Several, by their references."""
    found = session.scalars(select(Registration).where(Registration.reference.in_(sorted(set(references)))))
    return {each.reference: seen(RegisteredLoan, each) for each in found}


def loans_of_pools(session: Session, pools: Collection[str] | None) -> list[RegisteredLoan]:
    """The loans of these pools, or of all (None), in the order in which they entered."""
    query = select(Registration).order_by(Registration.registered_on, Registration.reference)
    found = session.scalars(query if pools is None else query.where(Registration.pool.in_(pools)))
    return [seen(RegisteredLoan, each) for each in found]


_LOAN = select(Registration, Pool).join(Pool, Pool.code == Registration.pool)
_CLAIM = (
    select(Claim, Registration, Pool).join(Registration, Registration.reference == Claim.loan).join(Pool, Pool.code == Claim.pool)
)


def loan_case(session: Session, reference: str) -> LoanCase | None:
    """One loan with its pool; None where it has not entered any."""
    return next(iter(_loan_cases(session, _LOAN.where(Registration.reference == reference))), None)


def loan_cases(session: Session, references: Collection[str]) -> dict[str, LoanCase]:
    """Several, by their references."""
    found = _loan_cases(session, _LOAN.where(Registration.reference.in_(references))) if references else []
    return {each.loan.reference: each for each in found}


def overdue_cases(session: Session) -> list[LoanCase]:
    """The loans that are overdue and not claimed, by their references."""
    query = _LOAN.where(Registration.state == State.OVERDUE).order_by(Registration.reference)
    return _loan_cases(session, query)


def _loan_cases(session: Session, query: Select[Registration, Pool]) -> list[LoanCase]:
    return [LoanCase(seen(RegisteredLoan, of), seen(PoolView, pool)) for of, pool in session.execute(query)]


def claim(session: Session, claim_no: str) -> FiledClaim | None:
    """One claim; None where there is none."""
    found = session.get(Claim, claim_no)
    return seen(FiledClaim, found) if found is not None else None


def claim_case(session: Session, claim_no: str) -> ClaimCase | None:
    """One claim with its loan and its pool; None where there is none."""
    return next(iter(_claim_cases(session, _CLAIM.where(Claim.claim_no == claim_no))), None)


def claim_cases(
    session: Session,
    *,
    pools: Collection[str] | None = None,
    claimant: str | None = None,
    states: Collection[State] | None = None,
) -> list[ClaimCase]:
    """Claims with their loans and pools, oldest first: all, or on these pools, by this claimant, in these states."""
    if pools is not None and not pools:
        return []
    query = _CLAIM.order_by(Claim.filed_on, Claim.claim_no)
    asked = (Claim.pool, pools), (Claim.claimant, None if claimant is None else (claimant,)), (Claim.state, states)
    return _claim_cases(session, query.where(*(column.in_(some) for column, some in asked if some is not None)))


def _claim_cases(session: Session, query: Select[Claim, Registration, Pool]) -> list[ClaimCase]:
    return [
        ClaimCase(seen(RegisteredLoan, of), seen(PoolView, pool), seen(FiledClaim, claim))
        for claim, of, pool in session.execute(query)
    ]


def claims_of_loan(session: Session, reference: str) -> list[FiledClaim]:
    """Every claim on a loan, oldest first."""
    query = select(Claim).where(Claim.loan == reference).order_by(Claim.filed_on, Claim.claim_no)
    return [seen(FiledClaim, each) for each in session.scalars(query)]


def loans_claimed(session: Session) -> set[str]:
    """The loans on which a claim runs or was paid."""
    return set(session.scalars(select(Claim.loan).where(Claim.state.not_in(CLAIM_ENDED))))


def claim_history(session: Session, claim_no: str) -> list[LoanStep]:
    """Every move of a claim, in order."""
    query = select(LoanMove).where(LoanMove.claim_no == claim_no).order_by(LoanMove.id)
    return [seen(LoanStep, each) for each in session.scalars(query)]


def payments(session: Session, claim_no: str) -> list[ClaimPayment]:
    """What was paid on a claim, in order."""
    query = select(Payout).where(Payout.claim_no == claim_no).order_by(Payout.no)
    return [seen(ClaimPayment, each) for each in session.scalars(query)]


def reservation(session: Session, reference: str) -> HeldHeadroom | None:
    """The headroom that was held under that reference, whatever became of it."""
    found = session.get(Reservation, reference)
    return seen(HeldHeadroom, found) if found is not None else None


def reserved_still(reference: InstrumentedAttribute[str], day: date) -> ColumnElement[bool]:
    """A condition for somebody else's statement: that its column names a reservation whose last day has not passed."""
    return exists().where(Reservation.reference == reference, Reservation.expires_on >= day)


def hold_loan(session: Session, reference: str) -> RegisteredLoan | None:
    """A loan as it is now, held until the transaction ends; None where it has not entered any pool."""
    found = locks.hold(session, Registration, reference)
    return seen(RegisteredLoan, found) if found is not None else None


def hold_loans(session: Session, references: Iterable[str]) -> None:
    """These loans, then the pools that they stand in: all held until the transaction ends."""
    found = locks.hold_all(session, Registration, references)
    locks.hold_all(session, Pool, {each.pool for each in found.values()})
