"""What returns is planned from the calendar: whatever became of one, the next one stands, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Refused
from backend.kit.words import Words
from backend.loans import retention
from backend.loans.intake import CLOSES, DAY, close, close_one
from backend.loans.tables import ClassEvent, Draw, DueLine
from backend.steps import actions
from backend.steps.calendar import Calendar
from backend.steps.model import Local
from backend.steps.tables import Step
from tests.portal.visitor import Visitor
from tests.stage import Stage
from tests.steps.lines import let_pass, once_wrong
from tests.stories import guaranteed as road

FILES = "lender.collect"
MONDAY = date(2025, 5, 12)


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()


class Closing:
    """Closes days and says which; some days it cannot."""

    def __init__(self) -> None:
        self.closed: list[date] = []
        self.cannot: set[date] = set()

    def one(self, session: Session, day: date, at: datetime) -> None:
        if day in self.cannot:
            raise Refused(Words("此日不能处理", "this day cannot be closed"))
        close_one(session, day, at)
        self.closed.append(day)


def closing(stage: Stage) -> Closing:
    made = Closing()
    stage.house.worker.handlers = {**stage.house.worker.handlers, DAY: Local(partial(close, one=made.one))}
    return made


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def states(stage: Stage, kind: str) -> dict[str, str]:
    """Key -> state, in the order of the keys."""
    with stage.database.reading() as session:
        query = select(Step.key, Step.state).where(Step.kind == kind).order_by(Step.key)
        return {row.key: row.state for row in session.execute(query)}


def overdue(stage: Stage) -> list[tuple[str, str]]:
    with stage.database.reading() as session:
        found = stage.house.worker.calendar.overdue(session, clock.business_now(session))
        return [(each.step.kind, each.step.key) for each in found]


def revive(stage: Stage, kind: str) -> None:
    """The operator sends on its way again whatever of that kind was set aside."""
    for step in stage.operator.do("GET", "/api/operator/steps")["dead"]:
        if step["kind"] == kind:
            stage.operator.do("POST", f"/api/operator/steps/{step['id']}/revive")
    stage.settle()


def sleep_until(stage: Stage, moment: datetime) -> None:
    """Business time passes, and nobody works."""
    with stage.database.writing() as session:
        clock.move_to(session, moment)


def of_four_days(state: str) -> list[tuple[str, str]]:
    """How the files of the days after that Monday stand: the first so, two fetched, one to come."""
    four = zip(days(MONDAY + timedelta(days=1), 4), (state, "done", "done", "waiting"), strict=True)
    return [(f"orchard_bank:{day}", each) for day, each in four]


def test_a_file_that_cannot_be_read_is_asked_for_again_and_the_next_days_are_fetched(stage: Stage) -> None:
    stage.day(MONDAY)
    stage.control("orchard_bank", "POST", "fault", {"kind": "noise", "times": 1})
    stage.days(1)
    with stage.database.writing() as session:
        session.execute(update(Step).where(Step.nonsense).values(not_before=clock.now() + timedelta(hours=1)))
    stage.days(2)
    assert [each for each in states(stage, FILES).items() if each[0] > f"orchard_bank:{MONDAY}"] == of_four_days("waiting")
    assert overdue(stage) == [(FILES, f"orchard_bank:{MONDAY + timedelta(days=1)}")], "a person sees it"
    password = (stage.folder / "var/secrets/operator_password").read_text().strip()
    desk = Visitor(stage.client.app).get("/sign-in").send("/sign-in", login="operator", password=password)  # type: ignore[arg-type]
    assert "未按时完成" in desk.get("/desk/operator").text
    let_pass(stage.database)
    stage.settle()
    assert states(stage, FILES)[f"orchard_bank:{MONDAY + timedelta(days=1)}"] == "done", "and need not do anything"
    assert overdue(stage) == []


def test_a_file_over_which_we_stumble_is_set_aside_and_the_next_days_are_fetched(stage: Stage) -> None:
    stage.day(MONDAY)
    once_wrong(stage.house.worker, FILES)
    stage.days(3)
    bad = f"orchard_bank:{MONDAY + timedelta(days=1)}"
    assert [each for each in states(stage, FILES).items() if each[0] > f"orchard_bank:{MONDAY}"] == of_four_days("dead")
    assert overdue(stage) == [(FILES, bad)]
    revive(stage, FILES)
    assert states(stage, FILES)[bad] == "done"
    assert overdue(stage) == []


def test_a_question_that_was_set_aside_is_not_the_last_about_its_application(stage: Stage) -> None:
    stage.sound_firm(road.USCC)
    stage.fate("bell_tower_bank", road.USCC, decision="approve")
    firm = stage.firm(road.USCC)
    stage.authorise(firm, ("bell_tower_bank",))
    stage.gather(firm)
    stage.apply(firm, ("tax_credit_loan", "equal_instalments"), amount_fen=20_000_000)
    stage.settle()
    once_wrong(stage.house.worker, "lender.poll")
    stage.days(1)
    (aside,) = [key for key, state in states(stage, "lender.poll").items() if state == "dead"]
    stage.days(5)
    assert road.state(stage, firm) == "approved"
    before = states(stage, "lender.poll")
    assert [key for key, state in before.items() if state == "dead"] == [aside]
    revive(stage, "lender.poll")
    assert states(stage, "lender.poll")[aside] == "done"
    assert len(stage.need(firm)["offers"]) == 1, "asked twice, told once"


def test_a_day_that_cannot_be_closed_holds_up_no_other(stage: Stage) -> None:
    stage.day(MONDAY)
    end_of_day = closing(stage)
    tuesday = MONDAY + timedelta(days=1)
    end_of_day.cannot = {tuesday}
    stage.days(4)
    assert end_of_day.closed == days(tuesday + timedelta(days=1), 3)
    assert overdue(stage) == [(DAY, tuesday.isoformat())]
    end_of_day.cannot.clear()
    revive(stage, DAY)
    assert end_of_day.closed == days(tuesday + timedelta(days=1), 3), "a later day is closed: the book does not go back"
    assert overdue(stage) == []


def test_a_loan_that_falls_behind_keeps_its_day_when_the_closes_of_that_day_were_set_aside(stage: Stage) -> None:
    product = ("utility_credit_loan", "interest_first")
    firm, offer = road.offered(stage, amount_fen=20_000_000, product=product, pays={"kind": "stops_after", "instalments": 0})
    firm.do("POST", f"/api/me/offers/{offer['id']}/accept")
    stage.days(6)
    with stage.database.reading() as session:
        due_on = session.scalars(select(DueLine.due_on).order_by(DueLine.due_on)).first()
    assert due_on is not None
    stage.day(due_on + timedelta(days=7))
    end_of_day = closing(stage)
    late = days(due_on + timedelta(days=8), 3)  # special mention begins after seven days
    end_of_day.cannot = set(late[:2])
    stage.days(2)
    assert end_of_day.closed == []
    end_of_day.cannot.clear()
    stage.days(1)
    assert end_of_day.closed == late, "what was set aside is tried once more, in its order"
    with stage.database.reading() as session:
        assert [(each.day, each.became) for each in session.scalars(select(ClassEvent))] == [(late[0], "watch")]
        draw = session.scalars(select(Draw)).one()
        stood = (draw.dpd, draw.max_dpd, draw.cls)
    assert stood == (10, 10, "watch")
    revive(stage, DAY)
    with stage.database.reading() as session:
        draw = session.scalars(select(Draw)).one()
        assert (draw.dpd, draw.max_dpd, draw.cls) == stood
    assert overdue(stage) == []


def test_a_week_asleep_is_caught_up_day_by_day_and_a_sweep_once(stage: Stage) -> None:
    stage.day(MONDAY)
    end_of_day = closing(stage)
    week = days(MONDAY + timedelta(days=1), 7)
    stage.control("orchard_bank", "POST", "day", {"day": week[-1].isoformat()})
    sleep_until(stage, clock.start_of(week[-1]) + timedelta(hours=21))
    stage.settle()
    assert end_of_day.closed == week
    files = states(stage, FILES)
    assert [files[f"orchard_bank:{day}"] for day in week] == ["done"] * 7
    assert files[f"orchard_bank:{week[-1] + timedelta(days=1)}"] == "waiting"
    sleep_until(stage, clock.start_of(week[-1]) + timedelta(days=30))
    with stage.database.reading() as session:
        before = session.scalar(select(func.count()).where(Step.kind == retention.KIND, Step.state == "done")) or 0
    stage.settle()
    with stage.database.reading() as session:
        after = session.scalar(select(func.count()).where(Step.kind == retention.KIND, Step.state == "done")) or 0
    assert after == before + 1, "four weekly sweeps were slept through: one looks at what is"


def test_a_step_that_an_older_release_left_waiting_is_done_once_and_the_days_go_on(stage: Stage) -> None:
    """As the chains of an older release left them: the first by its moment, a successor that waits, and nothing after."""
    end_of_day = closing(stage)
    first, waiting = stage.today, stage.today + timedelta(days=1)
    with stage.database.writing() as session:
        session.execute(delete(Step).where(Step.kind.in_((DAY, FILES))))
        at = clock.business_now(session)
        actions.enqueue(session, kind=DAY, key=at.isoformat(), payload={"day": first.isoformat()}, due=at)
        session.execute(update(Step).where(Step.kind == DAY).values(state="done"))
        payload = {"day": waiting.isoformat()}
        due = clock.start_of(waiting)
        actions.enqueue(session, kind=DAY, key=waiting.isoformat(), payload=payload, due=due + timedelta(hours=20, minutes=30))
        of_bank = payload | {"bank": "orchard_bank"}
        key = f"orchard_bank:{waiting}"
        actions.enqueue(session, kind=FILES, key=key, payload=of_bank, due=due + timedelta(hours=20))
    stage.house.worker.calendar = Calendar(stage.house.worker.calendar.kinds)  # a new process knows of no plan
    stage.days(3)
    assert end_of_day.closed == days(waiting, 3)
    assert list(states(stage, FILES)) == [f"orchard_bank:{day}" for day in days(waiting, 4)]
    assert overdue(stage) == []


def test_a_chain_that_had_ended_before_goes_on_from_where_it_ended(stage: Stage) -> None:
    stage.day(MONDAY)
    with stage.database.writing() as session:
        # An older release planned the next day in the effect of the one before: set aside, it was the last.
        session.execute(update(Step).where(Step.kind == DAY, Step.key == MONDAY.isoformat()).values(state="dead"))
        session.execute(delete(Step).where(Step.kind == DAY, Step.key > MONDAY.isoformat()))
    stage.house.worker.calendar = Calendar(stage.house.worker.calendar.kinds)
    end_of_day = closing(stage)
    stage.days(2)
    assert end_of_day.closed == days(MONDAY, 3), "the day that was set aside is tried once more, and keeps its place"


def test_a_later_day_waits_while_an_earlier_one_is_still_to_be_done(stage: Stage) -> None:
    stage.day(MONDAY)
    end_of_day = closing(stage)
    tuesday, wednesday = days(MONDAY + timedelta(days=1), 2)
    with stage.database.writing() as session:
        later = clock.now() + timedelta(hours=1)
        session.execute(update(Step).where(Step.kind == DAY, Step.key == tuesday.isoformat()).values(not_before=later))
    sleep_until(stage, clock.start_of(wednesday) + timedelta(hours=21))
    stage.settle()
    assert end_of_day.closed == []
    with stage.database.writing() as session:
        session.execute(update(Step).where(Step.kind == DAY).values(not_before=None))
    stage.settle()
    assert end_of_day.closed == [tuesday, wednesday]


def test_what_is_not_done_long_after_its_time_is_shown_to_the_operator(stage: Stage) -> None:
    def late() -> set[str]:
        return {each["step_kind"] for each in stage.operator.do("GET", "/api/operator/alerts") if each["kind"] == "late"}

    stage.day(MONDAY)
    assert late() == set()
    close = CLOSES.named((MONDAY + timedelta(days=1)).isoformat(), stage.now)
    sleep_until(stage, close.due + CLOSES.late - timedelta(minutes=1))
    assert late() == {"loans.mornings", FILES, "lender.resume"}, "their evening begins half an hour earlier"
    sleep_until(stage, close.due + CLOSES.late + timedelta(minutes=1))
    assert late() == {"loans.mornings", FILES, "lender.resume", DAY}
    stage.control("orchard_bank", "POST", "day", {"day": (MONDAY + timedelta(days=1)).isoformat()})
    stage.settle()
    assert late() == set()
