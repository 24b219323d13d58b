"""Join, open a session, end it.

A code, a credit code and a login are each one: unique constraints hold it. Whoever comes second at the same moment waits for the
first, meets the constraint inside a savepoint, and hears the same Conflict as whoever comes later; nothing half done is kept.
Passwords arrive hashed: that work is slow and heavy by design, and nobody may wait for it with a transaction open.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import Table, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import clock, locks
from backend.kit.database import with_the_commit
from backend.kit.errors import Conflict, Invalid, NotFound
from backend.kit.ids import new_id
from backend.kit.rules import put, values
from backend.kit.words import Words
from backend.parties import model, rules
from backend.parties.tables import ApiClient, Firm, Party, User, UserSession

SESSION_HOURS = 12
_OPENED = cast(Table, UserSession.__table__).insert()
_GIVEN = ("token_digest", "user_id", "csrf", "created_at", "expires_at")


@contextmanager
def unless_taken(session: Session, taken: Conflict) -> Iterator[None]:
    """What is added inside is added, or refused with that answer where another has just taken its unique name."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        raise taken from None


def party_known() -> Conflict:
    """The answer to a code that some party has."""
    return Conflict(Words("该机构代码已被使用", "a party with this code is there already"), code="party_known")


def firm_known() -> Conflict:
    """The answer to a credit code that some firm has."""
    return Conflict(
        Words("该企业已注册,请直接登录或联系平台客服", "this firm is registered already: sign in, or call the platform"),
        code="firm_known",
    )


def login_taken() -> Conflict:
    """The answer to a login that somebody has."""
    return Conflict(Words("该登录名已被使用,请换一个", "this login is taken; choose another"), code="login_taken")


def add_party(session: Session, *, kind: str, code: str, name: str, name_en: str = "") -> Party:
    """The platform's own parties, once: a second call with the same code and kind answers the first, another kind is refused."""
    found = session.scalar(select(Party).where(Party.code == code))
    if found is not None:
        if found.kind != kind:
            raise party_known()
        return found
    try:
        return new_party(session, kind=kind, code=code, name=name, name_en=name_en)
    except Conflict:
        # Two servers start at once: the other has added it since we looked.
        found = session.scalar(select(Party).where(Party.code == code, Party.kind == kind))
        if found is None:
            raise
        return found


def new_party(session: Session, *, kind: str, code: str, name: str, name_en: str = "") -> Party:
    """A party whose code nobody has."""
    party = Party(id=new_id("party"), kind=kind, code=code, name=name, name_en=name_en)
    with unless_taken(session, party_known()):
        session.add(party)
    return party


def add_user(session: Session, *, party: Party, login: str, password_hash: str, role: str, name: str) -> User:
    """A person's login, which nobody has. The role must be one that people of this kind of party have."""
    if role not in model.PEOPLE_OF[party.kind]:
        raise Invalid("role", Words("该机构没有此角色", f"a {party.kind} has no role {role}"))
    login = model.login(login)
    if session.scalar(select(User.id).where(User.login == login)) is not None:
        raise login_taken()
    user = User(
        id=new_id("user"),
        party_id=party.id,
        login=login,
        password_hash=password_hash,
        role=role,
        name=model.written("name", name, most=100),
        active=True,
    )
    with unless_taken(session, login_taken()):
        session.add(user)
    return user


def add_client(session: Session, *, party: Party, secret: str, public_key: bytes | None, role: str = "bank_system") -> ApiClient:
    """A bank system's credentials; the client id is the party's code."""
    found = session.get(ApiClient, party.code)
    if found is None:
        found = ApiClient(id=party.code, party_id=party.id, secret_digest="", role=role, active=True)
        session.add(found)
    found.secret_digest, found.public_key = digest(secret), public_key
    session.flush()
    return found


def new_secret(session: Session, actor: Actor, *, code: str, at: datetime) -> str:
    """A fresh secret for a bank's system, shown this once: only its digest is kept, and the one before ends now."""
    party = held(session, code)
    if party is None or party.kind != "bank":
        raise NotFound()
    secret, before = secrets.token_urlsafe(32), session.get(ApiClient, party.code, populate_existing=True)
    made = add_client(session, party=party, secret=secret, public_key=before.public_key if before else None)
    put(session, made, "active", True, rule=rules.ONE_SECRET)
    _log_client(session, actor, party, "client.secret_renewed" if before else "client.secret_made", at)
    return secret


def end_client(session: Session, actor: Actor, *, code: str, at: datetime) -> None:
    """A bank's system may no longer enter, from now on."""
    party = held(session, code)
    found = session.get(ApiClient, code, populate_existing=True) if party is not None else None
    if party is None or found is None:
        raise NotFound()
    if found.active:
        put(session, found, "active", False, rule=rules.ONE_SECRET)
        _log_client(session, actor, party, "client.ended", at)


