"""Joining and signing in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from backend.api import shapes
from backend.audit import actions as audit
from backend.doors import COOKIE, Platform, in_role, platform, someone
from backend.parties import actions
from backend.parties.views import SignedIn

router = APIRouter(prefix="/api", tags=["parties"])


@router.post("/firms", status_code=201)
def sign_up(body: shapes.SignUp, house: Annotated[Platform, Depends(platform)]) -> dict[str, Any]:
    """A new firm and its owner's login."""
    with house.writing() as (session, at):
        firm, _ = actions.sign_up_firm(session, **body.model_dump(), cost=house.password_cost, at=at)
        return shapes.row(firm)


@router.post("/session", status_code=201)
def sign_in(body: shapes.SignIn, response: Response, house: Annotated[Platform, Depends(platform)]) -> dict[str, Any]:
    """A token, as bearer and as cookie."""
    with house.writing() as (session, _):
        token, entry, user = actions.sign_in(session, login=body.login, password=body.password, cost=house.password_cost)
    set_cookie(response, token, house)
    return {"token": token, "role": user.role, "expires_at": entry.expires_at.isoformat()}


@router.get("/session")
def who(signed_in: Annotated[SignedIn, Depends(someone)]) -> dict[str, Any]:
    """Who is signed in: the dashboard asks this for every request."""
    return {
        "role": signed_in.actor.role,
        "name": signed_in.name,
        "party": signed_in.party.code,
        "party_name": signed_in.party.name,
        "firm_id": signed_in.firm.id if signed_in.firm else None,
    }


@router.delete("/session", status_code=204)
def sign_out(request: Request, house: Annotated[Platform, Depends(platform)]) -> Response:
    """End the session, here and everywhere it is used."""
    header = request.headers.get("authorization", "")
    token = header[7:] if header.lower().startswith("bearer ") else request.cookies.get(COOKIE, "")
    with house.writing() as (session, _):
        actions.sign_out(session, token)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/me/staff", status_code=201)
def add_staff(
    body: shapes.Staff, house: Annotated[Platform, Depends(platform)], owner: Annotated[SignedIn, Depends(in_role("firm_owner"))]
) -> dict[str, Any]:
    """The owner lets someone of the firm in. What they sign still needs the legal representative or a power of attorney."""
    with house.writing() as (session, at):
        user = actions.add_user(session, party=owner.party, role="firm_staff", cost=house.password_cost, **body.model_dump())
        audit.record(
            session,
            at=at,
            actor=owner.actor,
            action="firm.staff_added",
            object_kind="user",
            object_id=user.id,
            firm_id=owner.firm.id if owner.firm else None,
        )
        return {"login": user.login, "name": user.name, "role": user.role}


def set_cookie(response: Response, token: str, house: Platform) -> None:
    """The session cookie: not for scripts, not for other sites."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=house.secure_cookies, path="/")
