"""Facilities, draws and repayments, for the firm."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from backend.api import shapes
from backend.doors import Platform, own_firm, platform
from backend.kit.clock import day_of
from backend.loans import views
from backend.parties.views import RegisteredFirm

router = APIRouter(prefix="/api/me", tags=["loans"])
House = Annotated[Platform, Depends(platform)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]


@router.get("/loans")
def loans(house: House, firm: Mine, over: bool = False) -> dict[str, Any]:
    """Signed limits, and what was drawn under them: class, days past due, next due. `over`: limits that are over instead."""
    with house.reading() as (session, at):
        found = views.facilities(session, firm.id, day_of(at), over=over)
        names = {each.id for each in found}
        draws = [each for each in views.draws(session, firm.id, day_of(at)) if each.facility.id in names]
        return {"facilities": [shapes.row(each) for each in found], "draws": [shapes.plain(each) for each in draws]}


@router.get("/draws/{draw_id}")
def draw(draw_id: str, house: House, firm: Mine) -> dict[str, Any]:
    """One draw: its schedule and every repayment."""
    with house.reading() as (session, at):
        found = views.draw(session, firm.id, draw_id, day_of(at))
        shown: dict[str, Any] = shapes.plain(found)
        return shown | {
            "schedule": [shapes.plain(line) for line in views.schedule(session, draw_id, day_of(at))],
            "payments": [shapes.row(each) for each in views.payments(session, draw_id)],
        }
