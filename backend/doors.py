"""What every door needs: the platform's parts, who is at the door, and one answer per kind of error.

A door parses, asks a room, renders. It opens one transaction per request; a lawful no is committed with its audit row.
"""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from statistics import median
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBasic
from sqlalchemy.orm import Session

from backend.applications import answers as past_answers
from backend.audit.model import Actor
from backend.consents.model import SigningPort
from backend.kit import addresses, clock
from backend.kit.calendar import add_months
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.kit.errors import (
    NotFound,
)
from backend.loans import exposure
from backend.matching import ranking
from backend.matching.history import Known, Past
from backend.parties import views as parties
from backend.parties.hashing import Hashing
from backend.parties.views import RegisteredFirm, SignedIn
from backend.refusing import SignInNeeded
from backend.worker import Worker
from lender_adapters.port import Lender
from products.catalogue import Catalogue
from risk_compensation.live import statements

COOKIE = "creditbridge_session"
# A page of another site cannot add a header of its own: with the cookie, a JSON call that changes something must carry this one.
OWN_HEADER = "x-creditbridge"


@dataclass
class Platform:
    """The joined parts, as `app.py` put them together."""

    database: Database
    sandbox: bool
    password_cost: str
    secure_cookies: bool
    operator_capacity: str
    dashboard_url: str
    signing: SigningPort
    sealer: Sealer
    catalogue: Catalogue
    lenders: Mapping[str, Lender]
    worker: Worker
    trusted_proxies: tuple[addresses.Network, ...] = ()
    password_workers: int = 0
    password_line: int = 64
    passwords: Hashing = field(init=False)
    extras: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.passwords = Hashing(self.password_cost, workers=self.password_workers, line=self.password_line)

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, datetime]]:
        """A transaction and its moment of business time; afterwards the worker looks for what is due."""
        try:
            with self.database.writing() as session:
                yield session, clock.business_now(session)
        finally:
            self.worker.wake()

    @contextmanager
    def reading(self) -> Iterator[tuple[Session, datetime]]:
        """A look without change, and its moment of business time."""
        with self.database.reading() as session:
            yield session, clock.business_now(session)


# What asks nobody is `async`: FastAPI sends every plain function to a thread of its own, which costs more than the question.


async def platform(request: Request) -> Platform:
    """The platform behind this request."""
    return platform_of(request)


def platform_of(request: Request) -> Platform:
    """As `platform`, for a plain function."""
    found: Platform = request.app.state.platform
    return found


def visitor(request: Request) -> SignedIn | None:
    """Who is signed in, by bearer token or by cookie; None for nobody."""
    header = request.headers.get("authorization", "")
    token = header[7:] if header.lower().startswith("bearer ") else ""
    if not token:
        token = request.cookies.get(COOKIE, "")
        changes = request.method not in ("GET", "HEAD", "OPTIONS") and request.scope["path"].startswith("/api/")
        if token and changes and OWN_HEADER not in request.headers:
            return None
    if not token:
        return None
    with platform_of(request).database.reading() as session:
        return parties.signed_in(session, token)


async def someone(request: Request, who: Annotated[SignedIn | None, Depends(visitor)]) -> SignedIn:
    """Whoever is signed in; otherwise 401. For a bank's system, people's doors do not exist."""
    if who is None:
        a_bank = await run_in_threadpool(_client, request)
        raise NotFound() if a_bank is not None else SignInNeeded()
    return who


def in_role(*roles: str) -> Callable[[SignedIn], Awaitable[SignedIn]]:
    """A door for these roles only. For others it does not exist."""

    async def guard(who: Annotated[SignedIn, Depends(someone)]) -> SignedIn:
        if who.actor.role not in roles:
            raise NotFound()
        return who

    return guard


async def own_firm(who: Annotated[SignedIn, Depends(in_role("firm_owner", "firm_staff"))]) -> RegisteredFirm:
    """The firm of whoever is signed in."""
    if who.firm is None:
        raise NotFound()
    return who.firm


class BankCredentials(HTTPBasic):
    """The scheme as the description publishes it. Reading the header is `_client`'s, which never says what was wrong with it."""

    async def __call__(self, request: Request) -> None:  # type: ignore[override]  # the actor comes from `bank_system`
        return None


CREDENTIALS = BankCredentials(
    scheme_name="bank_system",
    description="HTTP Basic: your client id (your bank's code here) and the secret that the operator gave you once.",
)


def _client(request: Request) -> Actor | None:
    header = request.headers.get("authorization", "")
    if not header.lower().startswith("basic "):
        return None
    try:
        name, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
    except ValueError:  # no base64, no UTF-8, or not even ASCII
        return None
    if "\0" in name:
        return None
    with platform_of(request).database.reading() as session:
        return parties.client(session, name, secret)


def bank_system(
    request: Request,
    _: Annotated[None, Depends(CREDENTIALS)],
    who: Annotated[SignedIn | None, Depends(visitor)],
) -> Actor:
    """A bank's own system, by client credentials; its id is the bank's code. For people this door does not exist."""
    actor = _client(request)
    if actor is not None and actor.role == "bank_system":
        return actor
    tried = request.headers.get("authorization", "").lower().startswith("basic ")
    raise NotFound() if (who is not None and not tried) or actor is not None else SignInNeeded()


def is_known(request: Request) -> bool:
    """Whether somebody is signed in, a person or a bank's system: more may be sent by them than by anybody."""
    return visitor(request) is not None or _client(request) is not None


def headroom(session: Session, day: date) -> dict[str, int]:
    """What each compensation scheme's pools can still take; nothing while they are paused. For matching, which knows no pool."""
    found: dict[str, int] = {}
    for pool in statements.pools(session):
        now = statements.headroom(session, pool, day)
        found[pool.scheme] = found.get(pool.scheme, 0) + (now.available_fen if now.state != "paused" else 0)
    return found


@dataclass(frozen=True, slots=True)
class Around:
    """What matching needs and may not reach itself: room in pools, what the firm has at banks, what banks answered before."""

    headroom: dict[str, int]
    owed: dict[str, int]
    known: Known

    def given(self) -> dict[str, Any]:
        """As matching takes it, by name."""
        return {"headroom": self.headroom, "owed": self.owed, "known": self.known}


def around(house: Platform, session: Session, firm_id: str, day: date) -> Around:
    """All of it, on a day."""
    return Around(headroom(session, day), exposure.owed_by_bank(session, firm_id, day), known(house, session, day))


def known(house: Platform, session: Session, day: date) -> Known:
    """What banks answered until the end of the day before: counted once a day, for it does not change within one."""
    kept: tuple[date, Known] | None = house.extras.get("known_answers")
    if kept is not None and kept[0] == day:
        return kept[1]
    months = ranking.in_force_on(day).answers_from_months
    approved, answers, days = Counter[tuple[str, str]](), Counter[tuple[str, str]](), defaultdict[str, list[int]](list)
    for one in past_answers.between(session, clock.start_of(add_months(day, -months)), clock.start_of(day)):
        answers[one.bank, one.product] += one.count
        approved[one.bank, one.product] += one.count if one.approved else 0
        days[one.bank] += [one.days] * one.count
    found = Known(
        {key: Past(approved[key], number) for key, number in answers.items()},
        {bank: (ceil(median(each)), len(each)) for bank, each in days.items()},
    )
    house.extras["known_answers"] = (day, found)
    return found
