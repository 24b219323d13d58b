"""When a pool stops taking new loans. Written in: domain §6.3 (states of the pool, ratios to be defined explicitly).

OPEN -> WARN -> PAUSED (nothing new; old claims are still paid) -> OPEN by the authority's decision. The ratio is net paid over
principal entered in the window the scheme gives (广州 form [V]). It is looked at when a loan enters, for pool and bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.kit.errors import Refused
from backend.kit.rates import percent
from backend.kit.words import Words
from risk_compensation.accounts import Account
from risk_compensation.ledger import pool_of
from risk_compensation.reasons import Reason
from risk_compensation.scheme import SchemeTerms
from risk_compensation.tables import Entry, Pool, PoolMove, Registration


@dataclass(frozen=True, slots=True)
class Ratio:
    """Net paid over principal entered in the scheme's window, in fen and basis points, and over how many loans."""

    net_paid_fen: int
    entered_fen: int
    loans: int

    @property
    def bp(self) -> int:
        return self.net_paid_fen * 10_000 // self.entered_fen if self.entered_fen else 0


def locked_pool(session: Session, code: str) -> Pool:
    """The pool, held until the transaction ends: caps and breaker are judged one registration at a time."""
    query = select(Pool).where(Pool.code == code).with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    return found if found is not None else pool_of(session, code)


def move_pool(session: Session, pool: Pool, state: str, *, on: date, by: str, words: Words) -> None:
    """Change the pool's state and keep why."""
    pool.state = state
    session.add(PoolMove(pool=pool.code, state=state, on=on, by=by, words=words.as_dict()))
    session.flush()


def refuse_if_paused(pool: Pool) -> None:
    if pool.state == "paused":
        raise Refused(
            Words(
                "资金池已暂停新增入库；已入库贷款的代偿不受影响。恢复后可再申请",
                "the pool takes no new loans for now; claims on loans already in it are still paid. Try again once it reopens",
            ),
            code="pool_paused",
        )


def ratio(session: Session, pool: str, terms: SchemeTerms, on: date, *, bank: str | None = None) -> Ratio:
    """The breaker's ratio for the pool, or for one bank in it. domain §6.3 (net paid / entered principal, 广州 form [V])."""
    months = on.year * 12 + on.month - 1 - terms.breaker.window_months
    since = date(months // 12, months % 12 + 1, min(on.day, 28))

    def of_bank(query: Select[Any]) -> Select[Any]:
        return query if bank is None else query.where(Registration.bank == bank)

    def booked(reason: Reason, side: InstrumentedAttribute[str]) -> int:
        query = select(func.sum(Entry.amount_fen)).join(Registration, Registration.reference == Entry.loan)
        query = query.where(Entry.pool == pool, Entry.reason == reason, Entry.on > since, Entry.on <= on)
        return int(session.scalar(of_bank(query.where(side.in_((Account.RECEIVABLE, Account.WRITE_OFF))))) or 0)

    entered = Registration.pool == pool, Registration.registered_on > since, Registration.registered_on <= on
    return Ratio(
        net_paid_fen=max(0, booked(Reason.CLAIM_PAID, Entry.debit) - booked(Reason.RECOVERY_TO_FUND, Entry.credit)),
        entered_fen=session.scalar(of_bank(select(func.sum(Registration.amount_fen)).where(*entered))) or 0,
        loans=session.scalar(of_bank(select(func.count(Registration.reference)).where(*entered))) or 0,
    )


def evaluate_breaker(session: Session, pool: Pool, terms: SchemeTerms, on: date) -> None:
    """Warn or pause the pool when its ratio says so. A warned pool opens by itself; a paused one only by `reopen`."""
    found = ratio(session, pool.code, terms, on)
    if pool.state == "paused" or found.loans < terms.breaker.minimum_loans:
        return
    said = Words(f"近期净代偿率 {percent(found.bp)}", f"net compensation ratio {percent(found.bp)}")
    state = "paused" if found.bp >= terms.breaker.pause_bp else "warn" if found.bp >= terms.breaker.warn_bp else "open"
    if state != pool.state:
        move_pool(session, pool, state, on=on, by="breaker", words=said)
