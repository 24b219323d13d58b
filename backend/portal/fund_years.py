"""The fund's desk once a year: claims paid in one proportion are settled, an insurer's excess is paid; proposed by the maker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.kit.errors import Answer
from backend.loans import pool_money
from backend.portal.door import Door, Sent, Typed
from backend.portal.fund_desk import Maker, own_pool, statement

router = APIRouter(prefix="/desk/fund/pool/{code}")


@router.post("/settle")
def settle(code: str, typed: Sent, door: Door = Maker) -> Response:
    """Share out what there is among the claims of the year."""

    def act(session: Session, at: datetime) -> None:
        typed.agreed("sure")
        pool_money.propose_year(session, door.who.actor, pool=code, year=typed.whole("year"), at=at)

    return _do(door, code, typed, act, "proposed")


@router.post("/excess")
def pay_excess(code: str, typed: Sent, door: Door = Maker) -> Response:
    """Say what the custody bank's receipt for the insurer's excess of the year says."""

    def act(session: Session, at: datetime) -> None:
        pool_money.propose_excess(
            session,
            door.who.actor,
            pool=code,
            year=typed.whole("year"),
            amount_fen=typed.yuan_fen("amount"),
            receipt_no=typed.text("receipt_no"),
            on=typed.day("paid_on"),
            at=at,
        )

    return _do(door, code, typed, act, "proposed")


def _do(door: Door, code: str, typed: Typed, act: Callable[[Session, datetime], None], done: str) -> Response:
    try:
        with door.house.writing() as (session, at):
            own_pool(session, door, code)
            act(session, at)
    except Answer as error:
        places = {"amount_fen": "amount", "on": "paid_on"}
        return door.again(error, typed, lambda form, status: statement(door, code, form, status, "year"), **places)
    return Door.go(f"/desk/fund/pool/{code}", done)
