"""Sign up, sign in, sign out."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend import entrance
from backend.doors import COOKIE
from backend.kit.errors import Answer, Invalid
from backend.kit.words import Words
from backend.parties import actions as parties
from backend.parties import model
from backend.parties import sign_in as entering
from backend.parties.sign_in import Entered
from backend.portal import facts, render, speak
from backend.portal.door import Anyone, Door, Sent, Typed
from backend.portal.pages import firm as pages
from backend.portal.pages.shared import Choice, Form

router = APIRouter()
ELSEWHERE = "elsewhere"


@router.get("/sign-in")
def sign_in_page(door: Anyone, next: str = "") -> Response:
    """The form; whoever is signed in already goes home."""
    if door.visitor is not None:
        return Door.go(home_of(door, door.visitor.actor.role))
    return _sign_in(door, Form(), next)


@router.post("/sign-in")
async def sign_in(request: Request, door: Anyone, typed: Sent) -> Response:
    """A session, and on to the page that was asked for."""
    caller = entrance.caller_of(request, door.house)
    try:
        entered = await entrance.enter(door.house, caller, typed.text("login"), _as_typed(typed, "password"))
    except Answer as error:
        return await run_in_threadpool(
            door.again, error, _kept(typed), lambda form, status: _sign_in(door, form, typed.text("next"), status)
        )
    return _signed_in(door, entered, _inside(typed.text("next")) or home_of(door, entered.actor.role))


@router.get("/sign-up")
def sign_up_page(door: Anyone) -> Response:
    """The form for a new firm."""
    return _sign_up(door, Form())


@router.post("/sign-up")
async def sign_up(request: Request, door: Anyone, typed: Sent) -> Response:
    """A firm, its owner's login, and a session for it."""
    password = _as_typed(typed, "password")
    try:
        told = {
            "uscc": typed.text("uscc"),
            "name": typed.text("name"),
            "legal_rep": typed.text("legal_rep"),
            "login": typed.text("login"),
            "person": typed.text("person") or typed.text("legal_rep"),
        }
        model.sign_up_sheet(**told)
        places = {
            "region": _one_of(typed, "region", facts.regions()),
            "industry": _one_of(typed, "industry", facts.industries()),
        }
        password_hash = await entrance.hashed(door.house, entrance.caller_of(request, door.house), password)
        entered = await run_in_threadpool(_join, door, told | places, password_hash)
    except Answer as error:
        return await run_in_threadpool(
            partial(door.again, error, _kept(typed), lambda form, status: _sign_up(door, form, status), person="legal_rep")
        )
    return _signed_in(door, entered, "/?done=signed_up")


def _join(door: Door, told: dict[str, Any], password_hash: str) -> Entered:
    with door.house.writing() as (session, at):
        _, owner = parties.sign_up_firm(session, **told, founded_on=None, password_hash=password_hash, at=at)
        return entering.first(session, owner)


@router.post("/sign-out")
def sign_out(request: Request, door: Anyone, typed: Sent) -> RedirectResponse:
    """End the session, here and wherever this token is used."""
    with door.house.writing() as (session, _):
        parties.sign_out(session, request.cookies.get(COOKIE, ""))
    answer = Door.go("/sign-in")
    answer.delete_cookie(COOKIE, path="/")
    return answer


def home_of(door: Door, role: str) -> str:
    """Where a role begins."""
    if role == "regulator":
        return f"{door.house.dashboard_url.rstrip('/')}/?lang={door.language}"
    return render.MENUS[render.MENU_OF_ROLE[role]][0][1] if role in render.MENU_OF_ROLE else "/"


def _sign_in(door: Door, form: Form, next_: str, status: int = 200) -> HTMLResponse:
    shown = door.show("firm/sign_in.html", pages.SignIn(form, _inside(next_)), status)
    return render.lead_to(shown, door.house.dashboard_url)


def _sign_up(door: Door, form: Form, status: int = 200) -> HTMLResponse:
    regions = (*(Choice(code, words) for code, words in facts.regions()), Choice(ELSEWHERE, speak.both("region.other")))
    industries = tuple(Choice(code, words) for code, words in facts.industries())
    return door.show("firm/sign_up.html", pages.SignUp(form, regions, industries), status)


def _one_of(typed: Typed, name: str, known: list[tuple[str, Words]]) -> str | None:
    found = typed.text(name)
    if found in ("", ELSEWHERE):
        return None
    if found not in {code for code, _ in known}:
        raise Invalid(name, Words("请选择一项", "please choose one"))
    return found


def _signed_in(door: Door, entered: Entered, target: str) -> RedirectResponse:
    answer = Door.go(target)
    entrance.give_cookies(answer, entered, door.house)
    return answer


def _inside(path: str) -> str:
    """The address if it is one of ours; another site's is dropped."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and "\n" not in path
    return path if ours else ""


def _as_typed(typed: Typed, name: str) -> str:
    """A password keeps its spaces."""
    found = typed.values.get(name, "")
    return found if isinstance(found, str) else ""


def _kept(typed: Typed) -> Typed:
    """What goes back into the form: never the password."""
    return Typed({name: value for name, value in typed.values.items() if name != "password"})
