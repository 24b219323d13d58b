"""What a bank reports after acceptance, on its way into our book: contract, draw, repayment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from backend.applications.model import LoanApplication
from backend.kit import locks
from backend.kit.crypto import Sealer
from backend.kit.errors import Conflict, NotYet
from backend.kit.words import Words
from backend.loans import bank_reports, honesty, uplifted, views
from backend.loans.clearance import ask_soon
from backend.loans.day import close_held, hold_for
from backend.parties.actions import hold_firm
from backend.steps import calendar
from backend.steps.calendar import Recurring, every_day
from backend.steps.verdicts import reason
from lender_adapters import port

log = structlog.get_logger()
# What is said of a draw before its contract, or of a repayment before its draw.
OVERTOOK = frozenset({"contract_unknown", "draw_unknown"})


@dataclass
class Intake:
    """Given to the applications room by `app.py`: what becomes of a message that is about money."""

    sealer: Sealer

    def take(self, session: Session, application: LoanApplication, message: port.Message, at: datetime) -> None:
        """Book one message; told again it changes nothing."""
        hold_firm(session, application.firm_id)
        if isinstance(message, port.ContractSigned):
            facility = bank_reports.take_contract(
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
            if application.scheme is not None:
                ask_soon(session, application.id, at)
        elif isinstance(message, (port.Drawn, port.Repaid)):
            self._same_loan(session, application, message)
            try:
                if isinstance(message, port.Drawn):
                    bank_reports.take_draw(session, bank=application.bank, message=message, at=at)
                else:
                    bank_reports.take_repayment(session, bank=application.bank, message=message, at=at)
            except Conflict as early:
                if early.code not in OVERTOOK:
                    raise
                # Messages may overtake each other: this one is tried again when the one it rests on is there.
                raise NotYet(early.words, code=early.code) from early

    @staticmethod
    def _same_loan(session: Session, application: LoanApplication, message: port.Drawn | port.Repaid) -> None:
        """A draw or repayment told under one application must be of that application's contract."""
        facility = views.facility_told_by(session, application.bank, message)
        if facility is not None and facility.application_id != application.id:
            words = Words("该合同或用信属于另一笔申请", "this contract or draw belongs to another application")
            raise Conflict(words, code="another_application")

    def next_look(self, session: Session, application_id: str, after: date) -> date | None:
        """The next day on which this bank should have something to tell about money; None once all is repaid."""
        facility = views.facility_of_application(session, application_id)
        return views.next_event_on(session, facility.id, after) if facility else None


DAY = "loans.day"
CLOSES = Recurring(
    kind=DAY,
    title=Words("日终处理", "end of day"),
    following=every_day,
    hour=timedelta(hours=20, minutes=30),
    missed="every",
)


def close_one(session: Session, day: date, at: datetime) -> None:
    """All that the end of one day brings; whoever it concerns is held."""
    close_held(session, day)
    uplifted.release(session, day)
    if day.day == 1:
        honesty.look(session, at)


def close(
    session: Session, payload: dict[str, Any], at: datetime, *, one: Callable[[Session, date, datetime], None] = close_one
) -> None:
    """The daily step: days past due, classes, releases, and what our own facts say of outcomes. `one` closes one day.

    Days are closed in their order: one waits while an earlier one is still to be done. One that was set aside holds up nobody:
    the next close tries it once more, so that what happened keeps its date where the reason is gone, and else passes over it. A
    close finds whatever its predecessors have not (it looks at all that is past due or was told since), dated by its own day. A
    day sent on its way again after a later one is closed changes nothing: the book does not go back.
    """
    day = date.fromisoformat(payload["day"])
    locks.hold_name(session, "step", f"turn:{DAY}")
    if calendar.done_after(session, DAY, day):
        return
    if calendar.open_before(session, DAY, day):
        raise NotYet(Words("前一日尚未处理完毕", "the day before is still to be closed"), code="day_order")
    # All that any of these days asks for is held at once, in the one order.
    hold_for(session, day, also=uplifted.over(session, day).values())
    for missed in calendar.passed_over(session, DAY, day):
        try:
            with session.begin_nested():
                one(session, missed, at)
        except Exception as error:
            log.warning("day.passed_over", day=missed.isoformat(), error=reason(error)[:300])
    one(session, day, at)
