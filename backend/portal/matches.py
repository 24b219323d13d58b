"""Matches: which products, up to what, at what true cost; why not; and the way to yes. No bank and no bureau is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.applications import indications
from backend.consents import views as consents
from backend.doors import around
from backend.kit.clock import day_of
from backend.kit.errors import Answer, Invalid, NotFound
from backend.matching import actions, ranking, views
from backend.matching.views import KeptCost, KeptMatch, KeptRun, KeptUplift
from backend.portal import fresh, paying, speak, ways
from backend.portal.door import Door, FirmDoor, Sent
from backend.portal.pages import firm as pages
from backend.portal.pages.shared import Choice, CostLine, Form, Reason, UpliftLine
from products.repayment import Instalment, schedule
from products.schema import ProductTerms

router = APIRouter(prefix="/matches")


@router.get("")
def matches(door: FirmDoor, amount: str = "") -> HTMLResponse:
    """Every product, worked out anew when consents, records or the day have changed since; `amount` fills the form in."""
    renew(door)
    return _matches(door, Form({"amount": amount} if ways.is_amount(amount) else {}))


@router.post("/renew")
def work_out_anew(door: FirmDoor, typed: Sent) -> Response:
    """Match again, now, for what the firm says it needs; an empty amount is as much as can be had."""
    try:
        renew(door, always=True, asks=(typed.wan_fen("amount") if typed.text("amount") else None,))
    except Answer as error:
        return door.again(error, typed, lambda form, status: _matches(door, form, status))
    return Door.go("/matches")


def _matches(door: Door, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.writing() as (session, at):
        rows = views.latest(session, door.firm.id)
        run = views.latest_run(session, door.firm.id)
        page = pages.Matches(run.facts_on if run else day_of(at), form=form)
        if run is not None and fresh.authorised(session, door.firm.id, at):
            paths = ways.Ways(session, door, run, at)
            cards = tuple(_card(door, row, run, paths) for row in rows)
            order = ranking.in_force_on(run.policy_on).words
            page = replace(page, cards=cards, elsewhere=paths.elsewhere(), asked_fen=run.amount_fen, order=order)
    return door.show("firm/matches.html", page, status)


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
            lender = door.house.lenders.get(door.house.catalogue.get(product, day_of(at)).bank)
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
    with door.house.writing() as (session, at):
        row, run = views.one(session, door.firm.id, product), views.latest_run(session, door.firm.id)
        if run is None:
            raise NotFound()
        terms = door.house.catalogue.get(product, row.policy_on)
        card = _card(door, row, run, ways.Ways(session, door, run, at))
        asked = _asked(session, door, terms, form, at) if card.answer != "no" else None
    return door.show("firm/match.html", replace(_page(row, terms, card), asked=asked), status)


def _asked(session: Session, door: Door, terms: ProductTerms, form: Form, at: datetime) -> pages.AskedBank | None:
    """What the bank itself said last; None for a bank that gives no indications."""
    lender = door.house.lenders.get(terms.bank)
    if lender is None or not lender.manifest.offers("indicate"):
        return None
    missing = consents.missing(
        session, firm_id=door.firm.id, items=terms.items_handed, purpose="pre_loan", recipient=terms.bank, at=at
    )
    months = tuple(Choice(str(each), speak.both("months", n=each), ticked=each == max(terms.months)) for each in terms.months)
    said = pages.AskedBank(
        speak.party(session, terms.bank),
        "never",
        terms=months,
        lacking=f"/authorise/new/firm?items={','.join(missing)}&recipient={terms.bank}" if missing else None,
        form=form,
    )
    row = indications.latest(session, door.firm.id, terms.code, at)
    if row is None:
        return said
    return replace(
        said,
        state=row.state,
        amount_fen=row.amount_fen,
        months=row.months,
        limit_fen=row.limit_fen,
        rate_bp=row.rate_bp,
        words=row.words,
        day=row.asked_on,
    )


def renew(door: Door, *, always: bool = False, asks: tuple[int | None] | None = None) -> None:
    """Match again if the last run no longer speaks of today; for the need of the last run, unless `asks` names another."""
    with door.house.reading() as (session, at):
        run = views.latest_run(session, door.firm.id)
        stale = run is None or fresh.changed_since(session, door.firm.id, run.at, at)
    if not (stale or always):
        return
    amount = asks[0] if asks is not None else run.amount_fen if run is not None else None
    if amount is not None and amount <= 0:
        raise Invalid("amount", speak.both("matches.above_zero"), code="amount")
    with door.house.writing() as (session, at):
        actions.match(
            session,
            door.who.actor,
            firm_id=door.firm.id,
            at=at,
            catalogue=door.house.catalogue,
            amount_fen=amount,
            **around(door.house, session, door.firm.id, day_of(at)).given(),
        )


def _terms(door: Door, product: str, day: date) -> ProductTerms | None:
    try:
        return door.house.catalogue.get(product, day)
    except NotFound:
        return None


def _card(door: Door, row: KeptMatch, run: KeptRun, paths: ways.Ways) -> pages.MatchCard:
    terms = _terms(door, row.product, row.policy_on)
    plan = _plan(row, terms) if terms and row.amount_fen is not None else ()
    short = run.amount_fen is not None and row.limit_fen is not None and row.limit_fen < run.amount_fen
    return pages.MatchCard(
        product=row.product,
        title=row.title,
        bank=paths.bank(row.bank),
        answer=row.answer,
        reasons=_reasons(row),
        before_fen=row.credit_before_fen,
        after_fen=row.limit_fen,
        rate_bp=row.rate_bp,
        effective_bp=row.by_days_bp,
        decision_days=terms.decision_days if terms else None,
        measured_days=row.decision_days if row.decision_measured else None,
        chance=_chance(row),
        score=_score(row),
        at_the_bank=terms.at_the_bank if terms else False,
        monthly=paying.monthly(plan, row.way) if plan else None,
        path=paths.to(row),
        contact=terms.contact if terms else None,
        wanted_fen=run.amount_fen if short else None,
    )


def _chance(row: KeptMatch) -> pages.Chance | None:
    """How often the bank approved before, where that may be told; else why not. Older rows say nothing."""
    return pages.Chance(row.chance.words, row.chance.share_bp, row.chance.answers) if row.chance is not None else None


def _score(row: KeptMatch) -> pages.Score | None:
    """Why it stands where it stands: each thing's weight, its mark and what it adds, in hundredths of a point of a hundred."""
    if row.score is None:
        return None
    parts = tuple(
        pages.ScorePart(speak.both(f"score.{part.name}"), part.weight_bp, part.mark // 100, part.points // 100)
        for part in row.score.parts
    )
    return pages.Score(row.score.points // 100, parts)


def _plan(row: KeptMatch, terms: ProductTerms) -> tuple[Instalment, ...]:
    loan = (row.amount_fen or 0, row.rate_bp, row.months, row.way, terms.day_count, row.policy_on)
    return schedule(*loan, cycle_months=terms.cycle_months)


def _reasons(row: KeptMatch) -> tuple[Reason, ...]:
    """Each condition with its answer; what to do about them is the way to yes, which stands by itself."""
    return tuple(Reason(reason.answer, reason.words, reason.knows) for reason in row.reasons)


def _page(row: KeptMatch, terms: ProductTerms, card: pages.MatchCard) -> pages.MatchPage:
    return pages.MatchPage(
        card=card,
        price=row.price_words,
        uplift_words=row.uplift_words,
        uplift=tuple(_uplift(item) for item in row.uplift_items),
        uplift_bp=row.uplift_bp,
        capped_by=row.capped_words,
        limit_words=row.limit_words,
        costs=tuple(_cost(line) for line in row.cost_lines) if row.amount_fen is not None else (),
        example_fen=row.amount_fen,
        example_months=row.months,
        example_way=row.way,
        nominal_bp=row.nominal_bp,
        interest_fen=row.interest_fen,
        fees_fen=row.fees_fen,
        queries=terms.bureau_queries,
        handed=tuple(speak.fact(code) for code in terms.facts_handed),
        contact=terms.contact,
        documents=terms.documents,
    )


def _uplift(item: KeptUplift) -> UpliftLine:
    return UpliftLine(speak.known(f"uplift.{item.indicator}", "uplift.other"), item.contribution_fen, item.words, item.counted)


def _cost(line: KeptCost) -> CostLine:
    return CostLine(line.title, paying.who(line.payer), line.amount_fen, line.cycle, line.payer == "borrower")
