"""Everything that can happen to a pool, in one place to look: each function is one event, handed a session and a day.

Written in: domain §6.3-§6.4. Every event is idempotent by its reference, books whole or not at all, and never commits.
Pool: open, contribute, interest (below). Stopped and reopened: `stopping`. Loans: `registrations`. Claims: `claim_events`.
What follows a payment: `recovery`.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.kit.errors import Conflict, Invalid, Refused
from backend.kit.words import Words
from risk_compensation.accounts import Account
from risk_compensation.breaker import move_pool
from risk_compensation.claim_events import (
    approve,
    file_claim,
    instruct,
    pay,
    principal_fell,
    reject,
    review,
    supply,
    withdraw,
)
from risk_compensation.ledger import Line, pool_of, post
from risk_compensation.reasons import Reason
from risk_compensation.recovery import apply_write_off, claw_back, recover, write_off
from risk_compensation.registrations import (
    Checks,
    activate,
    cancel_reservation,
    cure,
    overdue,
    register,
    release,
    reserve,
)
from risk_compensation.scheme import terms_on
from risk_compensation.stopping import pause, propose_reopening, reopen
from risk_compensation.tables import Pool, PoolBalance

__all__ = [
    "Checks",
    "activate",
    "apply_write_off",
    "approve",
    "cancel_reservation",
    "claw_back",
    "contribute",
    "credit_interest",
    "cure",
    "file_claim",
    "instruct",
    "open_pool",
    "overdue",
    "pause",
    "pay",
    "principal_fell",
    "propose_reopening",
    "recover",
    "register",
    "reject",
    "release",
    "reopen",
    "reserve",
    "review",
    "supply",
    "withdraw",
    "write_off",
]


def open_pool(
    session: Session, *, code: str, scheme: str, guarantor: str, fund: str, custodian: str, on: date, currency: str = "CNY"
) -> Pool:
    """Open a pool under a scheme in force on that day, for parties named by their codes. The second time changes nothing.

    Refused `scheme_not_live`: the book runs schemes in which a guarantor claims the fund's part in one ratio for all loans; the
    others can be compared, not run.
    """
    if not terms_on(scheme, on).runs_live:
        raise Refused(
            Words(f"方案“{scheme}”目前只能测算，不能开立资金池", f"the scheme “{scheme}” can be compared but not yet run"),
            code="scheme_not_live",
        )
    if len({guarantor, fund, custodian}) < 3:
        raise Invalid(
            "custodian", Words("担保、基金、托管须为不同机构", "guarantor, fund and custodian are three different parties")
        )
    known = session.get(Pool, code)
    if known is not None:
        same = (known.scheme, known.guarantor, known.fund, known.custodian, known.currency)
        if same != (scheme, guarantor, fund, custodian, currency):
            raise Conflict(Words("该资金池编号已被使用", "this code stands for another pool"), code="reference_reused")
        return known
    pool = Pool(
        code=code,
        scheme=scheme,
        guarantor=guarantor,
        fund=fund,
        custodian=custodian,
        opened_on=on,
        state="open",
        currency=currency,
    )
    session.add(pool)
    session.flush()
    session.add(PoolBalance(pool=code, cash_fen=0, commitments_fen=0, reserved_fen=0, approved_fen=0))
    move_pool(session, pool, "open", on=on, by="fund", words=Words("设立", "opened"))
    return pool


def contribute(session: Session, pool: str, funder: str, amount_fen: int, receipt_no: str, on: date) -> bool:
    """A funder paid in, on the custody bank's receipt. False when that receipt was booked before."""
    return _paid_in(session, pool, Account.CAPITAL, Reason.CONTRIBUTION, amount_fen, receipt_no, on, funder)


def credit_interest(session: Session, pool: str, amount_fen: int, receipt_no: str, on: date) -> bool:
    """The custody bank credited interest to the special account. False when that receipt was booked before."""
    return _paid_in(session, pool, Account.INTEREST, Reason.BANK_INTEREST, amount_fen, receipt_no, on, None)


def _paid_in(
    session: Session, pool: str, account: Account, reason: Reason, amount_fen: int, receipt_no: str, on: date, party: str | None
) -> bool:
    pool_of(session, pool)
    if amount_fen <= 0:
        raise Invalid("amount_fen", Words("金额须为正", "the amount must be positive"))
    line = Line(Account.POOL_CASH, account, amount_fen, reason, party)
    return post(session, pool=pool, reference=f"receipt:{receipt_no}", on=on, booked=[line])
