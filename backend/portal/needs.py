"""Need and applications: apply once, follow each bank, send what it asks for, withdraw."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.applications import actions, delivery, model, papers, views
from backend.applications.actions import Choice as Picked
from backend.applications.model import LoanApplication, SuppliedDocument, TimelineEntry
from backend.consents import views as consents
from backend.kit.clock import day_of
from backend.kit.errors import Answer, Conflict, Invalid
from backend.kit.words import Words
from backend.matching import views as matching
from backend.portal import speak
from backend.portal.door import Door, FirmDoor, Sent
from backend.portal.pages import firm as pages
from backend.portal.pages import lending
from backend.portal.pages.shared import Choice, Form, Happening, Reason, Wait
from products.catalogue import Catalogue
from products.schema import ProductTerms

router = APIRouter()
SENT_BEFORE = Words(
    "这张表已经提交过。请在“我的申请”里查看；如要另外申请，请再填一次。",
    "This form was sent before. See your applications; to apply for something else, fill it in anew.",
)
WAITS = ("created", "submitted", "accepted", "contracted", "withdrawing")


@router.get("/apply")
def apply_page(door: FirmDoor, product: str = "") -> HTMLResponse:
    """What is needed, and at most three banks."""
    return _apply(door, Form(), product)


@router.post("/apply")
def apply(door: FirmDoor, typed: Sent) -> Response:
    """One need, applied for at each chosen bank. A second tap on the button is the same sending: it ends where the first did."""
    try:
        typed.agreed("told")
        picked = [Picked(code, typed.text(f"way_{code}")) for code in typed.several("products")]
        with door.house.writing() as (session, at):
            found = matching.briefs(session, door.firm.id)
            actions.submit_need(
                session,
                door.who.actor,
                firm_id=door.firm.id,
                amount_fen=typed.wan_fen("amount"),
                months=typed.whole("months"),
                purpose=typed.text("purpose"),
                choices=picked,
                catalogue=door.house.catalogue,
                at=at,
                idempotency_key=f"form {typed.text('once')[:100]}" if typed.text("once") else None,
                matches={each.product: each.id for each in found},
            )
    except Answer as error:
        if error.code == "key_reused":
            error = Conflict(SENT_BEFORE, code="key_reused")
        return door.again(
            error, typed, lambda form, status: _apply(door, form, status=status), choices="products", way="products"
        )
    return Door.go("/applications", "applied")


@router.get("/applications")
def applications(door: FirmDoor) -> HTMLResponse:
    """Every need and where each bank stands."""
    with door.house.reading() as (session, at):
        needs = tuple(
            lending.NeedCard(
                id=need.id,
                amount_fen=need.amount_fen,
                months=need.months,
                purpose=model.PURPOSES[need.purpose],
                made_on=need.submitted_on,
                applications=tuple(row(session, each, door.house.catalogue, at) for each in need.applications),
                has_offers=any(offer.state == "open" for offer in need.offers),
            )
            for need in views.needs_in_full(session, door.firm.id)
        )
    return door.show("firm/applications.html", lending.Applications(needs))


@router.get("/applications/{application_id}")
def application(application_id: str, door: FirmDoor) -> HTMLResponse:
    """One bank's part: what happened, in its own words, until when, whom to call."""
    return _application(door, application_id, Form())


@router.post("/applications/{application_id}/documents")
def documents(application_id: str, door: FirmDoor, typed: Sent) -> Response:
    """Hand in what the bank asked for."""
    try:
        with door.house.writing() as (session, at):
            kinds = views.own(session, door.firm.id, application_id).documents_asked
            files = [
                (kinds[number], name, body)
                for number in range(len(kinds))
                for name, body in typed.files.get(f"document_{number}", ())
            ]
            papers.answer_documents(
                session,
                door.who.actor,
                firm_id=door.firm.id,
                application_id=application_id,
                files=files,
                sealer=door.house.sealer,
                catalogue=door.house.catalogue,
                at=at,
            )
    except Answer as error:
        if isinstance(error, Invalid):
            error = Invalid("", error.words, code=error.code)
        return door.again(error, typed, lambda form, status: _application(door, application_id, form, status))
    return Door.go(f"/applications/{application_id}", "documents_sent")


@router.post("/applications/{application_id}/withdraw")
def withdraw(application_id: str, door: FirmDoor, typed: Sent) -> Response:
    """The firm no longer wants this one."""
    with door.house.writing() as (session, at):
        actions.withdraw(session, door.who.actor, firm_id=door.firm.id, application_id=application_id, at=at)
    return Door.go("/applications", "withdrawn")


def terms_of(catalogue: Catalogue, application: LoanApplication) -> ProductTerms:
    """The product as it stood when it was applied for."""
    return catalogue.get(application.product, application.submitted_on)


def row(session: Session, application: LoanApplication, catalogue: Catalogue, at: datetime) -> lending.ApplicationRow:
    """An application in a list."""
    terms = terms_of(catalogue, application)
    bank = speak.party(session, application.bank)
    held_up = delivery.line(session, application, at)
    return lending.ApplicationRow(
        application.id,
        bank,
        terms.title,
        application.amount_fen,
        application.state,
        wait_of(application, bank, terms.contact),
        held_up.words if held_up is not None else None,
    )


