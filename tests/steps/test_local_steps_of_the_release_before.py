"""A database of the release before, with local steps in it that nobody has finished, goes on and ends with the same rows.

That release did local steps by handlers of three parts, of which the call was never made; now each is one function. Every local
kind comes here in every phase in which that release leaves one, and the figures at the end are those of that release itself:
this file was played against it and passes there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.applications.tables import ApplicationEvent, TakenMessage
from backend.kit import clock
from backend.kit.database import Database
from backend.loans.tables import Draw, Facility, Renewal, SignedConditions
from backend.scoring.monitoring.tables import MonitorResult
from backend.scoring.warnings.tables import WarningSweep
from backend.steps import actions
from backend.steps.tables import Step
from backend.worker import Lease, Worker
from lender_adapters import port
from risk_compensation.tables import Registration
from tests.portal.visitor import credit_code
from tests.stage import Stage
from tests.stories import guaranteed as road
from tests.uplifts.data_firm import certificate, data_firm, matched

# What the release before leaves on a row of `steps` that is not finished, written as it writes it. Its local steps have no other
# phase: it kept no answer on them.
LEASED = "state = 'leased', attempts = 1, lease_token = 'lease_gone', lease_until = :past"  # by `take`; its worker died
PUT_OFF = "state = 'waiting', attempts = 1, since = :past, not_before = :past, last_error = 'the day before is to be closed'"
STUMBLED = "state = 'waiting', attempts = 1, stumbles = 1, since = :past, not_before = :past, last_error = 'Busy'"
REVIVED = "state = 'waiting', attempts = 1, last_error = 'KeyError at backend/loans/day.py'"  # set aside, and sent on again
STEPS = {
    "lender.callback": 4, "lender.message": 1, "lender.resume": 20, "loans.day": 20, "loans.mornings": 20, "loans.register": 8,
    "loans.renewal": 2, "loans.sign_conditions": 1, "retention": 2, "scoring.monitor": 1, "uplift.recheck": 2,
    "warnings.fetch": 1, "warnings.sweep": 2,
}  # fmt: skip
LOCAL = tuple(STEPS)
MADE = {
    "signed_conditions": 1, "renewals": 2, "warning_sweeps": 2, "monitor_results": 4, "pool_registrations": 1,
    "outstanding": [20_000_000, 40_611_600], "frozen": [0, 2_157_600], "messages": 1,
    "events": {
        "firm_applied": 2, "bank_received": 2, "bank_approved": 2, "firm_accepted": 2, "guarantee_granted": 1,
        "bank_contracted": 2, "pool_refused": 7, "pool_registered": 1, "bank_drew": 2, "uplift_frozen": 1,
    },
    "planned": {"gather done": 5, "lender.poll dead": 1, "lender.poll done": 1, "lender.poll waiting": 1},
}  # fmt: skip
WHY = {"paused": True, "words": "代偿率超过约定上限，暂停新增业务"}


class TakesOver(Worker):
    """Finds each local step as the release before has left it, when it comes by for the first time."""

    left: Iterator[str]

    def _lease(self, session: Session, lane: str | None = actions.ANY) -> Lease | None:
        at, past = clock.business_now(session), clock.now() - timedelta(minutes=1)
        fresh = select(Step.id).where(Step.kind.in_(LOCAL), Step.state == "waiting", Step.attempts == 0, Step.due <= at)
        for name in session.scalars(fresh.order_by(Step.id)).all():
            left = text(f"UPDATE steps SET {next(self.left)} WHERE id = :id")  # the words above
            session.execute(left, {"id": name, "past": past})
        return super()._lease(session, lane)


def taken_over(stage: Stage, ways: Iterable[str]) -> None:
    """From now on the stage's worker finds what that release left in these ways, in turn."""
    old = stage.house.worker
    worker = TakesOver(stage.database, old.handlers, calendar=old.calendar)
    worker.left = cycle(ways)
    stage.house.worker = worker


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("ways", [(LEASED,), (PUT_OFF, STUMBLED, REVIVED)], ids=["its worker died", "it waits once more"])
def test_local_steps_left_unfinished_end_with_the_same_rows(stage: Stage, ways: tuple[str, ...]) -> None:
    taken_over(stage, ways)
    stage.guarantor_and_fund()
    stage.open_pool(1_000_000_000)
    # A loan that data assets lift, at a bank that calls back; and a guaranteed one, whose pool is shut when its contract comes.
    code = credit_code(1)
    data = data_firm(stage, code)
    stage.fate("harbour_bank", code, decision="approve", draw_share_bp=5000)
    stage.apply(data, ("data_easy_loan", "interest_first"), amount_fen=matched(data)["limit_fen"])
    firm, offer = road.offered(stage, amount_fen=20_000_000)
    stage.days(1)
    data.do("POST", f"/api/me/offers/{stage.need(data)['offers'][0]['id']}/accept")
    road.guaranteed(stage, firm, offer)
    stage.people["checker"].do("POST", "/api/fund/pools/ningbo/pause", WHY)
    stage.days(8)
    stage.people["maker"].do("POST", "/api/fund/pools/ningbo/reopening", {"words": "已补充资金"})
    stage.people["checker"].do("POST", "/api/fund/pools/ningbo/pause", WHY | {"paused": False, "words": "同意恢复"})
    stage.days(4)
    for n in (0, 1):
        certificate(stage, n, uscc=code, on=stage.today, status="争议")
    stage.gather(data)
    by_hand(stage.database, *(stage.need(each)["applications"][0]["id"] for each in (firm, data)))
    stage.days(1)
    with stage.database.reading() as session:
        finished = session.scalars(select(Step).where(Step.kind.in_(LOCAL), Step.state == "done")).all()
        assert made(session) == MADE
    assert Counter(step.kind for step in finished) == STEPS
    tried = {(step.attempts, step.deaths, step.answer, step.lease_token, step.nonsense) for step in finished}
    assert tried == {(2, 1 if ways == (LEASED,) else 0, None, None, False)}


