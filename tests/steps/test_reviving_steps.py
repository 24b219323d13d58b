"""A person sends dead letters on their way again: one, a lane's, a kind's, or all.

Job queues elsewhere were told of a revived job that fails at once by its old count (bullmq 3555).
"""

from __future__ import annotations

from typing import Any

import pytest

from backend.audit.model import SYSTEM
from backend.kit import clock
from backend.kit.database import Database
from backend.steps import actions, revival
from backend.worker import Worker
from tests.steps.lines import Line, ask_for, breaks, step_of


def test_many_are_revived_by_lane_kind_or_all_and_nobody_revives_all_by_leaving_a_field_out(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line, "other": line})
    line.trouble = dict.fromkeys("abcd", KeyError("amount"))
    ask_for(database, "a")
    ask_for(database, "b", lane="south")
    ask_for(database, "c", kind="other")
    ask_for(database, "d", lane=None)
    worker.run_all()
    line.trouble.clear()

    def revived(**which: Any) -> int:
        with database.writing() as session:
            return revival.revive_many(session, SYSTEM, at=clock.business_now(session), **which)

    assert revived(lane="south") == 1
    assert revived(lane="north", kind="other") == 1
    assert revived(kind="no_such_kind") == 0
    for wrong in ({}, {"everything": True, "lane": "north"}):
        with pytest.raises(Exception, match="which"):
            revived(**wrong)
    worker.run_all()
    assert sorted(line.effects) == ["b", "c"]
    assert revived(everything=True) == 2
    worker.run_all()
    assert sorted(line.effects) == ["a", "b", "c", "d"]


def test_reviving_a_lane_tries_it_now_whatever_its_pause(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    breaks(database, line, worker)
    line.trouble.clear()
    with database.writing() as session:
        revival.revive_many(session, SYSTEM, at=clock.business_now(session), lane="north")
    worker.run_all()
    assert sorted(line.effects) == ["n0", "n1", "n2"]


def test_part_of_a_batch_is_put_aside_once_with_its_reason(database: Database) -> None:
    for error in ("first", "told again"):
        with database.writing() as session:
            due = clock.business_now(session)
            new = actions.put_aside(
                session, kind="line", key="part", payload={"name": "part"}, lane="north", error=error, due=due
            )
            assert new is (error == "first")
    step = step_of(database, "part")
    assert (step.state, step.last_error, step.lane) == ("dead", "first", "north")
    assert step.since is not None
    line = Line()
    worker = Worker(database, {"line": line})
    assert worker.run_all() == 0
    with database.writing() as session:
        revival.revive(session, SYSTEM, step_id=step.id, at=clock.business_now(session))
    worker.run_all()
    assert line.effects == ["part"]
