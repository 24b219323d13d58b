"""Early warnings and card figures: the firm its own, a bank its tasks, a guarantor its firms, the regulator counts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from backend.api import shapes
from backend.doors import Platform, in_role, own_firm, platform
from backend.kit.clock import day_of
from backend.loans import views as loans
from backend.parties import views as parties
from backend.parties.views import RegisteredFirm, SignedIn
from backend.scoring.monitoring import views as monitoring
from backend.scoring.warnings import actions, views

router = APIRouter(prefix="/api", tags=["warnings"])
House = Annotated[Platform, Depends(platform)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]
Guarantor = Annotated[SignedIn, Depends(in_role("guarantor_officer"))]
Regulator = Annotated[SignedIn, Depends(in_role("regulator"))]


class AnswerBody(shapes.Body):
    outcome: Literal["confirmed", "false_alarm", "resolved"]
    words: str = Field(min_length=4, max_length=2000)


@router.get("/me/warnings")
def mine(house: House, firm: Mine) -> list[dict[str, Any]]:
    """What is said of your firm, on what, how to mend it, and which banks were told. Never a neighbour's name."""
    with house.reading() as (session, at):
        told = views.shown_to(session, firm.id, at)
        return [shapes.plain(each) | {"told": told.get(each.id, [])} for each in views.of_firm(session, firm.id)]


@router.get("/desk/warnings")
def tasks(house: House, who: Officer) -> list[dict[str, Any]]:
    """Your bank's open tasks, the nearest deadline first. `notice` is null once the firm has withdrawn what opened it."""
    with house.reading() as (session, at):
        return [shapes.plain(each) for each in views.tasks(session, who.party.code, at)]


@router.post("/desk/warnings/{task_id}")
def answer(task_id: str, body: AnswerBody, house: House, who: Officer) -> dict[str, Any]:
    """Say what you found. When every bank that was asked has answered and none confirms it, the warning is lifted."""
    with house.writing() as (session, at):
        said = actions.answer(
            session, who.actor, party=who.party.code, task_id=task_id, outcome=body.outcome, words=body.words, at=at
        )
        return shapes.row(said)


@router.get("/guarantor/warnings")
def guaranteed(house: House, who: Guarantor) -> list[dict[str, Any]]:
    """What may be seen of the firms whose loans you answer for."""
    with house.reading() as (session, at):
        names = {each.firm_id for each in loans.guarantees(session, who.party.code) if each.state == "granted"}
        found = views.of_firms(session, names, recipient=who.party.code, at=at)
        return [shapes.plain(each) | {"firm": parties.firm(session, each.firm_id).name} for each in found]


@router.get("/regulator/warnings")
def counts(house: House, _: Regulator) -> dict[str, Any]:
    """Colours sweep by sweep, alerts and feedback by indicator, colours by region; no region with fewer than five firms."""
    with house.reading() as (session, at):
        return dict(views.figures(session, day_of(at)))


@router.get("/regulator/cards")
def cards(house: House, _: Regulator) -> dict[str, Any]:
    """Whether each scorecard still does what it was validated for: months, groups of ten firms and more, alarms."""
    with house.reading() as (session, at):
        return dict(monitoring.figures(session, day_of(at)))
