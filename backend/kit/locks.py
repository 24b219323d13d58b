"""Locks taken before the question is asked, in one order everywhere.

A rule of the form *one*, *at most*, *not after*, *only in state* that no constraint holds is held by the lock of an anchor: the
row (a firm, a pool …) under which everything that the rule speaks of hangs. Whoever wants to change something there takes the
anchor first, then asks, then writes. Two callers at once stand in a queue, and the second one sees what the first one did.

- PostgreSQL: `SELECT … FOR NO KEY UPDATE`, which lets foreign keys of other rows be written meanwhile; what has no row yet (a
  login, a credit code) is held by an advisory lock of its name. SQLite: a writing transaction is the lock (BEGIN IMMEDIATE).
- The order is `ORDER`, and within one kind ascending by key. Whoever takes a lock out of it would meet somebody who comes the
  other way, a deadlock; it is refused on both makes, so that every test sees it.
- The row is read anew under its lock: what the session knew of it from before is worth nothing.
- One transaction is one act. A test that plays a whole story in one transaction says so (`MANY_ACTS` in the session's info): its
  locks are still taken, their order is not looked at, because no caller plays such a story.

The second hand: PostgreSQL's manual, "Explicit Locking": "the best defense against deadlocks is generally to avoid them by being
certain that all applications using a database acquire locks on multiple objects in a consistent order."
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from backend.kit.savepoints import growing

# A step, then who acts, then whose matter it is, then the pool's loan and the pool, and at the very end the log.
ORDER = ("step", "party", "login", "firm", "loan", "pool", "log")
_RANK = {kind: number for number, kind in enumerate(ORDER)}
_LIST = "locks"
MANY_ACTS = "many_acts"
MOST_AT_ONCE = 5_000  # a statement has room for so many parameters on every make

Anchor = TypeVar("Anchor")


class OutOfOrder(RuntimeError):
    """A lock was asked for after one that comes later in the order: a fault of ours, not of the caller."""


def kind_of(entity: type[Any]) -> str:
    """What kind of lock a row of this table is."""
    return str(entity.__lock__)


def hold(session: Session, entity: type[Anchor], key: str) -> Anchor | None:
    """The anchor, as it is now, held until the transaction ends; None where there is none."""
    return hold_all(session, entity, [key]).get(key)


def hold_all(session: Session, entity: type[Anchor], keys: Iterable[str]) -> dict[str, Anchor]:
    """Several anchors of one kind, each as it is now, held until the transaction ends: taken in ascending order."""
    wanted = sorted(set(keys))
    kind = kind_of(entity)
    # What was held already is not asked for again, but comes in the answer: as it is in this transaction.
    fresh = [key for key in wanted if not holds(session, kind, key)]
    for key in fresh:
        _in_order(session, kind, key)
    found: dict[str, Anchor] = {}
    column: Any = inspect(entity).primary_key[0]
    attribute = getattr(entity, inspect(entity).get_property_by_column(column).key)
    if fresh:
        session.flush()
        for start in range(0, len(fresh), MOST_AT_ONCE):
            query = select(entity).where(attribute.in_(fresh[start : start + MOST_AT_ONCE])).order_by(attribute)
            if session.get_bind().dialect.name == "postgresql":
                query = query.with_for_update(key_share=True)
            for row in session.scalars(query.execution_options(populate_existing=True)):
                found[getattr(row, attribute.key)] = row
        growing(session, _LIST).extend((_RANK[kind], key) for key in fresh)
    for key in wanted:
        if key not in found and key not in fresh:
            row_held = session.get(entity, key)
            if row_held is not None:
                found[key] = row_held
    return found


def hold_name(session: Session, kind: str, name: str) -> None:
    """Hold a name that has no row yet, until the transaction ends."""
    if holds(session, kind, name):
        return
    _in_order(session, kind, name)
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"{kind}:{name}"})
    growing(session, _LIST).append((_RANK[kind], name))


def fresh(session: Session, entity: type[Anchor], key: Any) -> Anchor | None:
    """A row that hangs under an anchor which is held, read anew: what was read before the lock may be old."""
    return session.get(entity, key, populate_existing=True)


def note(session: Session, kind: str, name: str) -> None:
    """A lock that was had without waiting (SKIP LOCKED, or a row of one's own): it meets nobody, whatever else is held."""
    if not holds(session, kind, name):
        growing(session, _LIST).append((_RANK[kind], name))


def begin_anew(session: Session) -> None:
    """SQLite only: one piece of work is done, the next begins in the same writing transaction, which is the lock of all.

    On PostgreSQL what is held stays held until the commit: there each piece of work needs a transaction of its own.
    """
    if session.get_bind().dialect.name == "sqlite":
        growing(session, _LIST).clear()


def under(session: Session, anchor: type[Any], entity: type[Anchor], key: str, *, by: str = "firm_id") -> Anchor | None:
    """A row and the anchor under which it hangs (`by`: its column): which anchor is read plainly, that is held, and only then is
    the row read. None where there is no such row."""
    column: Any = inspect(entity).primary_key[0]
    attribute = getattr(entity, inspect(entity).get_property_by_column(column).key)
    name = session.scalar(select(getattr(entity, by)).where(attribute == key))
    if name is None:
        return None
    hold(session, anchor, name)
    return fresh(session, entity, key)


def holds(session: Session, kind: str, name: str | None = None) -> bool:
    """Whether this transaction holds that lock; without a name: any of its kind."""
    rank = _RANK[kind]
    return any(held == rank and (name is None or key == name) for held, key in growing(session, _LIST))


def _in_order(session: Session, kind: str, name: str) -> None:
    wanted = (_RANK[kind], name)
    last = max(growing(session, _LIST), default=None)
    if last is not None and wanted < last and not session.info.get(MANY_ACTS):
        held = f"{ORDER[last[0]]} {last[1]}"
        raise OutOfOrder(f"the lock {kind} {name} is asked for while {held} is held: the order is {' < '.join(ORDER)}")
