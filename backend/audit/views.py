"""Read the log, and test that it is whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from backend.audit.actions import content
from backend.audit.model import chained
from backend.audit.tables import AuditLine, PolicyBlock
from backend.kit.errors import NotFound
from backend.kit.rows import seen


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One act by one actor on one object, as the log has it."""

    seq: int
    at: datetime
    written_at: datetime
    actor_id: str
    role: str
    party_id: str | None
    action: str
    object_kind: str
    object_id: str
    firm_id: str | None
    details: dict[str, Any]
    hash: str


def trail(
    session: Session,
    *,
    firm_id: str | None = None,
    object_id: str | None = None,
    actions: Sequence[str] | None = None,
    limit: int = 200,
) -> list[LogLine]:
    """The newest lines first, of one firm or one object."""
    query = select(AuditLine).order_by(AuditLine.seq.desc()).limit(limit)
    if firm_id is not None:
        query = query.where(AuditLine.firm_id == firm_id)
    if object_id is not None:
        query = query.where(AuditLine.object_id == object_id)
    if actions is not None:
        query = query.where(AuditLine.action.in_(actions))
    return [seen(LogLine, line) for line in session.scalars(query)]


def about(session: Session, objects: Collection[str], *, readings_of: str, by_role: str, but: str) -> list[LogLine]:
    """Every act on these objects, and every reading of one firm's facts by people in one role, oldest first; `but` one action."""
    read = (AuditLine.firm_id == readings_of) & (AuditLine.action == "facts.read") & (AuditLine.role == by_role)
    query = select(AuditLine).where(AuditLine.action != but, or_(AuditLine.object_id.in_(sorted(objects)), read))
    return [seen(LogLine, line) for line in session.scalars(query.order_by(AuditLine.seq))]


def acts_on(session: Session, kinds: Collection[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every act on objects of these kinds: the object, the action, its details. As many as there are, one at a time."""
    query = select(AuditLine.object_id, AuditLine.action, AuditLine.details).where(AuditLine.object_kind.in_(sorted(kinds)))
    return ((row[0], row[1], row[2]) for row in session.execute(query))


def policy(session: Session, digest: str) -> bytes:
    """The policy block with that digest, byte for byte."""
    block = session.get(PolicyBlock, digest)
    if block is None:
        raise NotFound()
    return block.body


def length(session: Session) -> int:
    """How many lines the log has."""
    return session.scalar(select(func.count(AuditLine.seq))) or 0


def faults(session: Session) -> list[str]:
    """What is wrong with the chain: empty when whole; else the first broken line is named and the rest is moot."""
    previous, expected = "", 1
    for line in session.scalars(select(AuditLine).order_by(AuditLine.seq).execution_options(yield_per=1000)):
        if line.seq != expected:
            return [f"line {expected} is missing: the next one is {line.seq}"]
        if line.hash != chained(previous, content(line)):
            return [f"line {line.seq} was altered: its hash does not follow from line {line.seq - 1}"]
        previous, expected = line.hash, expected + 1
    return []
