"""Here a test plays many acts in one transaction, which no caller does: the order of their locks is not looked at."""

import pytest

from backend.kit import locks
from backend.kit.database import Database


@pytest.fixture
def database(database: Database) -> Database:
    database.tell(**{locks.MANY_ACTS: True})
    return database
