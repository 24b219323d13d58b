"""Write the log; keep the policies it cites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from backend.audit.model import Actor, chained
from backend.audit.tables import AuditLine, PolicyBlock
from backend.kit import clock, inserts, locks
from backend.kit.database import at_the_end
from backend.kit.policy import digest
from backend.kit.savepoints import growing

_WAITING = "audit_lines"
_LINES = cast(Table, AuditLine.__table__)
_COLUMNS = tuple(_LINES.columns.keys())
_KEPT = select(PolicyBlock.digest).where(PolicyBlock.digest.in_(bindparam("digests", expanding=True)))
_NEW_BLOCK = inserts.unless_there(cast(Table, PolicyBlock.__table__))
_LAST = select(_LINES.c.seq, _LINES.c.hash).order_by(_LINES.c.seq.desc()).limit(1)


def record(
    session: Session,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: str,
    firm_id: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """One line in the caller's transaction, appended when it commits: the lock of the log is held as briefly as can be.

    `at` is business time; machine time is noted beside it. Details must be canonical JSON (no floats needed, no secrets).
    """
    _keep(session, [_Line(at, clock.now(), actor, action, object_kind, object_id, firm_id, details or {})])


def record_firms(session: Session, *, at: datetime, actor: Actor, action: str, details: Mapping[str, dict[str, Any]]) -> None:
    """The same act towards many firms: a line for each (firm -> details), in their order."""
    written = clock.now()
    _keep(session, [_Line(at, written, actor, action, "firm", name, name, about) for name, about in details.items()])


class _Line(NamedTuple):
    at: datetime
    written_at: datetime
    actor: Actor
    action: str
    object_kind: str
    object_id: str
    firm_id: str | None
    details: dict[str, Any]


def _keep(session: Session, lines: Sequence[_Line]) -> None:
    # Details that another change of the caller's would alter afterwards are said as they are now.
    growing(session, _WAITING).extend(line._replace(details=dict(line.details)) for line in lines)
    at_the_end(session, _WAITING, _append)


def _append(session: Session) -> None:
    """What the transaction has to tell, in its order, under the lock of the log: the last lock that any transaction takes."""
    waiting: list[_Line] = growing(session, _WAITING)
    if not waiting:
        return
    locks.hold_name(session, "log", "audit_lines")
    last = session.connection().execute(_LAST).first()
    seq, name = (last.seq, last.hash) if last else (0, "")
    rows = []
    for said in waiting:
        seq += 1
        line = AuditLine(
            seq=seq,
            at=said.at,
            written_at=said.written_at,
            actor_id=said.actor.id,
            role=said.actor.role,
            party_id=said.actor.party_id,
            action=said.action,
            object_kind=said.object_kind,
            object_id=said.object_id,
            firm_id=said.firm_id,
            details=said.details,
            hash="",
        )
        line.hash = name = chained(name, content(line))
        rows.append({column: getattr(line, column) for column in _COLUMNS})
    session.connection().execute(_LINES.insert(), rows)
    waiting.clear()


def content(line: AuditLine) -> dict[str, Any]:
    """What a line's hash covers."""
    return {
        "seq": line.seq,
        "at": line.at.astimezone(UTC).isoformat(),
        "written_at": line.written_at.astimezone(UTC).isoformat(),
        "actor": [line.actor_id, line.role, line.party_id],
        "action": line.action,
        "object": [line.object_kind, line.object_id, line.firm_id],
        "details": line.details,
    }


def keep_policies(session: Session, *, kind: str, blocks: Mapping[str, bytes]) -> dict[str, str]:
    """Keep many named blocks at once, with one look at what is there; their digests by name."""
    digests = {name: digest(body) for name, body in blocks.items()}
    known = set(session.connection().execute(_KEPT, {"digests": sorted(set(digests.values()))}).scalars())
    new = {found: name for name, found in reversed(digests.items()) if found not in known}
    if new:
        # Two firms may cite a block for the first time at the same moment; by digest, so that neither waits for the other.
        rows = [{"digest": found, "kind": kind, "name": new[found], "body": blocks[new[found]]} for found in sorted(new)]
        inserts.add(session, _NEW_BLOCK, rows)
    return digests


def keep_policy(session: Session, *, kind: str, name: str, body: bytes) -> str:
    """Keep a policy block under its digest; the second time changes nothing."""
    return keep_policies(session, kind=kind, blocks={name: body})[name]
