"""Lists that live as long as a transaction, and forget with a savepoint what was added inside it.

What a session remembers beside the database (locks it holds, lines it will write at its end) must roll back as the database does:
a savepoint that is given up gives its locks back, and nothing of what happened inside it is to be told.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

_LISTS, _MARKS = "growing_lists", "savepoint_marks"


def growing(session: Session, name: str) -> list[Any]:
    """The session's list of that name; empty at its beginning."""
    lists: dict[str, list[Any]] = session.info.setdefault(_LISTS, {})
    return lists.setdefault(name, [])


def forget(session: Session) -> None:
    """The transaction is over: what it remembered is, too."""
    session.info.pop(_LISTS, None)
    session.info.pop(_MARKS, None)


@event.listens_for(Session, "after_transaction_create")
def _begun(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        lists: dict[str, list[Any]] = session.info.get(_LISTS, {})
        session.info.setdefault(_MARKS, {})[id(transaction)] = {name: len(found) for name, found in lists.items()}


@event.listens_for(Session, "after_soft_rollback")
def _given_up(session: Session, transaction: SessionTransaction) -> None:
    if not transaction.nested:
        return
    # SQLAlchemy tells the end of a transaction before its soft rollback: marks are kept until the whole transaction is over.
    mark: dict[str, int] = session.info[_MARKS].pop(id(transaction))
    for name, found in session.info.get(_LISTS, {}).items():
        del found[mark.get(name, 0) :]
