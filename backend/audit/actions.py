"""Write the log; keep the policies it cites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, text
from sqlalchemy.orm import Session

from backend.audit.model import Actor, chained
from backend.audit.tables import AuditLine, PolicyBlock
from backend.kit import clock
from backend.kit.policy import digest

# One writer at a time may extend the chain; on SQLite BEGIN IMMEDIATE already says so.
_PG_LOCK = 7_420_250_417
_LINES = cast(Table, AuditLine.__table__)
_COLUMNS = tuple(_LINES.columns.keys())
_KEPT = select(PolicyBlock.digest).where(PolicyBlock.digest.in_(bindparam("digests", expanding=True)))
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
) -> int:
    """Append one line in the caller's transaction and answer its number.

    `at` is business time; machine time is noted beside it. Details must be canonical JSON (no floats needed, no secrets).
    """
    return _append(session, at, actor, action, [(object_kind, object_id, firm_id, details or {})])


def record_firms(session: Session, *, at: datetime, actor: Actor, action: str, details: Mapping[str, dict[str, Any]]) -> None:
    """The same act towards many firms: a line for each (firm -> details), in their order."""
    if details:
        _append(session, at, actor, action, [("firm", firm_id, firm_id, about) for firm_id, about in details.items()])


def _append(
    session: Session, at: datetime, actor: Actor, action: str, objects: Sequence[tuple[str, str, str | None, dict[str, Any]]]
) -> int:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PG_LOCK})
    session.flush()
    last = session.connection().execute(_LAST).first()
    seq, name = (last.seq, last.hash) if last else (0, "")
    rows = []
    for object_kind, object_id, firm_id, details in objects:
        seq += 1
        line = AuditLine(
            seq=seq,
            at=at,
            written_at=clock.now(),
            actor_id=actor.id,
            role=actor.role,
            party_id=actor.party_id,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            firm_id=firm_id,
            details=details,
            hash="",
        )
        line.hash = name = chained(name, content(line))
        rows.append({column: getattr(line, column) for column in _COLUMNS})
    session.connection().execute(_LINES.insert(), rows)
    return seq


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
    session.flush()
    known = set(session.connection().execute(_KEPT, {"digests": sorted(set(digests.values()))}).scalars())
    for name, found in digests.items():
        if found not in known:
            session.add(PolicyBlock(digest=found, kind=kind, name=name, body=blocks[name]))
            known.add(found)
    session.flush()
    return digests


def keep_policy(session: Session, *, kind: str, name: str, body: bytes) -> str:
    """Keep a policy block under its digest; the second time changes nothing."""
    name_of_block = digest(body)
    if session.get(PolicyBlock, name_of_block) is None:
        session.add(PolicyBlock(digest=name_of_block, kind=kind, name=name, body=body))
        session.flush()
    return name_of_block
