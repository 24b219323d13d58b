"""Where a play is played: a database, real servers on it, and the people whom every play needs.

People, firms and what has happened to them before are written straight into the tables, so that hundreds of fresh subjects
cost seconds; what is played goes through the public doors alone.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import text

from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.settings import Settings, with_secrets
from tests.concurrency import pauses, taken_away
from tests.concurrency.callers import Call, Crowd, Login, Told, ask
from tests.concurrency.people import Town

DAY = date(2025, 6, 3)  # a Tuesday
# On SQLite a writer stops all others while it waits: there a shorter wait opens the same window.
MOST_MS = {"sqlite": 2, "postgresql": 8}


class Zygote:
    """The process that forks servers."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.concurrency.server"]
        self._line = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, **order: Any) -> dict[str, Any]:
        assert self._line.stdin is not None
        assert self._line.stdout is not None
        self._line.stdin.write(json.dumps(order) + "\n")
        self._line.stdin.flush()
        return dict(json.loads(self._line.stdout.readline()))

    def close(self) -> None:
        assert self._line.stdin is not None
        self._line.stdin.close()
        try:
            self._line.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._line.kill()
            self._line.wait()


class Stand:
    """One database with its servers. `name` is its make."""

    def __init__(self, zygote: Zygote, url: str, folder: Path, *, servers: int = 2, removals: Sequence[str] = ()) -> None:
        self.zygote, self.folder = zygote, folder
        settings = with_secrets(
            Settings(
                mode="sandbox",
                var=folder / "var",
                database_url=url,
                department_url=f"sqlite:///{folder / 'departments.db'}",
                password_cost="cheapest",
                public_url="http://platform",
                lenders={"harbour_bank": "http://127.0.0.1:9"},
                sandbox_day=DAY,
                trusted_proxies="127.0.0.1",  # a caller says from which address it comes
            )
        )
        self.settings = settings
        self.database = Database(url, Sealer(bytes.fromhex(settings.record_key)))
        self.name = "sqlite" if self.database.is_sqlite else "postgresql"
        self.most_ms = MOST_MS[self.name]
        self.said = folder / "servers.log"
        self.removals = list(removals)
        self._numbers = count(1)
        self._pids: list[int] = []
        self.ports: list[int] = []
        self._deadlocks = self._deadlocks_in_the_log()
        pauses.install(self.database.engine)
        taken_away.install(self.database.engine, self.removals, self.said)
        first = zygote.order(do="begin", **self._order())
        assert first["status"] == 0, self.said.read_text()[-3000:]
        self.town = Town(self.database, settings)
        for _ in range(servers):
            self.serve()
        self.crowd = Crowd()

    def _order(self) -> dict[str, Any]:
        return {"settings": self.settings.model_dump(mode="json"), "said": str(self.said), "removals": self.removals}

    def serve(self, *, work: bool = False) -> int:
        """One more server; its port."""
        ready = self.folder / f"ready-{next(self._numbers)}"
        self._pids.append(self.zygote.order(do="serve", ready=str(ready), work=work, **self._order())["pid"])
        until = time.monotonic() + 60
        while not ready.exists():
            waits = time.monotonic() < until and not Path(f"{ready}.dead").exists()
            assert waits, self.said.read_text()[-3000:]
            time.sleep(0.02)
        self.ports.append(int(ready.read_text()))
        return self.ports[-1]

    def work(self) -> None:
        """A worker process does whatever is due."""
        assert self.zygote.order(do="work", **self._order())["status"] == 0, self.said.read_text()[-3000:]

    def ask(self, call: Call) -> Told:
        """One call alone, without waits."""
        return ask(self.ports[0], call)

    def do(self, method: str, path: str, who: Login, body: Any = None) -> Any:
        """One call alone that must succeed."""
        told = self.ask(Call("set the scene", method, path, body, who=who))
        assert told.status < 400, f"{method} {path}: {told.status} {told.body}"
        return told.body

    def at_once(self, callers: Sequence[Sequence[Call]], seed: str) -> list[Told]:
        return self.crowd.at_once(self.ports, callers, seed=seed, most_ms=self.most_ms)

    def read(self, statement: str, **given: Any) -> list[Any]:
        """Rows as they stand in the book."""
        with self.database.reading() as session:
            return list(session.execute(text(statement), given))

    def one(self, statement: str, **given: Any) -> Any:
        """The only value of the only row."""
        ((value,),) = self.read(statement, **given)
        return value

    def deadlocks(self) -> int:
        """How often PostgreSQL has said `deadlock detected` since this stand began."""
        return self._deadlocks_in_the_log() - self._deadlocks

    def _deadlocks_in_the_log(self) -> int:
        if self.database.is_sqlite:
            return 0
        folder = self.one("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
        log = Path(folder or "/nowhere") / "log"
        if log.is_file():
            return len(re.findall("deadlock detected", log.read_text(errors="replace")))
        return int(self.one("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))

    def faults(self) -> Counter[str]:
        """What the servers' log says went wrong: the last line of each traceback that reached nobody's answer."""
        if not self.said.exists():
            return Counter()
        lines = self.said.read_text(errors="replace").splitlines()
        return Counter(line[:160] for line in lines if re.match(r"[\w.]+(Error|Order|NotHeld|Exception|Violation)\b", line))

    def taken_away(self) -> bool:
        """Whether some server has really left out a lock."""
        return self.said.exists() and "taken away: " in self.said.read_text(errors="replace")

    def close(self) -> None:
        self.crowd.close()
        for pid in self._pids:
            self.zygote.order(do="stop", pid=pid, hard=True)
        self.database.dispose()


@contextmanager
def on_sqlite(zygote: Zygote, template: Path, folder: Path, *, servers: int = 2) -> Iterator[Stand]:
    """Two server processes on one file."""
    path = folder / "creditbridge.db"
    shutil.copy(template, path)
    stand = Stand(zygote, f"sqlite:///{path}", folder, servers=servers)
    try:
        yield stand
    finally:
        stand.close()


@contextmanager
def on_postgresql(
    zygote: Zygote, admin: str, template: str, folder: Path, *, name: str, servers: int = 2, removals: Sequence[str] = ()
) -> Iterator[Stand]:
    """Server processes on a database of their own, a constraint of which may have been taken away."""
    from tests import postgres

    with postgres.fresh_database(admin, name, template) as url:
        for removal in removals:
            if removal.startswith("constraint:"):
                bare = Database(url)
                taken_away.drop(bare.engine, removal)
                bare.dispose()
        stand = Stand(zygote, url, folder, servers=servers, removals=removals)
        try:
            yield stand
        finally:
            stand.close()
