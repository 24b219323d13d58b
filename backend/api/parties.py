"""Joining and signing in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from backend import entrance
from backend.api import described, shapes
from backend.doors import COOKIE, Platform, in_role, platform, someone
from backend.parties import actions, model, views
from backend.parties.views import SignedIn

router = APIRouter(prefix="/api", tags=["parties"])
House = Annotated[Platform, Depends(platform)]


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A session that was opened: the token, sent as `Authorization: Bearer …`, and until when it opens."""

    token: str
    role: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionOwner:
    """Who a session speaks for. `party` is the party's code."""

    role: str
    name: str
    party: str
    party_name: str
    firm_id: str | None


@router.post("/firms", status_code=201, responses=described.BUSY)
async def sign_up(request: Request, body: shapes.SignUp, house: House) -> views.RegisteredFirm:
    """A new firm and its owner's login."""
    told = body.model_dump(exclude={"password"})
    model.sign_up_sheet(**{name: told[name] for name in ("uscc", "name", "legal_rep", "login", "person")})
    password_hash = await entrance.hashed(house, entrance.caller_of(request, house), body.password)

    def join() -> views.RegisteredFirm:
        with house.writing() as (session, at):
            firm, _ = actions.sign_up_firm(session, **told, password_hash=password_hash, at=at)
            return firm

    return await run_in_threadpool(join)


@router.post("/session", status_code=201, responses=described.BUSY | described.NOT_RIGHT)
async def sign_in(request: Request, body: shapes.SignIn, response: Response, house: House) -> SessionToken:
    """A token, as bearer and as cookie; with the header `x-creditbridge` also a device's cookie. After five wrong passwords from
    one address: 429 and `Retry-After`; 429 `busy` when too many sign in at once."""
    entered = await entrance.enter(house, entrance.caller_of(request, house), body.login, body.password)
    entrance.give_cookies(response, entered, house)
    return SessionToken(entered.token, entered.actor.role, entered.expires_at)


@router.get("/session")
def who(signed_in: Annotated[SignedIn, Depends(someone)]) -> SessionOwner:
    """Who is signed in: the dashboard asks this for every request."""
    party, firm = signed_in.party, signed_in.firm
    return SessionOwner(signed_in.actor.role, signed_in.name, party.code, party.name, firm.id if firm else None)


@router.delete("/session", status_code=204)
def sign_out(request: Request, house: House) -> Response:
    """End the session, here and everywhere it is used; with bearer token and cookie, both."""
    header = request.headers.get("authorization", "")
    tokens = [header[7:] if header.lower().startswith("bearer ") else "", request.cookies.get(COOKIE, "")]
    with house.writing() as (session, _):
        for token in filter(None, tokens):
            actions.sign_out(session, token)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/me/staff", status_code=201, responses=described.BUSY)
async def add_staff(
    request: Request, body: shapes.Staff, house: House, owner: Annotated[SignedIn, Depends(in_role("firm_owner"))]
) -> views.Colleague:
    """The owner lets someone of the firm in. What they sign still needs the legal representative or a power of attorney."""
    model.login(body.login)
    password_hash = await entrance.hashed(house, entrance.caller_of(request, house), body.password)

    def let_in() -> views.Colleague:
        with house.writing() as (session, at):
            return actions.add_staff(
                session, owner.actor, party=owner.party, login=body.login, password_hash=password_hash, name=body.name, at=at
            )

    return await run_in_threadpool(let_in)
