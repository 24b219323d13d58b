"""Bring a database to the schema of this release, by Alembic.

SQLite migrates itself; PostgreSQL waits for `creditbridge migrate`.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from backend.kit.database import Database
from backend.kit.errors import Misconfigured

HERE = Path(__file__).parent


def every_table() -> None:
    """Import every room's tables, so that the metadata is whole."""
    for package in ("backend", "risk_compensation"):
        for path in sorted((HERE.parent / package).rglob("tables.py")):
            importlib.import_module(".".join(path.relative_to(HERE.parent).with_suffix("").parts))
    importlib.import_module("backend.kit.clock")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    return config


@cache
def newest() -> str:
    """The schema this release wants: what lies in `migrations`, read once a process."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current(database: Database) -> str:
    """The schema the database has; empty for a database without one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def migrate(database: Database) -> str:
    """To the newest schema, whose name it answers; the second time changes nothing."""
    if current(database) != newest():
        config = _config()
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            config.attributes["sealer"] = database.sealer
            command.upgrade(config, "head")
    return newest()


def demand_current(database: Database) -> None:
    """Refuse to start on an older schema."""
    found = current(database)
    if found != newest():
        have = f"schema {found}" if found else "no schema"
        raise Misconfigured(f"the database has {have}, this release wants {newest()}: run `creditbridge migrate` first")
