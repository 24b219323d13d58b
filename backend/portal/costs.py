"""The cost list of a match and of an offer: each cost, who pays it to whom, when, what it adds; the plan, the odd fen named.

Written in domain §5.3 (综合融资成本清单). A match may be tried with another amount, term or way; nothing is kept and nobody is
asked. What a cost adds to the all-in rate (by actual days, the one that products are ranked by) is the rate with it less the rate
without it, cost by cost, each in whole basis points: what is printed adds up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from backend.applications import views
from backend.applications.model import LoanOffer
from backend.kit.clock import day_of
from backend.kit.errors import Answer, Invalid, NotFound
from backend.kit.words import Words
from backend.matching import views as matches
from backend.matching.views import KeptMatch
from backend.portal import language, needs, offers, paying, speak
from backend.portal.door import Door, FirmDoor, Sent, Typed
from backend.portal.pages import costs as pages
from backend.portal.pages.shared import Choice, Form
from lender_adapters.port import OfferFee
from products import pricing, repayment
from products.pricing import Fee
from products.schema import ProductTerms

router = APIRouter()


@router.get("/matches/{product}/costs")
def of_match(product: str, door: FirmDoor) -> HTMLResponse:
    """What the loan would cost as it was worked out."""
    row, terms, bank = _match(door, product)
    loan = (row.amount_fen or terms.min_fen, row.months, row.way)
    return door.show("firm/costs.html", _tried(row, terms, bank, loan, Form()))


@router.post("/matches/{product}/costs")
def tried(product: str, door: FirmDoor, typed: Sent) -> HTMLResponse:
    """What it would cost with another amount, term or way."""
    row, terms, bank = _match(door, product)
    kept = (row.amount_fen or terms.min_fen, row.months, row.way)
    try:
        return door.show("firm/costs.html", _tried(row, terms, bank, _wish(typed, row, terms), Form(typed.values)))
    except Answer as error:
        return door.again(
            error, typed, lambda form, status: door.show("firm/costs.html", _tried(row, terms, bank, kept, form), status)
        )


@router.get("/offers/{offer_id}/costs")
def of_offer(offer_id: str, door: FirmDoor) -> HTMLResponse:
    """What an offer costs, by the bank's own figures."""
    with door.house.reading() as (session, at):
        offer = views.offer(session, offer_id)
        application = views.own(session, door.firm.id, offer.application_id)
        if not offer.binds_on(day_of(at)) and offer.state != "accepted":
            raise NotFound()
        terms = needs.terms_of(door.house.catalogue, application)
        bank = speak.party(session, application.bank)
    fees = tuple(_fee(fee) for fee in offer.fees)
    page = page_of(
        terms.title, bank, offer.rate_bp, offer.day_count, fees, offer.offered_on, (offer.amount_fen, offer.months, offer.way)
    )
    page = replace(page, back="/offers", binding=True, valid_until=offer.valid_until)
    return door.show("firm/costs.html", _as_offered(page, offer))


def _match(door: Door, product: str) -> tuple[KeptMatch, ProductTerms, Words]:
    with door.house.reading() as (session, _):
        row = matches.one(session, door.firm.id, product)
        if row.amount_fen is None:
            raise NotFound()
        return row, door.house.catalogue.get(product, row.policy_on), speak.party(session, row.bank)


def _wish(typed: Typed, row: KeptMatch, terms: ProductTerms) -> tuple[int, int, str]:
    """What was typed, within what the product lends."""
    amount, months, way = typed.wan_fen("amount"), typed.whole("months"), typed.text("way")
    if not terms.min_fen <= amount <= terms.max_fen:
        raise Invalid("amount", speak.both("costs.range", least=_wan(terms.min_fen), most=_wan(terms.max_fen)), code="amount")
    if months not in terms.months or way not in terms.ways:
        raise Invalid("months", speak.both("costs.not_offered"), code="months")
    return amount, months, way


def _tried(row: KeptMatch, terms: ProductTerms, bank: Words, loan: tuple[int, int, str], form: Form) -> pages.CostPage:
    page = page_of(
        terms.title, bank, row.rate_bp, terms.day_count, pricing.fees_of(terms), row.policy_on, loan, terms.cycle_months
    )
    _, months, way = loan
    return replace(
        page,
        back=f"/matches/{row.product}",
        action=f"/matches/{row.product}/costs",
        terms=tuple(Choice(str(each), speak.both("months", n=each), ticked=each == months) for each in terms.months),
        ways=tuple(Choice(each, speak.both(f"way.{each}"), ticked=each == way) for each in terms.ways),
        least_fen=terms.min_fen,
        most_fen=terms.max_fen,
        form=form,
    )


def page_of(
    title: Words,
    bank: Words,
    rate_bp: int,
    day_count: str,
    fees: tuple[Fee, ...],
    start: date,
    loan: tuple[int, int, str],
    cycle: int | None = None,
) -> pages.CostPage:
    """The cost list of a loan of (amount in fen, months, way), drawn whole on `start`. Refused above the ceiling."""
    amount, months, way = loan
    cost = pricing.all_in(amount, rate_bp, months, way, day_count, fees, start, cycle_months=cycle)
    rows = repayment.schedule(amount, rate_bp, months, way, day_count, start, cycle_months=cycle)
    items, before = [], Decimal(0)
    for number, line in enumerate(cost.cost_lines):
        adds = None
        if line.payer == "borrower":
            so_far = pricing.reckon(amount, rate_bp, months, way, day_count, fees[:number], start, cycle_months=cycle)
            whole = so_far.by_days_bp.quantize(Decimal(1), ROUND_HALF_EVEN)
            adds, before = whole - before, whole
        items.append(
            pages.CostItem(
                speak.both("cost.interest") if number == 0 else line.title,
                paying.who(line.payer),
                paying.who(line.payee),
                line.cycle,
                line.amount_fen,
                adds,
                line.payer == "borrower",
                tuple((date.fromisoformat(day), fen) for day, fen in line.dues) if number else (),
            )
        )
    plan = tuple(
        pages.PlanRow(each.no, each.due_on, each.principal_fen, each.interest_fen, each.balance_after_fen) for each in rows
    )
    return pages.CostPage(
        title=title, bank=bank, back="", action="", binding=False, start=start, amount_fen=amount, months=months, way=way,
        rate_bp=rate_bp, nominal_bp=cost.nominal_bp, effective_bp=cost.effective_bp, by_days_bp=cost.by_days_bp,
        monthly=paying.monthly(rows, way), items=tuple(items), plan=plan, odd=paying.odd(rows, way),
    )  # fmt: skip


def _as_offered(page: pages.CostPage, offer: LoanOffer) -> pages.CostPage:
    """The bank's own words for each fee, and its days."""
    named = [offers.fee_line(fee).when for fee in offer.fees]
    items = [page.items[0]]
    items += [replace(item, when=when or item.when, dues=()) for item, when in zip(page.items[1:], named, strict=True)]
    return replace(page, items=tuple(items))


def _fee(fee: OfferFee) -> Fee:
    payer = "borrower" if fee.payer == "firm" else fee.payer
    return Fee(Words(fee.title, fee.title), payer, amount_fen=fee.amount_fen)


def _wan(amount_fen: int) -> str:
    return language.money(amount_fen)
