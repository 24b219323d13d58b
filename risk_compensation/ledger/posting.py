"""Double entry by shape: an entry names a debit account, a credit account and a positive amount, so imbalance cannot be written.

Written in: domain §6.4. The journal only grows; a mistake is reversed by further entries; the reference is the idempotency key:
the same reference with the same content changes nothing, with other content it is refused.

The pool's balance row is moved by one conditional UPDATE in the same transaction: of two who want the last money one gets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit import locks
from backend.kit.clock import writing_day
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.plausible import not_after
from backend.kit.words import Words
from risk_compensation.ledger.accounts import Account
from risk_compensation.ledger.movements import NO_WORDS, Booking, Line, effect_of, lines
from risk_compensation.ledger.reasons import WHY, Reason
from risk_compensation.ledger.writing import write
from risk_compensation.tables import Entry, Journal, Pool, PoolBalance

__all__ = ["Booking", "Line", "balances", "lines", "locked_pool", "pool_of", "post", "post_all", "replay", "reverse", "why"]


def pool_of(session: Session, code: str) -> Pool:
    """The pool of that code; NotFound otherwise."""
    found = session.get(Pool, code)
    if found is None:
        raise NotFound(Words("没有这个资金池", "there is no such pool"), code="pool_unknown")
    return found


def locked_pool(session: Session, code: str) -> Pool:
    """The pool, held until the transaction ends: caps and stop rules are judged one act at a time."""
    found = locks.hold(session, Pool, code)
    return found if found is not None else pool_of(session, code)


def post(
    session: Session,
    *,
    pool: str,
    reference: str,
    on: date,
    booked: Sequence[Line],
    headroom_times_bp: int | None = None,
    reverses: str | None = None,
    words: Words | None = None,
    latest: date | None = None,
) -> bool:
    """Book the lines under a reference, whole or not at all. False when they were booked before.

    With `headroom_times_bp` the commitments and reservations after the booking must stay within that multiple of cash.
    Refused: headroom, pool_cash_short, period_closed. Invalid: future_day. Conflict: reference_reused (other content under it).
    """
    booking = Booking(reference, on, booked, reverses, words or NO_WORDS)
    session.flush()
    moved = effect_of((line.debit, line.credit, line.amount_fen) for line in booked)
    # The balance row moves first and is held until the transaction ends: whoever comes second with the same reference finds it
    # taken and gives its move back. Nothing is written before the condition holds, so a refusal leaves nothing behind.
    written = _written(session, on, latest)
    told = write(session.connection(), pool, [booking], moved=moved, times_bp=headroom_times_bp, on=on, written_on=written)
    if told == "booked":
        return True
    if _kept(session, pool, [booking]):
        return False
    raise _why_not(session, pool, moved, headroom_times_bp, on)


def post_all(session: Session, pool: str, bookings: Sequence[Booking], *, headroom_times_bp: int | None = None) -> int:
    """Book many references of one pool, all or none; answers how many were not booked before. Errors as `post`."""
    session.flush()
    asked = {each.reference: each for each in bookings}
    for each in bookings:
        if asked[each.reference] is not each and asked[each.reference].digest(pool) != each.digest(pool):
            raise _reused(each.reference)
    fresh = list(asked.values())
    while fresh:  # once, unless references were booked before; another transaction may take one meanwhile
        moved = effect_of((line.debit, line.credit, line.amount_fen) for each in fresh for line in each.lines)
        earliest, written = min(each.on for each in fresh), _written(session, max(each.on for each in fresh))
        told = write(session.connection(), pool, fresh, moved=moved, times_bp=headroom_times_bp, on=earliest, written_on=written)
        if told == "booked":
            return len(fresh)
        kept = _kept(session, pool, fresh)
        if not kept:
            raise _why_not(session, pool, moved, headroom_times_bp, earliest)
        fresh = [each for each in fresh if each.reference not in kept]
    return 0


def _written(session: Session, on: date, latest: date | None = None) -> date:
    """The day on which it is written down, after which no entry takes effect: the last hand, whatever door let it in. `latest`:
    what undoes an entry that lies ahead takes effect with it."""
    written = writing_day(session)
    not_after(on, latest or written, "on")
    return written


def _reused(reference: str) -> Conflict:
    return Conflict(
        Words(f"编号 {reference} 已用于另一笔业务", f"the reference {reference} already stands for something else"),
        code="reference_reused",
    )


def _kept(session: Session, pool: str, bookings: Sequence[Booking]) -> set[str]:
    """Which references stand in the journal already; Conflict when one stands there for something else."""
    found: dict[str, str] = {}
    for start in range(0, len(bookings), 500):
        names = [each.reference for each in bookings[start : start + 500]]
        query = select(Journal.reference, Journal.digest).where(Journal.reference.in_(names))
        found |= {reference: body for reference, body in session.execute(query)}  # noqa: C416  # rows are not pairs to mypy
    for each in bookings:
        if found.get(each.reference, "") not in ("", each.digest(pool)):
            raise _reused(each.reference)
    return set(found)


def _why_not(session: Session, pool: str, moved: dict[str, int], times_bp: int | None, on: date) -> Refused | Conflict:
    now = balances(session, pool)
    closed = session.scalar(select(PoolBalance.closed_until).where(PoolBalance.pool == pool))
    if closed is not None and on <= closed:
        return Refused(
            Words(
                f"截至 {closed} 的账期已结账，请记入其后的日期", f"the period until {closed} is closed; book it on a later day"
            ),
            code="period_closed",
        )
    if now["cash_fen"] + moved["cash_fen"] < now["approved_fen"] + moved["approved_fen"]:
        return Refused(
            Words("资金池现金不足，按批准先后排队等待补充", "the pool is short of cash; the claim waits in order of approval"),
            code="pool_cash_short",
        )
    if times_bp is not None:
        return Refused(Words("资金池剩余额度不足", "the pool has not enough headroom left"), code="headroom")
    return Conflict(Words("冲减超过现有余额", "more would be released than stands in the book"), code="pool_underflow")


def balances(session: Session, pool: str) -> dict[str, int]:
    """The four figures of the pool's balance row (fen), as the database has them now."""
    row = session.execute(
        select(PoolBalance.cash_fen, PoolBalance.commitments_fen, PoolBalance.reserved_fen, PoolBalance.approved_fen).where(
            PoolBalance.pool == pool
        )
    ).one_or_none()
    if row is None:
        raise NotFound(Words("没有这个资金池", "there is no such pool"), code="pool_unknown")
    return dict(row._mapping)


