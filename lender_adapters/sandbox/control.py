"""What the town may order on `/_sandbox/…`: plain JSON, for loopback only. No platform code calls these; a demo and tests do.

| route | body | answer |
|---|---|---|
| POST day | `{"day": "2025-01-03"}` | day, done (things done), untold (reports not yet delivered), refused |
| GET next | | `{"day": …}` or null: the next day on which this bank has something to do |
| POST plan | a firm's fate, or a list of them: see `PlanOrder` | planned |
| GET book | | see `audit` |
| POST guarantor-payment, recovery, borrower-payment | draw_no, amount_fen, paid_on, receipt_no (optional) | payment_no |
| POST fault | kind, times, seconds (optional): see `faults` | kind, times |
| POST deliver | | untold |

Money that arrives with the same `receipt_no` is one payment; money for a day to come waits until the bank has reached it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, Protocol

import httpx
from pydantic import Field, TypeAdapter, ValidationError

from backend.kit.errors import CreditBridgeError, Refused
from backend.kit.policy import Strict
from lender_adapters.port import PaidFrom
from lender_adapters.sandbox import audit
from lender_adapters.sandbox.book import Book, dumps
from lender_adapters.sandbox.desk import Desk
from lender_adapters.sandbox.faults import Faults
from lender_adapters.sandbox.loans import Loans

PREFIX = "/_sandbox/"


class Controlled(Protocol):
    """What a sandbox bank lets its control routes move."""

    book: Book
    desk: Desk
    loans: Loans
    faults: Faults

    def advance(self, to: date) -> dict[str, Any]: ...
    def next_day(self) -> date | None: ...
    def deliver(self) -> int: ...


class PaysAll(Strict):
    kind: Literal["all"]


class StopsAfter(Strict):
    """The first so many due days are paid, then nothing more."""

    kind: Literal["stops_after"]
    instalments: int = Field(ge=0, le=400)


class SettlesOn(Strict):
    """Everything is repaid on the first due day on or after this one."""

    kind: Literal["settles_on"]
    day: date


class Late(Strict):
    """The first so many due days are paid, the next one so many days late, the rest on time."""

    kind: Literal["late"]
    instalments: int = Field(ge=0, le=400)
    days: int = Field(ge=1, le=400)


class PlanOrder(Strict):
    """A firm's fate at this bank."""

    uscc: str
    bureau: Literal["clean", "overdue"] = "clean"
    decision: Literal["approve", "decline", "documents"] | None = None
    pays: Annotated[PaysAll | StopsAfter | SettlesOn | Late, Field(discriminator="kind")] = PaysAll(kind="all")
    draw_share_bp: int = Field(default=10_000, ge=0, le=10_000)
    first_loan: bool | None = None

    def kept(self) -> str:
        what = getattr(self.pays, "instalments", None)
        if isinstance(self.pays, SettlesOn):
            what = self.pays.day.isoformat()
        pays = [self.pays.kind, what, getattr(self.pays, "days", 0)]
        return dumps(self.model_dump(include={"bureau", "decision", "draw_share_bp", "first_loan"}) | {"pays": pays})


class DayOrder(Strict):
    day: date


class MoneyOrder(Strict):
    draw_no: str
    amount_fen: int = Field(gt=0)
    paid_on: date
    receipt_no: str | None = None


class FaultOrder(Strict):
    kind: str
    times: int = 1
    seconds: float | None = Field(default=None, ge=0, le=60)


Plans: TypeAdapter[list[PlanOrder]] = TypeAdapter(list[PlanOrder])


def obey(bank: Controlled, request: httpx.Request) -> httpx.Response:
    """Answer one control request; a wrong one is 404, 409 or 422 with a sentence."""
    order = (request.method, request.url.path.removeprefix(PREFIX))
    work = ORDERS.get(order)
    if work is None:
        return _json(404, {"error": f"no control route {order[0]} {request.url.path}"})
    try:
        return _json(200, work(bank, request.content))
    except ValidationError as error:
        first = error.errors()[0]
        return _json(422, {"error": f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"})
    except CreditBridgeError as error:
        return _json(409 if isinstance(error, Refused) else 500, {"error": error.words.en, "code": error.code})


def _day(bank: Controlled, body: bytes) -> dict[str, Any]:
    return bank.advance(DayOrder.model_validate_json(body).day)


def _next(bank: Controlled, _: bytes) -> dict[str, Any]:
    day = bank.next_day()
    return {"day": day.isoformat() if day else None}


def _plan(bank: Controlled, body: bytes) -> dict[str, Any]:
    many = body.lstrip()[:1] == b"["
    plans = Plans.validate_json(body) if many else [PlanOrder.model_validate_json(body)]
    with bank.book.writing() as rows:
        rows.executemany(
            "INSERT INTO plans VALUES (?, ?) ON CONFLICT (uscc) DO UPDATE SET plan = excluded.plan",
            [(plan.uscc, plan.kept()) for plan in plans],
        )
    return {"planned": len(plans)}


def _book(bank: Controlled, _: bytes) -> dict[str, Any]:
    return audit.laid_open(bank.book)


def _money(source: PaidFrom) -> Callable[[Controlled, bytes], dict[str, Any]]:
    def work(bank: Controlled, body: bytes) -> dict[str, Any]:
        order = MoneyOrder.model_validate_json(body)
        today = bank.desk.today
        number = bank.loans.outside_money(order.draw_no, order.amount_fen, order.paid_on, source, order.receipt_no, today)
        return {"payment_no": number or None, "waits_until": None if number else order.paid_on.isoformat()}

    return work


def _fault(bank: Controlled, body: bytes) -> dict[str, Any]:
    order = FaultOrder.model_validate_json(body)
    bank.faults.set(order.kind, order.times, order.seconds)
    return {"kind": order.kind, "times": order.times}


def _deliver(bank: Controlled, _: bytes) -> dict[str, Any]:
    return {"untold": bank.deliver()}


ORDERS: dict[tuple[str, str], Callable[[Controlled, bytes], dict[str, Any]]] = {
    ("POST", "day"): _day,
    ("GET", "next"): _next,
    ("POST", "plan"): _plan,
    ("GET", "book"): _book,
    ("POST", "guarantor-payment"): _money("guarantor"),
    ("POST", "recovery"): _money("recovery"),
    ("POST", "borrower-payment"): _money("borrower"),
    ("POST", "fault"): _fault,
    ("POST", "deliver"): _deliver,
}


def _json(status: int, body: dict[str, Any]) -> httpx.Response:
    content = json.dumps(body, ensure_ascii=False).encode()
    return httpx.Response(status, headers={"content-type": "application/json"}, content=content)
