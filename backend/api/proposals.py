"""What moves a pool's money: proposed by one person through the routes of its kind, confirmed or declined by another here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from backend.api import shapes
from backend.api.pool import Checker, Fund, Guarantor, House, Maker, Purpose, looking, said
from backend.doors import in_role
from backend.loans import oversight, pool_money
from backend.parties.views import SignedIn
from risk_compensation.live import MoneyProposal

router = APIRouter(prefix="/api", tags=["pool"])
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]


class SaidBody(shapes.Body):
    words: str = Field(default="", max_length=1000)


@router.get("/fund/proposals")
def of_fund(house: House, who: Fund, everything: bool = False, purpose: Purpose = "") -> list[MoneyProposal]:
    """What waits for another person's word in this fund's pools; with `everything` also what was decided. For the regulator in
    all pools, who says what for."""
    with looking(house, who) as (session, at):
        return oversight.said(session, who.actor, everything=everything, purpose=purpose, at=at)


@router.post("/fund/proposals/{proposal_id}/confirm")
def confirm(proposal_id: str, body: SaidBody, house: House, who: Checker) -> MoneyProposal:
    """It stands so in the custody bank's statement: it is booked, once. Never by whoever proposed it."""
    with house.writing() as (session, at):
        return pool_money.confirm(session, who.actor, proposal=proposal_id, words=said(body.words), at=at)


@router.post("/fund/proposals/{proposal_id}/decline")
def decline(proposal_id: str, body: SaidBody, house: House, who: Checker) -> MoneyProposal:
    """It does not, in words: nothing is booked."""
    with house.writing() as (session, at):
        return pool_money.decline(session, who.actor, proposal=proposal_id, words=said(body.words), at=at)


@router.post("/fund/proposals/{proposal_id}/withdraw")
def withdraw(proposal_id: str, body: SaidBody, house: House, who: Maker) -> MoneyProposal:
    """Whoever proposed it takes it back before it is decided."""
    with house.writing() as (session, at):
        return pool_money.withdraw(session, who.actor, proposal=proposal_id, words=said(body.words), at=at)


@router.get("/guarantor/proposals")
def of_guarantor(house: House, who: Guarantor) -> list[MoneyProposal]:
    """The recoveries that this guarantor's people told the fund, and what became of each."""
    with house.reading() as (session, _):
        return pool_money.of_own(session, who.actor)


@router.post("/guarantor/proposals/{proposal_id}/withdraw")
def withdraw_by_guarantor(proposal_id: str, body: SaidBody, house: House, who: Guarantor) -> MoneyProposal:
    """The same, by the guarantor's officer."""
    with house.writing() as (session, at):
        return pool_money.withdraw(session, who.actor, proposal=proposal_id, words=said(body.words), at=at)


@router.get("/desk/proposals")
def of_bank(house: House, who: Officer) -> list[MoneyProposal]:
    """The recoveries that this bank's people told the fund, and what became of each."""
    with house.reading() as (session, _):
        return pool_money.of_own(session, who.actor)


@router.post("/desk/proposals/{proposal_id}/withdraw")
def withdraw_by_bank(proposal_id: str, body: SaidBody, house: House, who: Officer) -> MoneyProposal:
    """The same, by the bank's officer."""
    with house.writing() as (session, at):
        return pool_money.withdraw(session, who.actor, proposal=proposal_id, words=said(body.words), at=at)
