"""Whole servers in processes of their own, to be killed: `python -m tests.server_process`, spoken to over its standard input.

A line is an order in JSON; a fresh process is forked that carries it out until it is killed, and its number is answered. The
parent has imported and read everything and keeps no connection, so that a new server stands within a second. Orders: the three
sandbox banks behind sockets (`banks`); uvicorn with the whole platform (`serve`, with or without the worker inside); a worker
alone (`work`). `crash` names a crash point of the worker at which the process dies by itself. `plant` plants a fault, to show
that whoever counts would notice it. When the parent's input ends, all that it began ends too.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from backend.applications.handlers import Submit
from backend.applications.tables import Application
from backend.doors import Platform
from backend.kit import crash
from backend.kit.ids import new_id
from backend.settings import Settings, with_secrets
from lender_adapters import registry

BANKS = tuple(registry.lenders())
LATE = 0.08


class ServerProcess:
    """The tests' end of the line."""

    def __init__(self, log: Path) -> None:
        command = [sys.executable, "-m", "tests.server_process", str(log)]
        self._line = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._speaking = threading.Lock()

    def _begin(self, **order: Any) -> int:
        assert self._line.stdin is not None
        assert self._line.stdout is not None
        with self._speaking:
            self._line.stdin.write(json.dumps(order) + "\n")
            self._line.stdin.flush()
            return int(self._line.stdout.readline())

    def banks(self, settings: Settings, folder: Path, first_day: date) -> int:
        """The sandbox banks of `settings.lenders`, each with a book in the folder."""
        return self._begin(do="banks", settings=settings.model_dump_json(), folder=str(folder), day=first_day.isoformat())

    def serve(self, settings: Settings, *, worker: bool, crash_at: str = "", plant: str = "") -> int:
        """uvicorn at the port of `settings.public_url`."""
        return self._begin(do="serve", settings=settings.model_dump_json(), worker=worker, crash=crash_at, plant=plant)

    def work(self, settings: Settings, *, crash_at: str = "", plant: str = "") -> int:
        """A worker alone."""
        return self._begin(do="work", settings=settings.model_dump_json(), crash=crash_at, plant=plant)

    def close(self) -> None:
        assert self._line.stdin is not None
        self._line.stdin.close()
        self._line.wait(timeout=60)


def lives(process: int) -> bool:
    """Whether a process is still there: the parent takes leave of its dead at once."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def kill(process: int) -> None:
    """SIGKILL, and wait until nothing is left of it."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    while lives(process):
        time.sleep(0.002)


# ---------------------------------------------------------------- the far end


class CommitsLate(Session):
    """A planted fault: what a caller was told is written to the disk a moment later, by another thread."""

    _late = False

    def commit(self) -> None:
        self._late = True

    def close(self) -> None:
        if self._late:
            self._late = False
            threading.Timer(LATE, self._really).start()
        else:
            super().close()

    def _really(self) -> None:
        super().commit()
        super().close()


class ForgetsItsReference(Submit):
    """A planted fault: an application is handed in under a new reference when it is handed in again. That a bank has taken one
    and we die before we know of it need not wait for chance: a crash point of its own stands there."""

    def call(self, request: Any) -> Any:
        answer = super().call(request)
        crash.crashpoint("handed in")
        return answer

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> Any:
        found = super().prepare(session, payload, at)
        if found is None or not self._tried_before(session, session.get_one(Application, payload["application"])):
            return found
        return found[0], replace(found[1], reference=new_id("app"))


def plant(house: Platform, fault: str) -> None:
    """Put a fault in."""
    if fault == "commits late":
        writers = house.database._writers
        words = {name: value for name, value in writers.kw.items() if name != "bind"}
        house.database._writers = sessionmaker(writers.kw["bind"], class_=CommitsLate, **words)
    elif fault == "forgets its reference":
        handlers: Any = house.worker.handlers
        handlers["lender.submit"] = ForgetsItsReference(handlers["lender.submit"].desk)
    elif fault:
        raise ValueError(f"nobody knows how to plant “{fault}”")


def carry_out(order: dict[str, Any]) -> None:
    """In the forked process."""
    import uvicorn

    from backend.app import begin, begin_to_work, create_app, create_platform
    from lender_adapters.sandbox.server import running

    settings = Settings.model_validate_json(order["settings"])
    if order["do"] == "banks":
        with ExitStack() as open_while:
            for code, url in settings.lenders.items():
                bank = registry.sandbox(
                    code,
                    path=Path(order["folder"]) / f"{code}.db",
                    secrets=registry.sandbox_secrets(code, bytes.fromhex(settings.signing_key)).bank,
                    callback_url=f"{settings.public_url}/api/banks/{code}/callbacks",
                    first_day=date.fromisoformat(order["day"]),
                )
                open_while.enter_context(running(bank, int(url.rpartition(":")[2])))
            signal.pause()
        return
    os.environ["CREDITBRIDGE_CRASH_AT"] = order["crash"]
    importlib.reload(crash)  # it reads the environment when it is imported, as a real worker does at its start
    house = create_platform(settings)
    plant(house, order["plant"])
    if order["do"] == "work":
        begin_to_work(house, settings)
        house.worker.run_forever()
        return
    begin(house, settings)
    port = int(settings.public_url.rpartition(":")[2])
    app = create_app(house, work=order["worker"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def warm_up() -> None:
    """Import everything and read every file of rules, once for all children: a platform of one moment does it."""
    import uvicorn  # noqa: F401  # the children need it

    from backend.app import begin, create_app, create_platform

    with tempfile.TemporaryDirectory() as folder:
        settings = with_secrets(
            Settings(var=Path(folder), password_cost="cheapest", lenders=dict.fromkeys(BANKS, "http://127.0.0.1"))
        )
        house = create_platform(settings)
        begin(house, settings)
        create_app(house, work=False)
        house.database.dispose()


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)  # what servers print is no answer
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead: they are gone at once
    children = []
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                carry_out(json.loads(line))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children.append(child)
        answers.write(f"{child}\n")
        answers.flush()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
