"""The migrations and the rooms' tables say the same, on both makes; what may only grow is guarded."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from backend.kit.database import Base, Database
from backend.migrate import current, demand_current, migrate, newest

ONLY_GROW = ("audit_lines", "policy_blocks", "raw_records", "facts", "application_events", "payments", "class_events")


def test_migrating_gives_exactly_the_tables_that_the_rooms_speak_of(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
    assert current(database) == newest()
    demand_current(database)


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate(database) == newest()


@pytest.mark.parametrize("table", ONLY_GROW)
def test_the_database_itself_guards_what_may_only_grow(database: Database, table: str) -> None:
    if database.is_sqlite:
        query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
    else:
        query = (
            "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relname = :table AND NOT t.tgisinternal"
        )
    with database.reading() as session:
        assert (session.scalar(text(query), {"table": table}) or 0) > 0
