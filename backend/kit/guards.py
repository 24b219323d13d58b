"""Tables that only grow: the database itself refuses UPDATE and DELETE, on both makes.

Where a law wants something forgotten, a table may be *erasable*: a row may go once a line elsewhere says so, and only then.

A table's `tables.py` listens with these on `after_create`; the migration executes the same statements.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL


def statements(table: str, dialect: str) -> list[str]:
    """The statements that make `table` append-only, for `sqlite` or `postgresql`."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
    ]


def erasable(table: str, dialect: str, written_down: str) -> list[str]:
    """As `statements`, but a row may be deleted where `written_down`, a condition on the row `OLD`, holds."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} WHEN NOT ({written_down}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        ]
    refused = f"RAISE EXCEPTION '{table} is append-only';"
    return [
        f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refused} END $$",
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        f"CREATE OR REPLACE FUNCTION {table}_erasable() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NOT ({written_down}) THEN {refused} END IF; RETURN OLD; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_erasable BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_erasable()",
    ]


def append_only(table: str) -> list[Any]:
    """The statements as DDL events for `event.listen(table, "after_create", …)`."""
    return _events({dialect: statements(table, dialect) for dialect in ("sqlite", "postgresql")})


def erasable_events(table: str, written_down: str) -> list[Any]:
    """The same of an erasable table."""
    return _events({dialect: erasable(table, dialect, written_down) for dialect in ("sqlite", "postgresql")})


def _events(said: dict[str, list[str]]) -> list[Any]:
    return [
        DDL(text.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # sqlalchemy leaves DDL untyped
        for dialect, texts in said.items()
        for text in texts
    ]
