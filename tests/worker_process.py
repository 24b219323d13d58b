"""Workers in processes of their own, to be killed: `python -m tests.worker_process`, spoken to over its standard input.

A line is a platform's settings (JSON), or a crash point (`called:1`), or `-` for a worker that may live. For the latter two a
fresh process is forked that does whatever is due on the same database, and how it ended is answered: `killed`, `done`, or what
went wrong. The parent imports everything once and keeps no connection, so that a death costs milliseconds.

`plant=…` before the crash point plants a fault, to show that whoever counts would notice it.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import traceback
from datetime import date

from sqlalchemy import update

from backend.doors import Platform
from backend.kit import clock, crash
from backend.kit.database import Database
from backend.settings import Settings
from backend.steps import actions as steps
from backend.steps.tables import Step
from backend.worker import Lease, Worker


class WorkerProcess:
    """The tests' end of the line."""

    def __init__(self) -> None:
        self.database: Database | None = None
        command = [sys.executable, "-m", "tests.worker_process"]
        self._line = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def work_on(self, settings: Settings, database: Database) -> None:
        """From now on workers belong to this platform."""
        self.database = database
        self._say(settings.model_dump_json())

    def _say(self, line: str) -> None:
        assert self._line.stdin is not None
        self._line.stdin.write(line + "\n")
        self._line.stdin.flush()

    def _ask(self, line: str) -> str:
        self._say(line)
        assert self._line.stdout is not None
        return self._line.stdout.readline().strip()

    def killed_at(self, point: str, *, plant: str = "", lease_over: bool = True) -> bool:
        """Whether a worker died there; afterwards its lease has run out, if so wished."""
        answer = self._ask(f"plant={plant} {point}" if plant else point)
        assert answer in ("killed", "done"), answer
        if lease_over:
            self.run_out_leases()
        return answer == "killed"

    def run_out_leases(self) -> None:
        """A lease lasts a minute of machine time; the test does not wait for it, it writes down that it is over."""
        assert self.database is not None
        with self.database.writing() as session:
            session.execute(update(Step).where(Step.state == "leased").values(lease_until=clock.start_of(LONG_AGO)))

    def finish(self) -> None:
        """Another worker does all that is left and lives."""
        answer = self._ask("-")
        assert answer == "done", answer

    def close(self) -> None:
        assert self._line.stdin is not None
        self._line.stdin.close()
        self._line.wait(timeout=60)


LONG_AGO = date(2020, 1, 1)


# ---------------------------------------------------------------- the far end


class MarksBeforeItCalls(Worker):
    """The planted fault: the step is written off as done before the bank is called."""

    def _speak(self, lease: Lease) -> None:
        if lease.outside is not None:
            with self.database.writing() as session:
                steps.finish(session, lease.step)
            crash.crashpoint("marked")
        super()._speak(lease)


def work(house: Platform, order: str) -> None:
    """In the forked process: die at the crash point, or do all that is due."""
    if order.startswith("plant="):
        _, order = order.split(" ", 1)
        house.worker = MarksBeforeItCalls(house.database, house.worker.handlers)
    os.environ["CREDITBRIDGE_CRASH_AT"] = "" if order == "-" else order
    importlib.reload(crash)  # it reads the environment when it is imported, as a real worker does at its start
    house.worker.run_all()


def main() -> None:
    from backend.app import create_platform  # the whole house: only this process needs it

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the log prints is no answer
    house: Platform | None = None
    for line in sys.stdin:
        if line.startswith("{"):
            house = create_platform(Settings.model_validate_json(line))
            house.database.dispose()  # connections are not for sharing with a child
            continue
        assert house is not None
        child = os.fork()
        if child == 0:
            try:
                work(house, line.strip())
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        said = "killed" if ended == signal.SIGKILL else "done" if status == 0 else f"ended with {status}"
        print(said, file=answers, flush=True)


if __name__ == "__main__":
    main()
