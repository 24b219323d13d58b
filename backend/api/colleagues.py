"""A party's own people: who they are, inviting a colleague, confirming it, and the colleague's first step inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from backend import entrance
from backend.api import described, shapes
from backend.doors import Platform, in_role, platform
from backend.parties import colleagues, views
from backend.parties.views import SignedIn

router = APIRouter(prefix="/api/colleagues", tags=["colleagues"])
House = Annotated[Platform, Depends(platform)]
OFFICIALS = (
    "bank_officer",
    "guarantor_officer",
    "fund_maker",
    "fund_checker",
    "whitelist_issuer",
    "regulator",
    "operator",
)
Official = Annotated[SignedIn, Depends(in_role(*OFFICIALS))]


class InviteBody(shapes.Body):
    login: str = Field(max_length=64)
    name: str = Field(max_length=100)
    role: str = Field(max_length=32)


class JoinBody(shapes.Body):
    first: str = Field(max_length=64)
    second: str = Field(default="", max_length=64)
    password: str = Field(max_length=200)


@dataclass(frozen=True, slots=True)
class OurPeople:
    """Who may act for a party, and who is to come in."""

    people: list[views.Colleague]
    waiting: list[views.ColleagueInvitation]


@router.get("")
def ours(house: House, who: Official) -> OurPeople:
    """Our people, and the invitations that wait."""
    with house.reading() as (session, at):
        return OurPeople(views.people(session, who.party.id), views.waiting_invitations(session, who.party.id, at))


@router.post("", status_code=201)
def invite(body: InviteBody, house: House, who: Official) -> views.InvitationWithWord:
    """Invite a colleague. `word` is shown this once, for the colleague; another of our people confirms, with a second."""
    with house.writing() as (session, at):
        return colleagues.invite(session, who.actor, login=body.login, name=body.name, role=body.role, at=at)


@router.post("/{invitation_id}/confirm")
def confirm(invitation_id: str, house: House, who: Official) -> views.InvitationWithWord:
    """Agree to a colleague whom another invited. `word` is shown this once, for the colleague."""
    with house.writing() as (session, at):
        return colleagues.confirm(session, who.actor, invitation_id=invitation_id, at=at)


@router.post("/{invitation_id}/refuse")
def refuse(invitation_id: str, house: House, who: Official) -> views.ColleagueInvitation:
    """End an invitation that waits."""
    with house.writing() as (session, at):
        return colleagues.refuse(session, who.actor, invitation_id=invitation_id, at=at)


@router.post("/{invitation_id}/join", status_code=201, responses=described.BUSY)
async def join(request: Request, invitation_id: str, body: JoinBody, house: House) -> views.Colleague:
    """The colleague comes in with both words and a password of their own, and may sign in from then on."""
    words = {"invitation_id": invitation_id, "first": body.first, "second": body.second}

    def look() -> None:
        with house.reading() as (session, at):
            colleagues.expect(session, **words, at=at)

    await run_in_threadpool(look)  # nobody's password is hashed for an invitation that is not there
    password_hash = await entrance.hashed(house, entrance.caller_of(request, house), body.password)

    def come_in() -> views.Colleague:
        with house.writing() as (session, at):
            return colleagues.join(session, **words, password_hash=password_hash, at=at)

    return await run_in_threadpool(come_in)
