"""Enqueue, lease, keep, finish: each in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, cast

import structlog
from sqlalchemy import Select, Table, Update, bindparam, func, or_, select
from sqlalchemy.orm import Session

from backend.kit import clock, inserts, locks, rules
from backend.kit.errors import NotFound
from backend.kit.ids import new_id
from backend.steps import rules as rules_of
from backend.steps import views
from backend.steps.model import LEASE_SECONDS, MOST_DEATHS, SHOWN_AFTER, Answered, Heard, wait_seconds
from backend.steps.tables import InboxMessage, Step

log = structlog.get_logger()
# Every lane, each in its turn; None is the lane of the steps that speak to nobody outside.
ANY: Literal["*"] = "*"
# Joined with nothing, so that SQLite does not look by kind and sort what it finds.
_KINDS = Step.kind.concat("").in_(bindparam("kinds", expanding=True))
_NEXT = select(Step).where(views.IS_READY, _KINDS).order_by(Step.due, Step.id).limit(1).with_for_update(skip_locked=True)
_BESIDES = _NEXT.where(
    or_(
        Step.lane.is_(None),
        Step.lane.not_in(bindparam("shut", expanding=True)),
        Step.kind.in_(bindparam("quiet", expanding=True)),
    )
)
_LOCAL = _NEXT.where(Step.lane.is_(None))
_OF_LANE = _NEXT.where(Step.lane == bindparam("lane"))
_FAIREST = _OF_LANE.order_by(None).order_by(Step.since.is_not(None), func.coalesce(Step.not_before, Step.created_at), Step.id)
_HELD = select(Step).where(Step.id == bindparam("step")).with_for_update()
# One statement each, straight to the table: the lease is tested where the row is changed.
_STEPS, _INBOX = cast(Table, Step.__table__), cast(Table, InboxMessage.__table__)
_MINE = _STEPS.update().where(
    _STEPS.c.id == bindparam("step"), _STEPS.c.state == "leased", _STEPS.c.lease_token == bindparam("token")
)
_KEEP = _MINE.values(answer=bindparam("answer", type_=_STEPS.c.answer.type))
_INSTEAD = _STEPS.update().where(_STEPS.c.id == bindparam("step")).values(answer=bindparam("answer", type_=_STEPS.c.answer.type))
_FINISH = _MINE.values(
    rules.values(rules_of.LEASED_ONCE, state="done", lease_token=None, done_at=bindparam("now", type_=_STEPS.c.done_at.type))
)
_HEARD = _INBOX.insert()
_NEW, _RECEIVED = inserts.unless_there(_STEPS), inserts.unless_there(_INBOX)


def enqueue(
    session: Session,
    *,
    kind: str,
    key: str,
    payload: dict[str, Any],
    due: datetime,
    not_before: datetime | None = None,
    lane: str | None = None,
) -> bool:
    """Write a step down, once per (kind, key); whether it is new. `due` is business time, `not_before` machine time.

    `lane` names whom it speaks to: when they are silent, the steps of other lanes go on.
    """
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
        "lane": lane,
    }
    return inserts.added(session, _NEW, row)


def take(
    session: Session,
    *,
    at: datetime,
    kinds: Sequence[str],
    lane: str | None = ANY,
    shut: Sequence[str] = (),
    quiet: Sequence[str] = (),
) -> Step | None:
    """Lease the step that has been due longest, or whose lease ran out, of one lane or of all. None: nothing to do now.

    Of the lanes that are `shut`, only what calls nobody (`quiet` kinds) is taken. A step under which worker after worker died
    is set aside on the way.
    """
    asked: dict[str, Any] = {"kinds": list(kinds)}
    query: Select[Any] = _NEXT
    if lane is None:
        query = _LOCAL
    elif lane != ANY:
        query, asked["lane"] = _OF_LANE, lane
    elif shut:
        query = _BESIDES
        asked |= {"shut": list(shut), "quiet": list(quiet)}
    return _taken(session, query, asked, at)


def take_fairly(session: Session, *, at: datetime, kinds: Sequence[str], lane: str) -> Step | None:
    """Lease a step of this lane that has not failed yet, or that has gone longest without a try. The one due longest may be the
    one that has just failed, and would be the one for ever."""
    return _taken(session, _FAIREST, {"kinds": list(kinds), "lane": lane}, at)


def _taken(session: Session, query: Select[Any], asked: dict[str, Any], at: datetime) -> Step | None:
    now = clock.now()
    asked |= {"at": at, "now": now}
    while (found := session.scalar(query, asked)) is not None:
        step = cast(Step, found)
        locks.note(session, "step", step.id)
        if step.state == "leased":
            # Its lease ran out and nobody said how it ended: the worker died, or was killed.
            step.deaths += 1
            if step.deaths >= MOST_DEATHS:
                set_aside(session, step, f"{step.deaths} workers in a row died while they did this step")
                continue
        rules.put(session, step, "state", "leased", rule=rules_of.LEASED_ONCE)
        step.attempts += 1
        step.lease_token, step.lease_until = new_id("lease"), now + timedelta(seconds=LEASE_SECONDS)
        session.flush()
        return step
    return None


def held(session: Session, step_id: str, token: str | None) -> Step:
    """The step, if our lease on it still stands; another worker may have taken over."""
    step = session.scalar(_HELD, {"step": step_id})
    if step is None or step.state != "leased" or step.lease_token != token:
        raise lost()
    locks.note(session, "step", step.id)
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
    """Exchanges into the inbox, verbatim: also those of a call that failed, for whoever has to look.

    Each is named by its lease: a step that was sent on its way again counts its attempts anew, and says other things.
    """
    rows = [
        {
            "id": new_id("inbox"),
            "source": heard.source,
            "message_id": f"{step.id}.{step.lease_token}.{number}",
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


def put_off(session: Session, step: Step, error: str, *, retry_after: float | None = None, nonsense: bool = False) -> None:
    """Try again later, however often: what the outside world lacks today it may have tomorrow."""
    now = clock.now()
    last = step.not_before or now
    step.since = step.since or now
    if last - step.since < SHOWN_AFTER <= now - step.since:
        log.warning("step.waits", kind=step.kind, key=step.key, lane=step.lane, since=step.since, error=error[:300])
    step.deaths, step.stumbles, step.nonsense = 0, 0, nonsense
    _wait(session, step, error, now + timedelta(seconds=wait_seconds(step.attempts, retry_after)))
    session.flush()


def stumble(session: Session, step: Step, error: str) -> None:
    """The database had a bad moment: soon again."""
    step.since = step.since or clock.now()
    step.deaths, step.stumbles = 0, step.stumbles + 1
    _wait(session, step, error, clock.now() + timedelta(seconds=step.stumbles))
    session.flush()


def _wait(session: Session, step: Step, error: str, not_before: datetime) -> None:
    rules.put(session, step, "state", "waiting", rule=rules_of.LEASED_ONCE)
    step.last_error, step.not_before = error[:500], not_before
    step.lease_token, step.lease_until = None, None


def give_back(session: Session, step: Step) -> None:
    """It was not begun: the step is as if it had not been taken."""
    rules.put(session, step, "state", "waiting", rule=rules_of.LEASED_ONCE)
    step.lease_token, step.lease_until, step.attempts = None, None, step.attempts - 1
    session.flush()


def set_aside(session: Session, step: Step, error: str) -> None:
    """What is broken does not mend by waiting: a dead letter at once, nothing lost."""
    log.warning("step.aside", kind=step.kind, key=step.key, lane=step.lane, error=error[:300])
    rules.put(session, step, "state", "dead", rule=rules_of.LEASED_ONCE)
    step.last_error, step.lease_token, step.since = error[:500], None, step.since or clock.now()
    session.flush()


def put_aside(
    session: Session, *, kind: str, key: str, payload: dict[str, Any], lane: str | None, error: str, due: datetime
) -> bool:
    """Part of another step's work that failed by itself, as a dead letter of its own; whether it is new."""
    new = enqueue(session, kind=kind, key=key, payload=payload, due=due, lane=lane)
    if new:
        step = session.scalars(select(Step).where(Step.kind == kind, Step.key == key)).one()
        locks.note(session, "step", step.id)
        set_aside(session, step, error)
    return new


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
) -> str | None:
    """A message that came by itself (a callback): its name in the inbox. None if that very message is here already."""
    row = {
        "id": new_id("inbox"),
        "source": source,
        "message_id": message_id,
        "verb": verb,
        "reference": reference,
        "sent": b"",
        "headers": dict(headers),
        "body": body,
        "status": None,
        "received_at": clock.now(),
        "business_at": at,
        "step_id": None,
    }
    return str(row["id"]) if inserts.added(session, _RECEIVED, row) else None


def body_digest(body: bytes) -> str:
    """Names a message that brings no number of its own."""
    return hashlib.sha256(body).hexdigest()


def next_due(session: Session) -> datetime | None:
    """When the earliest waiting step is due, in business time."""
    return session.scalar(select(func.min(Step.due)).where(Step.state == "waiting"))
