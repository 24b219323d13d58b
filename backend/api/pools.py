"""A fund's pools: opened, paid into, looked at, stopped and reopened, a year settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from backend.api import shapes
from backend.api.pool import Checker, Fund, House, Maker, ReceiptBody, said
from backend.kit.clock import day_of
from backend.kit.rows import seen
from backend.loans import fund_acts, oversight, pool_money
from risk_compensation.live import MoneyProposal, PoolStep, PoolView, excess_due_fen, statements, stopping

router = APIRouter(prefix="/api", tags=["pool"])


class PoolBody(shapes.Body):
    code: str = Field(max_length=64, pattern="^[a-z0-9_]+$")
    scheme: str
    guarantor: str = Field(default="", max_length=64)
    custodian: str
    parties: dict[str, str] = Field(default_factory=dict)


class YearBody(shapes.Body):
    year: int


class ExcessBody(ReceiptBody):
    year: int


class ReopeningBody(shapes.Body):
    words: str = Field(max_length=500)
    party: str | None = Field(default=None, max_length=64)


class PauseBody(ReopeningBody):
    paused: bool


@dataclass(frozen=True, slots=True)
class PoolToday(statements.Headroom):
    """How a pool stands, with the last word on each bank and guarantor in it that is warned or stopped."""

    parties: list[PoolStep]


@dataclass(frozen=True, slots=True)
class ExcessDue:
    year: int
    due_fen: int


@router.post("/fund/pools", status_code=201)
def open_pool(body: PoolBody, house: House, who: Checker) -> PoolView:
    """Open a pool under a published scheme; this party's fund stands behind it."""
    with house.writing() as (session, at):
        return fund_acts.open_pool(session, who.actor, **body.model_dump(), at=at)


@router.post("/fund/pools/{code}/contribution", status_code=202)
def contribute(code: str, body: ReceiptBody, house: House, who: Maker) -> MoneyProposal:
    """The funder's money is in the special account, by the custody bank's receipt: booked once the checker has confirmed it."""
    with house.writing() as (session, at):
        return pool_money.propose_contribution(session, who.actor, pool=code, **body.model_dump(), at=at)


@router.post("/fund/pools/{code}/interest", status_code=202)
def interest(code: str, body: ReceiptBody, house: House, who: Maker) -> MoneyProposal:
    """Interest that the custody bank has credited: booked once the checker has confirmed it."""
    with house.writing() as (session, at):
        return pool_money.propose_interest(session, who.actor, pool=code, **body.model_dump(), at=at)


@router.get("/fund/pools/{code}")
def statement(code: str, house: House, who: Fund) -> PoolToday:
    """How the pool stands today."""
    with house.reading() as (session, at):
        pool = oversight.pool(session, who.actor, code=code)
        head = statements.headroom(session, pool, day_of(at))
        return seen(PoolToday, head, parties=list(stopping.stopped(session, pool).values()))


@router.post("/fund/pools/{code}/pause")
def pause(code: str, body: PauseBody, house: House, who: Checker) -> PoolView:
    """Take no new loans of the pool, or of one bank or guarantor in it: at once, by the checker alone; old claims are paid all
    the same. To take them again (`paused`: false) the checker decides on the maker's proposal (`reopening`), never on its own."""
    with house.writing() as (session, at):
        return fund_acts.set_pool(
            session, who.actor, pool=code, paused=body.paused, words=said(body.words), party=body.party, at=at
        )


@router.post("/fund/pools/{code}/reopening")
def propose_reopening(code: str, body: ReopeningBody, house: House, who: Maker) -> PoolView:
    """Whoever stopped it, a rule or a person: the maker's proposal to take loans again. The checker decides by `pause`."""
    with house.writing() as (session, at):
        return fund_acts.propose_reopening(session, who.actor, pool=code, words=said(body.words), party=body.party, at=at)


@router.post("/fund/pools/{code}/year", status_code=202)
def settle_year(code: str, body: YearBody, house: House, who: Maker) -> MoneyProposal:
    """Where a year's claims are paid in one proportion: what each would get (claim -> fen), once the checker has confirmed it."""
    with house.writing() as (session, at):
        return pool_money.propose_year(session, who.actor, pool=code, year=body.year, at=at)


@router.get("/fund/pools/{code}/excess")
def excess_due(code: str, house: House, who: Fund, year: Annotated[int | None, Query(ge=2000, le=2200)] = None) -> ExcessDue:
    """What an excess-loss cover takes over for a year (last year, unless said), by the book as it stands."""
    with house.reading() as (session, at):
        oversight.pool(session, who.actor, code=code)
        of = year or at.year - 1
        return ExcessDue(of, excess_due_fen(session, code, of))


@router.post("/fund/pools/{code}/excess", status_code=202)
def settle_excess(code: str, body: ExcessBody, house: House, who: Maker) -> MoneyProposal:
    """The custody bank paid the insurer its excess of a year, by this receipt: booked once the checker has confirmed it."""
    with house.writing() as (session, at):
        return pool_money.propose_excess(session, who.actor, pool=code, at=at, **body.model_dump())
