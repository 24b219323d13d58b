"""Claims by file, the clocks of claims, what follows a payment, and what the fund signed at registration."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from backend.api import shapes
from backend.api.pool import Checker, Fund, Guarantor, House, Maker, own_pool, said
from backend.doors import in_role
from backend.kit.errors import NotFound
from backend.loans import certainty, claim_checks, claim_files, clocks, fund_acts
from backend.parties.views import SignedIn
from risk_compensation import statements
from risk_compensation.tables import Claim, Registration

router = APIRouter(prefix="/api", tags=["claims"])
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]
Csv = Annotated[bytes, Body(media_type="text/csv")]


class ClawBackBody(shapes.Body):
    receipt_no: str = Field(min_length=1, max_length=120)
    words: str = Field(min_length=4, max_length=1000)


@router.post("/guarantor/claims/file")
def claims_by_file(body: Csv, house: House, who: Guarantor) -> dict[str, Any]:
    """Many claims: guarantee_no,claim_no,judgment_no,judged_on,documents. Every row is answered; no row is half done."""
    with house.writing() as (session, at):
        return answers(claim_files.claims(session, who.actor, body=body, at=at))


@router.post("/desk/draws/demands/file")
def demands_by_file(body: Csv, house: House, who: Officer) -> dict[str, Any]:
    """Many demands on guarantors: draw_no. Every row is answered; no row is half done."""
    with house.writing() as (session, at):
        return answers(claim_files.demands(session, who.actor, body=body, at=at))


def answers(found: tuple[claim_files.RowAnswer, ...]) -> dict[str, Any]:
    done = sum(each.outcome == "done" for each in found)
    return {"done": done, "refused": len(found) - done, "rows": [shapes.plain(each) for each in found]}


@router.get("/fund/clocks")
def running(house: House, who: Fund, late: bool = False) -> list[dict[str, Any]]:
    """Whom each claim waits for and until when, most urgent first; a fund sees its own pools, the regulator all."""
    with house.reading() as (session, at):
        found = clocks.late(session, at.date()) if late else clocks.every(session, at.date())
        mine = {pool.code for pool in statements.pools(session) if pool.fund == who.party.code}
        everything = who.actor.role == "regulator"
        return [
            shapes.plain(each) | {"words": clocks.ACTS[each.act].as_dict()}
            for each in found
            if everything or session.get_one(Registration, each.loan).pool in mine
        ]


@router.get("/fund/claims/{claim_no}")
def one_claim(claim_no: str, house: House, who: Fund) -> dict[str, Any]:
    """One claim with its checks as they stand today, its papers, its clock and what may be named in a rejection."""
    with house.reading() as (session, at):
        found = session.get(Claim, claim_no)
        if found is None:
            raise NotFound()
        if who.actor.role != "regulator":
            own_pool(session, who, found.pool)
        clock = clocks.of_claim(session, found, at.date())
        held = certainty.of_loan(session, found.loan)
        return {
            "claim": shapes.row(found),
            "today": [shapes.plain(each) for each in claim_checks.today(session, found, at.date())],
            "papers": [shapes.plain(each) for each in claim_checks.papers(session, found)],
            "clock": shapes.plain(clock) if clock else None,
            "may_be_named": [each.model_dump() for each in held.left_open],
        }


@router.get("/fund/loans/{reference}/conditions")
def conditions(reference: str, house: House, who: Fund) -> dict[str, Any]:
    """What the fund checked and signed when the loan entered, the bytes that were signed, and whether the signature fits."""
    with house.reading() as (session, _):
        loan = session.get(Registration, reference)
        if loan is None:
            raise NotFound()
        if who.actor.role != "regulator":
            own_pool(session, who, loan.pool)
        held = certainty.of_loan(session, reference)
        signed = held.signed
        return {
            "checked": [each.model_dump() for each in held.checked],
            "left_open": [each.model_dump() for each in held.left_open],
            "signed": None
            if signed is None
            else {
                "on": signed.signed_on.isoformat(),
                "signer": signed.signer,
                "document": signed.document.decode(),
                "digest": signed.digest,
                "signature": signed.signature,
                "public_key": signed.public_key,
                "genuine": certainty.genuine(signed, house.signing),
            },
        }


@router.post("/fund/claims/{claim_no}/propose-write-off")
def propose_write_off(claim_no: str, body: shapes.WordsBody, house: House, who: Maker) -> dict[str, Any]:
    """The maker proposes to write off what is still to be recovered."""
    with house.writing() as (session, at):
        return shapes.row(fund_acts.propose_write_off(session, who.actor, claim_no=claim_no, words=said(body.words), at=at))


@router.post("/fund/claims/{claim_no}/write-off")
def write_off(claim_no: str, house: House, who: Checker) -> dict[str, Any]:
    """Another person writes it off; the file stays open."""
    with house.writing() as (session, at):
        return shapes.row(fund_acts.write_off(session, who.actor, claim_no=claim_no, at=at))


@router.post("/fund/claims/{claim_no}/claw-back")
def claw_back(claim_no: str, body: ClawBackBody, house: House, who: Checker) -> dict[str, int]:
    """Fraud was found: what the payee returned, on the custody bank's receipt (fen)."""
    with house.writing() as (session, at):
        back = fund_acts.claw_back(
            session, who.actor, claim_no=claim_no, receipt_no=body.receipt_no, words=said(body.words), at=at
        )
        return {"returned_fen": back}
