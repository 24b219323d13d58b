"""A fund's pools: opened, paid into, looked at, stopped and reopened, a year settled."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from backend.api import shapes
from backend.api.pool import Checker, Fund, House, Maker, PaidBody, ReceiptBody, own_pool, said
from backend.audit import actions as audit
from backend.loans import fund_acts
from risk_compensation import events, excess, statements, stopping

router = APIRouter(prefix="/api", tags=["pool"])


class PoolBody(shapes.Body):
    code: str = Field(max_length=64, pattern="^[a-z0-9_]+$")
    scheme: str
    guarantor: str = Field(default="", max_length=64)
    custodian: str
    parties: dict[str, str] = Field(default_factory=dict)


class YearBody(shapes.Body):
    year: int = Field(ge=2000, le=2200)


class ExcessBody(PaidBody):
    year: int = Field(ge=2000, le=2200)


class ReopeningBody(shapes.Body):
    words: str = Field(min_length=4, max_length=500)
    party: str | None = Field(default=None, max_length=64)


class PauseBody(ReopeningBody):
    paused: bool


@router.post("/fund/pools", status_code=201)
def open_pool(body: PoolBody, house: House, who: Checker) -> dict[str, Any]:
    """Open a pool under a published scheme; this party's fund stands behind it."""
    with house.writing() as (session, at):
        made = events.open_pool(
            session,
            code=body.code,
            scheme=body.scheme,
            guarantor=body.guarantor,
            fund=who.party.code,
            custodian=body.custodian,
            parties=body.parties,
            on=at.date(),
        )
        audit.record(session, at=at, actor=who.actor, action="pool.opened", object_kind="pool", object_id=made.code)
        return shapes.row(made)


@router.post("/fund/pools/{code}/contribution", status_code=201)
def contribute(code: str, body: ReceiptBody, house: House, who: Maker) -> dict[str, bool]:
    """The funder's money is in the special account, on the custody bank's receipt."""
    with house.writing() as (session, at):
        own_pool(session, who, code)
        new = events.contribute(session, code, who.party.code, body.amount_fen, body.receipt_no, body.on)
        details = {"amount_fen": body.amount_fen, "receipt_no": body.receipt_no}
        audit.record(session, at=at, actor=who.actor, action="pool.paid_in", object_kind="pool", object_id=code, details=details)
        return {"booked": new}


@router.get("/fund/pools/{code}")
def statement(code: str, house: House, who: Fund) -> dict[str, Any]:
    """How the pool stands today."""
    with house.reading() as (session, at):
        if who.actor.role != "regulator":
            own_pool(session, who, code)
        head = statements.headroom(session, code, at.date())
        return {
            "cash_fen": head.cash_fen,
            "commitments_fen": head.commitments_fen,
            "reserved_fen": head.reserved_fen,
            "available_fen": head.available_fen,
            "state": head.state,
            "parties": [shapes.row(each) for each in stopping.stopped(session, code).values()],
        }


@router.post("/fund/pools/{code}/pause")
def pause(code: str, body: PauseBody, house: House, who: Checker) -> dict[str, Any]:
    """Take no new loans of the pool, or of one bank or guarantor in it: at once, by the checker alone; old claims are paid all
    the same. To take them again (`paused`: false) the checker decides on the maker's proposal (`reopening`), never on its own."""
    with house.writing() as (session, at):
        row = fund_acts.set_pool(
            session, who.actor, pool=code, paused=body.paused, words=said(body.words), party=body.party, at=at
        )
        return shapes.row(row)


@router.post("/fund/pools/{code}/reopening")
def propose_reopening(code: str, body: ReopeningBody, house: House, who: Maker) -> dict[str, Any]:
    """Whoever stopped it, a rule or a person: the maker's proposal to take loans again. The checker decides by `pause`."""
    with house.writing() as (session, at):
        row = fund_acts.propose_reopening(session, who.actor, pool=code, words=said(body.words), party=body.party, at=at)
        return shapes.row(row)


@router.post("/fund/pools/{code}/year")
def settle_year(code: str, body: YearBody, house: House, who: Checker) -> dict[str, int]:
    """Where a year's claims are paid in one proportion: share out what there is (claim -> fen)."""
    with house.writing() as (session, at):
        return fund_acts.settle_year(session, who.actor, pool=code, year=body.year, at=at)


@router.get("/fund/pools/{code}/excess")
def excess_due(code: str, house: House, who: Fund, year: int | None = None) -> dict[str, int]:
    """What an excess-loss cover takes over for a year (last year, unless said), by the book as it stands."""
    with house.reading() as (session, at):
        if who.actor.role != "regulator":
            own_pool(session, who, code)
        of = year or at.year - 1
        return {"year": of, "due_fen": excess.due_fen(session, code, of)}


@router.post("/fund/pools/{code}/excess", status_code=201)
def settle_excess(code: str, body: ExcessBody, house: House, who: Maker) -> dict[str, int]:
    """The custody bank paid the insurer its excess of a year, on this receipt; once a year."""
    with house.writing() as (session, at):
        return {"booked_fen": fund_acts.settle_excess(session, who.actor, pool=code, at=at, **body.model_dump())}
