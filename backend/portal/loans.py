"""Loans and repayments: what was signed, what was paid out, what is due next, what was paid."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import views as applications
from backend.kit.errors import NotFound
from backend.loans import actions, interest
from backend.loans.tables import Draw, Facility, Payment
from backend.portal import needs, speak
from backend.portal.door import FirmDoor
from backend.portal.pages import firm as pages
from backend.portal.pages.shared import DueRow
from products.catalogue import Catalogue

router = APIRouter(prefix="/loans")


def facilities(session: Session, firm_id: str) -> list[Facility]:
    """A firm's credit lines, newest first."""
    query = select(Facility).where(Facility.firm_id == firm_id).order_by(Facility.signed_on.desc(), Facility.id)
    return list(session.scalars(query))


@router.get("")
def overview(door: FirmDoor) -> HTMLResponse:
    """Every credit line with its draws, and what is still on its way."""
    with door.house.reading() as (session, at):
        cards = tuple(_facility(session, each, door.house.catalogue, at.date()) for each in facilities(session, door.firm.id))
        mine = applications.applications(session, firm_id=door.firm.id)
        coming = [needs.row(session, each, door.house.catalogue) for each in mine if each.state in ("accepted", "contracted")]
    return door.show("firm/loans.html", pages.Loans(cards, tuple(row.wait for row in coming if row.wait is not None)))


@router.get("/{draw_id}")
def loan(draw_id: str, door: FirmDoor) -> HTMLResponse:
    """One draw: its schedule and what was paid."""
    with door.house.reading() as (session, at):
        draw = session.get(Draw, draw_id)
        if draw is None or draw.firm_id != door.firm.id:
            raise NotFound()
        today = at.date()
        payments = actions.payments_of(session, draw.id)
        account = actions.play(session, draw, payments, today)
        facility = session.get_one(Facility, draw.facility_id)
        page = pages.LoanPage(
            facility=_facility(session, facility, door.house.catalogue, today),
            draw=_draw(session, draw, today),
            schedule=tuple(_due(line, account, today) for line in account.lines),
            payments=tuple(_payment(each) for each in reversed(payments)),
            penalty_fen=account.penalty_fen(today),
        )
    return door.show("firm/loan.html", page)


def _facility(session: Session, facility: Facility, catalogue: Catalogue, today: date) -> pages.FacilityCard:
    application = applications.application(session, facility.application_id)
    terms = needs.terms_of(catalogue, application)
    draws = list(session.scalars(select(Draw).where(Draw.facility_id == facility.id).order_by(Draw.value_date, Draw.id)))
    used = sum(draw.outstanding_fen for draw in draws)
    return pages.FacilityCard(
        id=facility.id,
        bank=speak.party(session, facility.bank),
        product=terms.title,
        limit_fen=facility.limit_fen,
        undrawn_fen=max(0, facility.limit_fen - facility.frozen_fen - used),
        expires_on=facility.expires_on,
        draws=tuple(_draw(session, draw, today) for draw in draws),
        contact=terms.contact,
        frozen_fen=facility.frozen_fen,
    )


def _draw(session: Session, draw: Draw, today: date) -> pages.DrawCard:
    account = actions.play(session, draw, actions.payments_of(session, draw.id), today)
    coming, owed = account.next_due(), account.owed_fen(today)
    late = account.past_due_days(today)
    state = "late" if late and draw.state == "running" else draw.state
    # What has fallen due is owed today; otherwise the next due day asks for its own.
    due_on = (account.unpaid_since if owed else coming.due_on if coming else None) if state not in ("repaid",) else None
    due_fen = owed or (coming.principal_left + coming.interest_left if coming else 0)
    return pages.DrawCard(
        id=draw.id,
        value_date=draw.value_date,
        matures_on=draw.matures_on,
        amount_fen=draw.amount_fen,
        outstanding_fen=account.outstanding_fen,
        rate_bp=draw.rate_bp,
        way=draw.way,
        state=state,
        class_=draw.cls,
        days_late=late,
        next_due_on=due_on,
        next_due_fen=due_fen if due_on else None,
        pool="registered" if draw.coverage == "registered" and draw.state != "repaid" else None,
    )


def _due(line: interest.Line, account: interest.Account, today: date) -> DueRow:
    left = line.principal_left + line.interest_left
    following = account.next_due()
    if not left and (line.fallen or line.principal_fen + line.interest_fen):
        state = "paid"
    elif line.due_on < today and left:
        state = "late"
    elif line.fallen or (following is not None and following.no == line.no):
        state = "due"
    else:
        state = "later"
    return DueRow(line.no, line.due_on, line.principal_fen, line.interest_fen, state)


def _payment(found: Payment) -> pages.PaymentRow:
    """As the bank told it: the bank's split is the one that counts for the firm."""
    return pages.PaymentRow(
        paid_on=found.paid_on,
        amount_fen=found.amount_fen,
        principal_fen=found.told_principal_fen,
        interest_fen=found.told_interest_fen,
        penalty_fen=found.told_penalty_fen,
        expenses_fen=found.told_expenses_fen,
        source=found.source,
    )
