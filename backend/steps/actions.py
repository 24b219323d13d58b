"""Enqueue, lease, keep, finish: each in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.errors import NotFound
from backend.kit.ids import new_id
from backend.steps import views
from backend.steps.model import GIVE_UP_AFTER, LEASE_SECONDS, Answered, Heard, wait_seconds
from backend.steps.tables import InboxMessage, Step

_KINDS = Step.kind.in_(bindparam("kinds", expanding=True))
_TAKE = select(Step).where(views.IS_READY, _KINDS).order_by(Step.due, Step.id).limit(1).with_for_update(skip_locked=True)
_HELD = select(Step).where(Step.id == bindparam("step")).with_for_update()
# One statement each, straight to the table: the lease is tested where the row is changed.
_STEPS, _INBOX = cast(Table, Step.__table__), cast(Table, InboxMessage.__table__)
_MINE = _STEPS.update().where(
    _STEPS.c.id == bindparam("step"), _STEPS.c.state == "leased", _STEPS.c.lease_token == bindparam("token")
)
_KEEP = _MINE.values(answer=bindparam("answer", type_=_STEPS.c.answer.type))
_INSTEAD = _STEPS.update().where(_STEPS.c.id == bindparam("step")).values(answer=bindparam("answer", type_=_STEPS.c.answer.type))
_FINISH = _MINE.values(state="done", lease_token=None, done_at=bindparam("now", type_=_STEPS.c.done_at.type))
_HEARD = _INBOX.insert()
_NEW = {
    make: insert(_STEPS).on_conflict_do_nothing()
    for make, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def enqueue(
    session: Session, *, kind: str, key: str, payload: dict[str, Any], due: datetime, not_before: datetime | None = None
) -> bool:
    """Write a step down, once per (kind, key); whether it is new. `due` is business time, `not_before` machine time."""
    row = {
        "id": new_id("step"),
        "kind": kind,
        "key": key,
        "payload": payload,
        "due": due,
        "not_before": not_before,
        "state": "waiting",
        "attempts": 0,
        "created_at": clock.now(),
    }
    return session.connection().execute(_NEW[session.get_bind().dialect.name], row).rowcount == 1


def take(session: Session, *, at: datetime, kinds: list[str]) -> Step | None:
    """Lease the step that has been due longest, or whose lease ran out. None: nothing to do now."""
    now = clock.now()
    step = session.scalar(_TAKE, {"at": at, "now": now, "kinds": kinds})
    if step is None:
        return None
    step.state, step.attempts = "leased", step.attempts + 1
    step.lease_token, step.lease_until = new_id("lease"), now + timedelta(seconds=LEASE_SECONDS)
    session.flush()
    return step


def held(session: Session, step_id: str, token: str | None) -> Step:
    """The step, if our lease on it still stands; another worker may have taken over."""
    step = session.scalar(_HELD, {"step": step_id})
    if step is None or step.state != "leased" or step.lease_token != token:
        raise lost()
    return step


def lost() -> NotFound:
    """What a worker is told whose lease has run out meanwhile."""
    return NotFound("the lease on this step has gone to another worker", code="lease_lost")


def keep(session: Session, step: Step, answer: Answered, *, at: datetime) -> None:
    """Put an answer into the inbox, verbatim, and its reading on the step, if our lease still stands."""
    if not _changed(session, _KEEP, step, answer=answer.result):
        raise lost()
    keep_heard(session, step, answer.heard, at=at)


def keep_instead(session: Session, step: Step, result: dict[str, Any]) -> None:
    """What was answered has had its effect: the step keeps this in its place."""
    session.connection().execute(_INSTEAD, {"step": step.id, "answer": result})


def keep_heard(session: Session, step: Step, exchanges: Sequence[Heard], *, at: datetime) -> None:
    """Exchanges into the inbox, verbatim: also those of a call that failed, for whoever has to look."""
    rows = [
        {
            "id": new_id("inbox"),
            "source": heard.source,
            "message_id": f"{step.id}.{step.attempts}.{number}",
            "verb": heard.verb,
            "reference": heard.reference,
            "sent": heard.sent,
            "headers": {"content-type": heard.content_type},
            "body": heard.body,
            "status": heard.status,
            "received_at": clock.now(),
            "business_at": at,
            "step_id": step.id,
        }
        for number, heard in enumerate(exchanges)
    ]
    if rows:
        session.connection().execute(_HEARD, rows)


def finish(session: Session, step: Step) -> None:
    """The step is done, if our lease still stands; it is kept, for the auditor. From here on no other worker may take it."""
    if not _changed(session, _FINISH, step, now=clock.now()):
        raise lost()


def _changed(session: Session, statement: Update, step: Step, **values: Any) -> bool:
    found = session.connection().execute(statement, {"step": step.id, "token": step.lease_token} | values)
    return found.rowcount == 1


def put_off(session: Session, step: Step, error: str) -> None:
    """Try again later; after many tries a person must look (dead letter)."""
    step.last_error, step.lease_token = error[:500], None
    step.state = "dead" if step.attempts >= GIVE_UP_AFTER else "waiting"
    step.not_before = clock.now() + timedelta(seconds=wait_seconds(step.attempts))
    session.flush()


def set_aside(session: Session, step: Step, error: str) -> None:
    """What is garbled or broken does not mend by waiting: a dead letter at once, nothing lost."""
    step.state, step.last_error, step.lease_token = "dead", error[:500], None
    session.flush()


def revive(session: Session, step_id: str) -> Step:
    """An operator sends a dead letter on its way again."""
    step = session.get(Step, step_id)
    if step is None or step.state != "dead":
        raise NotFound()
    step.state, step.attempts, step.not_before = "waiting", 0, None
    session.flush()
    return step


def receive(
    session: Session,
    *,
    source: str,
    verb: str,
    message_id: str,
    reference: str,
    headers: Mapping[str, str],
    body: bytes,
    at: datetime,
) -> InboxMessage | None:
    """A message that came by itself (a callback). None if that very message is here already."""
    if session.scalar(select(InboxMessage.id).where(InboxMessage.source == source, InboxMessage.message_id == message_id)):
        return None
    message = InboxMessage(
        id=new_id("inbox"),
        source=source,
        message_id=message_id,
        verb=verb,
        reference=reference,
        sent=b"",
        headers=dict(headers),
        body=body,
        status=None,
        received_at=clock.now(),
        business_at=at,
        step_id=None,
    )
    session.add(message)
    session.flush()
    return message


def body_digest(body: bytes) -> str:
    """Names a message that brings no number of its own."""
    return hashlib.sha256(body).hexdigest()


def next_due(session: Session) -> datetime | None:
    """When the earliest waiting step is due, in business time."""
    return session.scalar(select(func.min(Step.due)).where(Step.state == "waiting"))
