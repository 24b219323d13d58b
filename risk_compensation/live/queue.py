"""Claims that wait for the next money (next budget), and who gets it when it comes. Written in: domain §6.1, §6.4."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Reason as R
from risk_compensation.ledger import lines, post
from risk_compensation.live.claims import State
from risk_compensation.live.standing import free_cash
from risk_compensation.scheme import terms_still
from risk_compensation.scheme.paying import rest_waits
from risk_compensation.tables import Claim, Pool


def waiting(session: Session, pool: str) -> list[Claim]:
    """Approved claims of which a part still waits for money, in the order of their approval."""
    owed = Claim.payout_fen > Claim.aside_fen + Claim.paid_fen
    query = select(Claim).where(Claim.pool == pool, Claim.state.in_((State.APPROVED, State.INSTRUCTED)), owed)
    query = query.order_by(Claim.approved_on, Claim.filed_on, Claim.claim_no)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def held_for_money(session: Session, pool: Pool, on: date) -> list[Claim]:
    """Where claims wait for the next money: those that do. Asked before money is booked, the pool being held: nobody changes a
    claim without it."""
    if not rest_waits(terms_still(pool.scheme, on)):
        return []
    return waiting(session, pool.code)


def money_came(session: Session, pool: Pool, held: list[Claim], on: date, reference: str) -> None:
    """Set the new money aside for the claims that waited for it, first approved first. Told again it changes nothing.

    While a payment of the first is under way nothing is set aside for those behind it: its receipt goes on from there.
    """
    for claim in held:
        if claim.state == State.INSTRUCTED:
            return
        free = free_cash(session, pool.code)
        give = min(free, claim.payout_fen - claim.paid_fen - claim.aside_fen) if claim.state == State.APPROVED else 0
        if give > 0:
            booked = lines((A.OFF_BALANCE, A.APPROVED_CLAIMS, give, R.MONEY_CAME, claim.claimant, claim.loan))
            post(session, pool=pool.code, reference=f"money-came:{claim.claim_no}:{reference}", on=on, booked=booked)
            claim.aside_fen += give
            session.flush()