def replay(session: Session, pool: str) -> dict[str, int]:
    """The same four figures, from the journal alone."""
    query = select(Entry.debit, Entry.credit, func.sum(Entry.amount_fen)).where(Entry.pool == pool)
    sums = session.execute(query.group_by(Entry.on, Entry.debit, Entry.credit))  # by day too, as in trial.trial_balance
    return effect_of((debit, credit, int(total)) for debit, credit, total in sums)


def reverse(session: Session, *, reference: str, on: date, words: Words) -> bool:
    """Undo a booking by its mirror image, once, with the reason in words. False when it was reversed before. What lies ahead is
    undone with effect from its own day.

    Refused when the money is no longer there; NotFound for an unknown reference; Invalid without a reason.
    """
    if not words.zh.strip() or not words.en.strip():
        raise Invalid("words", Words("冲正须写明原因", "a reversal says why"), code="reason_missing")
    kept = session.scalars(select(Journal).where(Journal.reference == reference)).one_or_none()
    if kept is None:
        raise NotFound(Words("没有这笔分录", "there is no such booking"), code="reference_unknown")
    locks.hold(session, Pool, kept.pool)
    entries = session.scalars(select(Entry).where(Entry.reference == reference).order_by(Entry.id))
    mirror = [
        Line(Account(each.credit), Account(each.debit), each.amount_fen, Reason.REVERSAL, each.party, each.loan)
        for each in entries
    ]
    key, ahead = f"reverse:{reference}", kept.on if kept.on > writing_day(session) else None
    return post(
        session, pool=kept.pool, reference=key, on=ahead or on, booked=mirror, reverses=reference, words=words, latest=ahead
    )


class Reasoned(Protocol):
    """An entry, or what was read of one."""

    @property
    def reason(self) -> str: ...


def why(entry: Reasoned) -> Words:
    """The sentence of an entry's reason."""
    return WHY[Reason(entry.reason)]
