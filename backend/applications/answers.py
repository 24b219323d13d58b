"""What banks answered before, of all firms together: the ground of a chance and of a measured speed. No firm is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.applications.tables import Application


@dataclass(frozen=True, slots=True)
class Answered:
    """So many answers of one bank to one product, each after so many days; `approved` whether it was a yes."""

    bank: str
    product: str
    days: int
    approved: bool
    count: int


def between(session: Session, since: datetime, before: datetime) -> Iterator[Answered]:
    """Every answer decided from `since` until just before `before`. What was taken back unanswered is no answer."""
    declined = Application.state == "declined"
    columns = (Application.bank, Application.product, Application.submitted_on, Application.decided_on, declined)
    query = select(*columns, func.count()).where(Application.decided_at >= since, Application.decided_at < before)
    for bank, product, submitted_on, decided_on, no, count in session.execute(query.group_by(*columns)):
        yield Answered(bank, product, ((decided_on or submitted_on) - submitted_on).days, not no, count)
