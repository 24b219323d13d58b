"""Whoever is silent is left alone for a while and holds up nobody else; what does not mend by waiting is set aside at once.

Cases beyond our own are those that job queues elsewhere were told of: a probe that never ends keeps a breaker half open for ever
(OmniRoute 13836, nora 585), a failure told late lengthens a pause (nv-redfish 211), a job that kills its worker is taken again
for ever (sidekiq 5300, activepieces 15130), a revived job fails at once by its old count (bullmq 3555).
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Busy, Garbled, NotYet, Refused, Unreachable
from backend.steps import actions, alerts, lanes, revival, views
from backend.steps.calendar import Calendar
from backend.steps.model import MOST_DEATHS, MOST_STUMBLES, Answered
from backend.worker import Worker
from tests.steps.lines import Line, ask_for, lane_of, let_pass, run_out, step_of, wait_until

DOWN = Unreachable("north does not answer")


def _breaks(database: Database, line: Line, worker: Worker, times: int = 3) -> None:
    """The line fails so often in a row."""
    names = [f"n{number}" for number in range(times)]
    line.trouble |= dict.fromkeys(names, DOWN)
    ask_for(database, *names)
    worker.run_all()


def test_after_three_failures_a_lane_is_left_alone_and_others_go_on(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    ask_for(database, "s1", "s2", lane="south")
    _breaks(database, line, worker, times=5)
    assert line.calls == ["s1", "s2", "n0", "n1", "n2"]
    assert line.effects == ["s1", "s2"]
    assert [step_of(database, f"n{number}").attempts for number in range(5)] == [1, 1, 1, 0, 0], "not taken: no try counted"
    found = lane_of(database)
    assert found is not None
    assert found.opened_at is not None
    assert found.reason == "north does not answer"
    assert lane_of(database, "south") is None, "a lane that never failed has no row"


def test_a_half_open_lane_lets_one_probe_through_and_one_success_closes_it(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    _breaks(database, line, worker, times=5)
    let_pass(database)
    line.calls.clear()
    worker.run_all()
    assert line.calls == ["n0"], "one probe, and it failed"
    second = lane_of(database)
    assert second is not None
    assert second.open_until is not None
    assert 5 < (second.open_until - clock.now()).total_seconds() <= 10, "longer than the first pause"
    line.trouble.clear()
    let_pass(database)
    worker.run_all()
    assert sorted(line.effects) == ["n0", "n1", "n2", "n3", "n4"]
    closed = lane_of(database)
    assert closed is not None
    assert (closed.failures, closed.opened_at, closed.since, closed.reason) == (0, None, None, None)
    assert closed.last_ok_at is not None


@pytest.mark.parametrize("neutral", ["nothing left", "fails before it calls"])
def test_a_probe_that_never_speaks_lets_go_at_once(database: Database, neutral: str) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    _breaks(database, line, worker)
    let_pass(database)
    line.trouble.clear()
    line.calls.clear()

    def prepared(name: str) -> Any:
        if name == "n0":
            if neutral == "nothing left":
                return None
            raise KeyError(name)
        return name

    line.prepared = prepared
    worker.run_all()
    assert line.calls == ["n1", "n2"], "the next one probes, and nothing is stuck half open"
    assert step_of(database, "n0").state == ("done" if neutral == "nothing left" else "dead")


@pytest.mark.parametrize("error", [Refused("no such application"), Garbled("half a file"), NotYet("not before evening")])
def test_an_answer_of_any_kind_closes_the_breaker(database: Database, error: Exception) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    _breaks(database, line, worker)
    let_pass(database)
    line.trouble = {"n0": error}
    worker.run_all()
    assert sorted(line.effects) == ["n1", "n2"]


def test_a_probe_whose_worker_died_holds_the_lane_no_longer_than_a_lease(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    _breaks(database, line, worker)
    let_pass(database)
    line.trouble.clear()
    with database.writing() as session:
        taken = worker._lease(session)  # and the worker dies here
        assert taken is not None
        assert taken.probe
    calls = len(line.calls)
    worker.run_all()
    assert len(line.calls) == calls, "one probe at a time, whoever has it"
    run_out(database)
    let_pass(database, 61)
    worker.run_all()
    assert sorted(line.effects) == ["n0", "n1", "n2"]


def test_a_failure_told_late_does_not_lengthen_the_pause(database: Database) -> None:
    line = Line()
    _breaks(database, line, Worker(database, {"line": line}))
    before = lane_of(database)
    with database.writing() as session:
        lanes.failed(session, "north", Unreachable("began before", retry_after=3600), probe=False)
    after = lane_of(database)
    assert before is not None
    assert after is not None
    assert after.open_until == before.open_until


@pytest.mark.parametrize(("wish", "least", "most"), [(120, 115, 120), (1, 1, 5), (10**7, 86_390, 86_400)])
def test_what_the_other_side_asks_us_to_wait_is_kept_within_reason(database: Database, wish: int, least: int, most: int) -> None:
    line = Line()
    line.trouble = dict.fromkeys(("a", "b", "c"), Unreachable("later", retry_after=wish))
    ask_for(database, "a", "b", "c")
    Worker(database, {"line": line}).run_all()
    found = lane_of(database)
    assert found is not None
    assert found.open_until is not None
    assert least - 1 <= (found.open_until - clock.now()).total_seconds() <= most
    waits = step_of(database, "a").not_before
    assert waits is not None
    assert (waits - clock.now()).total_seconds() <= most


def test_a_month_of_silence_ends_no_step_and_is_shown_after_a_day(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    _breaks(database, line, worker, times=4)
    for _ in range(60):
        let_pass(database, 12 * 3600)
        worker.run_all()
    assert {step_of(database, f"n{number}").state for number in range(4)} == {"waiting"}
    with database.reading() as session:
        found = {each.kind: each for each in alerts.alerts(session, Calendar(), clock.business_now(session))}
    assert set(found) == {"lane", "waits"}
    assert found["waits"].count >= 1
    assert clock.now() - found["lane"].since > timedelta(days=29)
    assert found["lane"].reason == "north does not answer"
    line.trouble.clear()
    let_pass(database)
    worker.run_all()
    assert sorted(line.effects) == ["n0", "n1", "n2", "n3"], "and needs no hand"


def test_steps_that_call_nobody_go_on_in_a_lane_that_is_left_alone(database: Database) -> None:
    class Quiet(Line):
        outside = False

    line, quiet = Line(), Quiet()
    worker = Worker(database, {"line": line, "quiet": quiet})
    _breaks(database, line, worker)
    ask_for(database, "word", kind="quiet")
    worker.run_all()
    assert quiet.effects == ["word"], "its own word, that came by itself, is not held up"


def test_what_came_too_early_is_no_failure_of_the_line(database: Database) -> None:
    line = Line()
    line.trouble = dict.fromkeys("abcde", NotYet("the day's file is not there"))
    ask_for(database, *"abcde")
    Worker(database, {"line": line}).run_all()
    assert line.calls == list("abcde")
    assert lane_of(database) is None


def test_a_call_that_made_something_of_its_failure_tells_the_breaker(database: Database) -> None:
    class Polite(Line):
        def call(self, request: str) -> Answered:
            return Answered({"name": request}, trouble=DOWN)

    line = Polite()
    ask_for(database, *"abcd")
    Worker(database, {"line": line}).run_all()
    assert line.effects == ["a", "b", "c"], "answered as it could, and the fourth is not asked"


# ---------------------------------------------------------------- what does not mend by waiting


@pytest.mark.parametrize("error", [KeyError("amount"), TypeError("None"), Garbled("nonsense"), Refused("no")])
def test_what_does_not_mend_is_set_aside_at_once_with_its_reason(database: Database, error: Exception) -> None:
    line = Line()
    line.trouble = {"bad": error}
    ask_for(database, "bad", "good")
    Worker(database, {"line": line}).run_all()
    step = step_of(database, "bad")
    assert (step.state, step.attempts) == ("dead", 1)
    assert step.last_error
    assert line.effects == ["good"]


class InTheDatabase(Line):
    """Its effect goes wrong in the database."""

    outside: Any = False

    def __init__(self, statement: str, postgresql: str | None = None) -> None:
        super().__init__()
        self.statement, self.on_postgresql = statement, postgresql

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: Any) -> None:
        on_postgresql = session.get_bind().dialect.name == "postgresql"
        session.execute(text((self.on_postgresql if on_postgresql else None) or self.statement), {"secret": "6222-0000"})


def test_a_database_error_is_set_aside_and_its_values_stay_out_of_the_reason(database: Database) -> None:
    line = InTheDatabase("INSERT INTO steps (id, kind, key) VALUES (:secret, 'k', 'k')")
    ask_for(database, "bad", lane=None)
    Worker(database, {"line": line}).run_all()
    step = step_of(database, "bad")
    assert step.state == "dead"
    assert "6222" not in str(step.last_error)
    assert "null" in str(step.last_error).lower()


def test_a_bad_moment_of_the_database_is_tried_again_five_times(database: Database) -> None:
    class Deadlocked(Line):
        outside: Any = False

        def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: Any) -> None:
            raise Busy("others hold the lock")

    line = Deadlocked()
    worker = Worker(database, {"line": line})
    ask_for(database, "again", lane=None)
    for number in range(MOST_STUMBLES):
        worker.run_all()
        step = step_of(database, "again")
        assert (step.state, step.stumbles) == ("waiting", number + 1)
        let_pass(database, 60)
    worker.run_all()
    assert step_of(database, "again").state == "dead"


def test_what_prepares_wrongly_leaves_nothing_half_done_and_does_not_spin(database: Database) -> None:
    class Broken(Line):
        def prepare(self, session: Session, payload: dict[str, Any], at: Any) -> Any:
            session.execute(text("UPDATE steps SET last_error = 'half' WHERE key = 'other'"))
            session.execute(text("SELECT * FROM no_such_table"))

    ask_for(database, "bad")
    ask_for(database, "other", kind="unknown")
    assert Worker(database, {"line": Broken()}).run_all() == 1
    assert step_of(database, "bad").state == "dead"
    assert step_of(database, "other").last_error is None


def test_a_step_that_kills_its_worker_is_set_aside_after_five_and_revived_with_a_clean_count(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    ask_for(database, "killer", "harmless")
    for _ in range(MOST_DEATHS):
        with database.writing() as session:
            step = actions.take(session, at=clock.business_now(session), kinds=["line"])
            assert step is not None
            assert step.key == "killer"
        run_out(database)
    worker.run_all()
    step = step_of(database, "killer")
    assert (step.state, step.deaths) == ("dead", MOST_DEATHS)
    assert step.last_error == "5 workers in a row died while they did this step"
    assert line.effects == ["harmless"]
    with database.writing() as session:
        revival.revive(session, SYSTEM, step_id=step.id, at=clock.business_now(session))
    worker.run_all()
    assert line.effects == ["harmless", "killer"]


def test_deaths_count_only_in_a_row(database: Database) -> None:
    line = Line()
    line.trouble = {"unlucky": DOWN}
    worker = Worker(database, {"line": line})
    ask_for(database, "unlucky")
    for _ in range(3):
        for _ in range(MOST_DEATHS - 1):
            with database.writing() as session:
                assert actions.take(session, at=clock.business_now(session), kinds=["line"]) is not None
            run_out(database)
        worker.run_all()
        assert step_of(database, "unlucky").state == "waiting"
        assert step_of(database, "unlucky").deaths == 0
        with database.writing() as session:
            lanes.try_now(session)
        let_pass(database)


# ---------------------------------------------------------------- threads


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
    _breaks(database, first, Worker(database, {"line": first}))
    ask_for(database, "more")
    assert Worker(database, {"line": second}).run_all() == 0
    assert second.calls == []


# ---------------------------------------------------------------- revival


def test_many_are_revived_by_lane_kind_or_all_and_nobody_revives_all_by_leaving_a_field_out(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line, "other": line})
    line.trouble = dict.fromkeys("abcd", Garbled("nonsense"))
    ask_for(database, "a")
    ask_for(database, "b", lane="south")
    ask_for(database, "c", kind="other")
    ask_for(database, "d", lane=None)
    worker.run_all()
    line.trouble.clear()

    def revived(**which: Any) -> int:
        with database.writing() as session:
            return revival.revive_many(session, SYSTEM, at=clock.business_now(session), **which)

    assert revived(lane="south") == 1
    assert revived(lane="north", kind="other") == 1
    assert revived(kind="no_such_kind") == 0
    for wrong in ({}, {"everything": True, "lane": "north"}):
        with pytest.raises(Exception, match="which"):
            revived(**wrong)
    worker.run_all()
    assert sorted(line.effects) == ["b", "c"]
    assert revived(everything=True) == 2
    worker.run_all()
    assert sorted(line.effects) == ["a", "b", "c", "d"]


def test_reviving_a_lane_tries_it_now_whatever_its_pause(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    _breaks(database, line, worker)
    line.trouble.clear()
    with database.writing() as session:
        revival.revive_many(session, SYSTEM, at=clock.business_now(session), lane="north")
    worker.run_all()
    assert sorted(line.effects) == ["n0", "n1", "n2"]


def test_part_of_a_batch_is_put_aside_once_with_its_reason(database: Database) -> None:
    for error in ("first", "told again"):
        with database.writing() as session:
            due = clock.business_now(session)
            new = actions.put_aside(
                session, kind="line", key="part", payload={"name": "part"}, lane="north", error=error, due=due
            )
            assert new is (error == "first")
    step = step_of(database, "part")
    assert (step.state, step.last_error, step.lane) == ("dead", "first", "north")
    assert step.since is not None
    line = Line()
    worker = Worker(database, {"line": line})
    assert worker.run_all() == 0
    with database.writing() as session:
        revival.revive(session, SYSTEM, step_id=step.id, at=clock.business_now(session))
    worker.run_all()
    assert line.effects == ["part"]
