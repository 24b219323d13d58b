"""Matches: which products, up to what, at what true cost; why not; and the way to yes. No bank and no bureau is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.applications import indications
from backend.consents import views as consents
from backend.credit_data.model import definitions
from backend.doors import headroom
from backend.kit.errors import Answer, NotFound
from backend.kit.words import Words
from backend.matching import actions, views
from backend.matching.tables import StoredMatch
from backend.portal import fresh, speak
from backend.portal.door import Door, FirmDoor, Sent
from backend.portal.pages import firm as pages
from backend.portal.pages.shared import Choice, CostLine, DueRow, Form, Reason, UpliftLine
from products.repayment import schedule
from products.schema import ProductTerms

router = APIRouter(prefix="/matches")
PAYERS = {"borrower": "party.firm", "firm": "party.firm", "bank": "party.bank", "fund": "party.fund"}


@dataclass(frozen=True, slots=True)
class Found:
    """What other pages need of a match."""

    id: str
    product: str
    bank: str
    answer: str
    limit_fen: int | None
    by_days_bp: Decimal | None


def latest(session: Session, firm_id: str) -> list[Found]:
    """The newest matches, in order of rank."""
    return [
        Found(row.id, row.product, row.bank, row.answer, row.limit_fen, Decimal(row.by_days_bp) if row.by_days_bp else None)
        for row in views.latest(session, firm_id)
    ]


@router.get("")
def matches(door: FirmDoor) -> HTMLResponse:
    """Every product, worked out anew when consents, records or the day have changed since."""
    renew(door)
    with door.house.reading() as (session, at):
        rows = views.latest(session, door.firm.id)
        run = views.latest_run(session, door.firm.id)
        cards = tuple(_card(session, door, row, at.date()) for row in rows)
        elsewhere = len(door.house.catalogue.on(run.policy_on if run else at.date())) - len(cards)
        knows = fresh.authorised(session, door.firm.id, at)
    day = run.facts_on if run else at.date()
    return door.show("firm/matches.html", pages.Matches(day, cards if knows else (), elsewhere=elsewhere))


@router.post("/renew")
def work_out_anew(door: FirmDoor, typed: Sent) -> Response:
    """Match again, now."""
    renew(door, always=True)
    return Door.go("/matches")


@router.get("/{product}")
def match(product: str, door: FirmDoor) -> HTMLResponse:
    """One product: conditions, amount, cost, queries, what is handed over, and the bank's own indication if it was asked."""
    renew(door)
    return _match(door, product, Form())


@router.post("/{product}/indicate")
def indicate(product: str, door: FirmDoor, typed: Sent) -> Response:
    """Ask the bank itself; its answer comes by a step, and this page never waits for it."""
    try:
        amount, months = typed.wan_fen("amount"), typed.whole("months")
        with door.house.writing() as (session, at):
            lender = door.house.lenders.get(door.house.catalogue.get(product, at.date()).bank)
            indications.ask(
                session,
                door.who.actor,
                firm_id=door.firm.id,
                product=product,
                amount_fen=amount,
                months=months,
                catalogue=door.house.catalogue,
                lender=lender,
                at=at,
            )
    except Answer as error:
        return door.again(error, typed, lambda form, status: _match(door, product, form, status))
    return Door.go(f"/matches/{product}", "indication_asked")


