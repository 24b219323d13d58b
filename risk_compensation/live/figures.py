"""The figures that decide what a claim comes to, read from the live book as it stands: collections, quotas, what limits leave.

The pure form, for a book played in memory, is `play.limits.Counters`; both say the same
(tests/proofs/test_live_schemes_as_in_memory.py). Written in: domain §6.1 (caps, quotas, fees). Fen.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, extract, func, select
from sqlalchemy.orm import Session

from risk_compensation.ledger import Account, Reason
from risk_compensation.live.claims import CLAIM_LIVE, PAID_STATES, State
from risk_compensation.scheme import SchemeTerms
from risk_compensation.tables import Claim, Entry, Pool, Registration

# A claim counts from its approval on; a loan is part of its bank's balance until it is repaid or paid out.
STANDING = frozenset({State.APPROVED, State.INSTRUCTED}) | PAID_STATES
ON_BALANCE = (
    frozenset({State.REGISTERED, State.ACTIVE, State.OVERDUE, State.CLAIMABLE, State.REJECTED, State.WITHDRAWN}) | CLAIM_LIVE
)


def held(session: Session, pool: str, account: Account, party: str) -> int:
    """What a memorandum account that grows by debit holds for a party."""

    def booked(side: ColumnElement[bool]) -> int:
        query = select(func.sum(Entry.amount_fen)).where(Entry.pool == pool, Entry.party == party, side)
        return int(session.scalar(query) or 0)

    return booked(Entry.debit == account) - booked(Entry.credit == account)


def collections(session: Session, pool: Pool, terms: SchemeTerms) -> dict[str, int]:
    """Kind of party with a waterfall -> what it still has of what it collected."""
    return {each.party: held(session, pool.code, Account.COLLECTED, pool.code_of(each.party)) for each in terms.backing}


def bank_balance(session: Session, pool: str, bank: str, day: date | None = None) -> int:
    """A bank's covered principal: as it stands, or at the end of a past day (there commitments must count principal)."""
    if day is None:
        query = select(func.sum(Registration.principal_fen)).where(Registration.pool == pool, Registration.bank == bank)
        return int(session.scalar(query.where(Registration.state.in_(ON_BALANCE))) or 0)

    def booked(side: ColumnElement[bool]) -> int:
        query = select(func.sum(Entry.amount_fen)).join(Registration, Registration.reference == Entry.loan)
        query = query.where(Entry.pool == pool, Registration.bank == bank, Entry.on <= day, side)
        return int(session.scalar(query) or 0)

    return booked(Entry.credit == Account.COMMITMENTS) - booked(Entry.debit == Account.COMMITMENTS)


def rooms(session: Session, pool: Pool, terms: SchemeTerms, loan: Registration, on: date) -> list[int]:
    """What each limit of the scheme still leaves for a claim on this loan."""
    limits = terms.limits
    if limits is None:
        return []
    year = extract("year", Claim.approved_on) == on.year

    def left(most: int | None, *where: ColumnElement[bool]) -> list[int]:
        if most is None:
            return []
        query = select(func.sum(Claim.counted_fen)).join(Registration, Registration.reference == Claim.loan)
        return [most - int(session.scalar(query.where(Claim.pool == pool.code, Claim.state.in_(STANDING), *where)) or 0)]

    def part_of(rate_bp: int | None, whole: int) -> int | None:
        return None if rate_bp is None else whole * rate_bp // 10_000

    return [
        *left(limits.loan_fen, Claim.loan == loan.reference),
        *left(limits.of_firm(loan.size), Registration.firm == loan.firm),
        *left(limits.year_fen, year),
        *left(limits.bank_year_fen, year, Registration.bank == loan.bank),
        *left(limits.guarantor_year_fen, year, Registration.guarantor == loan.guarantor),
        *left(_of_balance(session, pool.code, limits.bank_balance_bp, loan.bank, on), year, Registration.bank == loan.bank),
        *left(part_of(limits.entered_bp, _entered(session, pool.code) if limits.entered_bp else 0)),
        *left(part_of(limits.fees_times_bp, _fees(session, pool.code) if limits.fees_times_bp else 0)),
        *([held(session, pool.code, Account.QUOTA, loan.bank)] if limits.quota is not None else []),
    ]


def _of_balance(session: Session, pool: str, rate_bp: int | None, bank: str, on: date) -> int | None:
    """A part of the bank's balance at the end of last year; a bank that came later has none to take it of."""
    end = date(on.year - 1, 12, 31)
    came = select(Registration.reference).where(Registration.pool == pool, Registration.bank == bank)
    if rate_bp is None or session.scalar(came.where(Registration.registered_on <= end).limit(1)) is None:
        return None
    return bank_balance(session, pool, bank, end) * rate_bp // 10_000


def _entered(session: Session, pool: str) -> int:
    return int(session.scalar(select(func.sum(Registration.amount_fen)).where(Registration.pool == pool)) or 0)


def _fees(session: Session, pool: str) -> int:
    query = select(func.sum(Entry.amount_fen)).where(Entry.pool == pool, Entry.reason == Reason.FEE)
    return int(session.scalar(query) or 0)
