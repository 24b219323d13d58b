"""Double entry by shape: an entry names a debit account, a credit account and a positive amount, so imbalance cannot be written.

Written in: domain §6.4. The journal only grows; a mistake is reversed by further entries; the reference is the idempotency key:
the same reference with the same content changes nothing, with other content it is refused.

The pool's balance row is moved by one conditional UPDATE in the same transaction: of two who want the last money one gets it.

>>> Line(Account.POOL_CASH, Account.CAPITAL, 100, Reason.CONTRIBUTION).effect()
{'cash_fen': 100, 'commitments_fen': 0, 'reserved_fen': 0, 'approved_fen': 0}
>>> Line(Account.POOL_CASH, Account.CAPITAL, -1, Reason.CONTRIBUTION)
Traceback (most recent call last):
ValueError: an entry moves a positive number of fen, not -1
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.kit.errors import Conflict, NotFound, Refused
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from risk_compensation.accounts import Account
from risk_compensation.reasons import WHY, Reason
from risk_compensation.tables import Entry, Journal, Pool, PoolBalance

# The figure of the balance row that an account moves, and the side on which it grows.
FIGURES: dict[Account, tuple[str, int]] = {
    Account.POOL_CASH: ("cash_fen", +1),
    Account.COMMITMENTS: ("commitments_fen", -1),
    Account.RESERVATIONS: ("reserved_fen", -1),
    Account.APPROVED_CLAIMS: ("approved_fen", -1),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One movement in fen. `party` is a party's code, `loan` the reference of a registration."""

    debit: Account
    credit: Account
    amount_fen: int
    reason: Reason
    party: str | None = None
    loan: str | None = None

    def __post_init__(self) -> None:
        if self.amount_fen <= 0:
            raise ValueError(f"an entry moves a positive number of fen, not {self.amount_fen}")
        if self.debit == self.credit:
            raise ValueError(f"an entry needs two accounts, not {self.debit} twice")

    def effect(self) -> dict[str, int]:
        """How the figures of the balance row move."""
        return effect_of([(self.debit, self.credit, self.amount_fen)])


def effect_of(movements: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """How (debit, credit, fen) movements change the four figures: used for one entry and for the replay of a whole journal."""
    moved = {name: 0 for name, _ in FIGURES.values()}
    for debit, credit, amount_fen in movements:
        for account, sign in ((Account(debit), 1), (Account(credit), -1)):
            if account in FIGURES:
                name, grows = FIGURES[account]
                moved[name] += sign * grows * amount_fen
    return moved


def lines(*made: tuple[Account, Account, int, Reason, str | None, str | None]) -> list[Line]:
    """The movements that move anything: parts of zero fen are left out."""
    return [Line(*each) for each in made if each[2]]


def pool_of(session: Session, code: str) -> Pool:
    """The pool of that code; NotFound otherwise."""
    found = session.get(Pool, code)
    if found is None:
        raise NotFound(Words("没有这个资金池", "there is no such pool"), code="pool_unknown")
    return found


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
) -> bool:
    """Book the lines under a reference, whole or not at all. False when they were booked before.

    With `headroom_times_bp` the commitments and reservations after the booking must stay within that multiple of cash.
    Refused: `headroom`, `pool_cash_short`. Conflict: `reference_reused` (another content under the same reference).
    """
    content = [[line.debit, line.credit, line.amount_fen, line.reason, line.party, line.loan] for line in booked]
    body = digest(canonical([pool, content]))
    with session.begin_nested():
        if not _first(
            session, reference=reference, pool=pool, on=on, digest=body, reverses=reverses, words=words or Words("", "")
        ):
            kept = session.scalars(select(Journal).where(Journal.reference == reference)).one()
            if kept.digest != body:
                raise Conflict(
                    Words(f"编号 {reference} 已用于另一笔业务", f"the reference {reference} already stands for something else"),
                    code="reference_reused",
                )
            return False
        _move(session, pool, effect_of((line.debit, line.credit, line.amount_fen) for line in booked), headroom_times_bp)
        rows = [
            {
                "reference": reference,
                "pool": pool,
                "debit": line.debit,
                "credit": line.credit,
                "amount_fen": line.amount_fen,
                "reason": line.reason,
                "on": on,
                "party": line.party,
                "loan": line.loan,
            }
            for line in booked
        ]
        if rows:
            session.execute(insert(Entry), rows)
    return True


def _first(session: Session, **row: Any) -> bool:
    """Take the reference; False when it is taken. On PostgreSQL this waits for whoever is taking it at the same moment."""
    make = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    taken = make.insert(Journal).values(row).on_conflict_do_nothing(index_elements=["reference"])
    return session.scalar(taken.returning(Journal.reference)) is not None


def _move(session: Session, pool: str, moved: dict[str, int], times_bp: int | None) -> None:
    row = PoolBalance
    cash, approved = row.cash_fen + moved["cash_fen"], row.approved_fen + moved["approved_fen"]
    committed, reserved = row.commitments_fen + moved["commitments_fen"], row.reserved_fen + moved["reserved_fen"]
    conditions = [row.pool == pool, approved >= 0, cash >= approved, committed >= 0, reserved >= 0]
    if times_bp is not None:
        conditions.append(cash * times_bp >= (committed + reserved) * 10_000)
    values = {"cash_fen": cash, "approved_fen": approved, "commitments_fen": committed, "reserved_fen": reserved}
    done = session.execute(update(row).where(*conditions).values(values), execution_options={"synchronize_session": False})
    assert isinstance(done, CursorResult)
    if done.rowcount == 1:
        return
    now = balances(session, pool)
    if now["cash_fen"] + moved["cash_fen"] < now["approved_fen"] + moved["approved_fen"]:
        raise Refused(
            Words("资金池现金不足，按批准先后排队等待补充", "the pool is short of cash; the claim waits in order of approval"),
            code="pool_cash_short",
        )
    if times_bp is not None:
        raise Refused(Words("资金池剩余额度不足", "the pool has not enough headroom left"), code="headroom")
    raise Conflict(Words("冲减超过现有余额", "more would be released than stands in the book"), code="pool_underflow")


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
    sums = session.execute(query.group_by(Entry.debit, Entry.credit)).all()
    return effect_of((debit, credit, int(total)) for debit, credit, total in sums)


def reverse(session: Session, *, reference: str, on: date, words: Words) -> bool:
    """Undo a booking by its mirror image, once, with the reason in words. False when it was reversed before.

    Refused when the money is no longer there; NotFound for an unknown reference.
    """
    kept = session.scalars(select(Journal).where(Journal.reference == reference)).one_or_none()
    if kept is None:
        raise NotFound(Words("没有这笔分录", "there is no such booking"), code="reference_unknown")
    entries = session.scalars(select(Entry).where(Entry.reference == reference).order_by(Entry.id))
    mirror = [
        Line(Account(each.credit), Account(each.debit), each.amount_fen, Reason.REVERSAL, each.party, each.loan)
        for each in entries
    ]
    return post(session, pool=kept.pool, reference=f"reverse:{reference}", on=on, booked=mirror, reverses=reference, words=words)


def why(entry: Entry) -> Words:
    """The sentence of an entry's reason."""
    return WHY[Reason(entry.reason)]