def by_hand(database: Database, guaranteed: str, lifted: str) -> None:
    """What these days do not bring by themselves."""
    with database.writing() as session:
        at = clock.business_now(session)
        # A draw is asked about sixty days before it matures: these are asked about now.
        session.execute(text("UPDATE steps SET due = :at WHERE kind = 'loans.renewal'").bindparams(at=at))
        # The month is not over, and a sandbox fetches nothing anew by itself.
        for kind in ("warnings.sweep", "warnings.fetch", "scoring.monitor"):
            actions.enqueue(session, kind=kind, key="2025-05-05", payload={"day": "2025-05-05"}, due=at)
        # One message of many that failed by itself, written as `messages` writes it.
        told = {"bank": road.BANK, "message": port.pack(port.Received("again-1", guaranteed, at.date(), "OB-AGAIN"))}
        actions.enqueue(session, kind="lender.message", key=f"{road.BANK}:again-1", payload=told, lane=road.BANK, due=at)
        # The question about the other loan was set aside: the evening's look plans another.
        poll: dict[str, Any] = {"kind": "lender.poll", "payload": {"application": lifted}, "lane": "harbour_bank"}
        actions.put_aside(session, **poll, key=f"{lifted}:x", error="a fault of ours", due=at)
        session.execute(text("DELETE FROM steps WHERE kind = 'lender.poll' AND state = 'waiting'"))


def made(session: Session) -> dict[str, Any]:
    """What local steps make: rows by table, the events of the two applications, the steps that they plan for others."""
    tables = (SignedConditions, Renewal, WarningSweep, MonitorResult, Registration)
    events = select(ApplicationEvent.event, func.count()).group_by(ApplicationEvent.event)
    planned = select(Step.kind, Step.state, func.count()).where(Step.kind.in_(("lender.poll", "gather")))
    return {
        **{table.__tablename__: session.scalar(select(func.count()).select_from(table)) for table in tables},
        "outstanding": sorted(session.scalars(select(Draw.outstanding_fen))),
        "frozen": sorted(session.scalars(select(Facility.frozen_fen))),
        "messages": session.scalar(select(func.count()).where(TakenMessage.message_id == "again-1")),
        "events": {row.event: row[1] for row in session.execute(events)},
        "planned": {f"{kind} {state}": count for kind, state, count in session.execute(planned.group_by(Step.kind, Step.state))},
    }
