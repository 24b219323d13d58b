"""Renewing a loan without repaying its principal: for the firm that asks, and the bank that decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlalchemy.orm import Session

from backend.api import shapes
from backend.audit.model import Actor
from backend.doors import Platform, in_role, own_firm, platform
from backend.kit.clock import day_of
from backend.kit.rows import seen
from backend.loans import renewal, renewal_terms
from backend.loans.values import RenewalAsked, RenewalKept, ReportedDraw
from backend.parties.views import RegisteredFirm, SignedIn

router = APIRouter(prefix="/api", tags=["renewals"])
House = Annotated[Platform, Depends(platform)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]
Owner = Annotated[SignedIn, Depends(in_role("firm_owner", "firm_staff"))]
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]


class WishBody(shapes.Body):
    wanted: bool
    words: str = Field(default="", max_length=1000)


class DecisionBody(shapes.Body):
    agreed: bool
    words: str = Field(min_length=1, max_length=1000)


class RenewedBody(shapes.Body):
    new_draw_no: str = Field(min_length=1, max_length=80)
    signed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalToday(RenewalAsked):
    """With the draw that matures, and the conditions as they stand today and this reader may know them."""

    amount_fen: int
    outstanding_fen: int
    matures_on: date
    today: tuple[renewal_terms.Condition, ...]


@router.get("/me/renewals")
def mine(house: House, firm: Mine, who: Owner, over: bool = False) -> list[RenewalToday]:
    """What matures soon and may be renewed, with the conditions as far as they are known. `over`: what is over instead."""
    with house.writing() as (session, at):
        found = renewal.rows(session, day=day_of(at), firm_id=firm.id, over=over)
        return [_shown(session, who.actor, row, draw, "platform", at) for row, draw in found]


@router.post("/me/renewals/{draw_id}")
def wish(draw_id: str, body: WishBody, house: House, who: Owner) -> RenewalKept:
    """Apply for the renewal of a draw, or say that it is not wanted."""
    with house.writing() as (session, at):
        return renewal.firm_says(session, who.actor, draw_id=draw_id, wanted=body.wanted, words=body.words, at=at)


@router.get("/desk/renewals")
def asked(house: House, who: Officer, over: bool = False) -> list[RenewalToday]:
    """What matures soon at this bank. `over`: what is over instead."""
    with house.writing() as (session, at):
        found = renewal.rows(session, day=day_of(at), bank=who.party.code, over=over)
        return [_shown(session, who.actor, row, draw, who.party.code, at) for row, draw in found]


@router.post("/desk/renewals/{draw_id}")
def decide(draw_id: str, body: DecisionBody, house: House, who: Officer) -> RenewalKept:
    """The bank agrees or declines, in its words."""
    with house.writing() as (session, at):
        return renewal.bank_says(session, who.actor, draw_id=draw_id, agreed=body.agreed, words=body.words, at=at)


@router.post("/desk/renewals/{draw_id}/renewed")
def renewed(draw_id: str, body: RenewedBody, house: House, who: Officer) -> RenewalKept:
    """Name the draw that renews this one; it keeps the ancestor's cohort."""
    with house.writing() as (session, at):
        return renewal.renewed(session, who.actor, draw_id=draw_id, **body.model_dump(), at=at)


def _shown(session: Session, actor: Actor, row: RenewalKept, draw: ReportedDraw, recipient: str, at: datetime) -> RenewalToday:
    return seen(
        RenewalToday,
        row,
        amount_fen=draw.amount_fen,
        outstanding_fen=draw.outstanding_fen,
        matures_on=draw.matures_on,
        today=renewal_terms.conditions(session, actor, draw, recipient=recipient, at=at),
    )
