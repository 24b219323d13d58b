"""The step that builds the snapshot: with no transaction open, once per due step."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.kit import clock
from backend.kit.database import Database
from backend.reporting import snapshot
from backend.reporting.handler import BuildSnapshot, builds
from backend.steps import actions as steps
from backend.steps.calendar import Calendar
from backend.steps.model import Local
from backend.steps.tables import Step
from backend.worker import Worker

EVERY = timedelta(minutes=10)


@pytest.fixture
def worker(database: Database, tmp_path: Path) -> Worker:
    with database.writing() as session:
        clock.set_offset(session, clock.start_of(date(2025, 3, 3)) + timedelta(hours=9))
    handlers = {"snapshot": BuildSnapshot(database, tmp_path / "snapshots")}
    return Worker(database, handlers, calendar=Calendar([builds(EVERY)]))


def states(database: Database) -> list[Any]:
    with database.reading() as session:
        return [row[0] for row in session.execute(select(Step.state).where(Step.kind == "snapshot").order_by(Step.state))]


def test_the_clocks_jumps_by_days_bring_no_builds_of_their_own(worker: Worker, database: Database, tmp_path: Path) -> None:
    assert worker.run_all() == 1
    for day in (date(2025, 3, 10), date(2025, 6, 1)):
        with database.writing() as session:
            clock.move_to(session, clock.start_of(day))
        assert worker.run_all() == 0, "ten minutes of people's own time have not passed"
    assert states(database) == ["done", "waiting"]


def test_one_build_per_due_step_and_it_shows_the_business_day(worker: Worker, database: Database, tmp_path: Path) -> None:
    worker.run_all()
    for day in (date(2025, 3, 10), date(2025, 6, 1)):
        with database.writing() as session:
            clock.move_to(session, clock.start_of(day) + timedelta(hours=9))
            at = clock.business_now(session)
            steps.enqueue(session, kind="snapshot", key=f"asked {at.isoformat()}", payload={}, due=at)
        assert worker.run_all() == 1
    assert states(database) == ["done", "done", "done", "waiting"]
    built = sorted(each.name[9:17] for each in (tmp_path / "snapshots").glob("snapshot-*.db"))
    assert built == ["20250303", "20250310", "20250601"]


def test_a_build_that_fails_is_set_aside_with_its_reason(worker: Worker, database: Database, tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file where the folder should be")
    assert worker.run_one()
    with database.reading() as session:
        step = session.scalars(select(Step).where(Step.attempts > 0)).one()
        assert (step.state, step.attempts) == ("dead", 1)
        assert "FileExistsError" in (step.last_error or "")


def test_no_transaction_of_the_step_is_open_while_it_builds(worker: Worker, database: Database, tmp_path: Path) -> None:
    def writes_meanwhile(what: str, done: int, total: int) -> None:
        with database.writing() as session:
            clock.move_to(session, clock.business_now(session))

    handler = worker.handlers["snapshot"]
    assert not isinstance(handler, Local)
    with database.writing() as session:
        request = handler.prepare(session, {}, clock.business_now(session))
    snapshot.build(database, tmp_path / "snapshots", request, writes_meanwhile)
    assert (tmp_path / "snapshots" / "manifest.json").exists()
