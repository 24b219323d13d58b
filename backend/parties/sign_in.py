"""Sign in, in two short transactions with the slow work between them: `ask` counts the guess, `finish` says what became of it."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.errors import Refused
from backend.kit.words import Words
from backend.parties import guesses, model
from backend.parties.actions import digest, open_session
from backend.parties.tables import Guess, KnownDevice, User, UserSession

DEVICE_DAYS = 180
MOST_DEVICES = 50
_GUESSES = cast(Table, Guess.__table__)
_COUNTED = [_GUESSES.c[each.name] for each in fields(guesses.Count)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A guess that is counted and not yet compared. For a login that nobody has, there is no user and no hash."""

    user_id: str | None
    password_hash: str | None
    keys: tuple[tuple[str, str], ...]  # (kind, key), in the order in which their rows are taken
    came_with: str  # the digest of the device's cookie, if one came
    known: bool  # and this person has signed in with it before


@dataclass(frozen=True, slots=True)
class Entered:
    """Someone is signed in: the session's token, and the device's if this device is new."""

    token: str
    session: UserSession
    user: User
    device: str


def ask(session: Session, *, login: str, address: str, device: str) -> Asked | None:
    """Count one guess. None: as many as may be are under way, ask again in a moment. Too many: refused, with the time to wait."""
    now, user = clock.now(), _user(session, login)
    came_with = digest(device) if device else ""
    known = bool(came_with) and user is not None and user.id in _users_of(session, came_with, now)
    name = user.login if user is not None else model.folded(login)
    keys = [("device", guesses.key("device", name, came_with))] if known else _keys(name, address)
    counts = _take(session, keys, now)
    after = [guesses.asked(count, now) for count in counts]
    if any(count is None for count in after):
        return None
    _keep(session, keys, [count for count in after if count is not None])
    return Asked(user.id if user else None, user.password_hash if user else None, tuple(keys), came_with, known)


def finish(session: Session, asked: Asked, *, right: bool) -> Entered:
    """A session, or the refusal, which is the same for an unknown login, a wrong password and someone who may enter no more."""
    now = clock.now()
    # The password was compared with no transaction open: what is asked of the person is asked again now.
    user = session.get(User, asked.user_id, populate_existing=True) if asked.user_id else None
    entered = right and user is not None and user.active and user.password_hash == asked.password_hash
    counts = _take(session, asked.keys, now)
    _keep(session, asked.keys, [guesses.settled(count, right=entered, now=now) for count in counts])
    if user is None or not entered:
        raise Refused(Words("登录名或密码不正确", "the login or the password is not right"), code="sign_in")
    token, entry = open_session(session, user)
    return Entered(token, entry, user, _remember(session, asked, user.id, now))


def give_back(session: Session, asked: Asked) -> None:
    """The guess was not compared, and nobody was told anything: it does not count."""
    now = clock.now()
    _keep(session, asked.keys, [guesses.given_back(count, now) for count in _take(session, asked.keys, now)])


def first(session: Session, user: User) -> Entered:
    """A session for someone who has just joined, with the password chosen a moment ago."""
    token, entry = open_session(session, user)
    nobody = Asked(user.id, user.password_hash, (), "", False)
    return Entered(token, entry, user, _remember(session, nobody, user.id, clock.now()))


def forget(session: Session, *, most: int = 500) -> int:
    """Clean away counts and devices that are over, some at a time; how many. A row that somebody holds is left for later."""
    now, gone = clock.now(), 0
    for table, over in ((Guess, Guess.forget_at), (KnownDevice, KnownDevice.expires_at)):
        keys = list(table.__table__.primary_key)
        chosen = session.execute(select(*keys).where(over < now).limit(most).with_for_update(skip_locked=True)).all()
        for row in chosen:
            session.execute(delete(table).where(*(column == value for column, value in zip(keys, row, strict=True))))
        gone += len(chosen)
    return gone


def _user(session: Session, login: str) -> User | None:
    typed = model.logins_of(login)
    found = {user.login: user for user in session.scalars(select(User).where(User.login.in_(typed)))} if typed else {}
    return next((found[each] for each in typed if each in found), None)


def _users_of(session: Session, device: str, now: datetime) -> list[str]:
    live = (KnownDevice.digest == device, KnownDevice.expires_at > now)
    return list(session.scalars(select(KnownDevice.user_id).where(*live)))


def _keys(login: str, address: str) -> list[tuple[str, str]]:
    found = [("login", guesses.key("login", login, address)), ("address", guesses.key("address", address))]
    return sorted(found, key=lambda each: each[1])  # one order everywhere: two callers never hold what the other wants


def _take(session: Session, keys: list[tuple[str, str]] | tuple[tuple[str, str], ...], now: datetime) -> list[guesses.Count]:
    """The counts, made if missing, each held from here to the end of the transaction."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    found = []
    for kind, key in keys:
        new = make(_GUESSES).values(key=key, **asdict(guesses.fresh(kind, now)))
        held = new.on_conflict_do_update(index_elements=["key"], set_={"kind": new.excluded.kind}).returning(*_COUNTED)
        found.append(guesses.Count(**session.execute(held).one()._mapping))
    return found


def _keep(session: Session, keys: list[tuple[str, str]] | tuple[tuple[str, str], ...], counts: list[guesses.Count]) -> None:
    for (_, key), count in zip(keys, counts, strict=True):
        session.execute(update(_GUESSES).where(_GUESSES.c.key == key).values(asdict(count)))


def _remember(session: Session, asked: Asked, user_id: str, now: datetime) -> str:
    """The token of a device that is new to this person; empty for one that is known, which stays so for longer."""
    until = now + timedelta(days=DEVICE_DAYS)
    if asked.known:
        mine = (KnownDevice.digest == asked.came_with, KnownDevice.user_id == user_id)
        session.execute(update(KnownDevice).where(*mine).values(expires_at=until))
        return ""
    # Always a token of our own making: one that came with the request may have been put there by somebody else. Whoever else
    # signs in from this browser stays known under the new one.
    others = _users_of(session, asked.came_with, now) if asked.came_with else []
    token = secrets.token_urlsafe(32)
    session.add_all(KnownDevice(digest=digest(token), user_id=each, expires_at=until) for each in {user_id, *others})
    session.flush()
    newest = select(KnownDevice.digest).where(KnownDevice.user_id == user_id).order_by(KnownDevice.expires_at.desc())
    for old in session.scalars(newest.offset(MOST_DEVICES)).all():
        session.execute(delete(KnownDevice).where(KnownDevice.digest == old, KnownDevice.user_id == user_id))
    return token
