"""The guarantor's desk: decide before the draw, record what was paid to the bank, claim after judgment, report what came back.

A firm authorises the platform and banks, not the guarantor: what is shown of it is public, and what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.applications import views as applications
from backend.credit_data import views as credit_data
from backend.kit.clock import day_of, start_of
from backend.kit.errors import Answer, Invalid
from backend.kit.words import Words
from backend.loans import claiming, clearance, compensation, guarantee_standing, pool_money, views
from backend.loans.guarantee_standing import GuaranteeStanding
from backend.loans.values import GuaranteeView
from backend.parties import views as parties
from backend.portal import facts, needs, speak, waiting_money
from backend.portal.door import Door, Sent, Typed, door_of
from backend.portal.pages import desk as pages
from backend.portal.pages.shared import Choice, Form, Happening
from risk_compensation.live import statements
from risk_compensation.scheme import terms_still

router = APIRouter(prefix="/desk/guarantor")
Officer = Depends(door_of("guarantor_officer"))


@router.get("")
def desk(door: Door = Officer) -> HTMLResponse:
    """What waits for a decision, a payment or a claim; and the rest."""
    lists: dict[str, list[pages.GuaranteeCase]] = {"decide": [], "pay": [], "claim": [], "others": []}
    with door.house.reading() as (session, at):
        for each in views.guarantees(session, door.who.party.code):
            stands = guarantee_standing.standing(session, each, day_of(at))
            lists[stands.act if stands.act in lists else "others"].append(_case(session, door, each, stands))
    party = door.who.party
    page = pages.GuarantorDesk(
        Words(party.name, party.name_en or party.name),
        tuple(lists["decide"]),
        tuple(lists["pay"]),
        tuple(lists["claim"]),
        tuple(reversed(lists["others"])),
    )
    return door.show("desk/guarantor.html", page)


@router.get("/{guarantee_id}")
def case(guarantee_id: str, door: Door = Officer) -> HTMLResponse:
    """One guarantee and what may be done now."""
    return _show(door, guarantee_id, Form())


@router.post("/{guarantee_id}/decide")
def decide(guarantee_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Yes or no, before the bank pays out."""

    def act(session: Session, at: datetime) -> None:
        outcome, words = typed.text("outcome"), typed.text("words")
        if outcome not in ("grant", "decline") or not words:
            raise Invalid("words", Words("请选择结论并写明理由", "please choose an outcome and say why"))
        said = Words(words, words)
        clearance.decide_guarantee(
            session,
            door.who.actor,
            guarantee_id=guarantee_id,
            granted=outcome == "grant",
            words=said,
            sealer=door.house.sealer,
            at=at,
        )

    return _do(door, guarantee_id, typed, act, "guarantee_decided")


@router.post("/{guarantee_id}/pay")
def pay(guarantee_id: str, typed: Sent, door: Door = Officer) -> Response:
    """What was paid to the bank."""

    def act(session: Session, at: datetime) -> None:
        compensation.guarantor_paid(
            session,
            door.who.actor,
            guarantee_id=guarantee_id,
            amount_fen=typed.yuan_fen("amount"),
            receipt_no=typed.text("receipt_no"),
            paid_on=typed.day("paid_on"),
            at=at,
        )

    return _do(door, guarantee_id, typed, act, "payout_noted")


