"""A database of the release before, with unfinished steps in it, opens and goes on: each step learns whom it speaks to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Connection, MetaData, Table, text

from backend import migrate
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from tests import postgres

NOW = datetime(2025, 5, 6, 9, tzinfo=UTC)
STEPS = {
    "lender.collect": ({"bank": "orchard_bank", "day": "2025-05-06"}, "waiting", "orchard_bank"),
    "lender.submit": ({"application": "app_1"}, "waiting", "harbour_bank"),
    "lender.poll": ({"application": "app_1"}, "leased", "harbour_bank"),
    "lender.accept": ({"application": "app_1", "offer": "offer_1"}, "dead", "harbour_bank"),
    "lender.supplement": ({"application": "app_gone", "documents": []}, "waiting", None),
    "lender.callback": ({"inbox": "inbox_1", "messages": []}, "waiting", "harbour_bank"),
    "gather": ({"firm": "firm_1", "purpose": "pre_loan"}, "waiting", "departments"),
    "loans.day": ({"day": "2025-05-06"}, "waiting", None),
    "lender.withdraw": ({"application": "app_1", "reason": ""}, "done", None),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The schema before lanes."""
    if request.param == "sqlite":
        yield _at_0010(f"sqlite:///{tmp_path / 'old.db'}")
        return
    admin = request.getfixturevalue("postgres_admin")
    with postgres.fresh_database(admin, f"creditbridge_{request.getfixturevalue('worker_id')}_lanes_test") as url:
        made = _at_0010(url)
        yield made
        made.dispose()


def _at_0010(url: str) -> Database:
    database = Database(url, Sealer(bytes(32)))
    config = migrate._config()
    with database.engine.execution_options(creditbridge_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")
    return database


def _insert(connection: Connection, table: str, **given: Any) -> None:
    """A row of the old schema; what must be there and does not matter is made up by its type."""
    found = Table(table, MetaData(), autoload_with=connection)
    made_up: dict[Any, Any] = {str: "", int: 0, bool: False, datetime: NOW, date: NOW.date(), bytes: b"", dict: {}}
    for column in found.columns:
        if column.name not in given and not column.nullable and column.server_default is None:
            kind = dict if isinstance(column.type, JSON) else column.type.python_type
            given[column.name] = made_up[kind]
    connection.execute(found.insert(), given)


def test_what_waits_already_learns_whom_it_speaks_to(before: Database) -> None:
    with before.writing() as session:
        connection = session.connection()
        _insert(connection, "parties", id="party_1", kind="firm", code="firm_1")
        _insert(connection, "firms", id="firm_1", party_id="party_1", uscc="91420100000000000U")
        _insert(connection, "needs", id="need_1", firm_id="firm_1")
        _insert(connection, "applications", id="app_1", need_id="need_1", firm_id="firm_1", bank="harbour_bank")
        _insert(connection, "inbox_messages", id="inbox_1", source="harbour_bank")
        for number, (kind, (payload, state, _)) in enumerate(STEPS.items()):
            _insert(connection, "steps", id=f"step_{number}", kind=kind, key="k", payload=payload, state=state)
    assert migrate.migrate(before) == migrate.newest()
    with before.reading() as session:
        found = {row.kind: row.lane for row in session.execute(text("SELECT kind, lane FROM steps"))}
    assert found == {kind: lane for kind, (_, _, lane) in STEPS.items()}
