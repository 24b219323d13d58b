"""Read what is public of every firm at once: facts of items that need no consent. One line in the log per reading.

Shareholdings (REG02) are such: who stands close to whom can only be said over all firms. A code that needs a consent is refused
here, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.credit_data.tables import FactRow
from backend.kit.errors import Refused
from backend.kit.words import Words
from backend.parties.views import REGISTER
from backend.vocabulary.facts import definitions

# Asked for every match: made once.
_SINCE = (
    select(FactRow.seq, REGISTER.c.uscc, FactRow.value)
    .join(REGISTER, REGISTER.c.firm_id == FactRow.firm_id)
    .where(FactRow.code == bindparam("code"), FactRow.seq > bindparam("seq"))
    .order_by(FactRow.seq)
)

_NEWER = select(FactRow.seq).where(FactRow.code == bindparam("code"), FactRow.seq > bindparam("seq")).limit(1)


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One public fact of one firm; a later `seq` of the same firm replaces an earlier one."""

    seq: int
    uscc: str
    value: Any


def is_newer(session: Session, *, code: str, seq: int) -> bool:
    """Whether there is any row of that code newer than `seq`; what it says is not read."""
    session.flush()
    return session.connection().execute(_NEWER, {"code": code, "seq": seq}).first() is not None


def since(session: Session, reader: Actor, *, code: str, seq: int, at: datetime) -> list[PublicRow]:
    """Rows of a public code newer than `seq`, oldest first. Refused `consent_missing` for any other code."""
    if definitions()[code].consent != "none":
        raise Refused(Words("该信息须授权方可读取", "this needs a consent"), code="consent_missing")
    session.flush()
    rows = session.connection().execute(_SINCE, {"code": code, "seq": seq}).all()
    if rows:
        details = {"code": code, "rows": len(rows), "until": rows[-1].seq}
        audit.record(session, at=at, actor=reader, action="facts.public", object_kind="facts", object_id=code, details=details)
    return [PublicRow(row.seq, row.uscc, row.value) for row in rows]
