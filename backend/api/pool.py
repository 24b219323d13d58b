"""For the guarantor and the fund: decisions before the draw, payouts, claims, payments on a receipt, recoveries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy.orm import Session

from backend.api import shapes
from backend.doors import Platform, in_role, platform
from backend.kit.words import Words
from backend.loans import claiming, clearance, compensation, fund_acts, oversight, pool_money, views
from backend.loans.values import BankDraw, GuaranteeView
from backend.parties.views import SignedIn
from risk_compensation.live import FiledClaim, MoneyProposal, RegisteredLoan

router = APIRouter(prefix="/api", tags=["pool"])
House = Annotated[Platform, Depends(platform)]
Guarantor = Annotated[SignedIn, Depends(in_role("guarantor_officer"))]
Maker = Annotated[SignedIn, Depends(in_role("fund_maker"))]
Checker = Annotated[SignedIn, Depends(in_role("fund_checker"))]
Fund = Annotated[SignedIn, Depends(in_role("fund_maker", "fund_checker", "regulator"))]
Purpose = Annotated[str, Query(max_length=500, description="For what the regulator looks; it is logged.")]


class ReceiptBody(shapes.Body):
    """What is too large, too late or missing is the room's to say: the same in every door. `amount_fen` is 0 only where the pool
    owes nothing of a claim."""

    amount_fen: int
    receipt_no: str
    on: date


class DecisionBody(shapes.Body):
    granted: bool
    words: str = Field(max_length=1000)


class ClaimBody(shapes.Body):
    claim_no: str = Field(min_length=1, max_length=80)
    judgment_no: str = Field(default="", max_length=120)
    judged_on: date | None = None
    documents: dict[str, str]


class RecoveryBody(shapes.Body):
    gross_fen: int
    costs_fen: int
    receipt_no: str
    on: date


class ReviewBody(shapes.Body):
    opinion: Literal["approve", "reject", "supplement"]
    words: str = ""


class RejectBody(shapes.Body):
    reasons: list[str] = Field(min_length=1, max_length=20)
    words: str = Field(max_length=1000)


def said(text: str) -> Words:
    """An officer's own sentence, carried as it was written."""
    return Words(text, text)


@router.get("/guarantor/cases")
def cases(house: House, who: Guarantor) -> list[GuaranteeView]:
    """What was asked of this guarantor, and how it stands."""
    with house.reading() as (session, _):
        return views.guarantees(session, who.party.code)


@router.post("/guarantor/cases/{guarantee_id}/decision")
def decide(guarantee_id: str, body: DecisionBody, house: House, who: Guarantor) -> GuaranteeView:
    """Yes or no, before the draw."""
    with house.writing() as (session, at):
        made = clearance.decide_guarantee(
            session,
            who.actor,
            guarantee_id=guarantee_id,
            granted=body.granted,
            words=said(body.words),
            sealer=house.sealer,
            at=at,
        )
        return made


@router.post("/guarantor/cases/{guarantee_id}/payout")
def payout(guarantee_id: str, body: ReceiptBody, house: House, who: Guarantor) -> GuaranteeView:
    """Say that the bank has been paid; the bank's own report confirms it."""
    with house.writing() as (session, at):
        made = compensation.guarantor_paid(
            session,
            who.actor,
            guarantee_id=guarantee_id,
            amount_fen=body.amount_fen,
            receipt_no=body.receipt_no,
            paid_on=body.on,
            at=at,
        )
        return made


@router.post("/guarantor/cases/{guarantee_id}/claim", status_code=201)
def claim(guarantee_id: str, body: ClaimBody, house: House, who: Guarantor) -> FiledClaim:
    """Claim the fund's part, after judgment."""
    with house.writing() as (session, at):
        made = claiming.file_claim(session, who.actor, guarantee_id=guarantee_id, **body.model_dump(), at=at)
        return made


@router.post("/guarantor/cases/{guarantee_id}/recovery", status_code=202)
def recovery(guarantee_id: str, body: RecoveryBody, house: House, who: Guarantor) -> MoneyProposal:
    """Money came back and was paid into the special account: how it will be shared, once the fund has confirmed it."""
    with house.writing() as (session, at):
        made = compensation.propose_recovery(session, who.actor, guarantee_id=guarantee_id, **body.model_dump(), at=at)
        return made


@router.post("/desk/draws/{draw_id}/demand")
def demand(draw_id: str, house: House, who: Annotated[SignedIn, Depends(in_role("bank_officer"))]) -> GuaranteeView:
    """The bank asks the guarantor to pay."""
    with house.writing() as (session, at):
        return compensation.demand_on_guarantor(session, who.actor, draw_id=draw_id, at=at)


@router.get("/desk/draws")
def bank_draws(house: House, who: Annotated[SignedIn, Depends(in_role("bank_officer"))]) -> list[BankDraw]:
    """This bank's draws, with days past due and class."""
    with house.reading() as (session, _):
        return views.draws_of_bank(session, who.party.code)


@contextmanager
def looking(house: Platform, who: SignedIn) -> Iterator[tuple[Session, datetime]]:
    """A look; the regulator's leaves its line in the log."""
    with house.writing() if who.actor.role == "regulator" else house.reading() as found:
        yield found


@router.get("/fund/claims")
def claims(house: House, who: Fund, purpose: Purpose = "") -> list[FiledClaim]:
    """Every claim on this fund's pools; for the regulator on all, who says what for."""
    with looking(house, who) as (session, at):
        return oversight.claims(session, who.actor, purpose=purpose, at=at)


@router.get("/fund/loans")
def loans(house: House, who: Fund, purpose: Purpose = "") -> list[RegisteredLoan]:
    """Every loan in this fund's pools; for the regulator in all, who says what for."""
    with looking(house, who) as (session, at):
        return oversight.loans(session, who.actor, purpose=purpose, at=at)


@router.post("/fund/claims/{claim_no}/review")
def review(claim_no: str, body: ReviewBody, house: House, who: Maker) -> FiledClaim:
    """The maker's opinion."""
    with house.writing() as (session, at):
        row = fund_acts.review_claim(session, who.actor, claim_no=claim_no, opinion=body.opinion, words=said(body.words), at=at)
        return row


@router.post("/fund/claims/{claim_no}/approve")
def approve(claim_no: str, body: shapes.WordsBody, house: House, who: Checker) -> FiledClaim:
    """The checker's yes; never the maker."""
    with house.writing() as (session, at):
        return fund_acts.approve_claim(session, who.actor, claim_no=claim_no, words=said(body.words), at=at)


@router.post("/fund/claims/{claim_no}/reject")
def reject(claim_no: str, body: RejectBody, house: House, who: Checker) -> FiledClaim:
    """The checker's no, in words, for reasons that were left open when the loan entered."""
    with house.writing() as (session, at):
        row = fund_acts.reject_claim(session, who.actor, claim_no=claim_no, reasons=body.reasons, words=said(body.words), at=at)
        return row


@router.post("/fund/claims/{claim_no}/instruct")
def instruct(claim_no: str, house: House, who: Checker) -> FiledClaim:
    """Instruct the custody bank."""
    with house.writing() as (session, at):
        return fund_acts.instruct_payment(session, who.actor, claim_no=claim_no, at=at)


@router.post("/fund/claims/{claim_no}/receipt", status_code=202)
def receipt(claim_no: str, body: ReceiptBody, house: House, who: Maker) -> MoneyProposal:
    """The custody bank's receipt: confirmed by the checker, and only then, the claim is paid, once."""
    with house.writing() as (session, at):
        return pool_money.propose_payment(session, who.actor, claim_no=claim_no, **body.model_dump(), at=at)
