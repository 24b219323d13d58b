"""The whitelist issuer's desk: publish a batch, remove a firm with notice, see who appeals."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.kit.clock import day_of
from backend.kit.errors import Answer, Invalid, NotFound
from backend.kit.words import Words
from backend.parties import views as parties
from backend.portal import issuer_appeals
from backend.portal.door import Door, Sent, Typed, door_of
from backend.portal.pages import desk as pages
from backend.portal.pages.shared import Choice, Form
from backend.whitelists import actions, programme, views
from backend.whitelists.programme import Programme
from backend.whitelists.views import BatchMember

router = APIRouter(prefix="/desk/issuer")
Issuer = Depends(door_of("whitelist_issuer"))


@router.get("")
def desk(door: Door = Issuer) -> HTMLResponse:
    """Everyone on this issuer's lists, and the form for a batch."""
    return _desk(door, Form())


@router.post("/publish")
def publish(typed: Sent, door: Door = Issuer) -> Response:
    """Publish a batch."""
    try:
        with door.house.writing() as (session, at):
            actions.publish_batch(
                session,
                door.who.actor,
                programme=typed.text("programme"),
                batch=typed.text("batch"),
                issued_on=typed.day("issued_on"),
                expires_on=typed.day("expires_on"),
                members=_members(typed),
                at=at,
            )
    except Answer as error:
        if isinstance(error, Invalid) and error.place.startswith("members"):
            number = error.place.removeprefix("members, row ")
            at_line = (
                Words(f"第 {number} 行：{error.words.zh}", f"Line {number}: {error.words.en}")
                if number.isdigit()
                else error.words
            )
            error = Invalid("members", at_line, code=error.code)
        return door.again(error, typed, lambda form, status: _desk(door, form, status))
    return Door.go("/desk/issuer", "published")


@router.get("/remove/{member_id}")
def removal_page(member_id: str, door: Door = Issuer) -> HTMLResponse:
    """The reason, before the firm is taken off."""
    return _removal(door, member_id, Form())


@router.post("/remove/{member_id}")
def remove(member_id: str, typed: Sent, door: Door = Issuer) -> Response:
    """Take the firm off the list, with notice."""
    try:
        with door.house.writing() as (session, at):
            member, _ = _own(session, door, member_id)
            notice = Words(typed.text("notice_zh"), typed.text("notice_en"))
            actions.remove(session, door.who.actor, programme=member.programme, uscc=member.uscc, notice=notice, at=at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: _removal(door, member_id, form, status), notice="notice_zh")
    return Door.go("/desk/issuer", "removed")


def _members(typed: Typed) -> list[tuple[str, str]]:
    """One firm per line: credit code and grade."""
    found = []
    for number, line in enumerate(typed.lines("members"), 1):
        parts = line.replace(",", " ").replace("，", " ").replace("\t", " ").split()
        if len(parts) != 2:
            raise Invalid(
                f"members, row {number}", Words("应为：信用代码、空格、等级", "give the credit code, a space, the grade")
            )
        found.append((parts[0], parts[1]))
    return found


def _programmes(door: Door) -> list[Programme]:
    return [each for each in programme.programmes().values() if each.issuer == door.who.party.code]


def _own(session: Session, door: Door, member_id: str) -> tuple[BatchMember, Programme]:
    member = views.member(session, member_id)
    for each in _programmes(door):
        if member.programme == each.code:
            return member, each
    raise NotFound()


def _desk(door: Door, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        own = _programmes(door)
        members = tuple(row for each in own for row in _rows(session, each, day_of(at)))
        appeals = issuer_appeals.rows(session, door)
    choices = tuple(Choice(each.code, each.title) for each in own)
    return door.show("desk/issuer.html", pages.IssuerDesk(choices, members, form, day_of(at), appeals), status)


def _rows(session: Session, of: Programme, day: date) -> list[pages.Member]:
    found = []
    for batch in views.batches(session, of.code):
        for member in views.members(session, batch.id):
            gone = views.removal(session, programme=of.code, uscc=member.uscc, day=day)
            found.append(_member(session, member, batch.number, batch.expires_on, gone.removed_on if gone else None))
    return found


def _member(session: Session, member: BatchMember, batch: str, expires_on: date, removed_on: date | None) -> pages.Member:
    firm = parties.firm_by_uscc(session, member.uscc)
    name = firm.name if firm else "—"
    return pages.Member(member.id, name, member.uscc, member.grade, batch, expires_on, removed_on)


def _removal(door: Door, member_id: str, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        member, of = _own(session, door, member_id)
        row = next(each for each in _rows(session, of, day_of(at)) if each.id == member.id)
    return door.show("desk/removal.html", pages.Removal(row, of.title, form), status)
