"""Nonsense that a call brings is waited out as silence is, and shown to a person sooner; one spoilt record holds up no other.

Job queues elsewhere were told of one bad message at the head that blocks all behind it for ever (kafka "poison pill").
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Garbled, Unreachable
from backend.steps import alerts
from backend.steps.calendar import Calendar
from backend.steps.model import Answered, Heard
from backend.steps.tables import InboxMessage
from backend.worker import Worker
from tests.steps.lines import DOWN, Line, ask_for, lane_of, let_pass, step_of

MAD = Garbled("half a file")


def shown(database: Database) -> dict[str, alerts.Alert]:
    with database.reading() as session:
        return {each.kind: each for each in alerts.alerts(session, Calendar(), clock.business_now(session))}


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.query(InboxMessage).count()


def mad(name: str) -> Garbled:
    error = Garbled(f"noise about {name}")
    error.heard = (Heard("north", "submit", name, b"?", b"\xff\xfe"),)
    return error


def test_a_mad_lane_is_asked_by_one_probe_at_a_time_and_what_it_says_does_not_pile_up(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    names = [f"n{number}" for number in range(9)]
    line.trouble = {name: mad(name) for name in names}
    ask_for(database, *names)
    worker.run_all()
    assert line.calls == ["n0", "n1", "n2"], "three failures in a row, then it is left alone"
    for pauses in range(1, 6):
        let_pass(database)
        worker.run_all()
        assert len(line.calls) == 3 + pauses, "one probe each time the pause is over"
    assert kept(database) == len(line.calls), "each answer is kept once, verbatim"
    assert {step_of(database, name).state for name in names} == {"waiting"}
    line.trouble.clear()
    let_pass(database)
    worker.run_all()
    assert sorted(line.effects) == names, "and needs no hand"


def test_a_mad_lane_is_shown_after_a_quarter_of_an_hour_in_other_words_than_a_silent_one(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    line.trouble = dict.fromkeys("abc", MAD)
    ask_for(database, *"abc")
    worker.run_all()
    assert shown(database) == {}, "at first it is nobody's business"
    let_pass(database, 16 * 60)
    alert = shown(database)["lane_nonsense"]
    assert (alert.lane, alert.reason) == ("north", "half a file")
    assert alert.words.en == "north has given no answer that can be used for a while"
    assert set(shown(database)) == {"lane_nonsense"}, "its steps need not be named beside it"
    line.trouble = dict.fromkeys("abc", DOWN)
    worker.run_all()
    assert set(shown(database)) == {"lane"}, "now it is silent"
    line.trouble.clear()
    let_pass(database, 16 * 60)
    worker.run_all()
    assert shown(database) == {}


def test_a_month_of_nonsense_sets_nothing_aside(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    line.trouble = dict.fromkeys("abcd", MAD)
    ask_for(database, *"abcd")
    for _ in range(60):
        worker.run_all()
        let_pass(database, 12 * 3600)
    assert {step_of(database, name).state for name in "abcd"} == {"waiting"}
    assert set(shown(database)) == {"lane_nonsense", "waits_nonsense"}
    line.trouble.clear()
    worker.run_all()
    assert sorted(line.effects) == list("abcd")


def test_one_spoilt_record_keeps_nobody_of_its_lane_waiting_and_is_shown_soon(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    line.trouble = {"a": MAD}
    ask_for(database, *"abcdefgh")
    worker.run_all()
    assert line.effects == list("bcdefgh")
    found = lane_of(database)
    assert found is not None
    assert found.failures == 0, "the bank answers others: its line is sound"
    let_pass(database, 16 * 60)
    alert = shown(database)["waits_nonsense"]
    assert (alert.lane, alert.count, alert.reason) == ("north", 1, "half a file")


def test_spoilt_records_that_opened_their_lane_leave_the_probe_to_the_others(database: Database) -> None:
    """Alone they fail until the pause is as long as their own wait; being the oldest, they would be first every time."""
    line = Line()
    worker = Worker(database, {"line": line})
    line.trouble = dict.fromkeys(("p1", "p2", "p3"), MAD)
    ask_for(database, "p1", "p2", "p3")
    for _ in range(15):
        worker.run_all()
        let_pass(database, 16 * 60)
    ask_for(database, *(f"g{number}" for number in range(20)))
    line.calls.clear()
    worker.run_all()
    assert line.calls == ["g0", "p1", "p2", "p3"], "a good one opens the lane, and three spoilt ones shut it again"
    let_pass(database, 6)  # the first, short pause; their own is a quarter of an hour by now
    worker.run_all()
    assert len(line.effects) == 20, "the good ones are through though the spoilt ones stand before them"
    assert {step_of(database, name).state for name in ("p1", "p2", "p3")} == {"waiting"}


def test_a_good_record_that_failed_with_its_line_has_its_turn_before_a_spoilt_one_has_a_second(database: Database) -> None:
    line = Line()
    worker = Worker(database, {"line": line})
    line.trouble = {"spoilt": MAD, "good": DOWN, "other": DOWN}
    ask_for(database, "spoilt", "good", "other")
    for _ in range(15):
        worker.run_all()
        let_pass(database, 16 * 60)
    line.trouble = {"spoilt": MAD}
    for _ in range(2):
        worker.run_all()
        let_pass(database, 16 * 60)
    assert sorted(line.effects) == ["good", "other"]


def test_nonsense_found_in_an_answer_that_is_kept_is_set_aside_at_once(database: Database) -> None:
    class Reading(Line):
        def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: Any) -> None:
            raise Garbled("what was kept cannot be read")

    line = Reading()
    ask_for(database, "a")
    Worker(database, {"line": line}).run_all()
    step = step_of(database, "a")
    assert (step.state, step.last_error) == ("dead", "what was kept cannot be read")
    assert lane_of(database) is None, "the line is not to blame"


@pytest.mark.parametrize("first", [MAD, DOWN])
def test_silence_and_nonsense_count_together(database: Database, first: Exception) -> None:
    line = Line()
    line.trouble = {"a": first, "b": MAD, "c": Unreachable("nobody", retry_after=120)}
    ask_for(database, *"abcd")
    Worker(database, {"line": line}).run_all()
    assert line.calls == list("abc")
    found = lane_of(database)
    assert found is not None
    assert found.open_until is not None
    assert found.open_until - clock.now() > timedelta(seconds=100), "and what was asked of us is kept"


def test_a_call_that_made_something_of_nonsense_tells_the_breaker(database: Database) -> None:
    class Polite(Line):
        def call(self, request: str) -> Answered:
            return Answered({"name": request}, trouble=MAD)

    line = Polite()
    ask_for(database, *"abcd")
    Worker(database, {"line": line}).run_all()
    assert line.effects == ["a", "b", "c"]
    found = lane_of(database)
    assert found is not None
    assert found.nonsense
