"""Whether the book of every pool says one thing only at the end of a day. Looked at when a day is closed or published.

Written in: domain §6.4 (日终对账: a figure of a day is the same, whoever is asked). Three ways lead to a pool's cash: the balance
row that guards the last money, the journal, and the day's statement with what was booked since. They differ only if an entry was
booked before its day had come, or if somebody has changed a table behind the book's back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.kit.errors import Fault
from backend.kit.money import yuan_text
from backend.kit.words import Words
from risk_compensation.ledger import balances, effect_of, replay
from risk_compensation.live.statements import headroom, pool_statement, pools
from risk_compensation.tables import Entry, Journal, PoolBalance

FIGURES: Mapping[str, Words] = {
    "cash_fen": Words("专户现金", "cash"),
    "commitments_fen": Words("在保承诺", "commitments"),
    "reserved_fen": Words("预留额度", "reservations"),
    "approved_fen": Words("已批准代偿", "approved claims"),
}
WAYS: Mapping[str, Words] = {
    "journal": Words("分录合计", "the journal"),
    "statement": Words("当日报表及其后分录", "the day’s statement and what was booked since"),
    "headroom": Words("额度表", "the headroom that snapshot and desk show"),
    "not_come": Words("剔除尚未到期的分录", "the row without entries whose day has not come"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of a pool that is not the same by the balance row and by `way`."""

    pool: str
    figure: str
    way: str
    row_fen: int
    found_fen: int

    @property
    def words(self) -> Words:
        name, way = FIGURES[self.figure], WAYS[self.way]
        row, found, by = (yuan_text(fen) for fen in (self.row_fen, self.found_fen, self.found_fen - self.row_fen))
        return Words(
            f"{self.pool} {name.zh}：余额 {row} 元，{way.zh} {found} 元，相差 {by} 元",
            f"{self.pool} {name.en}: the balance row says {row} yuan, {way.en} {found}, a difference of {by}",
        )


class Unbalanced(Fault):
    """The book of a pool says two things: the day is not closed, nothing of it is published, and a person looks."""

    def __init__(self, day: date, found: list[Difference]) -> None:
        self.day, self.found = day, tuple(found)
        zh, en = "；".join(each.words.zh for each in found), "; ".join(each.words.en for each in found)
        super().__init__(Words(f"{day} 账不平：{zh}", f"the books of {day} do not balance: {en}"), code="unbalanced")
        self.lines = tuple(
            {
                "action": "pool.unbalanced",
                "object_kind": "pool",
                "object_id": each.pool,
                "details": {
                    "day": day.isoformat(),
                    "figure": each.figure,
                    "way": each.way,
                    "row_fen": each.row_fen,
                    "found_fen": each.found_fen,
                },
            }
            for each in found
        )


def differences(session: Session, day: date) -> list[Difference]:
    """What is not the same at the end of that day; what was booked since, with effect since, counts as booked since."""
    found: list[Difference] = []
    for pool in pools(session):
        row, later = balances(session, pool.code), _after(session, pool.code, day)
        cash = pool_statement(session, pool.code, day, day).closing_fen + later["cash_fen"]
        early = _after(session, pool.code, day, Journal.written_on <= day)
        said: dict[str, dict[str, int]] = {
            "journal": replay(session, pool.code),
            "statement": {"cash_fen": cash},
            "headroom": {"cash_fen": headroom(session, pool.code, day).cash_fen},
            "not_come": {name: row[name] - fen for name, fen in early.items()},
        }
        found += [
            Difference(pool.code, name, way, row[name], fen)
            for way, figures in said.items()
            for name, fen in figures.items()
            if fen != row[name]
        ]
    return found


def insist(session: Session, day: date, *, one_moment: bool = False) -> None:
    """Fault `unbalanced`, naming each pool, its figure and the difference, unless every way says the same.

    Where the session does not see one moment, somebody may book between two of its looks: what differs is then looked at again
    with the balance rows held, which whoever books must move.
    """
    found = differences(session, day)
    if found and not one_moment:
        session.execute(select(PoolBalance.pool).order_by(PoolBalance.pool).with_for_update())
        found = differences(session, day)
    if found:
        raise Unbalanced(day, found)


def _after(session: Session, pool: str, day: date, *where: ColumnElement[Any]) -> dict[str, int]:
    """What entries with effect after that day did to the four figures."""
    query = select(Entry.debit, Entry.credit, func.sum(Entry.amount_fen)).where(Entry.pool == pool, Entry.on > day)
    if where:
        query = query.join(Journal, Journal.reference == Entry.reference).where(*where)
    return effect_of(
        (debit, credit, int(total)) for debit, credit, total in session.execute(query.group_by(Entry.debit, Entry.credit))
    )
