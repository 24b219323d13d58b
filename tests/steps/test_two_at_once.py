"""The business clock, moved by two at once: what was answered stands, and nobody takes it back."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.database import Database
from tests.at_once import at_once, noes

FIRST = clock.start_of(date(2025, 5, 5))


def test_the_clock_of_many_hands_never_goes_back(database: Database) -> None:
    with database.writing() as session:
        clock.set_offset(session, FIRST)
    for turn in range(1, 6):
        latest = FIRST + timedelta(days=20 * turn)
        moves = [partial(clock.move_to, moment=latest - timedelta(days=days)) for days in (0, 10, 9, 8)]
        told = at_once(database, *moves)
        assert told[0] is None, "the latest day is always one to go to"
        assert set(noes(told)) <= {"clock_back"}
        with database.reading() as session:
            assert clock.business_now(session) >= latest, "it was answered that it is that day"


def test_one_clock_of_servers_that_start_together(database: Database) -> None:
    def start(days: int, session: Session) -> None:
        clock.start_at(session, FIRST + timedelta(days=days))

    at_once(database, *[partial(start, days) for days in range(4)])
    with database.writing() as session:
        assert session.scalar(select(func.count()).select_from(clock.BusinessOffset)) == 1
        before = clock.business_now(session)
        clock.start_at(session, FIRST + timedelta(days=400))
        assert clock.business_now(session) - before < timedelta(days=1), "a clock that runs is not started again"
