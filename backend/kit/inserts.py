"""Insert what is not there yet: when two come at once with the same, both go on, and one of them has made it.

Looking first and adding then lets the second one fail on the constraint, and with it all that it had done before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Statements = Mapping[str, Insert]


def unless_there(table: Table) -> Statements:
    """The statement for each make of database; to be made once for a table."""
    return {
        make: insert(table).on_conflict_do_nothing()
        for make, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
    }


def add(session: Session, statements: Statements, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add the rows that are not there. Several are to come in one order everywhere: whoever adds the same at the same moment is
    waited for."""
    session.connection().execute(statements[session.get_bind().dialect.name], list(rows))


def added(session: Session, statements: Statements, row: Mapping[str, Any]) -> bool:
    """Add one row; whether it is new. By what comes back: psycopg counts no rows of such an insert."""
    statement = statements[session.get_bind().dialect.name]
    return session.connection().execute(statement.returning(*statement.table.primary_key), dict(row)).first() is not None
