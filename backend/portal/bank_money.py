"""The bank officer reports contract, draws, repayments and the end, for a bank without an API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.applications import desk, views
from backend.kit.errors import Answer, Invalid, NotFound
from backend.kit.words import Words
from backend.loans import views as loans
from backend.portal.bank_desk import Officer, officer_of, show
from backend.portal.door import Door, Sent, Typed
from lender_adapters import port

router = APIRouter(prefix="/desk/bank/{application_id}")
PLACES = {"limit_fen": "limit", "amount_fen": "amount", "rate_bp": "rate", "schedule": "months"}


@router.post("/contract")
def contract(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """The contract is signed."""

    def say(session: Session, officer: desk.Officer) -> None:
        desk.contract(
            session,
            officer,
            contract_no=typed.text("contract_no"),
            limit_fen=typed.wan_fen("limit"),
            signed_on=typed.day("signed_on"),
            expires_on=typed.day("expires_on"),
            rate_bp=typed.percent_bp("contract_rate"),
        )

    return _done(door, application_id, typed, "contract", say, rate_bp="contract_rate")


@router.post("/draw")
def draw(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """The money is paid out."""

    def say(session: Session, officer: desk.Officer) -> None:
        typed.agreed("sure_schedule")
        facility = loans.facility_of_application(session, application_id)
        if facility is None:
            raise NotFound()
        desk.draw(
            session,
            officer,
            contract_no=facility.contract_no,
            draw_no=typed.text("draw_no"),
            amount_fen=typed.wan_fen("draw_amount"),
            value_date=typed.day("value_date"),
            months=typed.whole("draw_months"),
            rate_bp=typed.percent_bp("draw_rate"),
            first_loan={"yes": True, "no": False}.get(typed.text("first_loan")),
        )

    return _done(door, application_id, typed, "draw", say, amount_fen="draw_amount", amount="draw_amount", rate_bp="draw_rate")


@router.post("/repayment")
def repayment(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Money came back; its parts are the bank's own."""

    def say(session: Session, officer: desk.Officer) -> None:
        source = typed.text("source")
        if source not in ("borrower", "guarantor", "recovery"):
            raise Invalid("source", Words("请选择付款方", "choose who paid"))
        expenses, penalty, interest, principal = (
            typed.yuan_fen(name) if typed.text(name) else 0 for name in ("expenses", "penalty", "interest", "principal")
        )
        parts = (expenses, penalty, interest, principal)
        if min(parts) < 0:
            raise Invalid("principal", Words("金额不能为负", "an amount is not negative"))
        desk.repayment(
            session,
            officer,
            draw_no=typed.text("of_draw"),
            payment_no=typed.text("payment_no"),
            paid_on=typed.day("paid_on"),
            parts=parts,
            source=cast(port.PaidFrom, source),
        )

    return _done(door, application_id, typed, "repaid", say, amount_fen="principal")


@router.post("/close")
def close(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Confirm the withdrawal, or say that it has lapsed."""

    def say(session: Session, officer: desk.Officer) -> None:
        state = views.of_bank(session, officer.bank, application_id).state
        desk.close(session, officer, state="withdrawn" if state == "withdrawing" else "expired", words=typed.text("close_words"))

    return _done(door, application_id, typed, "close", say, words="close_words")


def _done(
    door: Door,
    application_id: str,
    typed: Typed,
    form_name: str,
    say: Callable[[Session, desk.Officer], Any],
    **places: str,
) -> Response:
    try:
        with door.house.writing() as (session, at):
            say(session, officer_of(door, session, application_id, at))
    except Answer as error:
        renamed = {**PLACES, **places}
        return door.again(error, typed, lambda form, status: show(door, application_id, form_name, form, status), **renamed)
    return Door.go(f"/desk/bank/{application_id}", f"reported_{form_name}")
