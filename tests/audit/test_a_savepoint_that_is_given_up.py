"""What a transaction remembers rolls back as the database does: to the savepoint, and no further."""

import pytest
from sqlalchemy.orm import Session

from backend.audit import actions, views
from backend.audit.model import SYSTEM
from backend.kit import clock, locks
from backend.kit.database import Database
from backend.kit.errors import Refused


def _line(session: Session, name: str) -> None:
    at = clock.business_now(session)
    actions.record(session, at=at, actor=SYSTEM, action="test.done", object_kind="thing", object_id=name)


def _given_up(session: Session, name: str) -> None:
    savepoint = session.begin_nested()
    _line(session, name)
    locks.hold_name(session, "pool", name)
    savepoint.rollback()


def test_lines_before_and_after_it_are_written_and_those_inside_are_not(database: Database) -> None:
    with database.writing() as session:
        _line(session, "before")
        _given_up(session, "inside")
        _line(session, "between")
        with session.begin_nested():
            _line(session, "kept")
            _given_up(session, "inside another")
        _line(session, "after")
    with database.reading() as session:
        assert [line.object_id for line in reversed(views.trail(session))] == ["before", "between", "kept", "after"]
        assert views.faults(session) == []


def test_locks_that_were_taken_inside_are_let_go_and_those_before_are_held(database: Database) -> None:
    with database.writing() as session:
        locks.hold_name(session, "firm", "one")
        _given_up(session, "inside")
        assert locks.holds(session, "firm", "one")
        assert not locks.holds(session, "pool", "inside")


def test_a_lawful_no_keeps_its_lines_although_a_savepoint_inside_was_given_up(database: Database) -> None:
    def asked() -> None:
        with database.writing() as session:
            _line(session, "asked")
            _given_up(session, "tried")
            raise Refused("no")

    with pytest.raises(Refused):
        asked()
    with database.reading() as session:
        assert [line.object_id for line in views.trail(session)] == ["asked"]
