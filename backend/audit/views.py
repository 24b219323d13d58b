"""Read the log, and test that it is whole."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit.actions import content
from backend.audit.model import chained
from backend.audit.tables import AuditLine, PolicyBlock
from backend.kit.errors import NotFound


def trail(
    session: Session,
    *,
    firm_id: str | None = None,
    object_id: str | None = None,
    actions: Sequence[str] | None = None,
    limit: int = 200,
) -> list[AuditLine]:
    """The newest lines first, of one firm or one object."""
    query = select(AuditLine).order_by(AuditLine.seq.desc()).limit(limit)
    if firm_id is not None:
        query = query.where(AuditLine.firm_id == firm_id)
    if object_id is not None:
        query = query.where(AuditLine.object_id == object_id)
    if actions is not None:
        query = query.where(AuditLine.action.in_(actions))
    return list(session.scalars(query))


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
