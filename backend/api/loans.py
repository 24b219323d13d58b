"""Facilities, draws and repayments, for the firm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from backend.doors import Platform, own_firm, platform
from backend.kit.clock import day_of
from backend.kit.rows import seen
from backend.loans import views
from backend.loans.values import ReportedPayment, SignedFacility
from backend.loans.views import DrawView, DueView
from backend.parties.views import RegisteredFirm

router = APIRouter(prefix="/api/me", tags=["loans"])
House = Annotated[Platform, Depends(platform)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]


@dataclass(frozen=True, slots=True)
class FirmLoans:
    """Signed limits, and what was drawn under them."""

    facilities: list[SignedFacility]
    draws: list[DrawView]


@dataclass(frozen=True, slots=True)
class DrawFollowed(DrawView):
    """A draw with every due day and every repayment."""

    schedule: list[DueView]
    payments: list[ReportedPayment]


@router.get("/loans")
def loans(house: House, firm: Mine, over: bool = False) -> FirmLoans:
    """Signed limits, and what was drawn under them: class, days past due, next due. `over`: limits that are over instead."""
    with house.reading() as (session, at):
        found = views.facilities(session, firm.id, day_of(at), over=over)
        names = {each.id for each in found}
        draws = [each for each in views.draws(session, firm.id, day_of(at)) if each.facility.id in names]
        return FirmLoans(found, draws)


@router.get("/draws/{draw_id}")
def draw(draw_id: str, house: House, firm: Mine) -> DrawFollowed:
    """One draw: its schedule and every repayment."""
    with house.reading() as (session, at):
        found = views.draw(session, firm.id, draw_id, day_of(at))
        schedule = views.schedule(session, found.draw, day_of(at))
        return seen(DrawFollowed, found, schedule=schedule, payments=views.payments(session, draw_id))
