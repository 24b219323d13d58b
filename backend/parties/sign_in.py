"""Sign in, in two short transactions with the slow work between them: `ask` counts the guess, `finish` says what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, Table, TextClause, bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.kit import clock
from backend.kit.database import with_the_commit
from backend.kit.errors import Refused
from backend.kit.words import Words
from backend.parties import guesses, model
from backend.parties.actions import digest, open_session
from backend.parties.tables import Guess, KnownDevice, User

DEVICE_DAYS = 180
MOST_DEVICES = 50
Keys = Sequence[tuple[str, str]]  # (kind, key)

# Statements are made once: to build one anew costs several times what it does.
_GUESSES = cast(Table, Guess.__table__)
_COUNTED = tuple(each.name for each in fields(guesses.Count))
_BY_LOGIN = select(User.id, User.login, User.password_hash).where(User.login.in_((bindparam("typed"), bindparam("folded"))))
_BY_ID = select(User.id, User.role, User.party_id, User.active, User.password_hash).where(User.id == bindparam("id"))
_DEVICES = cast(Table, KnownDevice.__table__)
_REMEMBERED = _DEVICES.insert()
_HERS = _DEVICES.c.user_id == bindparam("user")
_STAYS = update(_DEVICES).where(_DEVICES.c.digest == bindparam("device"), _HERS).values(expires_at=bindparam("until"))
_NEWEST = select(_DEVICES.c.digest).where(_HERS).order_by(_DEVICES.c.expires_at.desc())
_TOO_MANY = delete(_DEVICES).where(_HERS, _DEVICES.c.digest.in_(_NEWEST.offset(MOST_DEVICES)))
_LIVE = (_DEVICES.c.digest == bindparam("device"), _DEVICES.c.expires_at > bindparam("now"))
_ITS_USERS = select(_DEVICES.c.user_id).where(*_LIVE)


def _laid_down(number: int, columns: Iterable[str], answer: str = "") -> TextClause:
    """So many counts, row by row in their order, each then held; of one that is there, these columns. It is text, the same on
    both makes, for SQLAlchemy compiles an INSERT of several rows anew each time."""
    rows = ", ".join("(" + ", ".join(f":{each.name}_{n}" for each in _GUESSES.columns) + ")" for n in range(number))
    names = ", ".join(f'"{each.name}"' for each in _GUESSES.columns)
    kept = ", ".join(f"{each} = excluded.{each}" for each in columns)
    said = f'INSERT INTO {_GUESSES.name} ({names}) VALUES {rows} ON CONFLICT ("key") DO UPDATE SET {kept} {answer}'  # noqa: S608
    given = [bindparam(f"{each.name}_{n}", type_=each.type) for each in _GUESSES.columns for n in range(number)]
    return text(said).bindparams(*given)


_RETURNING = ", ".join(f'"{each}"' for each in ("key", *_COUNTED))
_ANSWERED = [_GUESSES.c[each] for each in ("key", *_COUNTED)]
_TAKE = {number: _laid_down(number, ["kind"], f"RETURNING {_RETURNING}").columns(*_ANSWERED) for number in (1, 2)}
_KEEP = {number: _laid_down(number, _COUNTED) for number in (1, 2)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A guess that is counted and not yet compared. For a login that nobody has, there is no user and no hash."""

    user_id: str | None
    password_hash: str | None
    keys: Keys  # in the order in which their rows are taken
    came_with: str  # the digest of the device's cookie, if one came
    known: bool  # and this person has signed in with it before


@dataclass(frozen=True, slots=True)
class Entered:
    """Someone is signed in: the session's token, and the device's if this device is new."""

    token: str
    expires_at: datetime
    actor: Actor
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


def finish(session: Session, asked: Asked, *, right: bool, keeps: bool = True) -> Entered:
    """A session and, for who keeps cookies, a known device; or the refusal, which is the same for an unknown login, a wrong
    password and someone who may enter no more."""
    now = clock.now()
    # The password was compared with no transaction open: what is asked of the person is asked again now.
    user = session.execute(_BY_ID, {"id": asked.user_id}).first() if asked.user_id else None
    entered = right and user is not None and user.active and user.password_hash == asked.password_hash
    counts = _take(session, asked.keys, now)
    _keep(session, asked.keys, [guesses.settled(count, right=entered, now=now) for count in counts])
    if user is None or not entered:
        raise Refused(Words("登录名或密码不正确", "the login or the password is not right"), code="sign_in")
    token, until = open_session(session, user.id)
    device = _remember(session, asked, user.id, now) if keeps else ""
    return Entered(token, until, Actor(user.id, user.role, user.party_id), device)


def give_back(session: Session, asked: Asked) -> None:
    """The guess was not compared, and nobody was told anything: it does not count."""
    now = clock.now()
    _keep(session, asked.keys, [guesses.given_back(count, now) for count in _take(session, asked.keys, now)])


def first(session: Session, actor: Actor) -> Entered:
    """A session for someone who has just joined, with the password chosen a moment ago."""
    token, until = open_session(session, actor.id)
    nobody = Asked(actor.id, None, (), "", False)
    return Entered(token, until, actor, _remember(session, nobody, actor.id, clock.now()))


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


def _user(session: Session, login: str) -> Row[str, str, str] | None:
    typed = model.logins_of(login)
    if not typed:
        return None
    found = {row.login: row for row in session.execute(_BY_LOGIN, {"typed": typed[0], "folded": typed[-1]})}
    return next((found[each] for each in typed if each in found), None)


def _users_of(session: Session, device: str, now: datetime) -> list[str]:
    return list(session.scalars(_ITS_USERS, {"device": device, "now": now}))


def _keys(login: str, address: str) -> list[tuple[str, str]]:
    found = [("login", guesses.key("login", login, address)), ("address", guesses.key("address", address))]
    return sorted(found, key=lambda each: each[1])  # one order everywhere: two callers never hold what the other wants


def _take(session: Session, keys: Keys, now: datetime) -> list[guesses.Count]:
    """The counts, made if missing, each held from here to the end of the transaction: in one statement, which takes row by row in
    the order of the keys."""
    made = _values(keys, (guesses.fresh(kind, now) for kind, _ in keys))
    found = {key: guesses.Count(*count) for key, *count in session.connection().execute(_TAKE[len(keys)], made)}
    return [found[key] for _, key in keys]


def _keep(session: Session, keys: Keys, counts: Iterable[guesses.Count]) -> None:
    if keys:
        with_the_commit(session, _KEEP[len(keys)], _values(keys, counts))


def _values(keys: Keys, counts: Iterable[guesses.Count]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for n, ((_, key), count) in enumerate(zip(keys, counts, strict=True)):
        values[f"key_{n}"] = key
        values.update({f"{name}_{n}": getattr(count, name) for name in _COUNTED})
    return values


def _remember(session: Session, asked: Asked, user_id: str, now: datetime) -> str:
    """The token of a device that is new to this person; empty for one that is known, which stays so for longer."""
    until = now + timedelta(days=DEVICE_DAYS)
    if asked.known:
        with_the_commit(session, _STAYS, {"device": asked.came_with, "user": user_id, "until": until})
        return ""
    # Always a token of our own making: one that came with the request may have been put there by somebody else. Whoever else
    # signs in from this browser stays known under the new one.
    others = _users_of(session, asked.came_with, now) if asked.came_with else []
    token = secrets.token_urlsafe(32)
    for each in sorted({user_id, *others}):
        with_the_commit(session, _REMEMBERED, {"digest": digest(token), "user_id": each, "expires_at": until})
    with_the_commit(session, _TOO_MANY, {"user": user_id})
    return token
