"""For a bank under a scheme in which the bank claims (政银): one claim or a file of them, papers asked for, recoveries."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from backend.api import shapes
from backend.api.claim_files import Csv, RowAnswers, answers
from backend.api.pool import House, RecoveryBody, said
from backend.doors import in_role
from backend.loans import claim_files, claiming, compensation
from backend.parties.views import SignedIn
from risk_compensation.live import FiledClaim, MoneyProposal, statements

router = APIRouter(prefix="/api/desk", tags=["claims"])
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]


class BankClaimBody(shapes.Body):
    claim_no: str = Field(min_length=1, max_length=80)
    documents: dict[str, str]
    judgment_no: str = Field(default="", max_length=120)
    judged_on: date | None = None


class PapersBody(shapes.Body):
    documents: dict[str, str]


@router.get("/claims")
def claims(house: House, who: Officer) -> list[FiledClaim]:
    """What this bank has claimed."""
    with house.reading() as (session, _):
        return [each for each in statements.claims(session) if each.claimant == who.party.code]


@router.post("/draws/{draw_id}/claim", status_code=201)
def claim(draw_id: str, body: BankClaimBody, house: House, who: Officer) -> FiledClaim:
    """Claim the pool's part of a covered loan; the loss is what the book says is unpaid."""
    with house.writing() as (session, at):
        return claiming.file_bank_claim(session, who.actor, draw_id=draw_id, at=at, **body.model_dump())


@router.post("/claims/file")
def claims_by_file(body: Csv, house: House, who: Officer) -> RowAnswers:
    """Many claims: draw_no,claim_no,judgment_no,judged_on,documents. Every row is answered; no row is half done."""
    with house.writing() as (session, at):
        return answers(claim_files.bank_claims(session, who.actor, body=body, at=at))


@router.post("/claims/{claim_no}/supply")
def supply(claim_no: str, body: PapersBody, house: House, who: Officer) -> FiledClaim:
    """Bring the papers that the fund asked for."""
    with house.writing() as (session, at):
        return claiming.supply_documents(session, who.actor, claim_no=claim_no, documents=body.documents, at=at)


@router.post("/claims/{claim_no}/withdraw")
def withdraw(claim_no: str, body: shapes.WordsBody, house: House, who: Officer) -> FiledClaim:
    """Take a claim back before it is paid."""
    with house.writing() as (session, at):
        return claiming.withdraw_claim(session, who.actor, claim_no=claim_no, words=said(body.words), at=at)


@router.post("/draws/{draw_id}/recovery", status_code=202)
def recovery(draw_id: str, body: RecoveryBody, house: House, who: Officer) -> MoneyProposal:
    """Money came back and was paid into the special account: how it will be shared, once the fund has confirmed it."""
    with house.writing() as (session, at):
        return compensation.propose_recovery_by_bank(session, who.actor, draw_id=draw_id, at=at, **body.model_dump())
