"""Look up parties, firms, people and who is signed in: frozen views, whatever the rows become afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.kit import clock
from backend.kit.crypto import same
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.parties.tables import ApiClient, Firm, Invitation, Party, User, UserSession


@dataclass(frozen=True, slots=True)
class Participant:
    """Anyone with a part to play. `code` is the public name other files use (`harbour_bank`)."""

    id: str
    kind: str
    code: str
    name: str
    name_en: str

    @property
    def title(self) -> Words:
        """Its name in both languages; the Chinese one where it has no other."""
        return Words(self.name, self.name_en or self.name)


@dataclass(frozen=True, slots=True)
class RegisteredFirm:
    """A firm's register entry. `source_code` is the name an imported ledger gave it."""

    id: str
    party_id: str
    uscc: str
    uscc_state: str
    name: str
    subject_type: str
    legal_rep: str | None
    region: str | None
    industry: str | None
    founded_on: date | None
    source_code: str | None
    imported: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person with a login, in one role, among the people of one party."""

    id: str
    login: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class ColleagueInvitation:
    """A colleague who is to come in. state: invited | confirmed | joined | refused."""

    id: str
    login: str
    name: str
    role: str
    state: str
    invited_by: str
    invited_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InvitationWithWord(ColleagueInvitation):
    """An invitation and one of the two words that open it, which is shown this once and not kept."""

    word: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the door: the actor, the person's name, the party, the firm if it is one, and the form token."""

    actor: Actor
    name: str
    party: Participant
    firm: RegisteredFirm | None
    csrf: str


def _columns(table: type[Any], view: type[Any]) -> list[Any]:
    """The columns of a table that a view shows, in the order of its fields."""
    return [getattr(table, each.name) for each in fields(view)]


def _shown(view: type[Any]) -> Any:
    return attrgetter(*(each.name for each in fields(view)))


_OF_FIRM, _OF_PARTY, _OF_USER = _columns(Firm, RegisteredFirm), _columns(Party, Participant), _columns(User, Colleague)
_FIRM_SHOWN, _PARTY_SHOWN, _USER_SHOWN = _shown(RegisteredFirm), _shown(Participant), _shown(Colleague)
_INVITATION_SHOWN = _shown(ColleagueInvitation)


def firm_of(row: Firm) -> RegisteredFirm:
    """What is shown of a firm's row, as it is now."""
    return RegisteredFirm(*_FIRM_SHOWN(row))


def participant_of(row: Party) -> Participant:
    """What is shown of a party's row, as it is now."""
    return Participant(*_PARTY_SHOWN(row))


def colleague_of(row: User) -> Colleague:
    """What is shown of a person's row, as it is now: never the password's hash."""
    return Colleague(*_USER_SHOWN(row))


def invitation_of(row: Invitation) -> ColleagueInvitation:
    """What is shown of an invitation's row, as it is now: never what is kept of its words."""
    return ColleagueInvitation(*_INVITATION_SHOWN(row))


def invitation_with_word(row: Invitation, word: str) -> InvitationWithWord:
    """The same with a word that was made for it a moment ago."""
    return InvitationWithWord(*(*_INVITATION_SHOWN(row), word))


_SIGNED_IN = (
    select(
        *(UserSession.ended_at, UserSession.expires_at, UserSession.csrf),
        *(User.id, User.role, User.name, User.active),
        *_OF_PARTY,
        *_OF_FIRM,
    )
    .join(User, User.id == UserSession.user_id)
    .join(Party, Party.id == User.party_id)
    .outerjoin(Firm, Firm.party_id == Party.id)
    .where(UserSession.token_digest == bindparam("digest"))
)
_PARTY_FROM, _FIRM_FROM = 7, 7 + len(_OF_PARTY)


def signed_in(session: Session, token: str) -> SignedIn | None:
    """The live session behind a token, or None."""
    found = session.execute(_SIGNED_IN, {"digest": hashlib.sha256(token.encode()).hexdigest()}).first()
    if found is None:
        return None
    ended_at, expires_at, csrf, user_id, role, name, active = found[:_PARTY_FROM]
    if ended_at is not None or expires_at <= clock.now() or not active:
        return None
    party = Participant(*found[_PARTY_FROM:_FIRM_FROM])
    firm = RegisteredFirm(*found[_FIRM_FROM:]) if found[_FIRM_FROM] is not None else None
    return SignedIn(Actor(user_id, role, party.id), name, party, firm, csrf)


def client(session: Session, client_id: str, secret: str) -> Actor | None:
    """The API client with that secret, or None."""
    found = session.get(ApiClient, client_id)
    given = hashlib.sha256(secret.encode()).hexdigest()
    if found is None or not found.active or not same(found.secret_digest, given):
        return None
    return Actor(found.id, found.role, found.party_id)


def clients(session: Session) -> dict[str, bool]:
    """Which bank systems have credentials (by the bank's code), and whether they may enter."""
    return {row[0]: row[1] for row in session.execute(select(ApiClient.id, ApiClient.active))}


