"""The log is a chain; the database itself guards it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.audit import actions, views
from backend.audit.model import SYSTEM
from backend.kit import clock
from backend.kit.database import Database


def _three_lines(database: Database) -> None:
    for number in range(3):
        with database.writing() as session:
            actions.record(
                session,
                at=clock.business_now(session),
                actor=SYSTEM,
                action="test.done",
                object_kind="thing",
                object_id=f"thing_{number}",
                details={"说": "中文", "amount_fen": number},
            )


def test_a_chain_of_three_lines_is_whole(database: Database) -> None:
    _three_lines(database)
    with database.reading() as session:
        assert views.faults(session) == []
        assert [line.object_id for line in views.trail(session)] == ["thing_2", "thing_1", "thing_0"]


@pytest.mark.parametrize("statement", ["UPDATE audit_lines SET role = 'x'", "DELETE FROM audit_lines"])
def test_the_database_refuses_to_change_a_line(database: Database, statement: str) -> None:
    _three_lines(database)
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE audit_lines SET role = 'bank_officer' WHERE seq = 2", "line 2 was altered"),
        ("DELETE FROM audit_lines WHERE seq = 2", "line 2 is missing"),
    ],
)
def test_whoever_switches_the_guard_off_and_alters_a_line_is_found(database: Database, statement: str, named: str) -> None:
    _three_lines(database)
    with database.writing() as session:
        if database.is_sqlite:
            session.execute(text("DROP TRIGGER audit_lines_no_update"))
            session.execute(text("DROP TRIGGER audit_lines_no_delete"))
        else:
            session.execute(text("DROP TRIGGER audit_lines_append_only ON audit_lines"))
        session.execute(text(statement))
    with database.reading() as session:
        assert named in views.faults(session)[0]