def wait_of(application: LoanApplication, bank: Words, contact: Words) -> Wait | None:
    """What is being waited for, if it is the bank's turn."""
    if application.state not in WAITS or application.wait_until is None:
        return None
    return Wait(speak.both(f"waiting.{application.state}", bank=bank), application.wait_until, contact)


def happening(entry: TimelineEntry, bank: Words, *, last: bool) -> Happening:
    """One line of a timeline."""
    by = bank if entry.event.startswith("bank_") else None
    state = "bad" if entry.event == "bank_declined" else "now" if last and entry.event == "bank_asked" else "done"
    # A visit's words are the bank's own file: the firm sees that there was one.
    said = entry.verbatim if entry.verbatim and entry.event != "bank_visited" else None
    return Happening(entry.at, entry.words, by, said, state)


def document_title(document: SuppliedDocument) -> Words | str:
    """What a document is, for an officer: the papers that the platform itself hands on have names of their own."""
    if document.kind == "guarantee":
        return speak.both("bank_case.paper_guarantee")
    if document.kind == "pool_registration":
        return speak.both("bank_case.paper_registration")
    return f"{document.kind} · {document.name}"


def lacking(session: Session, firm_id: str, terms: ProductTerms, at: datetime) -> tuple[tuple[Words, str], ...]:
    """What must be signed before this product can be applied for, and where."""
    items = consents.missing(session, firm_id=firm_id, items=terms.items_handed, purpose="pre_loan", recipient=terms.bank, at=at)
    bank = speak.party(session, terms.bank)
    found: list[tuple[Words, str]] = []
    if items:
        found.append(
            (speak.both("apply.lack_firm", bank=bank), f"/authorise/new/firm?items={','.join(items)}&recipient={terms.bank}")
        )
    if terms.bureau_queries and not consents.bank_queries(session, firm_id=firm_id, bank=terms.bank, at=at):
        found.append((speak.both("apply.lack_query", bank=bank), f"/authorise/new/bank_query?recipient={terms.bank}"))
    return tuple(found)


def _apply(door: Door, form: Form, product: str = "", status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        on: dict[str, ProductTerms] = {terms.code: terms for terms in door.house.catalogue.on(day_of(at))}
        choices = tuple(
            pages.ProductChoice(
                product=match.product,
                title=on[match.product].title,
                bank=speak.party(session, match.bank),
                answer=match.answer,
                after_fen=match.limit_fen,
                effective_bp=match.by_days_bp,
                queries=on[match.product].bureau_queries,
                ways=on[match.product].ways,
                min_fen=on[match.product].min_fen,
                max_fen=on[match.product].max_fen,
                decision_days=on[match.product].decision_days,
                lacking=lacking(session, door.firm.id, on[match.product], at),
                ticked=match.product == product,
            )
            for match in matching.briefs(session, door.firm.id)
            if match.answer != "no" and match.product in on and not on[match.product].at_the_bank
        )
    months = sorted({month for choice in choices for month in on[choice.product].months})
    purposes = tuple(Choice(code, words) for code, words in model.PURPOSES.items())
    page = pages.Apply(choices, purposes, tuple(months), model.MOST_CHOICES, form, secrets.token_urlsafe(16))
    return door.show("firm/apply.html", page, status)


def _application(door: Door, application_id: str, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        found = views.own(session, door.firm.id, application_id)
        need = views.need(session, found.need_id)
        shown = row(session, found, door.house.catalogue, at)
        terms = terms_of(door.house.catalogue, found)
        events = views.timeline(session, found.id)
    asked = found.documents_asked if found.state == "documents_asked" else ()
    page = lending.ApplicationPage(
        row=shown,
        months=found.months,
        purpose=model.PURPOSES[need.purpose],
        timeline=tuple(happening(each, shown.bank, last=each is events[-1]) for each in events),
        contact=terms.contact,
        asked=asked,
        asked_words=found.documents_words or None,
        answer_by=_by(found.wait_until, at) if asked else None,
        reasons=tuple(Reason("no", Words(each, each)) for each in found.decision_reasons) if found.state == "declined" else (),
        may_withdraw=found.may("firm_withdrew"),
        refused_by=_refused_by(found, events),
        refusal=_refusal(found, events),
        form=form,
    )
    return door.show("firm/application.html", page, status)


def _refused_by(found: LoanApplication, events: Sequence[TimelineEntry]) -> str | None:
    """Whose no ended it, if a no did."""
    if found.state == "declined":
        return "bank"
    if any(each.event == "guarantee_declined" for each in events):
        return "guarantor"
    return "consent" if found.state == "stopped" else None


def _refusal(found: LoanApplication, events: Sequence[TimelineEntry]) -> Words | str | None:
    """The words of that no, as they were said."""
    if found.state == "declined":
        return found.decision_words or None
    last = next((each for each in reversed(events) if each.event in ("guarantee_declined", "consent_gone")), None)
    return (last.verbatim or last.words) if last is not None else None


def _by(day: date | None, at: datetime) -> date:
    return day or day_of(at)
