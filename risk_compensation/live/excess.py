"""Excess of loss: what a public fund takes over of an insurer's year (`scheme.returning`), paid once, on a receipt.

Written in: domain §6.1 (宁波城乡小额贷款保证保险, 云南小贷险).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.kit.errors import Refused
from backend.kit.money import yuan_text
from backend.kit.words import Words
from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Reason as R
from risk_compensation.ledger import lines, locked_pool, pool_of, post
from risk_compensation.live.standing import LiveStanding, excess_reference
from risk_compensation.scheme import Excess, terms_still
from risk_compensation.scheme.returning import excess_due
from risk_compensation.tables import Journal, Pool


def due_fen(session: Session, pool: str, year: int) -> int:
    """What the cover takes over for a year: its part of what the relieved party bore above the line, within the year's most
    and the cash. Refused `no_excess`: the scheme has none."""
    row, cover = _covered(session, pool, year)
    return excess_due(cover, year, LiveStanding(session, row))


def settled(session: Session, pool: str, year: int) -> bool:
    """Whether the excess of that year is booked."""
    return session.get(Journal, excess_reference(pool, year)) is not None


def settle(session: Session, pool: str, *, year: int, amount_fen: int, receipt_no: str, on: date) -> int:
    """The custody bank paid the relieved party the excess of a year, on its receipt; the loss moves to the cover. Once a year;
    the second time changes nothing and answers 0.

    Refused: no_excess, year_runs, excess_amount (the receipt is not for what is due).
    """
    locked_pool(session, pool)
    row, cover = _covered(session, pool, year)
    key = excess_reference(pool, year)
    if session.get(Journal, key) is not None:
        return 0
    if on < date(year, 12, 31):
        raise Refused(Words(f"{year} 年尚未结束", f"{year} is not over yet"), code="year_runs")
    due = due_fen(session, pool, year)
    if amount_fen != due:
        asked, got = yuan_text(due), yuan_text(amount_fen)
        raise Refused(
            Words(f"回单金额 {got} 与应付 {asked} 不符", f"the receipt says {got}, due is {asked}"), code="excess_amount"
        )
    relieved, payer = row.code_of(cover.relieves), row.code_of(cover.payer)
    booked = lines(
        (A.RECEIVABLE, A.POOL_CASH, due, R.EXCESS_PAID, relieved, None),
        (A.PARTY_LOSS, A.OFF_BALANCE, due, R.EXCESS_COVERED, payer, None),
        (A.OFF_BALANCE, A.PARTY_LOSS, due, R.EXCESS_COVERED, relieved, None),
    )
    post(session, pool=pool, reference=key, on=on, booked=booked, words=Words(receipt_no, receipt_no))
    return due


def _covered(session: Session, pool: str, year: int) -> tuple[Pool, Excess]:
    row = pool_of(session, pool)
    cover = terms_still(row.scheme, max(row.opened_on, date(year, 12, 31))).excess
    if cover is None:
        raise Refused(Words("该方案没有超赔条款", "this scheme has no excess-loss cover"), code="no_excess")
    return row, cover
