"""The bank officer's desk: what waits, ask for documents, note a visit, decide. Contract and money are in `bank_money.py`.

A bank whose own system speaks to us decides there; the desk then shows and notes. The facts an officer sees are read for this
bank, under the consent that names it, and only those the product declares.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.applications import desk, model, papers, submission, views
from backend.applications.model import LoanApplication, TimelineEntry
from backend.consents import views as consents
from backend.kit.clock import day_of
from backend.kit.errors import Answer, Invalid
from backend.kit.words import Words
from backend.loans import compensation
from backend.loans import views as loans
from backend.loans.intake import Intake
from backend.parties import views as parties
from backend.portal import bank_claim_page, bank_loan, facts, needs, speak
from backend.portal.door import Door, Sent, Typed, door_of
from backend.portal.pages import desk as pages
from backend.portal.pages.shared import Form, Happening
from backend.portal.render import HEADERS
from backend.whitelists import programme as programmes
from backend.whitelists import views as whitelists
from lender_adapters import port
from products.schema import ProductTerms

router = APIRouter(prefix="/desk/bank")
Officer = Depends(door_of("bank_officer"))
WAITING = ("created", "submitted", "documents_asked")
FEE_ROWS = 3


@router.get("")
def cases(door: Door = Officer) -> HTMLResponse:
    """What waits at this bank, oldest first; and what is settled."""
    with door.house.reading() as (session, at):
        rows = [(each, _case(session, door, each, at)) for each in views.at_bank(session, door.who.party.code)]
        late = tuple(_late(session, door.who.party.code))
        claims = bank_claim_page.rows(session, door.who.party.code, day_of(at))
    waiting = tuple(case for each, case in rows if each.state in WAITING)
    others = tuple(case for each, case in reversed(rows) if each.state not in WAITING)
    party = door.who.party
    name = Words(party.name, party.name_en or party.name)
    return door.show("desk/bank.html", pages.BankDesk(name, waiting, others, late, claims))


@router.post("/draws/{draw_id}/demand")
def demand(draw_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Ask the guarantor to pay its own and the fund's part."""
    with door.house.writing() as (session, at):
        compensation.demand_on_guarantor(session, door.who.actor, draw_id=draw_id, at=at)
    return Door.go("/desk/bank", "demanded")


@router.get("/{application_id}")
def case(application_id: str, door: Door = Officer) -> HTMLResponse:
    """One application."""
    return show(door, application_id)


@router.get("/{application_id}/documents/{document_id}")
def document(application_id: str, document_id: str, door: Door = Officer) -> Response:
    """A document the firm handed in, opened for this bank alone; the reading is in the log."""
    with door.house.writing() as (session, at):
        name, body = papers.open_document(
            session,
            door.who.actor,
            bank=door.who.party.code,
            application_id=application_id,
            document_id=document_id,
            sealer=door.house.sealer,
            at=at,
        )
    headers = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.post("/{application_id}/ask")
