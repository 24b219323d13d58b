"""Closing a period: from then on nothing takes effect on or before its last day. Written in: domain §6.4 (annual settlement).

A closing keeps the trial balance of its day, so that a later look can be held against it. A mistake in a closed period is
reversed in an open one. The limit stands in the pool's balance row and is a condition of the UPDATE that books an entry.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from backend.kit.errors import Conflict, Refused
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from risk_compensation.ledger.accounts import Account
from risk_compensation.ledger.posting import locked_pool
from risk_compensation.ledger.trial import trial_balance
from risk_compensation.tables import Closing, PoolBalance


def totals(session: Session, pool: str, until: date) -> dict[str, Any]:
    """Debits and credits of each account up to a day, as a closing keeps them."""
    return {each.account.value: [each.debit_fen, each.credit_fen] for each in trial_balance(session, pool, until)}


def close_period(session: Session, pool: str, *, until: date, by: str, on: date) -> Closing:
    """Close everything up to and including `until`, a past day. The second time changes nothing.

    Refused: day_not_over, recovery_not_shared. Conflict `already_closed` when a later day is closed.
    """
    locked_pool(session, pool)
    known = session.scalar(select(Closing).where(Closing.pool == pool, Closing.until == until))
    if known is not None:
        return known
    if until >= on:
        raise Refused(Words("只能对已过去的日期结账", "only days that are over can be closed"), code="day_not_over")
    row = PoolBalance
    free = or_(row.closed_until.is_(None), row.closed_until < until)
    done = session.execute(
        update(row).where(row.pool == pool, free).values(closed_until=until).returning(row.pool),
        execution_options={"synchronize_session": False},
    ).scalar()
    if done is None:
        raise Conflict(Words("其后的日期已结账", "a later day has been closed already"), code="already_closed")
    found = totals(session, pool, until)
    debit, credit = found[Account.RECOVERY_CLEARING]
    if debit != credit:
        raise Refused(Words("有追偿款尚未分配", "a recovery is not shared out yet"), code="recovery_not_shared")
    body = digest(canonical([pool, until, found]))
    made = Closing(pool=pool, until=until, closed_on=on, by=by, totals=found, digest=body)
    session.add(made)
    session.flush()
    return made


def closings(session: Session, pool: str) -> list[Closing]:
    """Every closing, oldest first."""
    return list(session.scalars(select(Closing).where(Closing.pool == pool).order_by(Closing.until)))


def faults(session: Session, pool: str) -> list[str]:
    """Closed periods whose entries no longer give what was closed."""
    return [
        f"{pool}: the period closed until {each.until} no longer adds up to what was closed"
        for each in closings(session, pool)
        if each.digest != digest(canonical([pool, each.until, totals(session, pool, each.until)]))
    ]
