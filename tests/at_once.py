"""Several acts at the same moment, each in a transaction of its own: what a room promises when its callers come together.

Every caller waits a little before it writes, so that all have asked before the first has answered, unless a lock holds them back.
Over the public doors, with servers of their own: `tests/concurrency`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from backend.kit import locks
from backend.kit.database import Database
from backend.kit.errors import Answer

PAUSE = 0.02


def at_once(database: Database, *acts: Callable[[Session], Any]) -> list[Any]:
    """What each act answered, or the lawful no that it was given; anything else is raised. One transaction is one act here."""

    def within(act: Callable[[Session], Any]) -> Any:
        with database.writing() as session:
            return act(session)

    return side_by_side(database, *[partial(within, act) for act in acts])


def side_by_side(database: Database, *acts: Callable[[], Any]) -> list[Any]:
    """The same of acts that have transactions of their own, one or many."""
    database.tell(**{locks.MANY_ACTS: False})
    gate, found = Barrier(len(acts)), list[Any]([None] * len(acts))

    def play(number: int) -> None:
        try:
            gate.wait()
            found[number] = acts[number]()
        except BaseException as error:
            found[number] = error

    def hesitate(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if not database.is_sqlite and statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            time.sleep(PAUSE)

    event.listen(database.engine, "before_cursor_execute", hesitate)
    try:
        callers = [Thread(target=play, args=(number,)) for number in range(len(acts))]
        for each in callers:
            each.start()
        for each in callers:
            each.join()
    finally:
        event.remove(database.engine, "before_cursor_execute", hesitate)
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, Answer):
            raise each
    return found


def noes(found: Sequence[Any]) -> list[str]:
    """The codes of the lawful noes."""
    return sorted(each.code for each in found if isinstance(each, Answer))
