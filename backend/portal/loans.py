"""Loans and repayments: what was signed, what was paid out, what is due next, what was paid."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from backend.applications import views as applications
from backend.kit.clock import day_of
from backend.loans import views
from backend.loans.values import ReportedPayment, SignedFacility
from backend.loans.views import DrawView, DueView
from backend.portal import needs, speak
from backend.portal.door import FirmDoor
from backend.portal.pages import lending
from backend.portal.pages.shared import DueRow
from products.catalogue import Catalogue

router = APIRouter(prefix="/loans")


@router.get("")
def overview(door: FirmDoor) -> HTMLResponse:
    """Every credit line with its draws, and what is still on its way."""
    with door.house.reading() as (session, at):
        cards, ended = (
            tuple(
                _facility(session, each, door.house.catalogue, day_of(at))
                for each in views.facilities(session, door.firm.id, day_of(at), over=over)
            )
            for over in (False, True)
        )
        mine = applications.applications(session, firm_id=door.firm.id)
        coming = [needs.row(session, each, door.house.catalogue, at) for each in mine if each.state in ("accepted", "contracted")]
    return door.show("firm/loans.html", lending.Loans(cards, tuple(row.wait for row in coming if row.wait is not None), ended))


@router.get("/{draw_id}")
def loan(draw_id: str, door: FirmDoor) -> HTMLResponse:
    """One draw: its schedule and what was paid."""
    with door.house.reading() as (session, at):
        today = day_of(at)
        found = views.draw(session, door.firm.id, draw_id, today)
        page = lending.LoanPage(
            facility=_facility(session, found.facility, door.house.catalogue, today),
            draw=_draw(found, views.schedule(session, found.draw, today)),
            schedule=_dues(views.schedule(session, found.draw, today)),
            payments=tuple(_payment(each) for each in reversed(views.payments(session, draw_id))),
            penalty_fen=found.penalty_fen,
        )
    return door.show("firm/loan.html", page)


def _facility(session: Session, facility: SignedFacility, catalogue: Catalogue, today: date) -> lending.FacilityCard:
    application = applications.application(session, facility.application_id)
    terms = needs.terms_of(catalogue, application)
    draws = [each for each in views.draws(session, facility.firm_id, today) if each.facility.id == facility.id]
    free = facility.limit_fen - facility.frozen_fen
    return lending.FacilityCard(
        id=facility.id,
        bank=speak.party(session, facility.bank),
        product=terms.title,
        limit_fen=facility.limit_fen,
        undrawn_fen=draws[0].undrawn_fen if draws else max(0, free),
        expires_on=facility.expires_on,
        draws=tuple(_draw(each, views.schedule(session, each.draw, today)) for each in draws),
        contact=terms.contact,
        frozen_fen=facility.frozen_fen,
    )


def _draw(found: DrawView, dues: list[DueView]) -> lending.DrawCard:
    draw = found.draw
    state = "late" if found.dpd and found.state == "running" else found.state
    # What has fallen due is owed now; otherwise the next due day asks for its own.
    owed_since = next((due.due_on for due in dues if due.state in ("late", "due")), None)
    due_on = owed_since if found.owed_fen else found.next_due_on
    return lending.DrawCard(
        id=draw.id,
        value_date=draw.value_date,
        matures_on=draw.matures_on,
        amount_fen=draw.amount_fen,
        outstanding_fen=found.outstanding_fen,
        rate_bp=draw.rate_bp,
        way=draw.way,
        state=state,
        class_=found.cls,
        days_late=found.dpd if state != "repaid" else 0,
        next_due_on=due_on,
        next_due_fen=(found.owed_fen or found.next_due_fen) if due_on else None,
        pool="registered" if draw.coverage == "registered" and state != "repaid" else None,
    )


def _dues(dues: list[DueView]) -> tuple[DueRow, ...]:
    """The first line that is still to come is due next."""
    following = next((due.no for due in dues if due.state == "later"), None)
    return tuple(
        DueRow(due.no, due.due_on, due.principal_fen, due.interest_fen, "due" if due.no == following else due.state)
        for due in dues
    )


def _payment(found: ReportedPayment) -> lending.PaymentRow:
    """As the bank told it: the bank's split is the one that counts for the firm."""
    return lending.PaymentRow(
        paid_on=found.paid_on,
        amount_fen=found.amount_fen,
        principal_fen=found.told_principal_fen,
        interest_fen=found.told_interest_fen,
        penalty_fen=found.told_penalty_fen,
        expenses_fen=found.told_expenses_fen,
        source=found.source,
    )
