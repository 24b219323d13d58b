"""The renewal desk: the firm says whether it wants its loan renewed without repaying; the bank decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.kit.clock import day_of
from backend.kit.errors import Answer, Invalid
from backend.kit.words import Words
from backend.loans import renewal, renewal_terms
from backend.loans.values import RenewalKept, ReportedDraw
from backend.parties import views as parties
from backend.portal import speak
from backend.portal.door import Door, FirmDoor, Sent, Typed, door_of
from backend.portal.pages import claims as pages
from backend.portal.pages.shared import Form

router = APIRouter()
Officer = Depends(door_of("bank_officer"))


@router.get("/renewals")
def mine(door: FirmDoor) -> HTMLResponse:
    """What matures soon."""
    return _firm(door)


@router.post("/renewals/{draw_id}")
def wish(draw_id: str, typed: Sent, door: FirmDoor) -> Response:
    """Apply, or say that it is not wanted."""

    def act(session: Session, at: datetime) -> None:
        wanted = _choice(typed, "yes", "no")
        renewal.firm_says(session, door.who.actor, draw_id=draw_id, wanted=wanted, words=typed.text("words"), at=at)

    return _do(door, draw_id, typed, act, "/renewals", _firm)


@router.get("/desk/renewals")
def desk(door: Door = Officer) -> HTMLResponse:
    """What matures soon at this bank."""
    return _bank(door)


@router.post("/desk/renewals/{draw_id}/decide")
def decide(draw_id: str, typed: Sent, door: Door = Officer) -> Response:
    """The bank agrees or declines."""

    def act(session: Session, at: datetime) -> None:
        agreed = _choice(typed, "yes", "no")
        renewal.bank_says(session, door.who.actor, draw_id=draw_id, agreed=agreed, words=typed.text("words"), at=at)

    return _do(door, draw_id, typed, act, "/desk/renewals", _bank)


@router.post("/desk/renewals/{draw_id}/name")
def name(draw_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Name the new draw and the day its contract was signed."""

    def act(session: Session, at: datetime) -> None:
        number, signed = typed.text("new_draw_no"), typed.day("signed_on")
        renewal.renewed(session, door.who.actor, draw_id=draw_id, new_draw_no=number, signed_on=signed, at=at)

    return _do(door, draw_id, typed, act, "/desk/renewals", _bank)


def _choice(typed: Typed, yes: str, no: str) -> bool:
    said = typed.text("outcome")
    if said not in (yes, no):
        raise Invalid("", Words("请选择结论", "please choose an outcome"))
    return said == yes


Page = Callable[[Door, str, Form, int], HTMLResponse]


def _do(door: Door, draw_id: str, typed: Typed, act: Callable[[Session, datetime], None], back: str, page: Page) -> Response:
    try:
        with door.house.writing() as (session, at):
            act(session, at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: page(door, draw_id, form, status))
    return Door.go(back, "renewal_answered")


def _firm(door: Door, refused: str = "", form: Form | None = None, status: int = 200) -> HTMLResponse:
    with door.house.writing() as (session, at):
        cards = tuple(
            _card(session, door, row, draw, at, "platform", speak.party(session, row.bank))
            for row, draw in renewal.rows(session, day=day_of(at), firm_id=door.firm.id)
        )
    return door.show("firm/renewals.html", pages.Renewals(cards, refused, form or Form()), status)


def _bank(door: Door, refused: str = "", form: Form | None = None, status: int = 200) -> HTMLResponse:
    code = door.who.party.code
    with door.house.writing() as (session, at):
        cards = tuple(
            _card(session, door, row, draw, at, code, parties.firm(session, row.firm_id).name)
            for row, draw in renewal.rows(session, day=day_of(at), bank=code)
        )
    return door.show("desk/renewals.html", pages.Renewals(cards, refused, form or Form()), status)


def _card(
    session: Session, door: Door, row: RenewalKept, draw: ReportedDraw, at: datetime, recipient: str, who: Words | str
) -> pages.RenewalCard:
    open_, act = day_of(at) <= row.answer_by, renewal.next_act(row, day_of(at), by_firm=recipient == "platform")
    # What is over is not looked at again: the file shows what the bank saw when it decided.
    if row.state in ("agreed", "declined", "renewed"):
        seen = tuple(pages.ConditionLine(each["held"], Words.of(each["words"]), each["knows"]) for each in row.conditions)
    else:
        found = renewal_terms.conditions(session, door.who.actor, draw, recipient=recipient, at=at) if open_ else ()
        seen = tuple(pages.ConditionLine(each.held, each.words, each.knows) for each in found)
    return pages.RenewalCard(
        id=row.draw_id,
        who=who,
        amount_fen=draw.amount_fen,
        outstanding_fen=draw.outstanding_fen,
        matures_on=draw.matures_on,
        answer_by=row.answer_by,
        state=row.state,
        act=act,
        conditions=seen,
        firm_words=row.firm_words,
        bank_words=row.bank_words,
        cohort=row.cohort if row.state == "renewed" else None,
    )
