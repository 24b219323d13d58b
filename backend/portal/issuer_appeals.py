"""Appeals at the issuer's desk: read one, answer it once, with its reason in both languages."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.kit.clock import day_of
from backend.kit.errors import Answer, Invalid, NotFound
from backend.kit.words import Words
from backend.parties import views as parties
from backend.portal import listings
from backend.portal.door import Door, Sent, door_of
from backend.portal.pages import listing as pages
from backend.portal.pages.shared import Form
from backend.whitelists import appeals, programme, views

router = APIRouter(prefix="/desk/issuer/appeals")
Issuer = Depends(door_of("whitelist_issuer"))


@router.get("/{appeal_id}")
def appeal_page(appeal_id: str, door: Door = Issuer) -> HTMLResponse:
    """What the firm says, and the form for the answer."""
    return _page(door, appeal_id, Form())


@router.post("/{appeal_id}")
def answer(appeal_id: str, typed: Sent, door: Door = Issuer) -> Response:
    """Uphold it, and the firm stands on the list again; or reject it, and say why."""
    try:
        if typed.text("outcome") not in ("upheld", "rejected"):
            raise Invalid("", Words("请选择支持或不支持", "please choose to uphold or to reject"), code="outcome")
        with door.house.writing() as (session, at):
            words = Words(typed.text("words_zh"), typed.text("words_en"))
            upheld = typed.text("outcome") == "upheld"
            appeals.answer(session, door.who.actor, appeal_id=appeal_id, upheld=upheld, words=words, at=at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: _page(door, appeal_id, form, status), words="words_zh")
    return Door.go("/desk/issuer", "appeal_answered")


def rows(session: Session, door: Door) -> tuple[pages.AppealCard, ...]:
    """Every appeal against this issuer's removals, the unanswered first, the oldest of them first."""
    own = [each.code for each in programme.programmes().values() if each.issuer == door.who.party.code]
    found = [_named(session, each) for code in own for each in views.appeals(session, programme=code)]
    return tuple(sorted(found, key=lambda each: (each.state != "waiting", each.answer_by)))


def _named(session: Session, appeal: views.Appeal) -> pages.AppealCard:
    firm = parties.firm_by_uscc(session, appeal.uscc)
    return replace(listings.card(appeal), firm=firm.name if firm else "—")


def _page(door: Door, appeal_id: str, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        found = next((each for each in rows(session, door) if each.id == appeal_id), None)
    if found is None:
        raise NotFound()
    page = pages.AnswerAppeal(found, found.state == "waiting" and day_of(at) > found.answer_by, form)
    return door.show("desk/appeal.html", page, status)