def _match(door: Door, product: str, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        row = views.one(session, door.firm.id, product)
        terms = door.house.catalogue.get(product, row.policy_on)
        card = _card(session, door, row, at.date())
        asked = _asked(session, door, terms, form, at) if card.answer != "no" else None
    return door.show("firm/match.html", replace(_page(row, terms, card), asked=asked), status)


def _asked(session: Session, door: Door, terms: ProductTerms, form: Form, at: datetime) -> pages.AskedBank | None:
    """What the bank itself said last; None for a bank that gives no indications."""
    lender = door.house.lenders.get(terms.bank)
    if lender is None or not lender.manifest.offers("indicate"):
        return None
    open_now = consents.live_items(session, firm_id=door.firm.id, purpose="pre_loan", recipient=terms.bank, at=at)
    needed = sorted({definitions()[code].item for code in terms.facts_handed if not definitions()[code].open})
    missing = [item for item in needed if item not in open_now]
    months = tuple(Choice(str(each), speak.both("months", n=each), ticked=each == max(terms.months)) for each in terms.months)
    said = pages.AskedBank(
        speak.party(session, terms.bank),
        "never",
        terms=months,
        lacking=f"/authorise/new/firm?items={','.join(missing)}&recipient={terms.bank}" if missing else None,
        form=form,
    )
    row = indications.latest(session, door.firm.id, terms.code)
    if row is None:
        return said
    return replace(
        said,
        state=indications.state_now(row, at),
        amount_fen=row.amount_fen,
        months=row.months,
        limit_fen=row.limit_fen,
        rate_bp=row.rate_bp,
        words=row.words,
        day=row.asked_on,
    )


def renew(door: Door, *, always: bool = False) -> None:
    """Match again if the last run no longer speaks of today."""
    with door.house.reading() as (session, at):
        run = views.latest_run(session, door.firm.id)
        stale = run is None or fresh.changed_since(session, door.firm.id, run.at, at)
    if not (stale or always):
        return
    with door.house.writing() as (session, at):
        room = headroom(session, at.date())
        actions.match(session, door.who.actor, firm_id=door.firm.id, at=at, catalogue=door.house.catalogue, headroom=room)


def _terms(door: Door, product: str, day: date) -> ProductTerms | None:
    try:
        return door.house.catalogue.get(product, day)
    except NotFound:
        return None


def _card(session: Session, door: Door, row: StoredMatch, day: date) -> pages.MatchCard:
    terms = _terms(door, row.product, day)
    return pages.MatchCard(
        product=row.product,
        title=Words.of(row.title),
        bank=speak.party(session, row.bank),
        answer=row.answer,
        reasons=_reasons(row),
        before_fen=row.credit_before_fen,
        after_fen=row.limit_fen,
        rate_bp=row.rate_bp,
        effective_bp=_decimal(row.by_days_bp),
        decision_days=terms.decision_days if terms else None,
        at_the_bank=terms.at_the_bank if terms else False,
    )


def _reasons(row: StoredMatch) -> tuple[Reason, ...]:
    """A missing record's way leads to the document that opens it."""
    found = []
    for reason in views.reasons(row):
        href = None
        definition = definitions().get(reason.fact or "")
        if reason.answer == "unknown" and reason.knows == "platform" and definition is not None and not definition.open:
            href = f"/authorise/new/firm?items={definition.item}"
        way = reason.way or (speak.both("reason.authorise", item=speak.fact(reason.fact or "")) if href else None)
        found.append(Reason(reason.answer, reason.words, reason.knows, way if reason.answer != "yes" else None, href))
    return tuple(found)


def _page(row: StoredMatch, terms: ProductTerms, card: pages.MatchCard) -> pages.MatchPage:
    plan: tuple[DueRow, ...] = ()
    if row.amount_fen is not None:
        loan = (row.amount_fen, row.rate_bp, row.months, row.way, terms.day_count, row.policy_on)
        dues = schedule(*loan, cycle_months=terms.cycle_months)
        plan = tuple(DueRow(due.no, due.due_on, due.principal_fen, due.interest_fen) for due in dues)
    return pages.MatchPage(
        card=card,
        price=Words.of(row.price["sentence"]),
        uplift_words=Words.of(row.uplift_words) if row.uplift_words else None,
        uplift=tuple(_uplift(item) for item in row.uplift_items),
        uplift_bp=row.uplift_bp,
        capped_by=views.capped_words(row),
        limit_words=Words.of(row.limit_words),
        costs=tuple(_cost(line) for line in row.cost_lines) if row.amount_fen is not None else (),
        example_fen=row.amount_fen,
        example_months=row.months,
        example_way=row.way,
        nominal_bp=_decimal(row.nominal_bp),
        interest_fen=row.interest_fen,
        fees_fen=row.fees_fen,
        queries=terms.bureau_queries,
        handed=tuple(speak.fact(code) for code in terms.facts_handed),
        contact=terms.contact,
        schedule=plan,
        documents=terms.documents,
    )


def _uplift(item: dict[str, Any]) -> UpliftLine:
    key = f"uplift.{item['indicator']}"
    return UpliftLine(speak.known(key, "uplift.other"), item["contribution_fen"], Words.of(item["words"]), bool(item["counted"]))


def _cost(line: dict[str, Any]) -> CostLine:
    payer = PAYERS.get(line["payer"], "party.other")
    when = Words.of(line["cycle"]) if line.get("cycle") else None
    return CostLine(Words.of(line["title"]), speak.both(payer), line["amount_fen"], when, payer == "party.firm")


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None
