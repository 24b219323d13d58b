"""The operator admits parties. What never happens: people added to a party that is there, or another kind under a taken code.

Otherwise whoever runs the machine could give himself a login of any firm, of the fund (both halves of its two persons) or of the
regulator, by "adding" what exists already. One case is not an addition: a bank whose adapter runs here is a party from the start,
because the platform itself made it one, and has nobody yet. Its first people come with its admission, once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit.errors import Invalid
from backend.kit.words import Words
from backend.parties import model
from backend.parties.actions import add_party, add_user, hold_party, login_taken, new_party, party_known
from backend.parties.clients import add_client
from backend.parties.tables import ApiClient, User
from backend.parties.views import Colleague, Participant

LEAST_SECRET = 32
THE_MACHINE = Actor("the_machine", "operator", None)  # whoever starts the command has the machine itself


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the party, with a password that is hashed already."""

    login: str
    password_hash: str
    role: str
    name: str


def check(
    *, kind: str, code: str, name: str, name_en: str, people: Sequence[tuple[str, str, str]], client_secret: str | None
) -> None:
    """The first fault that an admission has in itself; people are (login, role, name). Asks nobody, so a door may ask before
    it lets passwords be hashed."""
    if kind not in model.ADMITTED:
        raise Invalid("kind", Words("企业请自行注册", "firms sign up themselves; others are added here"))
    model.party_code(code)
    model.written("name", name, most=200)
    model.written("name_en", name_en, most=200, needed=False)
    for number, (login, role, person) in enumerate(people):
        model.login(login, place=f"people.{number}.login")
        model.written(f"people.{number}.name", person, most=100)
        if role not in model.PEOPLE_OF[kind]:
            raise Invalid(f"people.{number}.role", Words("该机构没有此角色", f"a {kind} has no role {role}"))
    if len({model.folded(login) for login, _, _ in people}) < len(people):
        raise login_taken()
    if client_secret is not None and kind != "bank":
        raise Invalid("client_secret", Words("只有银行的系统需要密钥", "only a bank's system has a secret"))
    if client_secret is not None and len(client_secret) < LEAST_SECRET:
        raise Invalid("client_secret", Words(f"密钥至少 {LEAST_SECRET} 位", f"a secret has at least {LEAST_SECRET} characters"))


def admit(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    code: str,
    name: str,
    name_en: str,
    people: Sequence[Person],
    client_secret: str | None,
    adapters: Collection[str],
    at: datetime,
) -> Participant:
    """A new party with its people and, for a bank, its system's first secret: all of it, or nothing. `adapters` are the banks
    that this platform joined itself; such a one keeps the name it has."""
    told = [(person.login, person.role, person.name) for person in people]
    check(kind=kind, code=code, name=name, name_en=name_en, people=told, client_secret=client_secret)
    with session.begin_nested():
        found = hold_party(session, code)
        if found is None:
            party = new_party(session, kind=kind, code=code, name=name.strip(), name_en=name_en.strip())
        elif found.kind == kind == "bank" and code in adapters and people and not _had_anybody(session, found, client_secret):
            party = found
        else:
            raise party_known()
        # In the order of their logins: two admissions at once never wait for each other crosswise.
        added = [
            add_user(session, party=party, login=each.login, password_hash=each.password_hash, role=each.role, name=each.name)
            for each in sorted(people, key=lambda person: model.folded(person.login))
        ]
        if client_secret is not None:
            add_client(session, party=party, secret=client_secret, public_key=None)
    details = {"kind": kind, "code": code, "people": {user.id: user.role for user in added}, "client": client_secret is not None}
    audit.record(session, at=at, actor=actor, action="party.added", object_kind="party", object_id=party.id, details=details)
    return party


def _had_anybody(session: Session, party: Participant, client_secret: str | None) -> bool:
    """Whether somebody has ever been let in for it; a secret that its system has is renewed by the route for that, not here."""
    people = session.scalar(select(exists().where(User.party_id == party.id)))
    client = client_secret is not None and session.get(ApiClient, party.code) is not None
    return bool(people) or client


def let_operator_in(session: Session, *, login: str, password_hash: str, name: str, at: datetime) -> Colleague:
    """Someone who runs the platform, let in by whoever has the machine."""
    party = add_party(session, kind="operator", code="operator", name="平台运营方", name_en="Platform operator")
    user = add_user(session, party=party, login=login, password_hash=password_hash, role="operator", name=name)
    audit.record(session, at=at, actor=THE_MACHINE, action="operator.let_in", object_kind="user", object_id=user.id)
    return user
