"""Look up parties, firms and who is signed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.kit import clock
from backend.kit.crypto import same
from backend.kit.errors import NotFound
from backend.parties.tables import ApiClient, Firm, Party, User, UserSession


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the door: the actor, the person's name, the party, the firm if it is one, and the form token."""

    actor: Actor
    name: str
    party: Party
    firm: Firm | None
    csrf: str


_SIGNED_IN = (
    select(UserSession, User, Party, Firm)
    .join(User, User.id == UserSession.user_id)
    .join(Party, Party.id == User.party_id)
    .outerjoin(Firm, Firm.party_id == Party.id)
    .where(UserSession.token_digest == bindparam("digest"))
)


def signed_in(session: Session, token: str) -> SignedIn | None:
    """The live session behind a token, or None."""
    found = session.execute(_SIGNED_IN, {"digest": hashlib.sha256(token.encode()).hexdigest()}).first()
    if found is None:
        return None
    entry, user, party, firm = found
    if entry.ended_at is not None or entry.expires_at <= clock.now() or not user.active:
        return None
    return SignedIn(Actor(user.id, user.role, party.id), user.name, party, firm, entry.csrf)


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


def firm(session: Session, firm_id: str) -> Firm:
    """One firm, or NotFound."""
    found = session.get(Firm, firm_id)
    if found is None:
        raise NotFound()
    return found


def firm_by_uscc(session: Session, uscc: str) -> Firm | None:
    """The firm with that credit code, if we know it."""
    return session.scalar(select(Firm).where(Firm.uscc == uscc))


def firms(session: Session, *, imported: bool | None = None) -> list[Firm]:
    """Every firm, oldest first; only imported ones, or only others, if asked."""
    query = select(Firm).order_by(Firm.created_at, Firm.id)
    if imported is not None:
        query = query.where(Firm.imported == imported)
    return list(session.scalars(query))


_BY_CODE = select(Party).where(Party.code == bindparam("code"))


def party(session: Session, code: str) -> Party:
    """One party by its public code, or NotFound."""
    found = session.scalar(_BY_CODE, {"code": code})
    if found is None:
        raise NotFound()
    return found


def parties(session: Session, kind: str | None = None) -> list[Party]:
    """Every party of a kind, by code."""
    query = select(Party).order_by(Party.code)
    return list(session.scalars(query.where(Party.kind == kind) if kind else query))


def login_known(session: Session, login: str) -> bool:
    """Whether somebody has this login."""
    return session.scalar(select(User.id).where(User.login == login)) is not None
