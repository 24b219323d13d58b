"""Offers: compared by all-in cost, one accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.applications import model, views
from backend.applications.model import LoanApplication, LoanOffer
from backend.kit.clock import day_of
from backend.kit.errors import Answer, NotFound
from backend.kit.words import Words
from backend.loans import clearance
from backend.portal import language, needs, paying, speak
from backend.portal.door import Door, FirmDoor, Sent
from backend.portal.pages import lending
from backend.portal.pages.shared import CostLine, Form
from lender_adapters.port import OfferFee
from products.catalogue import Catalogue
from products.repayment import regular_fen, schedule

router = APIRouter(prefix="/offers")


@router.get("")
def offers(door: FirmDoor) -> HTMLResponse:
    """The open offers of the newest need, cheapest first; and the banks that have not answered yet."""
    with door.house.reading() as (session, at):
        for need in views.needs_in_full(session, door.firm.id):
            of = {each.id: each for each in need.applications}
            open_ = [(of[each.application_id], each) for each in need.offers if each.binds_on(day_of(at))]
            pending = [needs.row(session, each, door.house.catalogue, at) for each in of.values() if each.state in model.OPEN]
            waits = tuple(each.wait for each in pending if each.wait is not None)
            if open_ or waits:
                cards = tuple(card(session, application, offer, door.house.catalogue) for application, offer in open_)
                return door.show("firm/offers.html", lending.Offers(need.amount_fen, need.months, praised(cards), waits))
    return door.show("firm/offers.html", lending.Offers())


@router.get("/{offer_id}")
def accept_page(offer_id: str, door: FirmDoor) -> HTMLResponse:
    """What accepting means, before it is done."""
    return _accept(door, offer_id, Form())


@router.post("/{offer_id}/accept")
def accept(offer_id: str, door: FirmDoor, typed: Sent) -> Response:
    """Accept one; the others are withdrawn."""
    try:
        typed.agreed("sure")
        with door.house.writing() as (session, at):
            clearance.accept_offer(session, door.who.actor, firm_id=door.firm.id, offer_id=offer_id, at=at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: _accept(door, offer_id, form, status))
    return Door.go("/applications", "accepted")


def praised(cards: Sequence[lending.OfferCard]) -> tuple[lending.OfferCard, ...]:
    """What each is the first in, where there is something to compare: the cheapest stands first already."""
    if len(cards) < 2:
        return tuple(cards)
    told: dict[str, list[Decimal | int]] = {
        "cheapest": [card.effective_bp for card in cards],
        "least_monthly": [card.monthly_fen for card in cards],
        "largest": [-card.amount_fen for card in cards],
    }
    firsts = {name: min(values) for name, values in told.items() if len(set(values)) > 1}
    return tuple(
        replace(
            card,
            best=number == 0,
            first_in=tuple(name for name, first in firsts.items() if told[name][number] == first),
        )
        for number, card in enumerate(cards)
    )


def _accept(door: Door, offer_id: str, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        offer = views.offer(session, offer_id)
        application = views.own(session, door.firm.id, offer.application_id)
        if not offer.binds_on(day_of(at)) and not form.fault:
            raise NotFound()
        others = [
            speak.party(session, each.bank)
            for each in views.applications(session, need_id=application.need_id)
            if each.id != application.id and each.may("firm_withdrew")
        ]
        shown = card(session, application, offer, door.house.catalogue)
    return door.show("firm/accept.html", lending.Accept(shown, tuple(others), None, form), status)


def card(session: Session, application: LoanApplication, offer: LoanOffer, catalogue: Catalogue) -> lending.OfferCard:
    """An offer with every cost named. The all-in rate is the one offers are ranked by: interest and fees, by actual days."""
    terms = needs.terms_of(catalogue, application)
    loan = (offer.amount_fen, offer.rate_bp, offer.months, offer.way, offer.day_count, offer.offered_on)
    rows = schedule(*loan, cycle_months=terms.cycle_months)
    interest = CostLine(
        speak.both("cost.interest"), speak.both("party.firm"), offer.interest_fen, speak.both(f"cycle.{offer.way}")
    )
    return lending.OfferCard(
        id=offer.id,
        bank=speak.party(session, application.bank),
        product=terms.title,
        amount_fen=offer.amount_fen,
        rate_bp=offer.rate_bp,
        effective_bp=offer.by_days_bp,
        months=offer.months,
        way=offer.way,
        interest_fen=offer.interest_fen,
        fees_fen=offer.fees_fen,
        monthly=paying.monthly(rows, offer.way),
        monthly_fen=regular_fen(rows, offer.way),
        costs=(interest, *(fee_line(fee) for fee in offer.fees)),
        valid_until=offer.valid_until,
        contact=terms.contact,
        conditions=offer.conditions,
        guaranteed=terms.guarantor_required,
    )


def fee_line(fee: OfferFee) -> CostLine:
    """One fee of an offer; its title is the bank's own words."""
    when = speak.both("cycle.at_draw") if fee.due == "at_draw" else _day_words(fee.due)
    mine = fee.payer in ("firm", "borrower")
    return CostLine(Words(fee.title, fee.title), paying.who(fee.payer), fee.amount_fen, when, mine)


def _day_words(text: str) -> Words | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return Words(language.day(found, "zh"), language.day(found, "en"))
