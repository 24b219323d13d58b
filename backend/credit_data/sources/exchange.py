"""The exchange database 前置库: read only, by SQL, one table (see README.md here). It may be SQLite or PostgreSQL.

It is somebody else's: no transaction of ours is open while we read it, and its outage is `Unreachable`, never a loss.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from backend.credit_data.link import spellings
from backend.credit_data.records import SHAPES
from backend.kit.errors import Unreachable


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as delivered. `payload` is the verbatim text."""

    source: str
    kind: str
    delivered_on: date
    payload: str

    def fields(self) -> dict[str, Any]:
        """The payload as an object; whatever is not one is an empty object (the fault is collected by the caller)."""
        try:
            found = json.loads(self.payload)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class FrontDatabase:
    """Reads what departments delivered for one firm."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite:///"):
            url = f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"
        self._engine = create_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=not url.startswith("sqlite")
        )

    def fetch(self, uscc: str, *, since: Mapping[str, date | None], until: date) -> list[RawRecord]:
        """Records of the named items (item -> fetched until, or None for all), delivered by `until`, in order of delivery.

        Only the kinds of record that those items open are asked for. Raises Unreachable.
        """
        wanted = [(source, kind, since[shape.item]) for (source, kind), shape in SHAPES.items() if shape.item in since]
        if not wanted:
            return []
        query = text(
            "SELECT source, kind, delivered_on, payload FROM records WHERE uscc IN :names AND delivered_on <= :until "
            "AND source IN :sources ORDER BY delivered_on, id"
        ).bindparams(bindparam("sources", expanding=True), bindparam("names", expanding=True))
        try:
            with self._engine.connect() as connection:
                sources = sorted({source for source, _, _ in wanted})
                asked = {"names": spellings(uscc), "until": until.isoformat(), "sources": sources}
                rows = connection.execute(query, asked).all()
        except SQLAlchemyError as error:
            raise Unreachable("the departments' exchange database does not answer", code="exchange_database") from error
        start = {(source, kind): day for source, kind, day in wanted}
        found = []
        for source, kind, delivered_on, payload in rows:
            day = date.fromisoformat(str(delivered_on))
            if (source, kind) in start and day >= (start[source, kind] or date.min):
                found.append(RawRecord(source, kind, day, payload))
        return found

    def dispose(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()
