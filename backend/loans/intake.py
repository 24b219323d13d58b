"""What a bank reports after acceptance, on its way into our book: contract, draw, repayment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.applications.tables import Application
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.kit.errors import Conflict, NotYet
from backend.kit.words import Words
from backend.loans import actions, honesty, uplifted, views
from backend.loans.clearance import clear_to_draw
from backend.loans.day import close_day
from backend.steps import actions as steps
from backend.steps.model import Answered
from lender_adapters import port

# What is said of a draw before its contract, or of a repayment before its draw.
OVERTOOK = frozenset({"contract_unknown", "draw_unknown"})


@dataclass
class Intake:
    """Given to the applications room by `app.py`: what becomes of a message that is about money."""

    sealer: Sealer

    def take(self, session: Session, application: Application, message: port.Message, at: datetime) -> None:
        """Book one message; told again it changes nothing."""
        if isinstance(message, port.ContractSigned):
            facility = actions.take_contract(
                session,
                application_id=application.id,
                firm_id=application.firm_id,
                bank=application.bank,
                product=application.product,
                message=message,
                at=at,
                scheme=application.scheme,
            )
            uplifted.keep(session, application, facility, sealer=self.sealer, at=at)
            clear_to_draw(session, application.id, sealer=self.sealer, at=at)
        elif isinstance(message, (port.Drawn, port.Repaid)):
            self._same_loan(session, application, message)
            try:
                if isinstance(message, port.Drawn):
                    actions.take_draw(session, bank=application.bank, message=message, at=at)
                else:
                    actions.take_repayment(session, bank=application.bank, message=message, at=at)
            except Conflict as early:
                if early.code not in OVERTOOK:
                    raise
                # Messages may overtake each other: this one is tried again when the one it rests on is there.
                raise NotYet(early.words, code=early.code) from early

    @staticmethod
    def _same_loan(session: Session, application: Application, message: port.Drawn | port.Repaid) -> None:
        """A draw or repayment told under one application must be of that application's contract."""
        facility = views.facility_told_by(session, application.bank, message)
        if facility is not None and facility.application_id != application.id:
            words = Words("该合同或用信属于另一笔申请", "this contract or draw belongs to another application")
            raise Conflict(words, code="another_application")

    def next_look(self, session: Session, application: Application, after: date) -> date | None:
        """The next day on which this bank should have something to tell about money; None once all is repaid."""
        facility = views.facility_of_application(session, application.id)
        return views.next_event_on(session, facility.id, after) if facility else None


@dataclass
class CloseDay:
    """Handler of the daily step: days past due, classes, releases, and what our own facts say of outcomes."""

    outside = False

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> str:
        return str(payload["day"])

    def call(self, request: str) -> Answered:
        raise AssertionError("nobody is called")

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        day, today = date.fromisoformat(payload["day"]), at.astimezone(clock.SHANGHAI).date()
        close_day(session, day)
        # A platform that slept (or a sandbox whose clock jumped) closes the days it missed, one by one, before today's.
        while day < today - timedelta(days=1):
            day += timedelta(days=1)
            close_day(session, day)
        uplifted.release(session, day)
        if day.day == 1:
            honesty.look(session, at)
        following = day + timedelta(days=1)
        due = clock.start_of(following) + timedelta(hours=20, minutes=30)
        payload = {"day": following.isoformat()}
        steps.enqueue(session, kind="loans.day", key=following.isoformat(), payload=payload, due=due)
