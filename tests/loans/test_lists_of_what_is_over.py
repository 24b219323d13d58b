"""What is over leaves the lists that people work from, and is still to be found where it is asked for."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.loans import renewal, views
from tests.loans.makers import BANK, VALUE, a_contract, a_drawn, at, paid_up_to, take, the_draw, the_facility

LONG_AFTER = date(2026, 3, 1)


def _facilities(session: Session, firm: str, day: date, *, over: bool = False) -> list[str]:
    return [each.id for each in views.facilities(session, firm, day, over=over)]


def _renewals(session: Session, day: date, *, over: bool = False) -> list[str]:
    return [draw.id for _, draw in renewal.rows(session, day=day, bank=BANK, over=over)]


def test_a_limit_past_its_last_day_with_nothing_owed_is_over(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn())
        facility = the_facility(session)
        firm, last = facility.firm_id, facility.expires_on
        assert _facilities(session, firm, last) == [facility.id]
        assert _facilities(session, firm, last + timedelta(days=1)) == [facility.id], "something is still owed"
        paid_up_to(session, the_draw(session).matures_on)
        assert the_draw(session).repaid_on is not None
        assert _facilities(session, firm, last) == [facility.id], "it may be drawn again until its last day"
        assert _facilities(session, firm, last + timedelta(days=1)) == []
        assert _facilities(session, firm, last + timedelta(days=1), over=True) == [facility.id]


def test_a_renewal_that_nobody_asked_for_in_time_is_over(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn())
        draw = the_draw(session)
        made = renewal.ask(session, draw.id, at(draw.matures_on - timedelta(days=60)))
        assert made is not None
        assert _renewals(session, made.answer_by) == [draw.id]
        assert _renewals(session, made.answer_by + timedelta(days=1)) == []
        assert _renewals(session, made.answer_by + timedelta(days=1), over=True) == [draw.id]


def test_a_renewal_of_a_loan_that_was_repaid_meanwhile_is_over(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn())
        draw = the_draw(session)
        made = renewal.ask(session, draw.id, at(draw.matures_on - timedelta(days=60)))
        assert made is not None
        assert VALUE < made.asked_on < LONG_AFTER
        paid_up_to(session, draw.matures_on)
        assert _renewals(session, made.asked_on) == []
        assert _renewals(session, made.asked_on, over=True) == [draw.id]