@router.post("/{guarantee_id}/claim")
def claim(guarantee_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Claim the fund's part, after judgment."""

    def act(session: Session, at: datetime) -> None:
        guarantee = _own(session, door, guarantee_id)
        titles = _papers(guarantee, day_of(at))
        documents = {code: titles[code].zh for code in typed.several("documents") if code in titles}
        number = len(guarantee_standing.claims_of(session, guarantee)) + 1
        claiming.file_claim(
            session,
            door.who.actor,
            guarantee_id=guarantee_id,
            claim_no=f"{guarantee.id}-{number}",
            judgment_no=typed.text("judgment_no"),
            judged_on=typed.day("judged_on") if typed.text("judged_on") else None,
            documents=documents,
            at=at,
        )

    return _do(door, guarantee_id, typed, act, "claim_filed")


@router.post("/{guarantee_id}/supply")
def supply(guarantee_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Bring what the fund asked for."""

    def act(session: Session, at: datetime) -> None:
        guarantee = _own(session, door, guarantee_id)
        titles = _papers(guarantee, day_of(at))
        documents = {code: titles[code].zh for code in typed.several("documents") if code in titles}
        if not documents:
            raise Invalid("documents", Words("请勾选补充的材料", "please tick what you bring"))
        newest = guarantee_standing.claims_of(session, guarantee)[-1]
        claiming.supply_documents(session, door.who.actor, claim_no=newest.claim_no, documents=documents, at=at)

    return _do(door, guarantee_id, typed, act, "claim_supplied")


@router.post("/{guarantee_id}/recover")
def recover(guarantee_id: str, typed: Sent, door: Door = Officer) -> Response:
    """What came back, paid into the special account: shared as the loss was once the fund has confirmed it."""

    def act(session: Session, at: datetime) -> None:
        compensation.propose_recovery(
            session,
            door.who.actor,
            guarantee_id=guarantee_id,
            gross_fen=typed.yuan_fen("amount"),
            costs_fen=typed.yuan_fen("costs") if typed.text("costs") else 0,
            receipt_no=typed.text("receipt_no"),
            on=typed.day("paid_on"),
            at=at,
        )

    return _do(door, guarantee_id, typed, act, "proposed", gross_fen="amount")


@router.post("/{guarantee_id}/take_back")
def take_back(guarantee_id: str, typed: Sent, door: Door = Officer) -> Response:
    """A recovery that was told and is not confirmed yet."""

    def act(session: Session, at: datetime) -> None:
        pool_money.withdraw(session, door.who.actor, proposal=typed.text("proposal"), words=Words("", ""), at=at)

    return _do(door, guarantee_id, typed, act, "taken_back")


def _do(
    door: Door, guarantee_id: str, typed: Typed, act: Callable[[Session, datetime], None], done: str, **places: str
) -> Response:
    try:
        with door.house.writing() as (session, at):
            act(session, at)
    except Answer as error:
        renamed = {"amount_fen": "amount", "costs_fen": "costs", "on": "paid_on"} | places
        return door.again(error, typed, lambda form, status: _show(door, guarantee_id, form, status), **renamed)
    return Door.go(f"/desk/guarantor/{guarantee_id}", done)


def _own(session: Session, door: Door, guarantee_id: str) -> GuaranteeView:
    return views.guarantee(session, door.who.party.code, guarantee_id)


def _papers(guarantee: GuaranteeView, day: date) -> dict[str, Words]:
    return {paper.code: paper.title for paper in terms_still(guarantee.scheme, day).documents.papers}


def _case(session: Session, door: Door, guarantee: GuaranteeView, stands: GuaranteeStanding) -> pages.GuaranteeCase:
    application, facility = applications.application(session, guarantee.application_id), stands.facility
    unpaid = compensation.unpaid_principal_fen(session, facility.id) if facility and guarantee.demanded_on else None
    return pages.GuaranteeCase(
        id=guarantee.id,
        firm=parties.firm(session, guarantee.firm_id).name,
        bank=speak.party(session, guarantee.bank),
        product=needs.terms_of(door.house.catalogue, application).title,
        amount_fen=guarantee.amount_fen,
        months=guarantee.months,
        state=stands.state,
        until=stands.until,
        unpaid_fen=unpaid,
        demanded_fen=guarantee.demanded_fen or None,
        paid_fen=guarantee.paid_fen or None,
        late_days=stands.late_days,
    )


def _show(door: Door, guarantee_id: str, form: Form, status: int = 200) -> HTMLResponse:
    with door.house.writing() as (session, at):
        guarantee, day = _own(session, door, guarantee_id), day_of(at)
        stands = guarantee_standing.standing(session, guarantee, day)
        firm = parties.firm(session, guarantee.firm_id)
        file = credit_data.read(
            session,
            door.who.actor,
            firm_id=firm.id,
            purpose="compensation",
            recipient=guarantee.guarantor,
            at=at,
        )
        facility = stands.facility
        room = statements.headroom(session, guarantee.pool, day).available_fen if stands.act == "decide" else None
        page = pages.GuaranteePage(
            case=_case(session, door, guarantee, stands),
            act=stands.act,
            groups=facts.groups(file.facts, door.language),
            timeline=tuple(_timeline(session, guarantee, stands)),
            headroom_fen=room,
            documents=tuple(Choice(code, title) for code, title in _papers(guarantee, day).items()),
            money=waiting_money.of_loan(session, facility.id if facility else None),
            form=form,
        )
    return door.show("desk/guarantee.html", page, status)


def _timeline(session: Session, guarantee: GuaranteeView, stands: GuaranteeStanding) -> list[Happening]:
    said = Words.of(guarantee.words).zh if guarantee.words else None
    found: list[tuple[date, str, str | None]] = [(guarantee.asked_on, "guarantee_event.asked", None)]
    if guarantee.decided_on:
        found.append((guarantee.decided_on, f"guarantee_event.{guarantee.state}", said))
    facility = stands.facility
    if facility is not None:
        found.append((facility.signed_on, "guarantee_event.signed", None))
        if facility.registered_on:
            found.append((facility.registered_on, "guarantee_event.registered", None))
        found.extend((draw.value_date, "guarantee_event.drawn", None) for draw in stands.draws)
    if guarantee.demanded_on:
        found.append((guarantee.demanded_on, "guarantee_event.demanded", None))
    if guarantee.paid_on:
        found.append((guarantee.paid_on, "guarantee_event.paid", None))
    rows = [Happening(start_of(on), speak.both(key), None, verbatim) for on, key, verbatim in found]
    if facility is not None:
        for move in statements.loan_history(session, facility.id):
            if move.claim_no:
                rows.append(Happening(start_of(move.on), speak.known(f"claim_move.{move.move}", "claim_move.other")))
    return sorted(rows, key=lambda each: each.at)
