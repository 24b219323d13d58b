"""The bank's own claim on the pool (政银), on the page of the covered loan: when it may be put and what it would come to, the
claim, the papers that the fund asks for, taking it back, and what is recovered after payment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.applications import views
from backend.kit.errors import Answer, Invalid, NotFound
from backend.kit.words import Words
from backend.loans import claim_outlook, claiming, compensation, pool_money
from backend.loans import views as loans
from backend.portal.bank_desk import Officer, show
from backend.portal.door import Door, Sent, Typed
from risk_compensation.live import LoanCase
from risk_compensation.live import views as pool_views

router = APIRouter(prefix="/desk/bank/{application_id}/pool")
MOST_PAPERS = 20


@router.post("/claim")
def claim(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Claim the pool's part; the loss is what the book says."""

    def act(session: Session, case: LoanCase, at: datetime) -> None:
        number = len(pool_views.claims_of_loan(session, case.loan.reference)) + 1
        claiming.file_bank_claim(
            session,
            door.who.actor,
            draw_id=_draw(session, case),
            claim_no=f"{case.loan.reference}-{number}",
            judgment_no=typed.text("judgment_no"),
            judged_on=typed.day("judged_on") if typed.text("judged_on") else None,
            documents=_documents(case, typed),
            at=at,
        )

    return _do(door, application_id, typed, act, "claim_filed", "pool")


@router.post("/supply")
def supply(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Bring what the fund asked for."""

    def act(session: Session, case: LoanCase, at: datetime) -> None:
        found = _documents(case, typed)
        if not found:
            raise Invalid("other_papers", Words("请勾选或写明补充的材料", "please tick or name what you bring"))
        claiming.supply_documents(session, door.who.actor, claim_no=_newest(session, case), documents=found, at=at)

    return _do(door, application_id, typed, act, "claim_supplied", "pool")


@router.post("/withdraw")
def withdraw(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Take the claim back, with words."""

    def act(session: Session, case: LoanCase, at: datetime) -> None:
        said = typed.text("withdraw_words")
        if not said:
            raise Invalid("withdraw_words", Words("请写明理由", "please give the reason"))
        number = _newest(session, case)
        claiming.withdraw_claim(session, door.who.actor, claim_no=number, words=Words(said, said), at=at)

    return _do(door, application_id, typed, act, "claim_withdrawn", "pool_withdraw")


@router.post("/recover")
def recover(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """What came back, paid into the special account: shared as the loss was once the fund has confirmed it."""

    def act(session: Session, case: LoanCase, at: datetime) -> None:
        compensation.propose_recovery_by_bank(
            session,
            door.who.actor,
            draw_id=_draw(session, case),
            gross_fen=typed.yuan_fen("gross"),
            costs_fen=typed.yuan_fen("costs") if typed.text("costs") else 0,
            receipt_no=typed.text("receipt_no"),
            on=typed.day("recovered_on"),
            at=at,
        )

    return _do(door, application_id, typed, act, "proposed", "pool")


@router.post("/take_back")
def take_back(application_id: str, typed: Sent, door: Door = Officer) -> Response:
    """A recovery that was told and is not confirmed yet."""

    def act(session: Session, case: LoanCase, at: datetime) -> None:
        pool_money.withdraw(session, door.who.actor, proposal=typed.text("proposal"), words=Words("", ""), at=at)

    return _do(door, application_id, typed, act, "taken_back", "pool")


def _do(
    door: Door,
    application_id: str,
    typed: Typed,
    act: Callable[[Session, LoanCase, datetime], None],
    done: str,
    form_name: str,
) -> Response:
    try:
        with door.house.writing() as (session, at):
            views.of_bank(session, door.who.party.code, application_id)
            facility = loans.facility_of_application(session, application_id)
            case = claim_outlook.claimed_by_bank(session, facility) if facility is not None else None
            if case is None:
                raise NotFound()
            act(session, case, at)
    except Answer as error:
        places = {"gross_fen": "gross", "costs_fen": "costs", "on": "recovered_on"}
        return door.again(error, typed, lambda form, status: show(door, application_id, form_name, form, status), **places)
    return Door.go(f"/desk/bank/{application_id}", done)


def _draw(session: Session, case: LoanCase) -> str:
    """One of the covered draws: a claim is for all of them."""
    found = compensation.covered_draws(session, case.loan.reference)
    if not found:
        raise NotFound()
    return found[0].id


def _newest(session: Session, case: LoanCase) -> str:
    found = pool_views.claims_of_loan(session, case.loan.reference)
    if not found:
        raise NotFound()
    return found[-1].claim_no


def _documents(case: LoanCase, typed: Typed) -> dict[str, str]:
    """Papers of the scheme's list that were ticked, and others by their names."""
    listed = {paper.code: paper.title for paper in case.terms.documents.papers}
    ticked = {code: listed[code].zh for code in typed.several("documents") if code in listed}
    named = [line[:80] for line in typed.lines("other_papers")]
    if len(named) > MOST_PAPERS:
        raise Invalid("other_papers", Words(f"最多 {MOST_PAPERS} 份", f"at most {MOST_PAPERS}"))
    return ticked | {name: name for name in named if name not in listed}
