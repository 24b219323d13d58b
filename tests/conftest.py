"""What every test may ask for: a fresh database of each make."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.migrate import migrate
from tests import order, postgres
from tests.worker_process import WorkerProcess

_number = count(1)
SEALER = Sealer(bytes(range(32)))
MEMORY, ROOM = Path("/dev/shm"), 4 << 30

# How long one example takes says how busy the machine is, not whether the code is right: nowhere a deadline.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_admin() -> Iterator[str]:
    with postgres.cluster() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_admin: str, worker_id: str) -> Iterator[str]:
    name = f"creditbridge_{worker_id}_template_test"
    with postgres.fresh_database(postgres_admin, name) as url:
        database = Database(url)
        migrate(database)
        database.dispose()
        yield name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-proofs", action="store_true", help="run the proofs at full length (make proofs)")


def pytest_configure(config: pytest.Config) -> None:
    """Databases of tests lie in memory where the system has room for them there: half of the suite's time was waiting for a disk.

    What is killed here is a process, never the machine, and memory survives that. The proofs at full length write to the disk.
    """
    if config.getoption("--full-proofs") or "PYTEST_DEBUG_TEMPROOT" in os.environ or not room_in(MEMORY):
        return
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)  # read by pytest, and by the workers it starts
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly has shuffled: in a run of several processes the long tests come first."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if processes > 1:
        items[:] = order.long_first(items, lambda item: item.nodeid.partition("::")[0], processes)


def room_in(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ROOM


@pytest.fixture(scope="session")
def worker_process() -> Iterator[WorkerProcess]:
    """Where workers live that tests may kill."""
    line = WorkerProcess()
    yield line
    line.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated database; the test runs once on each make."""
    if request.param == "sqlite":
        path = tmp_path / "creditbridge.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        made = Database(f"sqlite:///{path}", SEALER)
        yield made
        made.dispose()
        return
    admin, template = request.getfixturevalue("postgres_admin"), request.getfixturevalue("postgres_template")
    name = f"creditbridge_{request.getfixturevalue('worker_id')}_{next(_number)}_test"
    with postgres.fresh_database(admin, name, template) as url:
        made = Database(url, SEALER)
        yield made
        made.dispose()
