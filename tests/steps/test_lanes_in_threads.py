"""In threads a silent lane delays no other, and two workers share one breaker."""

from __future__ import annotations

import threading

from backend.kit.database import Database
from backend.steps import views
from backend.steps.model import Answered
from backend.worker import Worker
from tests.steps.lines import Line, ask_for, breaks, wait_until


class Silent(Line):
    """North never answers until it is let; others answer at once."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def call(self, request: str) -> Answered:
        if request.startswith("n"):
            assert self.free.wait(20)
        return super().call(request)


def test_in_threads_a_silent_lane_delays_no_other(database: Database) -> None:
    line = Silent()
    worker = Worker(database, {"line": line}, pause_seconds=0.05)
    ask_for(database, *(f"n{number}" for number in range(54)))
    worker.start()
    try:
        wait_until(lambda: any(thread.name == "worker north" for thread in threading.enumerate()), 5)
        ask_for(database, "s1", "s2", lane="south")
        ask_for(database, "local", lane=None)
        worker.wake()
        wait_until(lambda: sorted(line.effects) == ["local", "s1", "s2"], 5)
        assert not any(name.startswith("n") for name in line.calls), "north has not answered one of its fifty-four"
        line.free.set()
        wait_until(lambda: len(line.effects) == 57, 30)
        wait_until(lambda: not any(thread.name.startswith("worker ") for thread in threading.enumerate()), 5)
    finally:
        line.free.set()
        worker.stop()
    with database.reading() as session:
        assert views.by_state(session) == {"done": 57}


def test_two_workers_share_one_breaker(database: Database) -> None:
    first, second = Line(), Line()
    breaks(database, first, Worker(database, {"line": first}))
    ask_for(database, "more")
    assert Worker(database, {"line": second}).run_all() == 0
    assert second.calls == []
