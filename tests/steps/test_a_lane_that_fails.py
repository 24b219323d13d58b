"""Whoever is silent is left alone for a while and holds up nobody else.

Cases beyond our own are those that job queues elsewhere were told of: a probe that never ends keeps a breaker half open for ever
(OmniRoute 13836, nora 585), a failure told late lengthens a pause (nv-redfish 211).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import NotYet, Refused, Unreachable
from backend.steps import alerts, lanes
from backend.steps.calendar import Calendar
from backend.steps.model import Answered
from backend.worker import Worker
from tests.steps.lines import DOWN, Line, ask_for, breaks, lane_of, let_pass, locally, run_out, step_of


def test_after_three_failures_a_lane_is_left_alone_and_others_go_on(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    ask_for(database, "s1", "s2", lane="south")
    breaks(database, line, worker, times=5)
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
    breaks(database, line, worker, times=5)
    let_pass(database)
    line.calls.clear()
    worker.run_all()
    assert line.calls == ["n3"], "one probe, of those that have not failed yet, and it failed"
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
    breaks(database, line, worker)
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


@pytest.mark.parametrize("error", [Refused("no such application"), NotYet("not before evening")])
def test_an_answer_that_can_be_used_closes_the_breaker(database: Database, error: Exception) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    breaks(database, line, worker)
    let_pass(database)
    line.trouble = {"n0": error}
    worker.run_all()
    assert sorted(line.effects) == ["n1", "n2"]


def test_a_probe_whose_worker_died_holds_the_lane_no_longer_than_a_lease(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    breaks(database, line, worker)
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
    breaks(database, line, Worker(database, {"line": line}))
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
    breaks(database, line, worker, times=4)
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
    line, quiet = Line(), Line()
    worker = Worker(database, {"line": line, "quiet": locally(quiet)})
    breaks(database, line, worker)
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
