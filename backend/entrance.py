"""Where people come in: the way of a password through every door, with no transaction open while it is hashed or compared.

Portal, API and command share it, so that all count guesses alike. Who calls is known by the address (`kit.addresses`) and by a
cookie that this browser was given when somebody signed in from it before.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial

from fastapi import Request, Response

from backend.doors import COOKIE, OWN_HEADER, Platform
from backend.kit import addresses
from backend.kit.errors import TooMany
from backend.parties import passwords, sign_in
from backend.parties.hashing import busy
from backend.parties.sign_in import Asked, Entered

DEVICE_COOKIE = "creditbridge_device"
THE_COMMAND = "the command line"  # an address like any other: there too guesses are counted
TIDY_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, before anybody is known."""

    address: str
    device: str = ""
    keeps: bool = False  # cookies, so that a device is worth remembering


def caller_of(request: Request, house: Platform) -> Caller:
    """By the socket, a trusted proxy's word, and the device's cookie. A browser keeps cookies; a program that does says so by the
    header without which its cookie would open little. One that signs in anew each hour and keeps none leaves no device behind."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    device = request.cookies.get(DEVICE_COOKIE, "")[:100]
    keeps = bool(device) or OWN_HEADER in request.headers or not request.scope["path"].startswith("/api/")
    return Caller(addresses.of(peer, forwarded, house.trusted_proxies), device, keeps)


async def enter(house: Platform, caller: Caller, login: str, password: str) -> Entered:
    """Sign in. Of many guesses at once as many are compared as may be; the others wait for what becomes of those."""
    line, loop, until = house.passwords, asyncio.get_running_loop(), time.monotonic() + house.passwords.longest_wait
    carried = partial(copy_context().run, _enter, house, caller, login, password, until)
    with line.seat(caller.address):
        # On one thread from the count to the session: each way to another and back costs as much as a statement.
        while (entered := await loop.run_in_executor(line.hands, carried)) is None:
            if time.monotonic() > until:
                raise busy()
            await asyncio.sleep(0.05)
    return entered


def _enter(house: Platform, caller: Caller, login: str, password: str, until: float) -> Entered | None:
    """None: as many guesses as may be are under way."""
    if time.monotonic() > until:
        raise busy()
    asked = _ask(house, caller, login)
    if asked is None:
        return None
    try:
        right = house.passwords.matches(asked.password_hash, password, until)
    except TooMany:
        _give_back(house, asked)
        raise
    return _finish(house, asked, right, caller.keeps)


async def hashed(house: Platform, caller: Caller, password: str) -> str:
    """The hash of a new password."""
    passwords.check(password)  # before anybody waits for it
    with house.passwords.seat(caller.address):
        return await house.passwords.hashed(password)


def enter_here(house: Platform, login: str, password: str) -> Entered:
    """Sign in at the command line, where nobody else waits."""
    asked = _ask(house, Caller(THE_COMMAND), login)
    if asked is None:
        raise busy()
    return _finish(house, asked, passwords.matches(asked.password_hash, password, house.password_cost), False)


def _ask(house: Platform, caller: Caller, login: str) -> Asked | None:
    # Counted for all to see, but not yet on the disk: whether a password is right nobody is told before `_finish`, whose commit
    # takes this one along (one log, in order, on both makes). What a power cut takes back is a guess that was never answered.
    with house.database.writing(lasts=False) as session:
        return sign_in.ask(session, login=login, address=caller.address, device=caller.device)


def _finish(house: Platform, asked: Asked, right: bool, keeps: bool) -> Entered:
    with house.database.writing() as session:
        entered = sign_in.finish(session, asked, right=right, keeps=keeps)
    _tidy(house)
    return entered


def _give_back(house: Platform, asked: Asked) -> None:
    with house.database.writing(lasts=False) as session:
        sign_in.give_back(session, asked)


def _tidy(house: Platform) -> None:
    """Now and then, what is over is cleaned away, in a transaction of its own."""
    now = time.monotonic()
    if now - house.extras.get("tidied", 0.0) > TIDY_EVERY:
        house.extras["tidied"] = now
        with house.database.writing(lasts=False) as session:
            sign_in.forget(session)


def give_cookies(response: Response, entered: Entered, house: Platform) -> None:
    """The session's cookie, and on a new device the device's: neither for scripts nor for other sites."""
    secure = house.secure_cookies
    response.set_cookie(COOKIE, entered.token, httponly=True, samesite="lax", secure=secure, path="/")
    if entered.device:
        keep = sign_in.DEVICE_DAYS * 24 * 3600
        response.set_cookie(DEVICE_COOKIE, entered.device, max_age=keep, httponly=True, samesite="lax", secure=secure, path="/")
