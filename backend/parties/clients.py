"""A bank's own system comes in by client credentials: a secret, shown once, of which only the digest is kept."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit.errors import NotFound
from backend.kit.rules import put
from backend.parties import rules
from backend.parties.actions import digest, hold_party
from backend.parties.tables import ApiClient
from backend.parties.views import Participant


def add_client(
    session: Session, *, party: Participant, secret: str, public_key: bytes | None, role: str = "bank_system"
) -> ApiClient:
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
    party = hold_party(session, code)
    if party is None or party.kind != "bank":
        raise NotFound()
    secret, before = secrets.token_urlsafe(32), session.get(ApiClient, party.code, populate_existing=True)
    made = add_client(session, party=party, secret=secret, public_key=before.public_key if before else None)
    put(session, made, "active", True, rule=rules.ONE_SECRET)
    _log_client(session, actor, party, "client.secret_renewed" if before else "client.secret_made", at)
    return secret


def end_client(session: Session, actor: Actor, *, code: str, at: datetime) -> None:
    """A bank's system may no longer enter, from now on."""
    party = hold_party(session, code)
    found = session.get(ApiClient, code, populate_existing=True) if party is not None else None
    if party is None or found is None:
        raise NotFound()
    if found.active:
        put(session, found, "active", False, rule=rules.ONE_SECRET)
        _log_client(session, actor, party, "client.ended", at)


def _log_client(session: Session, actor: Actor, party: Participant, action: str, at: datetime) -> None:
    audit.record(session, at=at, actor=actor, action=action, object_kind="client", object_id=party.code)
