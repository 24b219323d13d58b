"""How the monthly look at each card is kept: the figures, and what was alarming. Never edited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, event
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base
from backend.kit.guards import append_only


class MonitorResult(Base):
    """One card's figures as of the end of a month."""

    __tablename__ = "monitor_results"
    card: Mapped[str] = mapped_column(String(32), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    policy_digest: Mapped[str] = mapped_column(String(64))
    figures: Mapped[dict[str, Any]]
    alerts: Mapped[list[Any]]


GUARDED = ("monitor_results",)
for _ddl in append_only(MonitorResult.__tablename__):
    event.listen(MonitorResult.__table__, "after_create", _ddl)
