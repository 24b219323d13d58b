"""Applications whose next question was set aside are asked about again: each evening, from the calendar.

A question to a bank plans the next one about the same application in its own effect. One that is set aside (a fault of ours, a no
that nobody expected) has no effect, and would be the last: the firm would wait for ever on a bank that has long answered. The
one set aside stays for a person to look at.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import model
from backend.applications.asking import POLL, Desk, ask_on
from backend.applications.tables import Application
from backend.kit import clock
from backend.kit.words import Words
from backend.steps.calendar import Recurring, every_day
from backend.steps.tables import OPEN, Step

KIND = "lender.resume"
RESUMES = Recurring(
    kind=KIND,
    title=Words("续查银行答复", "asking again where a question was set aside"),
    following=every_day,
    hour=timedelta(hours=19, minutes=30),
    missed="latest",
)


def resume(session: Session, payload: dict[str, Any], at: datetime, *, desk: Desk) -> None:
    """The daily step."""
    polls = select(Step.payload).where(Step.kind == POLL)
    dropped = {each["application"] for each in session.scalars(polls.where(Step.state == "dead"))}
    if not dropped:
        return
    dropped -= {each["application"] for each in session.scalars(polls.where(Step.state.in_(OPEN)))}
    day = clock.day_of(at)
    for application_id in sorted(dropped):
        application = session.get_one(Application, application_id)
        if application.state in model.ENDS or application.bank not in desk.lenders:
            continue
        if application.state == "drawn" and desk.next_look(session, application_id, day) is None:
            continue
        ask_on(session, application, day)
