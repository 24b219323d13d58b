"""A step is done once, whatever happens between its phases."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Unreachable
from backend.steps import actions, revival, views
from backend.steps.model import Answered, Heard
from backend.steps.tables import Step
from backend.worker import Worker


class Bell:
    """A handler that rings outside and counts the rings and the effects."""

    only_asks = False

    def __init__(self) -> None:
        self.rings = 0
        self.effects: list[str] = []
        self.trouble: Exception | None = None

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> str | None:
        return payload["tune"]

    def call(self, request: str) -> Answered:
        self.rings += 1
        if self.trouble is not None:
            raise self.trouble
        return Answered({"heard": request}, (Heard("tower", "ring", "r1", b"ring", b"\xb5\xb1"),))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        self.effects.append(answer.result["heard"])


def _enqueue(database: Database, *, later: timedelta = timedelta()) -> None:
    with database.writing() as session:
        for _ in range(2):
            actions.enqueue(session, kind="bell", key="one", payload={"tune": "noon"}, due=clock.business_now(session) + later)


def test_a_step_enqueued_twice_is_done_once_and_its_answer_is_kept_verbatim(database: Database) -> None:
    bell = Bell()
    _enqueue(database)
    assert Worker(database, {"bell": bell}).run_all() == 1
    assert (bell.rings, bell.effects) == (1, ["noon"])
    with database.reading() as session:
        assert [message.body for message in views.heard(session, "r1")] == [b"\xb5\xb1"]


def test_a_step_is_not_done_before_it_is_due(database: Database) -> None:
    bell = Bell()
    _enqueue(database, later=timedelta(days=1))
    assert Worker(database, {"bell": bell}).run_all() == 0


def test_nobody_at_home_is_tried_again_later(database: Database) -> None:
    bell = Bell()
    bell.trouble = Unreachable("no answer")
    _enqueue(database)
    worker = Worker(database, {"bell": bell})
    worker.run_all()
    bell.trouble = None
    assert worker.run_all() == 0, "put off: not yet"
    with database.writing() as session:
        session.execute(update(Step).values(not_before=clock.now() - timedelta(seconds=1)))
    worker.run_all()
    assert (bell.rings, bell.effects) == (2, ["noon"])


def test_a_fault_of_ours_is_set_aside_for_a_person_and_can_be_revived(database: Database) -> None:
    bell = Bell()
    bell.trouble = KeyError("noon")
    _enqueue(database)
    worker = Worker(database, {"bell": bell})
    worker.run_all()
    with database.writing() as session:
        (letter,) = views.dead(session)
        assert str(letter.last_error).startswith("KeyError at "), "its kind and place, and no words that may be somebody's"
        revival.revive(session, SYSTEM, step_id=letter.id, at=clock.business_now(session))
    bell.trouble = None
    worker.run_all()
    assert bell.effects == ["noon"]


@pytest.mark.parametrize("kept", [False, True], ids=["before the answer is kept", "after the answer is kept"])
def test_a_worker_that_died_holding_a_lease_is_succeeded(database: Database, kept: bool) -> None:
    bell = Bell()
    _enqueue(database)
    with database.writing() as session:
        at = clock.business_now(session)
        step = actions.take(session, at=at, kinds=["bell"])
        assert step is not None
        if kept:
            actions.keep(session, step, bell.call("noon"), at=at)
        step.lease_until = clock.now() - timedelta(seconds=1)
    Worker(database, {"bell": bell}).run_all()
    assert (bell.rings, bell.effects) == (1, ["noon"])
