"""The sandbox's own routes: move the business clock, and wait until the platform is at rest. In production they do not exist."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.api import shapes
from backend.applications import views as applications
from backend.applications.model import ApplicationChange
from backend.doors import Platform, in_role, platform
from backend.kit import clock
from backend.kit.rows import seen
from backend.parties.views import SignedIn
from backend.steps import views as steps
from backend.steps.tables import Step

router = APIRouter(prefix="/api/sandbox", tags=["sandbox"])
House = Annotated[Platform, Depends(platform)]
Operator = Annotated[SignedIn, Depends(in_role("operator"))]

# Steps that return by themselves whatever happens: no reason to stop at a day.
ROUTINE = ("lender.collect", "lender.resume", "loans.day", "snapshot", "warnings.sweep", "warnings.fetch", "scoring.monitor")

# How long one call waits for the platform to come to rest, in seconds.
PATIENCE = 60


_NEXT_DUE = select(func.min(Step.due)).where(Step.state == "waiting", Step.kind.not_in(ROUTINE))


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxClock:
    """Business time, the next day on which a step of substance is due, and what happened since the number that was named."""

    now: datetime
    day: date
    next: date | None
    changes: tuple[ApplicationChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettled(SandboxClock):
    """As the clock; `left` is how many steps are still due."""

    left: int


class Hour(shapes.Body):
    day: date
    hour: int = Field(default=9, ge=0, le=23)
    after: int = Field(default=0, description="number of the last change that is known")


@router.get("/clock")
def read_clock(house: House, _: Operator, after: Annotated[int, Query(ge=0, le=2**62)] = 0) -> SandboxClock:
    """Business time, the next day on which a step of substance is due, and what happened to applications since a number.

    The changes are the sandbox's stand-in for the text messages that firms would get.
    """
    with house.reading() as (session, at):
        return _now(session, at, after)


@router.post("/clock")
def move_clock(body: Hour, house: House, _: Operator) -> SandboxSettled:
    """Make it that hour of that day (business time never goes back), do what is due, and say what happened."""
    with house.writing() as (session, _at):
        moment = datetime(body.day.year, body.day.month, body.day.day, body.hour, tzinfo=clock.SHANGHAI)
        clock.move_to(session, moment)
    return _settled(house, body.after)


@router.post("/settle")
def settle(house: House, _: Operator, after: Annotated[int, Query(ge=0, le=2**62)] = 0) -> SandboxSettled:
    """Do what is due until nothing is any more; says how much still is when the patience is at its end."""
    return _settled(house, after)


def _settled(house: Platform, after: int) -> SandboxSettled:
    until = time.monotonic() + PATIENCE
    while True:
        with house.reading() as (session, at):
            left = steps.unsettled(session, at, besides=("snapshot",))
            if left == 0 or time.monotonic() > until:
                return seen(SandboxSettled, _now(session, at, after), left=left)
        if house.worker.run_all(seen=True) == 0:
            time.sleep(0.01)


def _now(session: Session, at: datetime, after: int) -> SandboxClock:
    due = session.connection().execute(_NEXT_DUE).scalar()
    return SandboxClock(
        now=at,
        day=clock.day_of(at),
        next=clock.day_of(due) if due else None,
        changes=tuple(applications.changes(session, after)),
    )
