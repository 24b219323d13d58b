"""Authorisations: the three documents, signing, withdrawing, powers of attorney."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.consents import actions, model, powers, views
from backend.consents.model import Signer
from backend.consents.views import ConsentPaper
from backend.credit_data import gather
from backend.doors import Platform
from backend.kit import clock
from backend.kit.errors import Answer, Conflict, Invalid, NotFound
from backend.kit.words import Words
from backend.parties import views as parties
from backend.parties.views import RegisteredFirm
from backend.portal import speak
from backend.portal.door import Door, FirmDoor, Sent
from backend.portal.pages import firm as pages
from backend.portal.pages.shared import Choice, Form
from backend.vocabulary.facts import item_titles

router = APIRouter(prefix="/authorise")
KINDS = ("firm", "person", "bank_query")


@router.get("")
def overview(door: FirmDoor) -> HTMLResponse:
    """What is in force, what waits for a signature, what has ended."""
    return _overview(door, Form())


@router.get("/new/{kind}")
def draft_page(kind: str, door: FirmDoor, items: str = "", recipient: str = "") -> HTMLResponse:
    """A document to fill in; `items` and `recipient` in the address are ticked already."""
    return _draft(door, kind, Form(), ticked=items.split(","), recipient=recipient)


@router.post("/new/{kind}")
def draft(kind: str, door: FirmDoor, typed: Sent) -> Response:
    """Write the document down; nothing is open until it is signed."""
    if kind not in KINDS:
        raise NotFound()
    try:
        first, last = typed.day("valid_from"), typed.day("valid_to")
        with door.house.writing() as (session, at):
            consent = actions.draft(
                session,
                door.who.actor,
                firm_id=door.firm.id,
                kind=kind,
                items=typed.several("items"),
                purpose=typed.text("purpose"),
                recipients=typed.several("recipients"),
                valid_from=at if first == clock.day_of(at) else clock.start_of(first),
                valid_to=clock.start_of(last + timedelta(days=1)),
                subject_person=typed.text("subject_person") or None,
                titles=item_titles(),
                at=at,
            )
    except Answer as error:
        return door.again(error, typed, lambda form, status: _draft(door, kind, form, status=status))
    return Door.go(f"/authorise/sign/{consent.id}", "drafted")


@router.get("/sign/{consent_id}")
def sign_page(consent_id: str, door: FirmDoor) -> HTMLResponse:
    """The whole document, and who signs."""
    return _sign(door, consent_id, Form())


@router.post("/sign/{consent_id}")
def sign(consent_id: str, door: FirmDoor, typed: Sent) -> Response:
    """Sign, and fetch at once what the signature opened."""
    try:
        typed.agreed("agree")
        with door.house.writing() as (session, at):
            consent = views.get(session, door.firm.id, consent_id)
            power = typed.text("power")
            signer = Signer(typed.text("signer_name"), "agent" if power else "legal_representative", power or None)
            actions.sign(session, door.who.actor, consent_id, signer=signer, port=door.house.signing, at=at)
            if consent.kind != "bank_query" and model.PLATFORM in views.recipients(session, consent_id):
                gather.ask_anew(session, consent.firm_id, purpose=consent.purpose, at=at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: _sign(door, consent_id, form, status))
    return Door.go("/authorise", "signed")


@router.post("/revoke/{consent_id}")
def revoke(consent_id: str, door: FirmDoor, typed: Sent) -> Response:
    """Withdraw: the next reading is refused."""
    with door.house.writing() as (session, at):
        views.get(session, door.firm.id, consent_id)
        actions.revoke(session, door.who.actor, consent_id, at=at)
    return Door.go("/authorise", "revoked")


@router.post("/powers")
def store_power(door: FirmDoor, typed: Sent) -> Response:
    """Keep a power of attorney with its paper."""
    try:
        first, last = typed.day("valid_from"), typed.day("valid_to")
        paper = typed.files.get("document")
        if not paper:
            raise Invalid("document", Words("请上传委托书", "please add the document"))
        with door.house.writing() as (session, at):
            powers.store(
                session,
                door.who.actor,
                firm_id=door.firm.id,
                agent_name=typed.text("agent_name"),
                items=typed.several("power_items"),
                valid_from=clock.start_of(first),
                valid_to=clock.start_of(last + timedelta(days=1)),
                document=paper[0][1],
                titles=item_titles(),
                at=at,
            )
    except Answer as error:
        return door.again(error, typed, lambda form, status: _overview(door, form, status))
    return Door.go("/authorise", "power_stored")


def last_day(moment: datetime) -> date:
    """The last day that an excluded end leaves in."""
    return clock.day_of(moment - timedelta(microseconds=1))


def card(session: Session, consent: ConsentPaper, at: datetime) -> pages.ConsentCard:
    """A consent as the pages show it."""
    bureau = consent.kind == "bank_query"
    return pages.ConsentCard(
        id=consent.id,
        kind=consent.kind,
        state=views.state_now(consent, at),
        items=() if bureau else tuple(speak.item(code) for code in views.items(session, consent.id)),
        purpose=consent.purpose,
        recipients=tuple(speak.party(session, code) for code in views.recipients(session, consent.id)),
        valid_from=clock.day_of(consent.valid_from),
        valid_to=last_day(consent.valid_to),
        person=consent.subject_person,
        signer=consent.signer or None,
        capacity=("self" if consent.kind == "person" else consent.capacity) or None,
        revoked_on=clock.day_of(consent.revoked_at) if consent.revoked_at else None,
    )


def _powers(session: Session, firm: RegisteredFirm, at: datetime, *, live: bool) -> tuple[pages.Power, ...]:
    return tuple(
        pages.Power(each.id, each.agent_name, clock.day_of(each.valid_from), last_day(each.valid_to))
        for each in views.powers(session, firm.id)
        if not live or each.valid_from <= at < each.valid_to
    )


def _overview(door: Door, power_form: Form, status: int = 200) -> HTMLResponse:
    firm = door.firm
    with door.house.reading() as (session, at):
        cards = [card(session, each, at) for each in views.of_firm(session, firm.id, at)]
        powers = _powers(session, firm, at, live=False)
    codes = [*speak.consent_items("firm"), model.BUREAU_ITEM]
    page = pages.Authorise(
        live=tuple(each for each in cards if each.state == "signed"),
        drafts=tuple(each for each in cards if each.state == "draft"),
        ended=tuple(each for each in cards if each.state not in ("signed", "draft")),
        powers=powers,
        power_form=power_form,
        items=tuple(Choice(code, speak.item(code)) for code in codes),
        today=clock.day_of(at),
        until=clock.day_of(at) + timedelta(days=364),
    )
    return door.show("firm/authorise.html", page, status)


def _groups(house: Platform, kind: str, ticked: list[str], day: date) -> tuple[pages.ItemGroup, ...]:
    codes = speak.consent_items(kind) if kind != "bank_query" else []
    found: dict[str, list[Choice]] = {}
    for code in codes:
        choice = Choice(code, speak.item(code), speak.explain_item(code, house.catalogue, day), ticked=code in ticked)
        found.setdefault(speak.group_of(code), []).append(choice)
    return tuple(pages.ItemGroup(speak.both(f"item_group.{name}"), tuple(items)) for name, items in found.items())


def _draft(
    door: Door, kind: str, form: Form, *, ticked: list[str] | None = None, recipient: str = "", status: int = 200
) -> HTMLResponse:
    if kind not in KINDS:
        raise NotFound()
    firm = door.firm
    with door.house.reading() as (session, at):
        day = clock.day_of(at)
        banks = sorted({terms.bank for terms in door.house.catalogue.on(day)})
        here = {party.code for party in parties.parties(session, "bank")}
        named = [(code, speak.party(session, code)) for code in banks if code in here]
    recipients = [Choice(code, words, ticked=code == recipient) for code, words in named]
    if kind != "bank_query":
        recipients.insert(0, Choice(model.PLATFORM, speak.PLATFORM, ticked=True))
    every = [item for terms in door.house.catalogue.on(day) for item in terms.items_needed]
    latest = day + timedelta(days=364)
    page = pages.AuthoriseDraft(
        kind=kind,
        groups=_groups(door.house, kind, ticked or [], day),
        purposes=tuple(Choice(code, speak.both(f"purpose.{code}")) for code in model.PURPOSES),
        recipients=tuple(recipients),
        valid_from=day,
        valid_to=latest,
        latest=latest,
        persons=(firm.legal_rep,) if firm.legal_rep else (),
        all_href=f"/authorise/new/firm?items={','.join(sorted(set(every)))}" if kind == "firm" else None,
        form=form,
    )
    return door.show("firm/authorise_draft.html", page, status)


def _sign(door: Door, consent_id: str, form: Form, status: int = 200) -> HTMLResponse:
    firm = door.firm
    with door.house.reading() as (session, at):
        consent = views.get(session, firm.id, consent_id)
        if consent.state != "draft":
            raise Conflict(Words("此授权书已签署或已失效", "this document is signed already, or has ended"))
        shown = card(session, consent, at)
        powers = _powers(session, firm, at, live=True)
    # What is read here is what is signed: the paragraphs come out of the very text.
    page = pages.AuthoriseSign(shown, model.lines_of(consent.text), consent.text, firm.legal_rep or "", powers, form)
    return door.show("firm/authorise_sign.html", page, status)
