"""How steps and the inbox are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base

# Finished steps are kept for the auditor: looking for the next one passes over them.
UNFINISHED = text("state NOT IN ('done', 'dead')")
# The same, for a query that looks at one kind or lane.
OPEN = ("waiting", "leased")


class Step(Base):
    """One thing to be done. `due` is business time; lease, `not_before` and `since` are machine time.

    `lane`: whom it speaks to, None where nobody outside. `since`: the first failure of the present run of failures.
    `deaths`: workers that died under it in a row. `stumbles`: passing errors of the database in a row.
    `nonsense`: it waits because what came back last could not be used.
    """

    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index("ix_steps_state_due", "state", "due"),
        Index("ix_steps_unfinished", "due", "id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        Index("ix_steps_of_lane", "lane", "due", "id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    )
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(160))
    payload: Mapped[dict[str, Any]]
    due: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="waiting")  # waiting, leased, done, dead
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    lane: Mapped[str | None] = mapped_column(String(64))
    deaths: Mapped[int] = mapped_column(default=0, server_default="0")
    stumbles: Mapped[int] = mapped_column(default=0, server_default="0")
    since: Mapped[datetime | None]
    nonsense: Mapped[bool] = mapped_column(default=False, server_default=false())


class Lane(Base):
    """The breaker of one lane, shared by all workers; a lane without a row never failed. Moments are machine time.

    Open (`opened_at`): its steps are not taken before `open_until`; from then on one at a time, each a probe, until one succeeds.
    `reason` is the newest failure's; `nonsense`: it was an answer that could not be used, not silence.
    """

    __tablename__ = "lanes"
    lane: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    open_until: Mapped[datetime | None]
    since: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    nonsense: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_ok_at: Mapped[datetime | None]


class InboxMessage(Base):
    """What the outside world said, byte for byte, before anybody acted on it."""

    __tablename__ = "inbox_messages"
    __table_args__ = (UniqueConstraint("source", "message_id"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(160))
    verb: Mapped[str] = mapped_column(String(24))
    reference: Mapped[str] = mapped_column(String(64), index=True)
    sent: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    received_at: Mapped[datetime]
    business_at: Mapped[datetime]
    step_id: Mapped[str | None] = mapped_column(String(64))
