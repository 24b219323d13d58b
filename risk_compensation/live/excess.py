"""Excess of loss: what a public fund takes over of an insurer's year, and what it gets of what later comes back.

Written in: domain §6.1 (宁波城乡小额贷款保证保险, 云南小贷险). The pure form, for a played book, is
`play.limits.Counters`.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.kit.errors import Refused
from backend.kit.money import share_out, yuan_text
from backend.kit.words import Words
from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Reason as R
from risk_compensation.ledger import lines, locked_pool, pool_of, post
from risk_compensation.live.awarding import free_cash, terms_of
from risk_compensation.scheme import Excess, terms_still
from risk_compensation.tables import Claim, Entry, Journal, Pool, Registration


def due_fen(session: Session, pool: str, year: int) -> int:
    """What the cover takes over for a year: its part of what the relieved party bore above the line, within the year's most
    and the cash. Refused `no_excess`: the scheme has none."""
    row, cover = _covered(session, pool, year)
    days = Entry.on >= date(year, 1, 1), Entry.on <= date(year, 12, 31)
    over = _borne(session, row, cover, year) - _sum(session, pool, Entry.reason == R.PREMIUM, *days) * cover.over_bp // 10_000
    part = max(0, over) * cover.part_bp // 10_000
    most = [part, max(0, free_cash(session, pool))] + ([cover.year_fen] if cover.year_fen is not None else [])
    return min(most)


def settle(session: Session, pool: str, *, year: int, amount_fen: int, receipt_no: str, on: date) -> int:
    """The custody bank paid the relieved party the excess of a year, on its receipt; the loss moves to the cover. Once a year;
    the second time changes nothing and answers 0.

    Refused: no_excess, year_runs, excess_amount (the receipt is not for what is due).
    """
    locked_pool(session, pool)
    row, cover = _covered(session, pool, year)
    key = f"excess:{pool}:{year}"
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


def passed_on(session: Session, loan: Registration, claim: Claim, parts: dict[str, int], on: date) -> dict[str, int]:
    """Of what comes back to a party whose excess of that year was taken over, the cover gets its part."""
    cover, year = terms_of(session, loan).excess, (claim.paid_on or on).year
    back = parts.get(cover.relieves, 0) if cover is not None else 0
    if cover is None or not back or on.year == year:
        return parts
    taken = _sum(session, loan.pool, Entry.reference == f"excess:{loan.pool}:{year}", Entry.reason == R.EXCESS_PAID)
    if not taken:
        return parts
    row = pool_of(session, loan.pool)
    held = {str(cover.payer): taken, str(cover.relieves): _borne(session, row, cover, year) - taken}
    return parts | share_out(back, held, odd_fen_order=terms_of(session, loan).odd_fen_order)


def _covered(session: Session, pool: str, year: int) -> tuple[Pool, Excess]:
    row = pool_of(session, pool)
    cover = terms_still(row.scheme, max(row.opened_on, date(year, 12, 31))).excess
    if cover is None:
        raise Refused(Words("该方案没有超赔条款", "this scheme has no excess-loss cover"), code="no_excess")
    return row, cover


def _borne(session: Session, row: Pool, cover: Excess, year: int) -> int:
    """What the relieved party bore in a year, less what came back on it within the year."""
    days = Entry.on >= date(year, 1, 1), Entry.on <= date(year, 12, 31)
    code = row.code_of(cover.relieves)
    paid = select(Claim.loan).where(
        Claim.pool == row.code, Claim.paid_on >= date(year, 1, 1), Claim.paid_on <= date(year, 12, 31)
    )
    bore = _sum(session, row.code, Entry.party == code, Entry.reason == R.LOSS_SHARED, *days)
    back = Entry.party == code, Entry.reason == R.LOSS_RECOVERED, Entry.loan.in_(paid)
    return bore - _sum(session, row.code, *back, *days)


def _sum(session: Session, pool: str, *where: ColumnElement[bool]) -> int:
    return int(session.scalar(select(func.sum(Entry.amount_fen)).where(Entry.pool == pool, *where)) or 0)
