"""A claim's award in the live book: what it comes to by the figures of the day, how it is kept, and how collections and quota
move with it.

Written in: domain §6.1 (waterfalls, caps, quotas), §6.4. What it comes to is `scheme.limits`; who is paid first, `scheme.paying`.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Line, lines, pool_of
from risk_compensation.ledger import Reason as R
from risk_compensation.live.standing import LiveStanding, names_of
from risk_compensation.live.values import FiledClaim, PoolView, RegisteredLoan
from risk_compensation.scheme import Award, SchemeTerms, covered_fen, terms_on
from risk_compensation.scheme.limits import comes_to
from risk_compensation.tables import Claim, Pool, Registration


def terms_of(session: Session, loan: Registration) -> SchemeTerms:
    """The terms under which the loan entered: they rule its claim for good."""
    return terms_on(pool_of(session, loan.pool).scheme, loan.registered_on)


def parties_of(session: Session, loan: Registration) -> dict[str, str]:
    """Kind of party -> its code, for one loan."""
    pool = pool_of(session, loan.pool)
    known = {"guarantor": loan.guarantor, "fund": pool.fund, "bank": loan.bank} | pool.parties
    return {kind: code for kind, code in known.items() if code}


def loss_fen(terms: SchemeTerms, claim: Claim | FiledClaim) -> int:
    """The loss that is shared: what of unpaid principal and interest the scheme covers."""
    return covered_fen(terms, claim.unpaid_principal_fen, claim.unpaid_interest_fen)


def estimate(
    session: Session, pool: Pool | PoolView, terms: SchemeTerms, loan: Registration | RegisteredLoan, loss_fen: int, on: date
) -> Award:
    """What a claim for that loss would come to by the pool's figures as they stand; whoever decides on it holds the pool."""
    return comes_to(terms, loan, names_of(loan), loss_fen, on, LiveStanding(session, pool))


def figured(session: Session, pool: Pool, terms: SchemeTerms, loan: Registration, claim: Claim) -> Award:
    """What this claim comes to now."""
    return estimate(session, pool, terms, loan, loss_fen(terms, claim), claim.approved_on or claim.filed_on)


def fix(claim: Claim, found: Award, aside_fen: int) -> None:
    """Keep what was decided on the claim."""
    claim.parts, claim.payout_fen = dict(found.parts), found.public_fen
    claim.counted_fen, claim.aside_fen = found.counted_fen, aside_fen


def memo(session: Session, terms: SchemeTerms, loan: Registration, was: Award, now: Award) -> list[Line]:
    """How collections and the bank's quota move between two awards of a claim (none: `Award({})`)."""
    code, name, booked = parties_of(session, loan), loan.reference, []
    before, after = was.drawn(terms), now.drawn(terms)
    for kind in sorted({*before, *after}):
        more = after.get(kind, 0) - before.get(kind, 0)
        booked += lines(
            (A.OFF_BALANCE, A.COLLECTED, max(0, more), R.COLLECTION_USED, code[kind], name),
            (A.COLLECTED, A.OFF_BALANCE, max(0, -more), R.COLLECTION_FREED, code[kind], name),
        )
    if terms.limits is not None and terms.limits.quota is not None:
        more = now.counted_fen - was.counted_fen
        booked += lines(
            (A.OFF_BALANCE, A.QUOTA, max(0, more), R.QUOTA_USED, loan.bank, name),
            (A.QUOTA, A.OFF_BALANCE, max(0, -more), R.QUOTA_FREED, loan.bank, name),
        )
    return booked


def kept(claim: Claim) -> Award:
    """The award as it stands on the claim."""
    return Award({kind: int(fen) for kind, fen in claim.parts.items()}, claim.counted_fen)
