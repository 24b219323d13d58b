"""The calendar itself, without a platform around it: who plans, how often, and by which clock."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend.kit import clock
from backend.kit.database import Database
from backend.kit.words import Words
from backend.steps.calendar import Calendar, Recurring, Ticking, every_day
from backend.steps.model import Local
from backend.steps.tables import Step
from backend.worker import Worker

MONDAY = date(2025, 5, 12)


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


TITLE = Words("每日", "daily")
NOTHING = Local(lambda session, payload, at: None)
DAILY = Recurring(kind="daily", title=TITLE, following=every_day, hour=timedelta(hours=20), missed="every")
NEWEST = Recurring(kind="newest", title=TITLE, following=every_day, hour=timedelta(hours=20), missed="latest")


def count(database: Database, kind: str) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Step.kind == kind)) or 0


def test_workers_that_plan_at_once_plan_each_day_once(database: Database) -> None:
    with database.writing() as session:
        clock.set_offset(session, clock.start_of(MONDAY) + timedelta(hours=1))
        Calendar([DAILY, NEWEST]).plan(session, clock.business_now(session))
    for jump in days(MONDAY + timedelta(days=10), 5):
        with database.writing() as session:
            clock.move_to(session, clock.start_of(jump) + timedelta(hours=21))
        at_once = threading.Barrier(4)

        def plans(at_once: threading.Barrier = at_once) -> None:
            calendar = Calendar([DAILY, NEWEST])
            at_once.wait()
            with database.writing() as session:
                calendar.committed(calendar.plan(session, clock.business_now(session)))

        workers = [threading.Thread(target=plans) for _ in range(4)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
    assert count(database, "daily") == 16, "fifteen days that passed, and the one to come"
    # One is open all the while, and stands for all that were missed; only the one to come is written down with each jump.
    assert count(database, "newest") == 6


def test_a_plan_that_was_not_committed_is_made_again(database: Database) -> None:
    calendar = Calendar([DAILY])

    def plan_and_fall() -> None:
        with database.writing() as session:
            calendar.plan(session, clock.business_now(session))
            raise ConnectionError("the line to the database broke before the commit")

    with pytest.raises(ConnectionError):
        plan_and_fall()
    assert count(database, "daily") == 0
    Worker(database, {"daily": NOTHING}, calendar=calendar).run_all()
    assert count(database, "daily") >= 1


def test_a_pass_with_nothing_to_plan_asks_no_database(database: Database) -> None:
    calendar = Calendar([DAILY, NEWEST, Ticking(kind="tick", title=TITLE, every=timedelta(minutes=10))])
    with database.writing() as session:
        at = clock.business_now(session)
        calendar.committed(calendar.plan(session, at))
    assert not calendar.wants(at)
    assert calendar.wants(at + timedelta(days=1))


def test_a_tick_returns_in_machine_time_however_the_business_clock_jumps(database: Database) -> None:
    worker = Worker(database, {"tick": NOTHING}, calendar=Calendar([Ticking(kind="tick", title=TITLE, every=timedelta(hours=1))]))
    assert worker.run_all() == 1, "the tick just past"
    for days_later in (10, 100):
        with database.writing() as session:
            clock.move_to(session, clock.business_now(session) + timedelta(days=days_later))
        assert worker.run_all() == 0
    assert count(database, "tick") == 2


def test_what_is_due_at_an_hour_is_due_once_it_was_made_that_hour(database: Database) -> None:
    hour = clock.start_of(MONDAY)
    with database.writing() as session:
        clock.set_offset(session, hour)
    for _ in range(40):
        hour += timedelta(hours=1)
        with database.writing() as session:
            clock.move_to(session, hour)
        with database.reading() as session:
            assert hour <= clock.business_now(session) < hour + timedelta(seconds=30)
