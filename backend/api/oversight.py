"""For the operator and the regulator: who takes part, what the steps do, totals, and drill-down with a purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from backend import entrance
from backend.api import described, shapes
from backend.api.pool import Purpose
from backend.audit import actions as audit_log
from backend.audit import looking
from backend.audit.views import LogLine
from backend.doors import Platform, in_role, platform
from backend.kit.clock import day_of
from backend.loans import oversight
from backend.parties import admission, clients
from backend.parties.views import Participant, SignedIn
from backend.reporting import drilldown, totals
from backend.steps import actions as steps
from backend.steps import alerts as step_alerts
from backend.steps import revival
from backend.steps import views as step_views

router = APIRouter(prefix="/api", tags=["oversight"])
House = Annotated[Platform, Depends(platform)]
Operator = Annotated[SignedIn, Depends(in_role("operator"))]
Regulator = Annotated[SignedIn, Depends(in_role("regulator"))]
Overseer = Annotated[SignedIn, Depends(in_role("regulator", "operator", "fund_maker", "fund_checker"))]


class PersonBody(shapes.Body):
    login: str = Field(max_length=64)
    password: str = Field(max_length=200)
    role: str = Field(max_length=32)
    name: str = Field(max_length=100)


class PartyBody(shapes.Body):
    kind: str = Field(max_length=16)
    code: str = Field(max_length=64)
    name: str = Field(max_length=200)
    name_en: str = Field(default="", max_length=200)
    people: list[PersonBody] = Field(default_factory=list, max_length=20)
    client_secret: str | None = Field(default=None, max_length=200)


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """What a bank's own system comes in with; the secret is shown this once."""

    client_id: str
    secret: str


class ReviveBody(shapes.Body):
    """Either `all`, or a lane, a kind or both."""

    lane: str | None = Field(default=None, max_length=64)
    kind: str | None = Field(default=None, max_length=40)
    all: bool = False


@router.post("/operator/parties", status_code=201, responses=described.BUSY)
async def add_party(request: Request, body: PartyBody, house: House, who: Operator) -> Participant:
    """Let a bank, guarantor, fund, issuer or regulator take part, with its people. One that is there already is 409
    `party_known`: nobody is ever added to it here, but for the first people of a bank that this platform joined itself."""
    told = [(person.login, person.role, person.name) for person in body.people]
    named: dict[str, Any] = {
        "kind": body.kind,
        "code": body.code,
        "name": body.name,
        "name_en": body.name_en,
        "client_secret": body.client_secret,
    }
    admission.check(people=told, **named)
    caller = entrance.caller_of(request, house)
    people = [
        admission.Person(each.login, await entrance.hashed(house, caller, each.password), each.role, each.name)
        for each in body.people
    ]

    def admit() -> Participant:
        with house.writing() as (session, at):
            return admission.admit(session, who.actor, people=people, adapters=house.lenders.keys(), at=at, **named)

    return await run_in_threadpool(admit)


@router.post("/operator/banks/{code}/secret", status_code=201)
def renew_secret(code: str, house: House, who: Operator) -> ClientSecret:
    """A fresh secret for this bank's own system. It is shown here once and kept nowhere; the one before ends now."""
    with house.writing() as (session, at):
        return ClientSecret(code, clients.new_secret(session, who.actor, code=code, at=at))


@router.delete("/operator/banks/{code}/secret", status_code=204)
def end_secret(code: str, house: House, who: Operator) -> Response:
    """Let this bank's system in no longer."""
    with house.writing() as (session, at):
        clients.end_client(session, who.actor, code=code, at=at)
    return Response(status_code=204)


@router.get("/operator/steps")
def work(house: House, _: Operator) -> dict[str, Any]:
    """How the steps stand, and the dead letters. Payloads hold references only, never credit data."""
    with house.reading() as (session, _at):
        dead = [shapes.row(step, "answer", "payload") for step in step_views.dead(session)]
        lanes = [shapes.row(lane) for lane in step_views.lanes(session)]
        return {"states": step_views.by_state(session), "dead": dead, "lanes": lanes}


@router.post("/operator/steps/{step_id}/revive")
def revive(step_id: str, house: House, who: Operator) -> dict[str, Any]:
    """Send a dead letter on its way again."""
    with house.writing() as (session, at):
        step = revival.revive(session, who.actor, step_id=step_id, at=at)
        return shapes.row(step, "answer", "payload")


@router.post("/operator/steps/revive")
def revive_many(body: ReviveBody, house: House, who: Operator) -> dict[str, Any]:
    """Send the dead letters of a lane (a bank's code, or `departments`), of a kind, of both, or all on their way again."""
    with house.writing() as (session, at):
        count = revival.revive_many(session, who.actor, at=at, lane=body.lane, kind=body.kind, everything=body.all)
        return {"revived": count}


@router.get("/operator/alerts")
def alerts(house: House, _: Operator) -> list[dict[str, Any]]:
    """What a person should look at: steps set aside, lines that are silent or answer nonsense, steps that have failed for more
    than a day or bring nothing that can be used, and what returns by the calendar and has not been done long after its time."""
    with house.reading() as (session, at):
        return [shapes.plain(each) for each in step_alerts.alerts(session, house.worker.calendar, at)]


@router.post("/operator/snapshot")
def build_snapshot(house: House, who: Operator) -> dict[str, Any]:
    """Build and publish the regulator's snapshot now, without waiting for the step's own time."""
    with house.writing() as (session, at):
        steps.enqueue(session, kind="snapshot", key=f"asked {at.isoformat()}", payload={}, due=at)
        audit_log.record(session, at=at, actor=who.actor, action="snapshot.asked", object_kind="snapshot", object_id="now")
    house.worker.run_local()
    return {"day": day_of(at).isoformat()}


@router.get("/regulator/totals")
def all_totals(house: House, _: Overseer) -> dict[str, Any]:
    """The road in numbers: firms, consents, needs, applications … recovered. Money in fen."""
    with house.reading() as (session, at):
        return totals.totals(session, at)


@router.get("/regulator/book")
def book(house: House, who: Regulator, purpose: Purpose = "") -> list[dict[str, Any]]:
    """What our loan book says, per draw and kind, to be laid beside the banks' own books. With a stated purpose; logged."""
    with house.writing() as (session, at):
        return [shapes.plain(line) for line in oversight.book(session, who.actor, purpose=purpose, at=at)]


@router.get("/regulator/audit/{object_id}")
def trail(object_id: str, house: House, who: Regulator, purpose: Purpose = "") -> list[LogLine]:
    """The log of one object, with a stated purpose; the look is logged too."""
    with house.writing() as (session, at):
        return looking.trail(session, who.actor, object_id=object_id, purpose=purpose, at=at)


@router.post("/regulator/drilldown")
def drill(body: shapes.DrillDown, house: House, who: Regulator) -> dict[str, Any]:
    """The rows behind one cell of a figure, with a stated purpose; refused where fewer than five firms would be laid open."""
    with house.writing() as (session, at):
        return drilldown.rows(session, who.actor, figure=body.figure, cell=body.cell, purpose=body.purpose, at=at)
