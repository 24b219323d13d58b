"""The operator's desk: whether the machine runs. Payloads and answers of steps are never shown, nor anybody's data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.kit import clock
from backend.kit.errors import Answer, NotFound
from backend.kit.words import Words
from backend.parties import views as parties
from backend.parties.views import Participant
from backend.portal import speak
from backend.portal.door import Door, Sent, door_of
from backend.portal.pages import desk as pages
from backend.portal.pages.shared import Form
from backend.steps import alerts, revival
from backend.steps import views as step_views
from backend.steps.tables import InboxMessage, Lane, Step

router = APIRouter(prefix="/desk/operator")
Operator = Depends(door_of("operator"))


@router.get("")
def desk(door: Door = Operator) -> HTMLResponse:
    """Steps, banks, faults, and in a sandbox the clock."""
    return _desk(door, Form())


@router.post("/steps/{step_id}/retry")
def retry(step_id: str, typed: Sent, door: Door = Operator) -> Response:
    """Send a dead letter on its way again."""
    with door.house.writing() as (session, at):
        revival.revive(session, door.who.actor, step_id=step_id, at=at)
    return Door.go("/desk/operator", "retried")


@router.post("/revive")
def revive(typed: Sent, door: Door = Operator) -> Response:
    """Send the dead letters of one bank, or all, on their way again; whoever was left alone is tried at once."""
    lane, everything = typed.text("lane") or None, typed.text("all") == "yes"
    with door.house.writing() as (session, at):
        revival.revive_many(session, door.who.actor, at=at, lane=lane, everything=everything)
    return Door.go("/desk/operator", "retried")


@router.post("/clock")
def move_clock(typed: Sent, door: Door = Operator) -> Response:
    """Sandbox only: make it nine in the morning of that day."""
    if not door.house.sandbox:
        raise NotFound()
    try:
        day = typed.day("day")
        with door.house.writing() as (session, _):
            clock.move_to(session, clock.start_of(day) + timedelta(hours=9))
    except Answer as error:
        return door.again(error, typed, lambda form, status: _desk(door, form, status))
    return Door.go("/desk/operator", "clock_moved")


def _desk(door: Door, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        states = step_views.by_state(session)
        lanes = {lane.lane: lane for lane in step_views.lanes(session)}
        failing = step_views.by_lane(session)
        named = {party.code: party.title for party in _banks(session, door)}
        banks = tuple(_health(session, code, name, lanes.get(code), failing.get(code, {})) for code, name in named.items())
        faults = audit.faults(session)
        page = pages.OperatorDesk(
            alerts=tuple(_alert(each, named) for each in alerts.alerts(session, door.house.worker.calendar, at)),
            banks=banks,
            due=step_views.unsettled(session, at),
            running=states.get("leased", 0),
            steps=tuple(_step(each) for each in (*step_views.dead(session), *_struggling(session))),
            faults=tuple(faults),
            clock=at,
            sandbox=door.house.sandbox,
            chain_whole=not faults,
            form=form,
        )
    return door.show("desk/operator.html", page, status)


def _banks(session: Session, door: Door) -> list[Participant]:
    return [party for party in parties.parties(session, "bank") if party.code in door.house.lenders]


def _struggling(session: Session) -> list[Step]:
    """Steps that failed before and wait for their next try."""
    query = select(Step).where(Step.state == "waiting", Step.last_error.is_not(None)).order_by(Step.not_before).limit(50)
    return list(session.scalars(query))


def _step(step: Step) -> pages.StepRow:
    return pages.StepRow(
        id=step.id,
        what=speak.known(f"step.{step.kind.replace('.', '_')}", "step.other"),
        attempts=step.attempts,
        next_at=step.not_before if step.state == "waiting" else None,
        error=step.last_error,
        dead=step.state == "dead",
    )


def _alert(alert: alerts.Alert, banks: Mapping[str, Words]) -> pages.AlertRow:
    """An alert in words: whom it is about by name, and what kind of step by what it does."""
    whom = banks.get(alert.lane or "") or speak.both("operator_desk.departments" if alert.lane else "operator_desk.ourselves")
    what = speak.known(f"step.{(alert.step_kind or '').replace('.', '_')}", "step.other")
    words = speak.both(f"operator_desk.alert_{alert.kind}", whom=whom, what=what, count=alert.count)
    return pages.AlertRow(words, alert.since, alert.reason)


def _health(session: Session, code: str, name: Words, lane: Lane | None, failing: Mapping[str, int]) -> pages.BankHealth:
    """By its line's breaker, by what the bank last answered, and by how many steps to it fail."""
    last = session.scalar(select(func.max(InboxMessage.business_at)).where(InboxMessage.source == code))
    recent = session.execute(
        select(InboxMessage.status).where(InboxMessage.source == code).order_by(InboxMessage.received_at.desc()).limit(20)
    )
    failures = sum(1 for (status,) in recent if status is not None and status >= 500)
    waiting, stopped = failing.get("failing", 0), failing.get("stopped", 0)
    is_open = lane is not None and lane.opened_at is not None
    state = "down" if is_open else "never" if last is None else "slow" if failures or waiting else "up"
    since = lane.since if lane is not None and is_open else None
    return pages.BankHealth(name, state, last, waiting, failures, code, stopped, since)
