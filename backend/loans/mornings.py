"""Each morning, from the calendar: loans that still wait for their pool are asked about, and evidence whose look was set aside is
looked at again.

Neither is left to its own last step. One that was set aside (a fault of ours) would otherwise have been the last of its chain: a
signed loan never registered, expired evidence never frozen. The one set aside stays for a person to look at.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.words import Words
from backend.loans import clearance, uplifted
from backend.steps.calendar import Recurring, every_day

KIND = "loans.mornings"
MORNINGS = Recurring(
    kind=KIND,
    title=Words("每日续办入库登记与增信复查", "each morning's registrations and looks at evidence"),
    following=every_day,
    hour=timedelta(hours=6, minutes=30),
    missed="latest",
)


def each_morning(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """The daily step."""
    day = clock.day_of(at)
    clearance.ask_all(session, day)
    uplifted.look_where_dropped(session, day)
