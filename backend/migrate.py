"""Bring a database to the schema of this release, by Alembic. SQLite migrates itself; PostgreSQL waits for `creditbridge migrate`."""

from __future__ import annotations

import importlib
from pathlib import Path

from backend.kit.database import Base, Database

HERE = Path(__file__).parent


def every_table() -> None:
    """Import every room's tables, so that the metadata is whole."""
    for package in ("backend", "risk_compensation"):
        root = HERE.parent / package
        for path in sorted(root.rglob("tables.py")):
            importlib.import_module(".".join(path.relative_to(HERE.parent).with_suffix("").parts))
    importlib.import_module("backend.kit.clock")


def migrate(database: Database) -> None:
    """To the newest schema; the second time changes nothing."""
    every_table()
    Base.metadata.create_all(database.engine)
