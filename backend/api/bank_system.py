"""For a bank's own system without an adapter here: its applications, each with facts and proofs, and its reports. HTTP Basic.

One page for its engineer: `lender_adapters/README.md`, "Without an adapter". Another bank's application looks like a missing one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.api import shapes
from backend.api.bank_messages import AnyReport, to_port
from backend.applications import model, papers, reports, submission, views
from backend.applications.model import LoanApplication
from backend.audit.model import Actor
from backend.doors import Platform, bank_system, platform
from backend.loans.intake import Intake
from lender_adapters import port

Words2 = dict[Literal["zh", "en"], str]
State = Literal[
    "created", "submitted", "documents_asked", "approved", "accepted", "contracted", "drawn",
    "withdrawing", "declined", "withdrawn", "expired", "stopped",
]  # fmt: skip


class Problem(BaseModel):
    """RFC 9457 problem+json. `type` is stable for machines, `words` is for people, `place` names the first wrong field."""

    type: str = Field(examples=["urn:creditbridge:invalid"])
    title: str
    status: int
    words: Words2
    place: str | None = Field(default=None, examples=["offer.fees.0.amount_fen"])


class Line(BaseModel):
    """One application as the list shows it."""

    reference: str
    product: str
    state: State
    amount_fen: int
    months: int
    way: str
    submitted_on: date
    answer_by: date | None = Field(description="Until when the firm was promised an answer; null where it is not your turn.")
    bank_reference: str


class Page(BaseModel):
    items: list[Line]
    next: str | None = Field(description="Give this as `after` for the next page; null: there is no more.")


class DocumentLine(BaseModel):
    """A document for you. Kinds with a meaning: `guarantee`, `pool_registration`; others are what you asked for."""

    id: str
    kind: str
    name: str
    sha256: str
    at: datetime
    href: str


class Whole(Line):
    """One application. `submission` is what our adapters hand to a bank: port.Submission as JSON, the facts your product declares
    with unit, day and source, and each signed consent word for word with its SHA-256 and signature. It is null once the
    application has ended or the contract is signed."""

    model_config = ConfigDict(extra="forbid")
    state_words: Words2
    purpose: str
    accepted_offer_no: str | None = Field(description="Your offer that the firm accepted: sign the contract now.")
    documents_asked: list[str]
    documents: list[DocumentLine]
    submission: dict[str, Any] | None


class Taken(BaseModel):
    message_id: str
    taken: bool = Field(description="false: this very report was taken in before; nothing changed.")
    state: State = Field(description="Where the application stands now.")


class Asked(BaseModel):
    """What the list may be asked."""

    model_config = ConfigDict(extra="forbid")
    state: State | None = Field(default=None, description="Only applications that stand here.")
    after: str | None = Field(default=None, max_length=64, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "The credentials are not known, or were replaced."},
    404: {"model": Problem, "description": "There is no such application, or it is not yours: the two look the same."},
    422: {"model": Problem, "description": "Not right; `place` names the first wrong field."},
}
router = APIRouter(prefix="/api/bank", tags=["bank system"], responses=ANSWERS)
House = Annotated[Platform, Depends(platform)]
System = Annotated[Actor, Depends(bank_system)]


@router.get("/applications", summary="Applications sent to your bank")
def applications(asked: Annotated[Asked, Query()], house: House, system: System) -> Page:
    """The oldest first, a page at a time. What you are asked to do next shows in `state`: `created` and `submitted` wait for your
    answer, `accepted` for your contract, `contracted` for your draw, `withdrawing` for your word whether it is withdrawn."""
    with house.reading() as (session, _):
        found = views.page_at_bank(session, system.id, state=asked.state, after=asked.after, limit=asked.limit + 1)
        rows, more = found[: asked.limit], len(found) > asked.limit
        return Page(items=[Line(**_line(each)) for each in rows], next=rows[-1].id if more else None)


@router.get(
    "/applications/{reference}",
    summary="One application, with facts and proofs",
    responses={403: {"model": Problem, "description": "`consent_missing`, `bank_query_missing`: a consent is gone."}},
)
def application(reference: str, house: House, system: System) -> Whole:
    """Exactly the facts that your product declares, read now under the consent that names your bank, and the signed papers.

    403 `consent_missing` or `bank_query_missing`: the firm has withdrawn what you would need; there is nothing to decide. Every
    call is written into the log that the firm can read.
    """
    with house.writing() as (session, at):
        found, said = submission.fetch(session, system.id, reference, house.catalogue, capacity=house.operator_capacity, at=at)
        return Whole(
            **_line(found),
            state_words=model.STATES[found.state].as_dict(),
            purpose=views.need(session, found.need_id).purpose,
            accepted_offer_no=views.accepted_offer_no(session, found.id),
            documents_asked=list(found.documents_asked),
            documents=[
                DocumentLine(
                    id=each.id,
                    kind=each.kind,
                    name=each.name,
                    sha256=each.digest,
                    at=each.at,
                    href=f"/api/bank/applications/{found.id}/documents/{each.id}",
                )
                for each in views.documents(session, found.id)
            ],
            submission=shapes.plain(port.pack(said)) if said is not None else None,
        )


@router.get(
    "/applications/{reference}/documents/{document_id}",
    summary="A document, byte for byte",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
def document(reference: str, document_id: str, house: House, system: System) -> Response:
    """Its SHA-256 stands in the application. The reading is logged."""
    with house.writing() as (session, at):
        name, body = papers.open_document(
            session,
            system,
            bank=system.id,
            application_id=reference,
            document_id=document_id,
            sealer=house.sealer,
            at=at,
        )
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.post(
    "/messages",
    status_code=201,
    summary="Report what happened to an application",
    responses={
        403: {"model": Problem, "description": "`all_in_above_ceiling`: the offer costs more a year than may be shown."},
        409: {
            "model": Problem,
            "description": "`too_late`: the application stands where this cannot happen. `contract_unknown`, `draw_unknown`: "
            "report that first. `another_application`, `reference_reused`: the number belongs to another. `message_id_reused`: "
            "the number came with other words. `bank_speaks`: an adapter speaks for your bank; report there.",
        },
        422: {"model": Problem, "description": "Not right; `place` names the first wrong field. Nothing was kept."},
    },
)
def report(body: AnyReport, request: Request, house: House, system: System) -> Taken:
    """One report of one of seven kinds. Kept word for word, and acted on before the answer comes: 201 means done.

    No answer, or 5xx: send the same again under the same `message_id`.
    """
    message = to_port(body)
    raw: bytes = getattr(request, "_body", b"")  # what was parsed above, byte for byte
    with house.writing() as (session, at):
        found = views.of_bank(session, system.id, message.reference)
        taken, now = reports.report(
            session,
            system,
            bank=system.id,
            message=message,
            terms=house.catalogue.get(found.product, found.submitted_on),
            verb="report",
            body=raw,
            speaks=system.id in house.lenders,
            onward=Intake(house.sealer).take,
            at=at,
        )
        return Taken(message_id=message.message_id, taken=taken, state=now.state)


def _line(found: LoanApplication) -> dict[str, Any]:
    return {
        "reference": found.id,
        "product": found.product,
        "state": found.state,
        "amount_fen": found.amount_fen,
        "months": found.months,
        "way": found.way,
        "submitted_on": found.submitted_on,
        "answer_by": found.wait_until if found.state in ("created", "submitted") else None,
        "bank_reference": found.bank_reference,
    }
