"""The fund's desk for what moves its pools' money: the maker says what came in, the checker confirms it or declines.

The lists of what waits stand on the desk and on the claim's and the loan's pages; each proposal has a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.kit.errors import Answer, Invalid
from backend.kit.words import Words
from backend.loans import pool_money
from backend.portal import waiting_money
from backend.portal.door import Door, Sent, Typed
from backend.portal.fund_desk import Checker, Fund, Maker, own_pool, statement
from backend.portal.pages import money as pages
from backend.portal.pages.shared import Form
from risk_compensation import scheme
from risk_compensation.live import MoneyProposal

router = APIRouter(prefix="/desk/fund")


@router.post("/pool/{code}/paid_in")
def paid_in(code: str, typed: Sent, door: Door = Maker) -> Response:
    """What the custody bank's receipt says came in: a contribution, or interest."""
    acts = {"contribution": pool_money.propose_contribution, "interest": pool_money.propose_interest}

    def act(session: Session, at: datetime) -> None:
        propose = acts.get(typed.text("kind"))
        if propose is None:
            raise Invalid("kind", Words("请选择款项", "choose what came in"))
        propose(
            session,
            door.who.actor,
            pool=code,
            amount_fen=typed.yuan_fen("amount"),
            receipt_no=typed.text("receipt_no"),
            on=typed.day("paid_on"),
            at=at,
        )

    try:
        with door.house.writing() as (session, at):
            own_pool(session, door, code)
            act(session, at)
    except Answer as error:
        places = {"amount_fen": "amount", "on": "paid_on"}
        return door.again(error, typed, lambda form, status: statement(door, code, form, status, "paid_in"), **places)
    return Door.go(f"/desk/fund/pool/{code}", "proposed")


@router.get("/proposals/{proposal_id}")
def proposal(proposal_id: str, door: Door = Fund) -> HTMLResponse:
    """What was said, what booking it does, and who may decide."""
    return _show(door, proposal_id, Form())


@router.post("/proposals/{proposal_id}/confirm")
def confirm(proposal_id: str, typed: Sent, door: Door = Checker) -> Response:
    """It stands so in the custody bank's statement."""

    def act(session: Session, at: datetime) -> None:
        typed.agreed("sure")
        pool_money.confirm(session, door.who.actor, proposal=proposal_id, words=_words(typed), at=at)

    return _do(door, proposal_id, typed, act, "confirmed")


@router.post("/proposals/{proposal_id}/decline")
def decline(proposal_id: str, typed: Sent, door: Door = Checker) -> Response:
    """It does not, in words."""

    def act(session: Session, at: datetime) -> None:
        pool_money.decline(session, door.who.actor, proposal=proposal_id, words=_words(typed), at=at)

    return _do(door, proposal_id, typed, act, "declined", "no")


@router.post("/proposals/{proposal_id}/withdraw")
def withdraw(proposal_id: str, typed: Sent, door: Door = Maker) -> Response:
    """Whoever proposed it takes it back."""

    def act(session: Session, at: datetime) -> None:
        pool_money.withdraw(session, door.who.actor, proposal=proposal_id, words=_words(typed), at=at)

    return _do(door, proposal_id, typed, act, "taken_back")


def _words(typed: Typed) -> Words:
    return Words(typed.text("words"), typed.text("words"))


def _do(
    door: Door, proposal_id: str, typed: Typed, act: Callable[[Session, datetime], None], done: str, refused: str = ""
) -> Response:
    try:
        with door.house.writing() as (session, at):
            act(session, at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: _show(door, proposal_id, form, status, refused))
    return Door.go(f"/desk/fund/proposals/{proposal_id}", done)


def _show(door: Door, proposal_id: str, form: Form, status: int = 200, refused: str = "") -> HTMLResponse:
    with door.house.reading() as (session, _):
        found = pool_money.one_of_fund(session, door.who.actor, proposal_id)
        page = pages.ProposalPage(
            row=waiting_money.row(session, found),
            pool=scheme.scheme(own_pool(session, door, found.pool).scheme).title,
            effects=waiting_money.effects(found),
            act=pool_money.next_act(door.who.actor, found),
            words=str(found.body.get("words", {}).get("zh", "")),
            decision=_decision(session, found),
            form=Form() if refused else form,
            no_form=form if refused else Form(),
        )
    return door.show("desk/proposal.html", page, status)


def _decision(session: Session, found: MoneyProposal) -> tuple[Words | str, date, str] | None:
    if found.decided_by is None or found.decided_on is None:
        return None
    return waiting_money.person(session, found.decided_by), found.decided_on, str((found.words or {}).get("zh", ""))
