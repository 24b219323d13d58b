"""The fund's desk once a year: the checker settles claims paid in one proportion, the maker books an insurer's excess."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.kit.errors import Answer, Invalid
from backend.kit.words import Words
from backend.loans import fund_acts
from backend.portal.door import Door, Sent, Typed
from backend.portal.fund_desk import Checker, Maker, own_pool, statement

router = APIRouter(prefix="/desk/fund/pool/{code}")


@router.post("/settle")
def settle(code: str, typed: Sent, door: Door = Checker) -> Response:
    """Share out what there is among the claims of the year."""

    def act(session: Session, at: datetime) -> None:
        typed.agreed("sure")
        fund_acts.settle_year(session, door.who.actor, pool=code, year=typed.whole("year"), at=at)

    return _do(door, code, typed, act, "year_settled")


@router.post("/excess")
def pay_excess(code: str, typed: Sent, door: Door = Maker) -> Response:
    """Book the custody bank's receipt for the insurer's excess of the year."""

    def act(session: Session, at: datetime) -> None:
        receipt, on = typed.text("receipt_no"), typed.day("paid_on")
        if not receipt:
            raise Invalid("receipt_no", Words("请填写托管银行回单号", "enter the custody bank’s receipt number"))
        if on > at.date():
            raise Invalid("paid_on", Words("付款日不能晚于今天", "the day of payment is not in the future"))
        fund_acts.settle_excess(
            session,
            door.who.actor,
            pool=code,
            year=typed.whole("year"),
            amount_fen=typed.yuan_fen("amount"),
            receipt_no=receipt,
            on=on,
            at=at,
        )

    return _do(door, code, typed, act, "excess_paid")


def _do(door: Door, code: str, typed: Typed, act: Callable[[Session, datetime], None], done: str) -> Response:
    try:
        with door.house.writing() as (session, at):
            own_pool(session, door, code)
            act(session, at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: statement(door, code, form, status, "year"))
    return Door.go(f"/desk/fund/pool/{code}", done)
