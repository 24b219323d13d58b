"""Join, sign in, sign out."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import clock
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.parties import model, passwords
from backend.parties.tables import ApiClient, Firm, Party, SignInAttempt, User, UserSession

SESSION_HOURS = 12
TRIES = 5
PAUSE = timedelta(minutes=1)


def add_party(session: Session, *, kind: str, code: str, name: str, name_en: str = "") -> Party:
    """A party, once: a second call with the same code answers the first."""
    found = session.scalar(select(Party).where(Party.code == code))
    if found is not None:
        return found
    party = Party(id=new_id("party"), kind=kind, code=code, name=name, name_en=name_en)
    session.add(party)
    session.flush()
    return party


def add_user(session: Session, *, party: Party, login: str, password: str, role: str, name: str, cost: str) -> User:
    """A person's login. The role must be one that this kind of party has."""
    if role not in model.ROLE_OF[party.kind]:
        raise Invalid("role", Words("该机构没有此角色", f"a {party.kind} has no role {role}"))
    if session.scalar(select(User.id).where(User.login == login)) is not None:
        raise Conflict(Words("该登录名已被使用,请换一个", "this login is taken; choose another"), code="login_taken")
    user = User(
        id=new_id("user"),
        party_id=party.id,
        login=login,
        password_hash=passwords.hashed(password, cost),
        role=role,
        name=name,
        active=True,
    )
    session.add(user)
    session.flush()
    return user


def add_client(session: Session, *, party: Party, secret: str, public_key: bytes | None, role: str = "bank_system") -> ApiClient:
    """A bank system's credentials; the client id is the party's code."""
    found = session.get(ApiClient, party.code)
    if found is None:
        found = ApiClient(id=party.code, party_id=party.id, secret_digest="", role=role, active=True)
        session.add(found)
    found.secret_digest, found.public_key = _digest(secret), public_key
    session.flush()
    return found


def new_secret(session: Session, actor: Actor, *, code: str, at: datetime) -> str:
    """A fresh secret for a bank's system, shown this once: only its digest is kept, and the one before ends now."""
    party = session.scalar(select(Party).where(Party.code == code, Party.kind == "bank"))
    if party is None:
        raise NotFound()
    secret, before = secrets.token_urlsafe(32), session.get(ApiClient, party.code)
    add_client(session, party=party, secret=secret, public_key=before.public_key if before else None).active = True
    _log_client(session, actor, party, "client.secret_renewed" if before else "client.secret_made", at)
    return secret


def end_client(session: Session, actor: Actor, *, code: str, at: datetime) -> None:
    """A bank's system may no longer enter, from now on."""
    found = session.get(ApiClient, code)
    if found is None:
        raise NotFound()
    found.active = False
    _log_client(session, actor, session.get_one(Party, found.party_id), "client.ended", at)


def _log_client(session: Session, actor: Actor, party: Party, action: str, at: datetime) -> None:
    audit.record(session, at=at, actor=actor, action=action, object_kind="client", object_id=party.code)


def sign_up_firm(
    session: Session,
    *,
    uscc: str,
    name: str,
    legal_rep: str,
    login: str,
    password: str,
    person: str,
    region: str | None,
    industry: str | None,
    founded_on: date | None,
    cost: str,
    at: datetime,
) -> tuple[Firm, User]:
    """A firm and its owner's login. One credit code is one firm."""
    for place, value in (("name", name), ("legal_rep", legal_rep), ("login", login), ("person", person)):
        if not value.strip():
            raise Invalid(place, Words("请填写此项", "please fill this in"), code="missing")
    code, state = model.uscc(uscc)
    if state != "valid":
        raise Invalid(
            "uscc",
            Words("信用代码校验位不符,请对照营业执照", "the code's check character does not fit; see the business licence"),
            code="uscc_check",
        )
    firm = _add_firm(session, code, state, name.strip(), legal_rep.strip(), region, industry, founded_on, None, False, at)
    party = session.get_one(Party, firm.party_id)
    user = add_user(session, party=party, login=login, password=password, role="firm_owner", name=person.strip(), cost=cost)
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
    firm = _add_firm(session, code, state, name, None, region, industry, None, source_code, True, at)
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
    if session.scalar(select(Firm.id).where(Firm.uscc == code)) is not None:
        raise Conflict(
            Words("该企业已注册,请直接登录或联系平台客服", "this firm is registered already: sign in, or call the platform"),
            code="firm_known",
        )
    party = add_party(session, kind="firm", code=code, name=name)
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


def sign_in(session: Session, *, login: str, password: str, cost: str) -> tuple[str, UserSession, User]:
    """A fresh token. Unknown login and wrong password answer the same, after the same work; five failures pause a minute."""
    attempt = session.get(SignInAttempt, login)
    if attempt is not None and attempt.failures >= TRIES and clock.now() < attempt.since + PAUSE:
        raise Refused(Words("尝试次数过多,请一分钟后再试", "too many tries; wait a minute"), code="too_many_tries")
    user = session.scalar(select(User).where(User.login == login))
    if not passwords.matches(user.password_hash if user else None, password, cost) or user is None or not user.active:
        if attempt is None:
            attempt = SignInAttempt(login=login[:64], failures=0, since=clock.now())
            session.add(attempt)
        elif attempt.failures >= TRIES:
            attempt.failures = 0
        attempt.failures, attempt.since = attempt.failures + 1, clock.now()
        session.flush()
        raise Refused(Words("登录名或密码不正确", "the login or the password is not right"), code="sign_in")
    if attempt is not None:
        session.delete(attempt)
    token = secrets.token_urlsafe(32)
    entry = UserSession(
        token_digest=_digest(token),
        user_id=user.id,
        csrf=secrets.token_urlsafe(24),
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=SESSION_HOURS),
    )
    session.add(entry)
    session.flush()
    return token, entry, user


def sign_out(session: Session, token: str) -> None:
    """End a session; an unknown token is as good as ended."""
    entry = session.get(UserSession, _digest(token))
    if entry is not None and entry.ended_at is None:
        entry.ended_at = clock.now()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
