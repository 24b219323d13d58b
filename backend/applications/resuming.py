"""Applications whose next question was set aside are asked about again: each evening, from the calendar.

A question to a bank plans the next one about the same application in its own effect. One that is set aside (a fault of ours, a no
that nobody expected) has no effect, and would be the last: the firm would wait for ever on a bank that has long answered. The
one set aside stays for a person to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import model
from backend.applications.asking import Desk
from backend.applications.tables import Application
from backend.kit import clock
from backend.kit.words import Words
from backend.steps import actions as steps
from backend.steps.calendar import OPEN, Recurring, every_day
from backend.steps.model import Answered
from backend.steps.tables import Step

KIND, POLL = "lender.resume", "lender.poll"
RESUMES = Recurring(
    kind=KIND,
    title=Words("续查银行答复", "asking again where a question was set aside"),
    following=every_day,
    hour=timedelta(hours=19, minutes=30),
    missed="latest",
)


@dataclass
class Resume:
    """Handler of the daily step: nobody is called."""

    desk: Desk
    outside = False

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> bool:
        return True

    def call(self, request: bool) -> Answered:
        raise AssertionError("nobody is called")

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        polls = select(Step.payload).where(Step.kind == POLL)
        dropped = {each["application"] for each in session.scalars(polls.where(Step.state == "dead"))}
        if not dropped:
            return
        dropped -= {each["application"] for each in session.scalars(polls.where(Step.state.in_(OPEN)))}
        day = at.astimezone(clock.SHANGHAI).date()
        for application_id in sorted(dropped):
            application = session.get_one(Application, application_id)
            if application.state in model.ENDS or application.bank not in self.desk.lenders:
                continue
            if application.state == "drawn" and self.desk.next_look(session, application, day) is None:
                continue
            due = clock.start_of(day) + timedelta(hours=20)
            payload = {"application": application_id}
            steps.enqueue(session, kind=POLL, key=f"{application_id}:{day}", payload=payload, due=due, lane=application.bank)
