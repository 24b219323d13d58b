"""A party's own people let a colleague in; nobody from outside does, and no single hand does it where two belong.

One person invites and another, already there, confirms. Each is shown a word of their own, once; the newcomer needs both and
chooses the password: neither of the two can come in as the newcomer (whoever knows the first password has a login of his own
making, and a fund's maker would be its checker). Where a party has one person only, that person's word is enough and the log says
so; not at the fund, whose two persons would then be one.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import locks, rules
from backend.kit.crypto import same
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.parties import model, views
from backend.parties.actions import add_user, digest, login_taken
from backend.parties.rules import COLLEAGUE_ON_TWO_WORDS
from backend.parties.tables import Invitation, Party, User
from backend.parties.views import Colleague, ColleagueInvitation, InvitationWithWord

DAYS = 7
MOST_OPEN = 20


def invite(session: Session, actor: Actor, *, login: str, name: str, role: str, at: datetime) -> InvitationWithWord:
    """Invite a colleague, with the inviter's word, shown this once. Alone in a party, the invitation stands at once."""
    party = _own(session, actor)
    if role not in model.PEOPLE_OF[party.kind]:
        raise Invalid("role", Words("该机构没有此角色", f"a {party.kind} has no role {role}"))
    alone = _people(session, party) == 1
    if alone and party.kind == "fund":
        raise Refused(
            Words(
                "基金须由另一位在职人员确认，目前只有您一人", "at a fund another of its people confirms, and you are the only one"
            ),
            code="needs_second",
        )
    kept, word = model.login(login), secrets.token_urlsafe(12)
    if session.scalar(select(User.id).where(User.login == kept)) is not None:
        raise login_taken()
    open_ = select(func.count()).where(Invitation.party_id == party.id, Invitation.state == "invited")
    if (session.scalar(open_) or 0) >= MOST_OPEN:
        raise Conflict(Words("待确认的邀请过多，请先处理", "too many invitations wait; settle those first"), code="too_many_open")
    made = Invitation(
        id=new_id("invitation"),
        party_id=party.id,
        login=kept,
        name=model.written("name", name, most=100),
        role=role,
        state="confirmed" if alone else "invited",
        invited_by=actor.id,
        invited_at=at,
        first_digest=digest(word),
        second_digest="",
        expires_at=at + timedelta(days=DAYS),
    )
    session.add(made)
    session.flush()
    _log(session, actor, made, "colleague.invited_alone" if alone else "colleague.invited", at)
    return views.invitation_with_word(made, word)


def confirm(session: Session, actor: Actor, *, invitation_id: str, at: datetime) -> InvitationWithWord:
    """Another of the party's people agrees: the invitation, with that person's word, shown this once."""
    found = _waiting(session, actor, invitation_id, at)
    if found.invited_by == actor.id:
        raise Refused(
            Words("邀请须由另一位在职人员确认", "another of your people confirms it, not who invited"), code="same_person"
        )
    word = secrets.token_urlsafe(12)
    found.second_digest, found.decided_by, found.decided_at = digest(word), actor.id, at
    found.expires_at = at + timedelta(days=DAYS)
    rules.put(session, found, "state", "confirmed", rule=COLLEAGUE_ON_TWO_WORDS)
    _log(session, actor, found, "colleague.confirmed", at)
    return views.invitation_with_word(found, word)


def refuse(session: Session, actor: Actor, *, invitation_id: str, at: datetime) -> ColleagueInvitation:
    """Any of the party's people ends an invitation that waits; who invited takes it back that way."""
    found = _waiting(session, actor, invitation_id, at)
    found.decided_by, found.decided_at = actor.id, at
    rules.put(session, found, "state", "refused", rule=COLLEAGUE_ON_TWO_WORDS)
    _log(session, actor, found, "colleague.refused", at)
    return views.invitation_of(found)


def expect(session: Session, *, invitation_id: str, first: str, second: str, at: datetime) -> None:
    """NotFound unless both words open this invitation. A wrong word, an old one and none at all look the same."""
    _expected(session, invitation_id, first, second, at)


def _expected(session: Session, invitation_id: str, first: str, second: str, at: datetime) -> Invitation:
    found = session.get(Invitation, invitation_id, populate_existing=True)
    if found is None or found.state != "confirmed" or at >= found.expires_at:
        raise NotFound()
    alone = not found.second_digest
    right = same(found.first_digest, digest(first)) and (second == "" if alone else same(found.second_digest, digest(second)))
    if not right:
        raise NotFound()
    return found


def join(session: Session, *, invitation_id: str, first: str, second: str, password_hash: str, at: datetime) -> Colleague:
    """The newcomer comes in with both words and a password of their own; the invitation is used up."""
    before = _expected(session, invitation_id, first, second, at)
    held = locks.hold(session, Party, before.party_id)
    found = _expected(session, invitation_id, first, second, at)
    if held is None:
        raise NotFound()
    party = views.participant_of(held)
    user = add_user(session, party=party, login=found.login, password_hash=password_hash, role=found.role, name=found.name)
    rules.put(session, found, "state", "joined", rule=COLLEAGUE_ON_TWO_WORDS)
    _log(session, Actor(user.id, user.role, party.id), found, "colleague.joined", at)
    return user


def _own(session: Session, actor: Actor) -> Party:
    party = locks.hold(session, Party, actor.party_id) if actor.party_id else None
    if party is None or party.kind == "firm":
        raise NotFound()  # a firm's owner lets staff in by another door
    return party


def _people(session: Session, party: Party) -> int:
    return session.scalar(select(func.count()).where(User.party_id == party.id, User.active.is_(True))) or 0


def _waiting(session: Session, actor: Actor, invitation_id: str, at: datetime) -> Invitation:
    party = _own(session, actor)
    found = locks.fresh(session, Invitation, invitation_id)
    if found is None or found.party_id != party.id:
        raise NotFound()
    if found.state != "invited" or at >= found.expires_at:
        raise Conflict(Words("该邀请已处理或已过期", "this invitation is settled or over"), code="invitation_settled")
    return found


def _log(session: Session, actor: Actor, row: Invitation, action: str, at: datetime) -> None:
    details = {"login": row.login, "role": row.role}
    audit.record(session, at=at, actor=actor, action=action, object_kind="invitation", object_id=row.id, details=details)
