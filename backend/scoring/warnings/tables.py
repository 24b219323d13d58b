"""How sweeps, standings, alerts and tasks are kept. Evidence lies under seal; what happened to an alert only grows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, event
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base
from backend.kit.guards import append_only

Serial = BigInteger().with_variant(Integer, "sqlite")


class WarningSweep(Base):
    """One sweep over all firms that owe something: by which thresholds, and what it counted."""

    __tablename__ = "warning_sweeps"
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    policy_digest: Mapped[str] = mapped_column(String(64))
    firms: Mapped[int]
    counts: Mapped[dict[str, Any]]


class WarningStanding(Base):
    """Where one indicator of one firm stands; green without a past has no row."""

    __tablename__ = "warning_standings"
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(32), primary_key=True)
    colour: Mapped[str] = mapped_column(String(8))
    since: Mapped[date]
    better: Mapped[int]
    seen: Mapped[str] = mapped_column(String(8))
    lifted: Mapped[str | None] = mapped_column(String(8))


class WarningAlert(Base):
    """An indicator that left green. `sealed` is the newest evidence; `item` says whose consent opened it."""

    __tablename__ = "warning_alerts"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    indicator: Mapped[str] = mapped_column(String(32))
    item: Mapped[str] = mapped_column(String(16))
    colour: Mapped[str] = mapped_column(String(8))
    highest: Mapped[str] = mapped_column(String(8))
    opened_on: Mapped[date]
    policy_digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8), index=True)  # open, closed
    closed_on: Mapped[date | None]
    closed_by: Mapped[str | None] = mapped_column(String(16))  # improved, lifted, ended


class WarningTask(Base):
    """What a bank is to do about an alert, until when, and what it said."""

    __tablename__ = "warning_tasks"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("warning_alerts.id"), index=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"))
    party: Mapped[str] = mapped_column(String(64), index=True)
    opened_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))  # open, answered, ended
    outcome: Mapped[str | None] = mapped_column(String(16))  # confirmed, false_alarm, resolved
    words: Mapped[str | None] = mapped_column(String(2000))
    answered_on: Mapped[date | None]
    answered_by: Mapped[str | None] = mapped_column(String(64))


class WarningEvent(Base):
    """What happened to an alert, in order."""

    __tablename__ = "warning_events"
    seq: Mapped[int] = mapped_column(Serial, primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("warning_alerts.id"), index=True)
    day: Mapped[date]
    what: Mapped[str] = mapped_column(String(16))  # opened, worsened, improved, answered, lifted, closed
    colour: Mapped[str] = mapped_column(String(8))
    actor_id: Mapped[str] = mapped_column(String(64))


GUARDED = ("warning_sweeps", "warning_events")
for _table in (WarningSweep, WarningEvent):
    for _ddl in append_only(_table.__tablename__):
        event.listen(_table.__table__, "after_create", _ddl)