def held(session: Session, code: str) -> Party | None:
    """The party under its lock: its people and its system's credentials are changed by one caller at a time."""
    key = session.scalar(select(Party.id).where(Party.code == code))
    return locks.hold(session, Party, key) if key is not None else None


def _log_client(session: Session, actor: Actor, party: Party, action: str, at: datetime) -> None:
    audit.record(session, at=at, actor=actor, action=action, object_kind="client", object_id=party.code)


def sign_up_firm(
    session: Session,
    *,
    uscc: str,
    name: str,
    legal_rep: str,
    login: str,
    password_hash: str,
    person: str,
    region: str | None,
    industry: str | None,
    founded_on: date | None,
    at: datetime,
) -> tuple[Firm, User]:
    """A firm and its owner's login. One credit code is one firm; both are there afterwards, or neither."""
    sheet = model.sign_up_sheet(uscc=uscc, name=name, legal_rep=legal_rep, login=login, person=person)
    with session.begin_nested():
        firm = _add_firm(session, sheet.uscc, "valid", sheet.name, sheet.legal_rep, region, industry, founded_on, None, False, at)
        party = session.get_one(Party, firm.party_id)
        user = add_user(
            session, party=party, login=sheet.login, password_hash=password_hash, role="firm_owner", name=sheet.person
        )
    audit.record(
        session,
        at=at,
        actor=Actor(user.id, user.role, party.id),
        action="firm.signed_up",
        object_kind="firm",
        object_id=firm.id,
        firm_id=firm.id,
    )
    return firm, user


def add_staff(session: Session, actor: Actor, *, party: Party, login: str, password_hash: str, name: str, at: datetime) -> User:
    """The owner lets someone of the firm in."""
    user = add_user(session, party=party, login=login, password_hash=password_hash, role="firm_staff", name=name)
    firm_id = session.scalar(select(Firm.id).where(Firm.party_id == party.id))
    audit.record(
        session,
        at=at,
        actor=actor,
        action="firm.staff_added",
        object_kind="user",
        object_id=user.id,
        firm_id=firm_id,
    )
    return user


def import_firm(
    session: Session,
    *,
    uscc: str,
    name: str,
    subject_type: str,
    source_code: str,
    region: str | None = None,
    industry: str | None = None,
    at: datetime,
) -> Firm:
    """A firm known only from an imported ledger: nobody can sign in for it. The second time answers the first."""
    code, state = model.uscc(uscc)
    found = session.scalar(select(Firm).where(Firm.uscc == code))
    if found is not None:
        return found
    try:
        firm = _add_firm(session, code, state, name, None, region, industry, None, source_code, True, at)
    except Conflict:  # another took the code a moment ago
        found = session.scalar(select(Firm).where(Firm.uscc == code))
        if found is None:
            raise
        return found
    firm.subject_type = subject_type
    session.flush()
    return firm


def _add_firm(
    session: Session,
    code: str,
    state: str,
    name: str,
    legal_rep: str | None,
    region: str | None,
    industry: str | None,
    founded_on: date | None,
    source_code: str | None,
    imported: bool,
    at: datetime,
) -> Firm:
    if session.scalar(select(Party.id).where(Party.code == code)) is not None:
        raise firm_known()
    party = Party(id=new_id("party"), kind="firm", code=code, name=name, name_en="")
    with unless_taken(session, firm_known()):
        session.add(party)
    firm = Firm(
        id=new_id("firm"),
        party_id=party.id,
        uscc=code,
        uscc_state=state,
        name=name,
        subject_type=model.subject_type(code),
        legal_rep=legal_rep,
        region=region,
        industry=industry,
        founded_on=founded_on,
        source_code=source_code,
        imported=imported,
        created_at=at,
    )
    session.add(firm)
    session.flush()
    return firm


def open_session(session: Session, user: User) -> tuple[str, UserSession]:
    """A fresh token for someone whose password was right, and its entry."""
    token, now = secrets.token_urlsafe(32), clock.now()
    entry = UserSession(
        token_digest=digest(token),
        user_id=user.id,
        csrf=secrets.token_urlsafe(24),
        created_at=now,
        expires_at=now + timedelta(hours=SESSION_HOURS),
    )
    # Without the mapper, whose flush costs more than all else here: nobody changes the entry in this transaction.
    with_the_commit(session, _OPENED, {name: getattr(entry, name) for name in _GIVEN})
    return token, entry


def sign_out(session: Session, token: str) -> None:
    """End a session; an unknown token is as good as ended."""
    mine = UserSession.token_digest == digest(token), UserSession.ended_at.is_(None)
    session.execute(update(UserSession).where(*mine).values(values(rules.SIGNED_OUT, ended_at=clock.now())))


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
