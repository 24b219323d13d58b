"""The sandbox's own routes: move the business clock, and wait until the platform is at rest. In production they do not exist."""

from __future__ import annotations

import time
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import func, select

from backend.api import shapes
from backend.applications.tables import Application, ApplicationEvent
from backend.doors import Platform, in_role, platform
from backend.kit import clock
from backend.parties.views import SignedIn
from backend.steps import views as steps
from backend.steps.tables import Step

router = APIRouter(prefix="/api/sandbox", tags=["sandbox"])
House = Annotated[Platform, Depends(platform)]
Operator = Annotated[SignedIn, Depends(in_role("operator"))]

# Steps that return every day whatever happens: no reason to stop at a day.
ROUTINE = ("lender.collect", "loans.day", "snapshot")


class ClockBody(shapes.Body):
    day: date
    hour: int = 9


@router.get("/clock")
def read_clock(house: House, _: Operator) -> dict[str, Any]:
    """Business time, and the next day on which a step of substance is due."""
    with house.reading() as (session, at):
        due = session.scalar(select(func.min(Step.due)).where(Step.state == "waiting", Step.kind.not_in(ROUTINE)))
        return {
            "now": at.isoformat(),
            "day": at.date().isoformat(),
            "next": due.astimezone(clock.SHANGHAI).date().isoformat() if due else None,
        }


@router.post("/clock")
def move_clock(body: ClockBody, house: House, _: Operator) -> dict[str, Any]:
    """Make it that hour of that day. Business time never goes back."""
    with house.writing() as (session, _at):
        moment = datetime(body.day.year, body.day.month, body.day.day, body.hour, tzinfo=clock.SHANGHAI)
        clock.move_to(session, moment)
    return {"day": body.day.isoformat()}


@router.get("/changes")
def changes(house: House, _: Operator, after: int = 0) -> list[dict[str, Any]]:
    """What happened to applications since a number: the demo's stand-in for the text messages that firms would get."""
    event = ApplicationEvent
    query = (
        select(event.id, event.event, event.application_id, Application.firm_id, Application.state)
        .join(Application, Application.id == event.application_id)
        .where(event.id > after)
        .order_by(event.id)
    )
    with house.reading() as (session, _at):
        return [
            {"id": row.id, "event": row.event, "application": row.application_id, "firm": row.firm_id, "state": row.state}
            for row in session.execute(query)
        ]


@router.post("/settle")
def settle(house: House, _: Operator, seconds: float = 60) -> dict[str, Any]:
    """Do what is due until nothing is any more; says how much still is when the time is up."""
    until = time.monotonic() + min(seconds, 300)
    while True:
        house.worker.run_all()
        with house.reading() as (session, at):
            left = steps.unsettled(session, at)
        if left == 0 or time.monotonic() > until:
            return {"left": left}
        time.sleep(0.01)