def ask(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Ask the firm for documents."""
    try:
        with door.house.writing() as (session, at):
            officer = officer_of(door, session, application_id, at)
            desk.ask(session, officer, documents=typed.lines("documents"), words=typed.text("ask_words"))
    except Answer as error:
        return door.again(error, typed, lambda form, status: show(door, application_id, "ask", form, status))
    return Door.go(f"/desk/bank/{application_id}", "asked")


@router.post("/{application_id}/visit")
def visit(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Note a visit: the words stay in the bank."""
    try:
        with door.house.writing() as (session, at):
            note = typed.text("note")
            desk.visit(session, door.who.actor, bank=door.who.party.code, application_id=application_id, words=note, at=at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: show(door, application_id, "visit", form, status), words="note")
    return Door.go(f"/desk/bank/{application_id}", "visit_noted")


@router.post("/{application_id}/decide")
def decide(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Approve with binding terms and every fee, or decline with reasons."""
    try:
        if typed.text("outcome") not in ("approve", "decline"):
            raise Invalid("outcome", Words("请选择同意或不同意", "choose yes or no"))
        with door.house.writing() as (session, at):
            officer = officer_of(door, session, application_id, at)
            if typed.text("outcome") == "approve":
                desk.approve(
                    session,
                    officer,
                    words=typed.text("words"),
                    amount_fen=typed.wan_fen("amount"),
                    rate_bp=typed.percent_bp("rate"),
                    fees=fees_typed(typed),
                    conditions=typed.lines("conditions"),
                )
            else:
                desk.decline(session, officer, words=typed.text("words"), reasons=typed.lines("reasons"))
    except Answer as error:
        places = {"offer.amount_fen": "amount", "offer.rate_bp": "rate"}
        return door.again(error, typed, lambda form, status: show(door, application_id, "decide", form, status), **places)
    return Door.go(f"/desk/bank/{application_id}", "decided")


def fees_typed(typed: Typed) -> list[port.OfferFee]:
    """The rows of the fee table that say something: title, payer, amount in 元, due at the draw or on a day."""
    found = []
    for number in range(FEE_ROWS):
        title, amount = typed.text(f"fee_title_{number}"), typed.text(f"fee_amount_{number}")
        if not title and not amount:
            continue
        if not title:
            raise Invalid(f"fee_title_{number}", Words("请写明费用名称", "say what the fee is for"))
        due = typed.day(f"fee_due_{number}").isoformat() if typed.text(f"fee_due_{number}") else "at_draw"
        found.append(
            port.OfferFee(title, typed.text(f"fee_payer_{number}") or "firm", typed.yuan_fen(f"fee_amount_{number}"), due)
        )
    return found


def officer_of(door: Door, session: Session, application_id: str, at: datetime) -> desk.Officer:
    """This officer at the desk, about one of the bank's own applications."""
    code = door.who.party.code
    terms = needs.terms_of(door.house.catalogue, views.of_bank(session, code, application_id))
    onward = Intake(door.house.sealer).take
    return desk.Officer(door.who.actor, code, application_id, terms, _speaks(door), onward, at)


def _late(session: Session, bank: str) -> list[pages.LateDraw]:
    """Draws that a pool covers and that are past due."""
    found = []
    asked = {each.application_id: each.demanded_on for each in loans.guarantees(session) if each.bank == bank}
    for draw in loans.draw_rows(session, bank=bank):
        if draw.coverage == "registered" and draw.dpd > 0 and draw.repaid_on is None:
            facility = loans.facility(session, draw.firm_id, draw.facility_id)
            guaranteed = facility.application_id in asked
            found.append(
                pages.LateDraw(
                    draw.id,
                    parties.firm(session, draw.firm_id).name,
                    draw.outstanding_fen,
                    draw.dpd,
                    draw.cls,
                    asked.get(facility.application_id),
                    guaranteed,
                    f"/desk/bank/{facility.application_id}" if bank_claim_page.covers(session, facility) else "",
                )
            )
    return found


def _speaks(door: Door) -> bool:
    return door.who.party.code in door.house.lenders


def _case(session: Session, door: Door, application: LoanApplication, at: datetime) -> pages.Case:
    open_ = application.state in WAITING
    return pages.Case(
        id=application.id,
        firm=parties.firm(session, application.firm_id).name,
        product=needs.terms_of(door.house.catalogue, application).title,
        amount_fen=application.amount_fen,
        months=application.months,
        # What lies on this desk has arrived, also while nobody has looked at it yet.
        state="submitted" if application.state == "created" and not _speaks(door) else application.state,
        received_on=application.submitted_on,
        answer_by=application.wait_until if open_ else None,
        late=open_ and application.wait_until is not None and application.wait_until < day_of(at),
    )


def show(door: Door, application_id: str, refused: str = "", form: Form | None = None, status: int = 200) -> HTMLResponse:
    """The page of one application; `refused` names the form that comes back with its sentence."""
    code = door.who.party.code
    with door.house.writing() as (session, at):
        application = views.of_bank(session, code, application_id)
        terms = needs.terms_of(door.house.catalogue, application)
        firm = parties.firm(session, application.firm_id)
        open_facts, _ = submission.facts_for(
            session, door.who.actor, firm=firm, terms=terms, capacity=door.house.operator_capacity, at=at
        )
        queries = consents.bank_queries(session, firm_id=firm.id, bank=code, at=at)
        events = views.timeline(session, application.id)
        undecided = application.state in WAITING
        facility = loans.facility_of_application(session, application.id)
        forms = {refused: form} if form is not None else {}
        page = pages.BankCase(
            case=_case(session, door, application, at),
            legal_rep=firm.legal_rep or "—",
            region=facts.region(firm.region).say(door.language),
            industry=facts.industry(firm.industry).say(door.language),
            way=application.way,
            purpose=model.PURPOSES[views.need(session, application.need_id).purpose],
            groups=facts.groups(open_facts, door.language),
            timeline=tuple(Happening(each.at, _title(each), None, each.verbatim or None) for each in events),
            queries_allowed=tuple(speak.both(f"query.{who}") for who in terms.bureau_queries) if queries else (),
            documents=tuple(
                (needs.document_title(each), f"/desk/bank/{application.id}/documents/{each.id}")
                for each in views.documents(session, application.id)
            ),
            listing=_listing(session, terms, firm.id, at),
            may_decide=not _speaks(door) and undecided,
            own_system=_speaks(door) and application.state not in model.ENDS,
            loan=bank_loan.loan_of(session, application, at) if not _speaks(door) else None,
            refusal=bank_loan.refusal_of(application),
            duty=f"/api/desk/draws/{facility.id}/duty" if facility else "",
            claim=bank_claim_page.card(session, facility, application.id, day_of(at), door.language, forms),
            forms=forms,
        )
    return door.show("desk/bank_case.html", page, status)


def _title(entry: TimelineEntry) -> Words:
    """The firm's timeline says “you” to the firm; here the firm is somebody else."""
    if entry.event in ("firm_applied", "firm_answered", "firm_withdrew", "firm_accepted"):
        return speak.both(f"bank_event.{entry.event}")
    return entry.words


def _listing(session: Session, terms: ProductTerms, firm_id: str, at: datetime) -> tuple[Words, str] | None:
    if terms.whitelist_programme is None:
        return None
    found = whitelists.listing(session, firm_id=firm_id, programme=terms.whitelist_programme, day=day_of(at))
    return (programmes.find(found.programme).title, found.grade) if found else None
