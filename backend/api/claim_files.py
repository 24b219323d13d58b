"""Claims by file, the clocks of claims, what follows a payment, and what the fund signed at registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from backend.api import shapes
from backend.api.pool import Checker, Fund, Guarantor, House, Maker, Purpose, looking, said
from backend.doors import in_role
from backend.kit.clock import day_of
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.loans import certainty, claim_checks, claim_files, clocks, fund_acts, oversight, pool_money
from backend.parties.views import SignedIn
from risk_compensation.live import FiledClaim, MoneyProposal

router = APIRouter(prefix="/api", tags=["claims"])
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]
Csv = Annotated[bytes, Body(media_type="text/csv")]


class ClawBackBody(shapes.Body):
    receipt_no: str
    words: str = Field(max_length=1000)


@dataclass(frozen=True, slots=True)
class RowAnswers:
    """What became of a file, row by row."""

    done: int
    refused: int
    rows: tuple[claim_files.RowAnswer, ...]


@dataclass(frozen=True, slots=True)
class RunningClock(clocks.Clock):
    """`words`: what has to be done."""

    words: Words


@dataclass(frozen=True, slots=True)
class ClaimToday:
    """One claim with its checks as they stand today, its papers, its clock and what may be named in a rejection."""

    claim: FiledClaim
    today: tuple[claim_checks.Check, ...]
    papers: tuple[claim_checks.Paper, ...]
    clock: clocks.Clock | None
    may_be_named: tuple[certainty.Condition, ...]


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """The list as the fund signed it; `genuine`: the signature is of this very document."""

    on: date
    signer: str
    document: str
    digest: str
    signature: str
    public_key: str
    genuine: bool


@dataclass(frozen=True, slots=True)
class LoanConditions:
    """`signed` is null until the fund's signature is there."""

    checked: tuple[certainty.Condition, ...]
    left_open: tuple[certainty.Condition, ...]
    signed: SignedPaper | None


@router.post("/guarantor/claims/file")
def claims_by_file(body: Csv, house: House, who: Guarantor) -> RowAnswers:
    """Many claims: guarantee_no,claim_no,judgment_no,judged_on,documents. Every row is answered; no row is half done."""
    with house.writing() as (session, at):
        return answers(claim_files.claims(session, who.actor, body=body, at=at))


@router.post("/desk/draws/demands/file")
def demands_by_file(body: Csv, house: House, who: Officer) -> RowAnswers:
    """Many demands on guarantors: draw_no. Every row is answered; no row is half done."""
    with house.writing() as (session, at):
        return answers(claim_files.demands(session, who.actor, body=body, at=at))


def answers(found: tuple[claim_files.RowAnswer, ...]) -> RowAnswers:
    done = sum(each.outcome == "done" for each in found)
    return RowAnswers(done, len(found) - done, found)


@router.get("/fund/clocks")
def running(house: House, who: Fund, late: bool = False, purpose: Purpose = "") -> list[RunningClock]:
    """Whom each claim waits for and until when, most urgent first; a fund sees its own pools, the regulator all, saying why."""
    with looking(house, who) as (session, at):
        found = oversight.running(session, who.actor, late=late, purpose=purpose, at=at)
        return [seen(RunningClock, each, words=clocks.ACTS[each.act]) for each in found]


@router.get("/fund/claims/{claim_no}")
def one_claim(claim_no: str, house: House, who: Fund, purpose: Purpose = "") -> ClaimToday:
    """One claim with its checks as they stand today, its papers, its clock and what may be named in a rejection."""
    with looking(house, who) as (session, at):
        case, day = oversight.claim(session, who.actor, claim_no=claim_no, purpose=purpose, at=at), day_of(at)
        return ClaimToday(
            claim=case.claim,
            today=claim_checks.today(session, case, day),
            papers=claim_checks.papers(case),
            clock=clocks.of_claim(session, case, day),
            may_be_named=certainty.of_case(session, case).left_open,
        )


@router.get("/fund/loans/{reference}/conditions")
def conditions(reference: str, house: House, who: Fund, purpose: Purpose = "") -> LoanConditions:
    """What the fund checked and signed when the loan entered, the bytes that were signed, and whether the signature fits."""
    with looking(house, who) as (session, at):
        case = oversight.loan(session, who.actor, reference=reference, purpose=purpose, at=at)
        held = certainty.of_case(session, case)
        signed, paper = held.signed, None
        if signed is not None:
            genuine, document = certainty.genuine(signed, house.signing), signed.document.decode()
            paper = seen(SignedPaper, signed, on=signed.signed_on, document=document, genuine=genuine)
        return LoanConditions(held.checked, held.left_open, paper)


@router.post("/fund/claims/{claim_no}/propose-write-off")
def propose_write_off(claim_no: str, body: shapes.WordsBody, house: House, who: Maker) -> FiledClaim:
    """The maker proposes to write off what is still to be recovered."""
    with house.writing() as (session, at):
        return fund_acts.propose_write_off(session, who.actor, claim_no=claim_no, words=said(body.words), at=at)


@router.post("/fund/claims/{claim_no}/write-off")
def write_off(claim_no: str, house: House, who: Checker) -> FiledClaim:
    """Another person writes it off; the file stays open."""
    with house.writing() as (session, at):
        return fund_acts.write_off(session, who.actor, claim_no=claim_no, at=at)


@router.post("/fund/claims/{claim_no}/claw-back", status_code=202)
def claw_back(claim_no: str, body: ClawBackBody, house: House, who: Maker) -> MoneyProposal:
    """Fraud was found: what the payee returned, by the custody bank's receipt; booked once the checker has confirmed it."""
    with house.writing() as (session, at):
        made = pool_money.propose_claw_back(
            session, who.actor, claim_no=claim_no, receipt_no=body.receipt_no, words=said(body.words), at=at
        )
        return made
