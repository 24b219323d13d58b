"""Early warnings and card figures: the firm its own, a bank its tasks, a guarantor its firms, the regulator counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from backend.api import shapes
from backend.doors import Platform, in_role, own_firm, platform
from backend.kit.clock import day_of
from backend.kit.rows import seen
from backend.loans import views as loans
from backend.parties import views as parties
from backend.parties.views import RegisteredFirm, SignedIn
from backend.scoring.monitoring import views as monitoring
from backend.scoring.warnings import actions, views
from backend.scoring.warnings.views import BankTask, Notice, TaskView

router = APIRouter(prefix="/api", tags=["warnings"])
House = Annotated[Platform, Depends(platform)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]
Guarantor = Annotated[SignedIn, Depends(in_role("guarantor_officer"))]
Regulator = Annotated[SignedIn, Depends(in_role("regulator"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWarning(Notice):
    """What is said of a firm; `told`: the banks that were told."""

    told: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteedWarning(Notice):
    """What may be seen of a firm whose loan one answers for; `firm` is its name."""

    firm: str


class SweptOn(BaseModel):
    """One sweep: how many firms were watched and stood at each colour, and what it changed."""

    day: date
    firms: int
    green: int
    yellow: int
    red: int
    opened: int
    worsened: int
    improved: int
    closed: int
    ended: int
    tasks: int
    stars: int
    circles: int
    nothing_opened: int


class IndicatorFeedback(BaseModel):
    """One indicator's alerts by colour, and what banks found."""

    indicator: str
    yellow: int
    red: int
    confirmed: int
    false_alarm: int
    resolved: int


class RegionColour(BaseModel):
    region: str
    colour: str
    firms: int


class WarningCounts(BaseModel):
    """What the regulator may see of warnings."""

    warning_sweeps: list[SweptOn]
    warning_indicators: list[IndicatorFeedback]
    warning_regions: list[RegionColour]


class CardMonth(BaseModel):
    """One month of one card: how it sorted those whose outcome is known, each figure with its interval."""

    card: str
    month: date
    psi: float | None
    firms: int
    assessed: int
    outcomes: int
    bad: int
    expected: float | None
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    ks: float | None
    ks_low: float | None
    ks_high: float | None
    brier: float | None
    brier_low: float | None
    brier_high: float | None
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    intercept: float | None
    intercept_low: float | None
    intercept_high: float | None
    observed: float | None
    observed_low: float | None
    observed_high: float | None
    alerts: int


class CardGroup(BaseModel):
    """One group of firms in a card's newest month, beside all others."""

    card: str
    month: date
    dimension: str
    group: str
    n: int
    psi: float | None
    favoured: float
    drew: float
    favoured_ratio: float | None
    favoured_ratio_low: float | None
    favoured_ratio_high: float | None
    drew_ratio: float | None
    drew_ratio_low: float | None
    drew_ratio_high: float | None


class CardAlert(BaseModel):
    """What is alarming in a card's newest month; what it is about stands beside it."""

    model_config = ConfigDict(extra="allow")
    card: str
    month: date


class CardFigures(BaseModel):
    """Whether each scorecard still does what it was validated for."""

    card_months: list[CardMonth]
    card_groups: list[CardGroup]
    card_alerts: list[CardAlert]


class AnswerBody(shapes.Body):
    outcome: Literal["confirmed", "false_alarm", "resolved"]
    words: str = Field(min_length=4, max_length=2000)


@router.get("/me/warnings")
def mine(house: House, firm: Mine) -> list[OwnWarning]:
    """What is said of your firm, on what, how to mend it, and which banks were told. Never a neighbour's name."""
    with house.reading() as (session, at):
        told = views.shown_to(session, firm.id, at)
        return [seen(OwnWarning, each, told=told.get(each.id, [])) for each in views.of_firm(session, firm.id)]


@router.get("/desk/warnings")
def tasks(house: House, who: Officer) -> list[TaskView]:
    """Your bank's open tasks, the nearest deadline first. `notice` is null once the firm has withdrawn what opened it."""
    with house.reading() as (session, at):
        return views.tasks(session, who.party.code, at)


@router.post("/desk/warnings/{task_id}")
def answer(task_id: str, body: AnswerBody, house: House, who: Officer) -> BankTask:
    """Say what you found. When every bank that was asked has answered and none confirms it, the warning is lifted."""
    with house.writing() as (session, at):
        return actions.answer(
            session, who.actor, party=who.party.code, task_id=task_id, outcome=body.outcome, words=body.words, at=at
        )


@router.get("/guarantor/warnings")
def guaranteed(house: House, who: Guarantor) -> list[GuaranteedWarning]:
    """What may be seen of the firms whose loans you answer for."""
    with house.reading() as (session, at):
        names = {each.firm_id for each in loans.guarantees(session, who.party.code) if each.state == "granted"}
        found = views.of_firms(session, names, recipient=who.party.code, at=at)
        return [seen(GuaranteedWarning, each, firm=parties.firm(session, each.firm_id).name) for each in found]


@router.get("/regulator/warnings", response_model=WarningCounts)
def counts(house: House, _: Regulator) -> dict[str, Any]:
    """Colours sweep by sweep, alerts and feedback by indicator, colours by region; no region with fewer than five firms."""
    with house.reading() as (session, at):
        return dict(views.figures(session, day_of(at)))


@router.get("/regulator/cards", response_model=CardFigures)
def cards(house: House, _: Regulator) -> dict[str, Any]:
    """Whether each scorecard still does what it was validated for: months, groups of ten firms and more, alarms."""
    with house.reading() as (session, at):
        return dict(monitoring.figures(session, day_of(at)))
