"""Stories are told on a stage: the whole platform and three sandbox banks, on each make of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.kit.database import Database
from tests.stage import Stage


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()
