"""Where people come in: the way of a password through every door, with no transaction open while it is hashed or compared.

Portal, API and command share it, so that all count guesses alike. Who calls is known by the address (`kit.addresses`) and by a
cookie that this browser was given when somebody signed in from it before.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from backend.doors import COOKIE, Platform
from backend.kit import addresses
from backend.kit.errors import TooMany
from backend.parties import passwords, sign_in
from backend.parties.guesses import SETTLES
from backend.parties.hashing import busy
from backend.parties.sign_in import Asked, Entered

DEVICE_COOKIE = "creditbridge_device"
THE_COMMAND = "the command line"  # an address like any other: there too guesses are counted
PATIENCE = SETTLES.total_seconds() / 3
TIDY_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, before anybody is known."""

    address: str
    device: str = ""


def caller_of(request: Request, house: Platform) -> Caller:
    """By the socket, a trusted proxy's word, and the device's cookie."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    return Caller(addresses.of(peer, forwarded, house.trusted_proxies), request.cookies.get(DEVICE_COOKIE, "")[:100])


async def enter(house: Platform, caller: Caller, login: str, password: str) -> Entered:
    """Sign in. Of many guesses at once as many are compared as may be; the others wait for what becomes of those."""
    with house.passwords.seat(caller.address):
        until = time.monotonic() + PATIENCE
        while (asked := await run_in_threadpool(_ask, house, caller, login)) is None:
            if time.monotonic() > until:
                raise busy()
            await asyncio.sleep(0.05)
        try:
            right = await house.passwords.matches(asked.password_hash, password)
        except TooMany:
            await run_in_threadpool(_give_back, house, asked)
            raise
    return await run_in_threadpool(_finish, house, asked, right)


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
    return _finish(house, asked, passwords.matches(asked.password_hash, password, house.password_cost))


def _ask(house: Platform, caller: Caller, login: str) -> Asked | None:
    with house.database.writing() as session:
        return sign_in.ask(session, login=login, address=caller.address, device=caller.device)


def _finish(house: Platform, asked: Asked, right: bool) -> Entered:
    with house.database.writing() as session:
        entered = sign_in.finish(session, asked, right=right)
    _tidy(house)
    return entered


def _give_back(house: Platform, asked: Asked) -> None:
    with house.database.writing() as session:
        sign_in.give_back(session, asked)


def _tidy(house: Platform) -> None:
    """Now and then, what is over is cleaned away, in a transaction of its own."""
    now = time.monotonic()
    if now - house.extras.get("tidied", 0.0) > TIDY_EVERY:
        house.extras["tidied"] = now
        with house.database.writing() as session:
            sign_in.forget(session)


def give_cookies(response: Response, entered: Entered, house: Platform) -> None:
    """The session's cookie, and on a new device the device's: neither for scripts nor for other sites."""
    secure = house.secure_cookies
    response.set_cookie(COOKIE, entered.token, httponly=True, samesite="lax", secure=secure, path="/")
    if entered.device:
        keep = sign_in.DEVICE_DAYS * 24 * 3600
        response.set_cookie(DEVICE_COOKIE, entered.device, max_age=keep, httponly=True, samesite="lax", secure=secure, path="/")
