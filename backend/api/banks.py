"""For banks: the address their systems call back, and the officers' desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy.orm import Session

from backend.api import shapes
from backend.api.bank_messages import FeeBody
from backend.applications import desk, views
from backend.applications.model import LoanApplication
from backend.doors import Platform, in_role, platform
from backend.kit.errors import Invalid, NotFound
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.loans.intake import Intake
from backend.parties import views as parties
from backend.parties.views import SignedIn
from backend.steps import actions as steps
from lender_adapters import port

router = APIRouter(prefix="/api", tags=["banks"])
House = Annotated[Platform, Depends(platform)]
MOST_BYTES = 1_000_000
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]


class AskBody(shapes.Body):
    documents: list[str] = Field(min_length=1, max_length=20)
    words: str


class DecideBody(shapes.Body):
    approved: bool
    words: str
    reasons: list[str] = Field(default_factory=list, max_length=10)
    amount_fen: int | None = Field(default=None, gt=0, le=10**13)
    rate_bp: int | None = Field(default=None, ge=0, le=10_000)
    fees: list[FeeBody] = Field(default_factory=list, max_length=10)
    conditions: list[str] = Field(default_factory=list, max_length=10)


@dataclass(frozen=True, slots=True)
class CallbackTaken:
    """How many messages a bank's call brought."""

    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskApplication(LoanApplication):
    """An application as it lies on a bank's desk; `firm` is the firm's name."""

    firm: str


async def raw_body(request: Request) -> bytes:
    """The body as it came; a message larger than a megabyte is not a bank's."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Invalid("body", Words("消息过大", "the message is too large"))
    return body


@router.post("/banks/{bank}/callbacks")
def take_callback(bank: str, request: Request, house: House, body: Annotated[bytes, Depends(raw_body)]) -> CallbackTaken:
    """A bank's message: its signature is tested, it goes into the inbox verbatim, and is acted on at our own pace."""
    lender = house.lenders.get(bank)
    if lender is None:
        raise NotFound()
    found = lender.callback(request.headers, body)
    with house.writing() as (session, at):
        for message in found:
            views.of_bank(session, bank, message.reference)
        inbox = steps.receive(
            session,
            source=bank,
            verb="callback",
            message_id="callback." + steps.body_digest(body),
            reference=found[0].reference if found else "",
            headers={name: value for name, value in request.headers.items() if name.lower() != "authorization"},
            body=body,
            at=at,
        )
        if inbox is not None:
            payload = {"inbox": inbox, "messages": [port.pack(message) for message in found]}
            steps.enqueue(session, kind="lender.callback", key=inbox, payload=payload, due=at, lane=bank)
    return CallbackTaken(len(found))


@router.get("/desk/applications")
def applications(house: House, who: Officer) -> list[DeskApplication]:
    """What waits at this bank."""
    with house.reading() as (session, _):
        found = views.at_bank(session, who.party.code)
        return [seen(DeskApplication, each, firm=parties.firm(session, each.firm_id).name) for each in found]


def _officer(session: Session, house: Platform, who: SignedIn, application_id: str, at: datetime) -> desk.Officer:
    code = who.party.code
    found = views.of_bank(session, code, application_id)
    terms = house.catalogue.get(found.product, found.submitted_on)
    return desk.Officer(who.actor, code, application_id, terms, code in house.lenders, Intake(house.sealer).take, at)


@router.post("/desk/applications/{application_id}/ask")
def ask(application_id: str, body: AskBody, house: House, who: Officer) -> LoanApplication:
    """Ask the firm for documents."""
    with house.writing() as (session, at):
        officer = _officer(session, house, who, application_id, at)
        return desk.ask(session, officer, documents=body.documents, words=body.words)


@router.post("/desk/applications/{application_id}/visit")
def visit(application_id: str, body: shapes.WordsBody, house: House, who: Officer) -> LoanApplication:
    """Note a visit."""
    with house.writing() as (session, at):
        return desk.visit(session, who.actor, bank=who.party.code, application_id=application_id, words=body.words, at=at)


@router.post("/desk/applications/{application_id}/decide")
def decide(application_id: str, body: DecideBody, house: House, who: Officer) -> LoanApplication:
    """Approve with terms and fees, or decline with reasons."""
    with house.writing() as (session, at):
        officer = _officer(session, house, who, application_id, at)
        if not body.approved:
            return desk.decline(session, officer, words=body.words, reasons=body.reasons)
        return desk.approve(
            session,
            officer,
            words=body.words,
            amount_fen=body.amount_fen,
            rate_bp=body.rate_bp,
            fees=[port.OfferFee(fee.title, fee.payer, fee.amount_fen, fee.due) for fee in body.fees],
            conditions=body.conditions,
        )
