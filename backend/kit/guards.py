"""Tables that only grow: the database itself refuses UPDATE and DELETE, on both makes.

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


def append_only(table: str) -> list[Any]:
    """The same as DDL events for `event.listen(table, "after_create", …)`."""
    return [
        DDL(text.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # sqlalchemy leaves DDL untyped
        for dialect in ("sqlite", "postgresql")
        for text in statements(table, dialect)
    ]
