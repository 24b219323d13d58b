"""Matches: which products, up to what, at what true cost; why not; and the way to yes. No bank and no bureau is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.credit_data.model import definitions
from backend.doors import headroom
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.matching import actions, views
from backend.matching.tables import StoredMatch
from backend.portal import fresh, speak
from backend.portal.door import Door, FirmDoor, Sent
from backend.portal.pages import firm as pages
from backend.portal.pages.shared import CostLine, DueRow, Reason, UpliftLine
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
        knows = fresh.authorised(session, door.firm.id, at)
    day = run.facts_on if run else at.date()
    return door.show("firm/matches.html", pages.Matches(day, cards if knows else ()))


@router.post("/renew")
def work_out_anew(door: FirmDoor, typed: Sent) -> Response:
    """Match again, now."""
    renew(door, always=True)
    return Door.go("/matches")


@router.get("/{product}")
def match(product: str, door: FirmDoor) -> HTMLResponse:
    """One product: conditions, amount, cost, queries, what is handed over."""
    renew(door)
    with door.house.reading() as (session, at):
        row = views.one(session, door.firm.id, product)
        terms = door.house.catalogue.get(product, row.policy_on)
        card = _card(session, door, row, at.date())
    return door.show("firm/match.html", _page(row, terms, card))


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
        dues = schedule(row.amount_fen, row.rate_bp, row.months, row.way, terms.day_count, row.policy_on)
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
