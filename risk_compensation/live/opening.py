"""A pool is opened under a scheme; a funder pays in, and the special account earns interest.

Written in: domain §6.3-§6.4. Every act is idempotent by its reference, books whole or not at all, and never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from sqlalchemy.orm import Session

from backend.kit import locks
from backend.kit.errors import Conflict, Invalid
from backend.kit.rows import seen
from backend.kit.words import Words
from risk_compensation.ledger import Account, Line, Reason, locked_pool, post
from risk_compensation.live.breaker import move_pool
from risk_compensation.live.queue import held_for_money, money_came
from risk_compensation.live.values import PoolView
from risk_compensation.scheme import PARTY_WORDS, terms_on
from risk_compensation.tables import Pool, PoolBalance


def open_pool(
    session: Session,
    *,
    code: str,
    scheme: str,
    fund: str,
    custodian: str,
    on: date,
    guarantor: str = "",
    parties: Mapping[str, str] = MappingProxyType({}),
    currency: str = "CNY",
) -> PoolView:
    """Open a pool under a scheme in force on that day, for parties named by their codes. `parties`: code of every other kind
    of party that the scheme names, but the bank. The second time changes nothing.

    Invalid: guarantor, parties (who is missing, unknown, or named twice). Conflict: reference_reused.
    """
    terms = terms_on(scheme, on)
    named = {"fund": fund, "custodian": custodian, **({"guarantor": guarantor} if guarantor else {}), **parties}
    if terms.claimant == "guarantor" and not guarantor:
        raise Invalid("guarantor", Words("该方案须有担保机构", "this scheme has a guarantor"))
    others = terms.parties - {"bank", "fund", "guarantor"}
    if others != set(parties):
        said = "、".join(PARTY_WORDS[kind].zh for kind in sorted(others)) or "无"
        text = ", ".join(PARTY_WORDS[kind].en for kind in sorted(others)) or "none"
        raise Invalid("parties", Words(f"该方案的其他参与方：{said}", f"the scheme’s other parties are: {text}"))
    if len(set(named.values())) < len(named):
        raise Invalid(
            "custodian", Words("各参与方须为不同机构", "guarantor, fund, custodian and the others are different parties")
        )
    locks.hold_name(session, "pool", code)
    known = locks.fresh(session, Pool, code)
    if known is not None:
        same = (known.scheme, known.guarantor, known.fund, known.custodian, known.currency, dict(known.parties))
        if same != (scheme, guarantor, fund, custodian, currency, dict(parties)):
            raise Conflict(Words("该资金池编号已被使用", "this code stands for another pool"), code="reference_reused")
        return seen(PoolView, known)
    pool = Pool(
        code=code,
        scheme=scheme,
        guarantor=guarantor,
        fund=fund,
        custodian=custodian,
        opened_on=on,
        state="open",
        currency=currency,
        parties=dict(parties),
    )
    session.add(pool)
    session.flush()
    session.add(PoolBalance(pool=code, cash_fen=0, commitments_fen=0, reserved_fen=0, approved_fen=0))
    move_pool(session, pool, "open", on=on, by="fund", words=Words("设立", "opened"))
    return seen(PoolView, pool)


def contribute(session: Session, pool: str, funder: str, amount_fen: int, receipt_no: str, on: date) -> bool:
    """A funder paid in, on the custody bank's receipt. False when that receipt was booked before."""
    return _paid_in(session, pool, Account.CAPITAL, Reason.CONTRIBUTION, amount_fen, receipt_no, on, funder)


def credit_interest(session: Session, pool: str, amount_fen: int, receipt_no: str, on: date) -> bool:
    """The custody bank credited interest to the special account. False when that receipt was booked before."""
    return _paid_in(session, pool, Account.INTEREST, Reason.BANK_INTEREST, amount_fen, receipt_no, on, None)


def _paid_in(
    session: Session, pool: str, account: Account, reason: Reason, amount_fen: int, receipt_no: str, on: date, party: str | None
) -> bool:
    row = locked_pool(session, pool)
    if amount_fen <= 0:
        raise Invalid("amount_fen", Words("金额须为正", "the amount must be positive"))
    key, line = f"receipt:{receipt_no}", Line(Account.POOL_CASH, account, amount_fen, reason, party)
    waits = held_for_money(session, row, on)
    booked = post(session, pool=pool, reference=key, on=on, booked=[line])
    if booked:
        money_came(session, row, waits, on, key)
    return booked
