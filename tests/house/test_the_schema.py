"""The migrations and the rooms' tables say the same, on both makes; what may only grow is guarded."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import BigInteger, Integer, MetaData, String, text
from sqlalchemy.types import TypeEngine

from backend.kit.database import Base, Database
from backend.migrate import current, demand_current, migrate, newest

ONLY_GROW = ("audit_lines", "policy_blocks", "raw_records", "facts", "application_events", "payments", "class_events")


def differences(database: Database, tables: MetaData) -> list[Any]:
    """What the migrations made beside what the tables say: tables, columns, their types and lengths, indexes, constraints."""
    with database.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), tables)


def test_migrating_gives_exactly_the_tables_that_the_rooms_speak_of(database: Database) -> None:
    assert differences(database, Base.metadata) == []
    assert current(database) == newest()
    demand_current(database)


@pytest.mark.parametrize(
    ("place", "other"), [("firms.uscc", String(19)), ("parties.code", String(39)), ("draws.amount_fen", Integer())]
)
def test_a_column_of_another_length_or_type_is_a_difference(database: Database, place: str, other: TypeEngine[Any]) -> None:
    table, _, column = place.partition(".")
    tables = MetaData(naming_convention=Base.metadata.naming_convention)
    for each in Base.metadata.tables.values():
        each.to_metadata(tables)
    was = tables.tables[table].columns[column].type
    assert isinstance(was, String | BigInteger)
    tables.tables[table].columns[column].type = other
    (((what, _, at, name, *_),),) = differences(database, tables)
    assert (what, at, name) == ("modify_type", table, column)


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
