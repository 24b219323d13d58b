"""For rooms whose tests play many acts in one transaction, which no caller does: the order of their locks is not looked at there.

On the stage, where people come through the doors, it is. A folder's `conftest.py` takes the fixture in.
"""

from __future__ import annotations

import pytest

from backend.kit import locks
from backend.kit.database import Database


@pytest.fixture
def database(request: pytest.FixtureRequest, database: Database) -> Database:
    """The database of the test, told of many acts unless people play on it."""
    if "stage" not in request.fixturenames:
        database.tell(**{locks.MANY_ACTS: True})
    return database