_FIRM: Select[Any] = select(*_OF_FIRM)
_FIRM_BY_ID, _FIRM_BY_USCC = _FIRM.where(Firm.id == bindparam("id")), _FIRM.where(Firm.uscc == bindparam("uscc"))
_PARTY: Select[Any] = select(*_OF_PARTY)
_PARTY_BY_CODE, _PARTY_BY_ID = _PARTY.where(Party.code == bindparam("code")), _PARTY.where(Party.id == bindparam("id"))

# The register for another room's statement to join: `.join(REGISTER, REGISTER.c.firm_id == …)`, so that it stays one statement.
REGISTER = select(Firm.id.label("firm_id"), Firm.uscc, Firm.region, Firm.industry, Firm.subject_type).subquery("firm_register")


def firm(session: Session, firm_id: str) -> RegisteredFirm:
    """One firm, or NotFound."""
    found = session.execute(_FIRM_BY_ID, {"id": firm_id}).first()
    if found is None:
        raise NotFound()
    return RegisteredFirm(*found)


def firm_by_uscc(session: Session, uscc: str) -> RegisteredFirm | None:
    """The firm with that credit code, if we know it."""
    found = session.execute(_FIRM_BY_USCC, {"uscc": uscc}).first()
    return RegisteredFirm(*found) if found is not None else None


def firm_named(session: Session, name: str) -> RegisteredFirm | None:
    """The firm with that id or, where it is nobody's, with that credit code."""
    found = session.execute(_FIRM_BY_ID, {"id": name}).first()
    return RegisteredFirm(*found) if found is not None else firm_by_uscc(session, name)


def firm_id_of(session: Session, party_id: str | None) -> str | None:
    """The firm that this party is; None for any other party, and for none."""
    return session.scalar(select(Firm.id).where(Firm.party_id == party_id)) if party_id else None


def firm_ids(session: Session, usccs: Collection[str]) -> dict[str, str]:
    """The firms that we know of these credit codes: credit code -> firm."""
    query = select(Firm.uscc, Firm.id).where(Firm.uscc.in_(sorted(usccs)))
    return {row.uscc: row.id for row in session.execute(query)} if usccs else {}


def firms(session: Session, *, imported: bool | None = None) -> list[RegisteredFirm]:
    """Every firm, oldest first; only imported ones, or only others, if asked."""
    query = _FIRM.order_by(Firm.created_at, Firm.id)
    if imported is not None:
        query = query.where(Firm.imported == imported)
    return [RegisteredFirm(*row) for row in session.execute(query)]


def find_party(session: Session, code: str) -> Participant | None:
    """The party with that public code, if there is one."""
    found = session.execute(_PARTY_BY_CODE, {"code": code}).first()
    return Participant(*found) if found is not None else None


def party(session: Session, code: str) -> Participant:
    """One party by its public code, or NotFound."""
    found = find_party(session, code)
    if found is None:
        raise NotFound()
    return found


def party_by_id(session: Session, party_id: str | None) -> Participant | None:
    """The party that an actor or a line of the log names; None where it names none."""
    found = session.execute(_PARTY_BY_ID, {"id": party_id}).first() if party_id else None
    return Participant(*found) if found is not None else None


def titles(session: Session, party_ids: Collection[str]) -> dict[str, Words]:
    """What these parties are called in both languages, by their ids."""
    query = _PARTY.where(Party.id.in_(sorted(party_ids)))
    return {each.id: each.title for row in session.execute(query) for each in [Participant(*row)]} if party_ids else {}


def parties(session: Session, kind: str | None = None) -> list[Participant]:
    """Every party of a kind, by code."""
    query = _PARTY.order_by(Party.code)
    return [Participant(*row) for row in session.execute(query.where(Party.kind == kind) if kind else query)]


def login_known(session: Session, login: str) -> bool:
    """Whether somebody has this login."""
    return session.scalar(select(User.id).where(User.login == login)) is not None


def person_name(session: Session, user_id: str) -> str | None:
    """What a person is called; None for whoever is no person (a bank's system, the platform)."""
    return session.scalar(select(User.name).where(User.id == user_id))


def people_names(session: Session) -> dict[str, str]:
    """What every person is called, by the id under which the log names them."""
    return {row.id: row.name for row in session.execute(select(User.id, User.name))}


def people(session: Session, party_id: str) -> list[Colleague]:
    """Who may act for the party, by login."""
    query = select(*_OF_USER).where(User.party_id == party_id, User.active.is_(True)).order_by(User.login)
    return [Colleague(*row) for row in session.execute(query)]


def waiting_invitations(session: Session, party_id: str, at: datetime) -> list[ColleagueInvitation]:
    """Invitations of a party that wait to be confirmed or used, the oldest first."""
    query = select(*_columns(Invitation, ColleagueInvitation))
    query = query.where(Invitation.party_id == party_id, Invitation.state.in_(("invited", "confirmed")))
    rows = session.execute(query.where(Invitation.expires_at > at).order_by(Invitation.invited_at, Invitation.id))
    return [ColleagueInvitation(*row) for row in rows]
