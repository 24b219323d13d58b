"""The lists a firm stands on or was taken off, and its appeal against a removal: the same action as the JSON route's."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.kit.clock import day_of
from backend.kit.errors import Answer, Invalid
from backend.kit.words import Words
from backend.portal.door import Door, FirmDoor, Sent
from backend.portal.pages import listing as pages
from backend.portal.pages.shared import Form
from backend.whitelists import appeals, programme, views
from backend.whitelists.programme import Programme

router = APIRouter(prefix="/listings")
MOST = 2000  # characters of an appeal


@router.get("")
def listings(door: FirmDoor) -> HTMLResponse:
    """Every list that concerns this firm."""
    return _page(door, Form())


@router.post("/{code}/appeal")
def appeal(code: str, door: FirmDoor, typed: Sent) -> Response:
    """Object to a removal; the issuer answers by the day named."""
    try:
        if len(typed.text("words")) > MOST:
            raise Invalid("words", Words(f"不超过 {MOST} 字", f"at most {MOST} characters"), code="too_long")
        with door.house.writing() as (session, at):
            appeals.file(session, door.who.actor, firm_id=door.firm.id, programme=code, words=typed.text("words"), at=at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: _page(door, form, status))
    return Door.go("/listings", "appealed")


def removed(session: Session, uscc: str, day: date) -> tuple[Words, ...]:
    """Which lists the firm was taken off and is not on again."""
    found = (
        (one.title, views.removal(session, programme=one.code, uscc=uscc, day=day)) for one in programme.programmes().values()
    )
    return tuple(title for title, gone in found if gone is not None)


def card(each: views.Appeal) -> pages.AppealCard:
    """An appeal as both sides see it."""
    state = "waiting" if each.upheld is None else "upheld" if each.upheld else "rejected"
    return pages.AppealCard(
        each.id, state, each.words, each.filed_on, each.answer_by, each.answer, each.answered_on,
        programme=programme.find(each.programme).title,
    )  # fmt: skip


def _page(door: Door, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        cards = [_card(session, door, one, day_of(at)) for one in programme.programmes().values()]
    return door.show("firm/listings.html", pages.Listings(tuple(each for each in cards if each is not None), form), status)


def _card(session: Session, door: Door, of: Programme, day: date) -> pages.ListCard | None:
    firm = door.firm
    mine = views.listing(session, programme=of.code, day=day, uscc=firm.uscc)
    gone = views.removal(session, programme=of.code, uscc=firm.uscc, day=day)
    told = [each for each in views.appeals(session, firm_id=firm.id) if each.programme == of.code]
    if mine is None and gone is None and not told:
        return None
    terms = of.appeal_terms(day)
    until = gone.removed_on + timedelta(days=terms.file_within_days) if gone is not None and terms is not None else None
    # An appeal is against one removal: an older one's does not stand in the way of the next.
    waits = gone is not None and any(each.filed_on >= gone.removed_on for each in told)
    return pages.ListCard(
        code=of.code,
        title=of.title,
        contact=programme.terms(of, day).contact,
        grade=mine.grade if mine else None,
        until=mine.expires_on if mine else None,
        removed_on=gone.removed_on if gone else None,
        notice=gone.notice if gone else None,
        effect=gone.effect if gone else None,
        appeal_until=until,
        late=until is not None and day > until,
        appeals=tuple(card(each) for each in reversed(told)),
        may_appeal=until is not None and day <= until and not waits,
    )
