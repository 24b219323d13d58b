"""Needs, applications and offers, for the firm."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from pydantic import Field

from backend.api import shapes
from backend.applications import actions, delivery, indications, model, papers, views
from backend.applications.actions import Choice
from backend.applications.delivery import HeldUp
from backend.applications.indications import LimitIndication
from backend.applications.model import FundingNeed, LoanApplication, LoanOffer, TimelineEntry
from backend.doors import Platform, own_firm, platform, someone
from backend.kit.clock import day_of
from backend.kit.errors import Invalid
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.loans import clearance
from backend.matching import views as matches
from backend.parties.views import RegisteredFirm, SignedIn

router = APIRouter(prefix="/api/me", tags=["applications"])
House = Annotated[Platform, Depends(platform)]
Who = Annotated[SignedIn, Depends(someone)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]


class FileBody(shapes.Body):
    kind: str
    name: str
    body_base64: str = Field(max_length=4_000_000)


class DocumentsBody(shapes.Body):
    files: list[FileBody] = Field(min_length=1, max_length=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedMade(FundingNeed):
    """A need with the applications that were made of it."""

    applications: tuple[LoanApplication, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationInLine(LoanApplication):
    """An application; `line`: what of it has not reached the bank yet."""

    line: HeldUp | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFollowed(FundingNeed):
    """A need with its applications, newest first, and its offers, the cheapest all-in first."""

    applications: tuple[ApplicationInLine, ...]
    offers: tuple[LoanOffer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFollowed(ApplicationInLine):
    """An application with what happened to it, and whom to call."""

    state_words: Words
    contact: Words
    timeline: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class OwnEstimate:
    """What we think of the same product."""

    limit_fen: int | None
    rate_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicationBeside(LimitIndication):
    """What a bank said, and our own estimate of that product as it was last worked out."""

    ours: OwnEstimate | None


@router.post("/needs", status_code=201)
def submit_need(
    body: shapes.NeedBody, house: House, who: Who, firm: Mine, idempotency_key: Annotated[str | None, Header()] = None
) -> NeedMade:
    """Apply once, at one to three banks. The header Idempotency-Key makes a repeated call answer the first need."""
    with house.writing() as (session, at):
        need = actions.submit_need(
            session,
            who.actor,
            firm_id=firm.id,
            amount_fen=body.amount_fen,
            months=body.months,
            purpose=body.purpose,
            choices=[Choice(choice.product, choice.way) for choice in body.choices],
            catalogue=house.catalogue,
            at=at,
            idempotency_key=idempotency_key,
        )
        return seen(NeedMade, need, applications=tuple(views.applications(session, need_id=need.id)))


@router.get("/needs")
def my_needs(house: House, firm: Mine) -> list[NeedFollowed]:
    """Every need, with its applications and its offers, the cheapest all-in first. `line`: what has not reached the bank yet."""
    with house.reading() as (session, at):
        return [
            seen(
                NeedFollowed,
                need,
                applications=tuple(
                    seen(ApplicationInLine, each, line=delivery.line(session, each, at)) for each in need.applications
                ),
            )
            for need in views.needs_in_full(session, firm.id)
        ]


@router.post("/indications", status_code=202)
def ask_indication(body: shapes.IndicationBody, house: House, who: Who, firm: Mine) -> LimitIndication:
    """Ask a bank what it might lend, without naming the firm and without any bureau query. Its answer comes with the GET."""
    with house.writing() as (session, at):
        bank = house.catalogue.get(body.product, day_of(at)).bank
        return indications.ask(
            session,
            who.actor,
            firm_id=firm.id,
            **body.model_dump(),
            catalogue=house.catalogue,
            lender=house.lenders.get(bank),
            at=at,
        )


@router.get("/indications")
def my_indications(house: House, firm: Mine) -> list[IndicationBeside]:
    """What banks said, newest first, each beside our own estimate of that day. `silent`: the bank did not answer."""
    with house.reading() as (session, at):
        ours = {match.product: OwnEstimate(match.limit_fen, match.rate_bp) for match in matches.briefs(session, firm.id)}
        found = indications.of_firm(session, firm.id, at)
        return [seen(IndicationBeside, each, ours=ours.get(each.product)) for each in found]


@router.get("/applications/{application_id}")
def one(application_id: str, house: House, firm: Mine) -> ApplicationFollowed:
    """One application: where it stands, until when, whom to call, what the bank said; `line`: what has not reached it yet."""
    with house.reading() as (session, at):
        application = views.own(session, firm.id, application_id)
        terms = house.catalogue.get(application.product, application.submitted_on)
        return seen(
            ApplicationFollowed,
            application,
            state_words=model.STATES[application.state],
            contact=terms.contact,
            line=delivery.line(session, application, at),
            timeline=tuple(views.timeline(session, application.id)),
        )


@router.post("/applications/{application_id}/documents", status_code=201)
def documents(application_id: str, body: DocumentsBody, house: House, who: Who, firm: Mine) -> LoanApplication:
    """Send what the bank asked for."""
    try:
        files = [(each.kind, each.name, base64.b64decode(each.body_base64, validate=True)) for each in body.files]
    except ValueError as error:  # no base64, or not even ASCII
        raise Invalid("files", Words("文件编码不正确", "a file is not base64")) from error
    with house.writing() as (session, at):
        return papers.answer_documents(
            session,
            who.actor,
            firm_id=firm.id,
            application_id=application_id,
            files=files,
            sealer=house.sealer,
            catalogue=house.catalogue,
            at=at,
        )


@router.post("/applications/{application_id}/withdraw")
def withdraw(application_id: str, house: House, who: Who, firm: Mine) -> LoanApplication:
    """The firm no longer wants this one."""
    with house.writing() as (session, at):
        return actions.withdraw(session, who.actor, firm_id=firm.id, application_id=application_id, at=at)


@router.post("/offers/{offer_id}/accept")
def accept(offer_id: str, house: House, who: Who, firm: Mine) -> LoanOffer:
    """Accept one offer; the others of the need are withdrawn."""
    with house.writing() as (session, at):
        return clearance.accept_offer(session, who.actor, firm_id=firm.id, offer_id=offer_id, at=at)
