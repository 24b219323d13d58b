"""Claims by file, the clocks of claims, what follows a payment, and what the fund signed at registration."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from backend.api import shapes
from backend.api.pool import Checker, Fund, Guarantor, House, Maker, Purpose, looking, said
from backend.doors import in_role
from backend.kit.clock import day_of
from backend.loans import certainty, claim_checks, claim_files, clocks, fund_acts, oversight, pool_money
from backend.parties.views import SignedIn

router = APIRouter(prefix="/api", tags=["claims"])
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]
Csv = Annotated[bytes, Body(media_type="text/csv")]


class ClawBackBody(shapes.Body):
    receipt_no: str
    words: str = Field(max_length=1000)


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
def running(house: House, who: Fund, late: bool = False, purpose: Purpose = "") -> list[dict[str, Any]]:
    """Whom each claim waits for and until when, most urgent first; a fund sees its own pools, the regulator all, saying why."""
    with looking(house, who) as (session, at):
        found = oversight.running(session, who.actor, late=late, purpose=purpose, at=at)
        return [shapes.plain(each) | {"words": clocks.ACTS[each.act].as_dict()} for each in found]


@router.get("/fund/claims/{claim_no}")
def one_claim(claim_no: str, house: House, who: Fund, purpose: Purpose = "") -> dict[str, Any]:
    """One claim with its checks as they stand today, its papers, its clock and what may be named in a rejection."""
    with looking(house, who) as (session, at):
        found = oversight.claim(session, who.actor, claim_no=claim_no, purpose=purpose, at=at)
        clock = clocks.of_claim(session, found, day_of(at))
        held = certainty.of_loan(session, found.loan)
        return {
            "claim": shapes.row(found),
            "today": [shapes.plain(each) for each in claim_checks.today(session, found, day_of(at))],
            "papers": [shapes.plain(each) for each in claim_checks.papers(session, found)],
            "clock": shapes.plain(clock) if clock else None,
            "may_be_named": [each.model_dump() for each in held.left_open],
        }


@router.get("/fund/loans/{reference}/conditions")
def conditions(reference: str, house: House, who: Fund, purpose: Purpose = "") -> dict[str, Any]:
    """What the fund checked and signed when the loan entered, the bytes that were signed, and whether the signature fits."""
    with looking(house, who) as (session, at):
        oversight.loan(session, who.actor, reference=reference, purpose=purpose, at=at)
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


@router.post("/fund/claims/{claim_no}/claw-back", status_code=202)
def claw_back(claim_no: str, body: ClawBackBody, house: House, who: Maker) -> dict[str, Any]:
    """Fraud was found: what the payee returned, by the custody bank's receipt; booked once the checker has confirmed it."""
    with house.writing() as (session, at):
        made = pool_money.propose_claw_back(
            session, who.actor, claim_no=claim_no, receipt_no=body.receipt_no, words=said(body.words), at=at
        )
        return shapes.row(made)
