"""What does not mend by waiting is set aside at once, with its reason; what kills its worker again and again, after a few deaths.

Job queues elsewhere were told of a job that kills its worker and is taken again for ever (sidekiq 5300, activepieces 15130).
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Busy, Refused
from backend.steps import actions, lanes, revival
from backend.steps.model import MOST_DEATHS, MOST_STUMBLES, Answered
from backend.worker import Worker
from tests.steps.lines import DOWN, Line, ask_for, let_pass, locally, run_out, step_of


@pytest.mark.parametrize("error", [KeyError("amount"), TypeError("None"), Refused("no")])
def test_what_does_not_mend_is_set_aside_at_once_with_its_reason(database: Database, error: Exception) -> None:
    line = Line()
    line.trouble = {"bad": error}
    ask_for(database, "bad", "good")
    Worker(database, {"line": line}).run_all()
    step = step_of(database, "bad")
    assert (step.state, step.attempts) == ("dead", 1)
    assert step.last_error
    assert line.effects == ["good"]


class InTheDatabase(Line):
    """Its effect goes wrong in the database."""

    def __init__(self, statement: str, postgresql: str | None = None) -> None:
        super().__init__()
        self.statement, self.on_postgresql = statement, postgresql

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: Any) -> None:
        on_postgresql = session.get_bind().dialect.name == "postgresql"
        session.execute(text((self.on_postgresql if on_postgresql else None) or self.statement), {"secret": "6222-0000"})


def test_a_database_error_is_set_aside_and_its_values_stay_out_of_the_reason(database: Database) -> None:
    line = InTheDatabase("INSERT INTO steps (id, kind, key) VALUES (:secret, 'k', 'k')")
    ask_for(database, "bad", lane=None)
    Worker(database, {"line": locally(line)}).run_all()
    step = step_of(database, "bad")
    assert step.state == "dead"
    assert "6222" not in str(step.last_error)
    assert re.search("NOTNULL|23502", str(step.last_error)), "which of its rules was broken"


def test_a_bad_moment_of_the_database_is_tried_again_five_times(database: Database) -> None:
    class Deadlocked(Line):
        def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: Any) -> None:
            raise Busy("others hold the lock")

    line = Deadlocked()
    worker = Worker(database, {"line": locally(line)})
    ask_for(database, "again", lane=None)
    for number in range(MOST_STUMBLES):
        worker.run_all()
        step = step_of(database, "again")
        assert (step.state, step.stumbles) == ("waiting", number + 1)
        let_pass(database, 60)
    worker.run_all()
    assert step_of(database, "again").state == "dead"


def test_what_prepares_wrongly_leaves_nothing_half_done_and_does_not_spin(database: Database) -> None:
    class Broken(Line):
        def prepare(self, session: Session, payload: dict[str, Any], at: Any) -> Any:
            session.execute(text("UPDATE steps SET last_error = 'half' WHERE key = 'other'"))
            session.execute(text("SELECT * FROM no_such_table"))

    ask_for(database, "bad")
    ask_for(database, "other", kind="unknown")
    assert Worker(database, {"line": Broken()}).run_all() == 1
    assert step_of(database, "bad").state == "dead"
    assert step_of(database, "other").last_error is None


def test_a_step_that_kills_its_worker_is_set_aside_after_five_and_revived_with_a_clean_count(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    ask_for(database, "killer", "harmless")
    for _ in range(MOST_DEATHS):
        with database.writing() as session:
            step = actions.take(session, at=clock.business_now(session), kinds=["line"])
            assert step is not None
            assert step.key == "killer"
        run_out(database)
    worker.run_all()
    step = step_of(database, "killer")
    assert (step.state, step.deaths) == ("dead", MOST_DEATHS)
    assert step.last_error == "5 workers in a row died while they did this step"
    assert line.effects == ["harmless"]
    with database.writing() as session:
        revival.revive(session, SYSTEM, step_id=step.id, at=clock.business_now(session))
    worker.run_all()
    assert line.effects == ["harmless", "killer"]


def test_deaths_count_only_in_a_row(database: Database) -> None:
    line = Line()
    line.trouble = {"unlucky": DOWN}
    worker = Worker(database, {"line": line})
    ask_for(database, "unlucky")
    for _ in range(3):
        for _ in range(MOST_DEATHS - 1):
            with database.writing() as session:
                assert actions.take(session, at=clock.business_now(session), kinds=["line"]) is not None
            run_out(database)
        worker.run_all()
        assert step_of(database, "unlucky").state == "waiting"
        assert step_of(database, "unlucky").deaths == 0
        with database.writing() as session:
            lanes.try_now(session)
        let_pass(database)
