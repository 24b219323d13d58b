"""Join, hold a firm, open a session, end it.

A code, a credit code and a login are each one: unique constraints hold it. Whoever comes second at the same moment waits for the
first, meets the constraint inside a savepoint, and hears the same Conflict as whoever comes later; nothing half done is kept.
Passwords arrive hashed: that work is slow and heavy by design, and nobody may wait for it with a transaction open.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TypeVar, cast

from sqlalchemy import Table, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import clock, locks
from backend.kit.database import with_the_commit
from backend.kit.errors import Conflict, Invalid
from backend.kit.ids import new_id
from backend.kit.rules import values
from backend.kit.words import Words
from backend.parties import model, rules, views
from backend.parties.tables import Firm, Party, User, UserSession
from backend.parties.views import Colleague, Participant, RegisteredFirm

SESSION_HOURS = 12
_OPENED = cast(Table, UserSession.__table__).insert()
_GIVEN = ("token_digest", "user_id", "csrf", "created_at", "expires_at")
Row = TypeVar("Row")


def hold_firm(session: Session, firm_id: str) -> RegisteredFirm | None:
    """Hold a firm until the transaction ends; its entry as it is now, None where there is none."""
    found = locks.hold(session, Firm, firm_id)
    return views.firm_of(found) if found is not None else None


def hold_firms(session: Session, firm_ids: Iterable[str]) -> None:
    """Hold several firms until the transaction ends, in the one order."""
    locks.hold_all(session, Firm, firm_ids)


def under_firm(session: Session, entity: type[Row], key: str) -> Row | None:
    """A row that hangs under a firm by its `firm_id`: the firm is held, then the row is read anew. None: there is no such row."""
    return locks.under(session, Firm, entity, key)


def hold_party(session: Session, code: str) -> Participant | None:
    """The party under its lock: its people and its system's credentials are changed by one caller at a time."""
    key = session.scalar(select(Party.id).where(Party.code == code))
    found = locks.hold(session, Party, key) if key is not None else None
    return views.participant_of(found) if found is not None else None


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


def add_party(session: Session, *, kind: str, code: str, name: str, name_en: str = "") -> Participant:
    """The platform's own parties, once: a second call with the same code and kind answers the first, another kind is refused."""
    found = views.find_party(session, code)
    if found is not None:
        if found.kind != kind:
            raise party_known()
        return found
    try:
        return new_party(session, kind=kind, code=code, name=name, name_en=name_en)
    except Conflict:
        # Two servers start at once: the other has added it since we looked.
        found = views.find_party(session, code)
        if found is None or found.kind != kind:
            raise
        return found


def new_party(session: Session, *, kind: str, code: str, name: str, name_en: str = "") -> Participant:
    """A party whose code nobody has."""
    return views.participant_of(_new_party(session, party_known(), kind=kind, code=code, name=name, name_en=name_en))


def _new_party(session: Session, taken: Conflict, *, kind: str, code: str, name: str, name_en: str = "") -> Party:
    party = Party(id=new_id("party"), kind=kind, code=code, name=name, name_en=name_en)
    with unless_taken(session, taken):
        session.add(party)
    return party


def add_user(session: Session, *, party: Participant, login: str, password_hash: str, role: str, name: str) -> Colleague:
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
    return views.colleague_of(user)


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
) -> tuple[RegisteredFirm, Actor]:
    """A firm, and its owner with a login. One credit code is one firm; both are there afterwards, or neither."""
    sheet = model.sign_up_sheet(uscc=uscc, name=name, legal_rep=legal_rep, login=login, person=person)
    with session.begin_nested():
        firm, party = _add_firm(
            session, sheet.uscc, "valid", sheet.name, sheet.legal_rep, region, industry, founded_on, None, False, at
        )
        user = add_user(
            session, party=party, login=sheet.login, password_hash=password_hash, role="firm_owner", name=sheet.person
        )
    owner = Actor(user.id, user.role, party.id)
    audit.record(
        session,
        at=at,
        actor=owner,
        action="firm.signed_up",
        object_kind="firm",
        object_id=firm.id,
        firm_id=firm.id,
    )
    return views.firm_of(firm), owner


def add_staff(
    session: Session, actor: Actor, *, party: Participant, login: str, password_hash: str, name: str, at: datetime
) -> Colleague:
    """The owner lets someone of the firm in."""
    user = add_user(session, party=party, login=login, password_hash=password_hash, role="firm_staff", name=name)
    firm_id = views.firm_id_of(session, party.id)
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
) -> RegisteredFirm:
    """A firm known only from an imported ledger: nobody can sign in for it. The second time answers the first."""
    code, state = model.uscc(uscc)
    found = views.firm_by_uscc(session, code)
    if found is not None:
        return found
    try:
        firm, _ = _add_firm(session, code, state, name, None, region, industry, None, source_code, True, at)
    except Conflict:  # another took the code a moment ago
        found = views.firm_by_uscc(session, code)
        if found is None:
            raise
        return found
    firm.subject_type = subject_type
    session.flush()
    return views.firm_of(firm)


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
) -> tuple[Firm, Participant]:
    if session.scalar(select(Party.id).where(Party.code == code)) is not None:
        raise firm_known()
    party = views.participant_of(_new_party(session, firm_known(), kind="firm", code=code, name=name))
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
    return firm, party


def complete_entry(session: Session, firm_id: str, *, industry: str | None, region: str | None, founded_on: date | None) -> None:
    """Fill what a firm's entry does not say yet; what stands there stays."""
    firm = session.get_one(Firm, firm_id)
    firm.industry = firm.industry or industry
    firm.region = firm.region or region
    if firm.founded_on is None:
        firm.founded_on = founded_on


def open_session(session: Session, user_id: str) -> tuple[str, datetime]:
    """A fresh token for someone whose password was right, and until when it opens."""
    token, now = secrets.token_urlsafe(32), clock.now()
    until = now + timedelta(hours=SESSION_HOURS)
    given = (digest(token), user_id, secrets.token_urlsafe(24), now, until)
    # Without the mapper, whose flush costs more than all else here: nobody changes the entry in this transaction.
    with_the_commit(session, _OPENED, dict(zip(_GIVEN, given, strict=True)))
    return token, until


def sign_out(session: Session, token: str) -> None:
    """End a session; an unknown token is as good as ended."""
    mine = UserSession.token_digest == digest(token), UserSession.ended_at.is_(None)
    session.execute(update(UserSession).where(*mine).values(values(rules.SIGNED_OUT, ended_at=clock.now())))


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
