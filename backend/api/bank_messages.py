"""What a bank's own system may report, as JSON: `lender_adapters/port.py` in strict shapes, one kind of body each.

Nothing is guessed: a key that is not asked for, a number written as text, a day with an hour, a kind nobody knows are refused
with the place of the first fault.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StringConstraints

from backend.api.shapes import Body
from lender_adapters import port

MOST_FEN = 10**13


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("a day is written YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Fen = Annotated[StrictInt, Field(ge=0, le=MOST_FEN, description="Whole fen 分: 1 yuan = 100.")]
Rate = Annotated[StrictInt, Field(ge=0, le=10_000, description="Basis points per year: 3.60 % = 360.")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
MessageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,100}$")]
Way = Literal["equal_instalments", "equal_principal", "interest_first", "revolving", "bullet"]
DayCount = Literal["30/360", "act/360", "act/365"]


class Report(Body):
    """What every report carries."""

    message_id: MessageId = Field(
        description="Your number for this report, never used for another. Send the same report again under the same number as "
        "often as you like: it has its effect once.",
        examples=["2025060200017"],
    )
    reference: Name = Field(description="Our reference of the application, from the list.", examples=["app_01JWQ3T8ZK7V1Y5N0D4R"])
    on: Day = Field(description="Your business day. Not in the future.", examples=["2025-06-02"])


class Received(Report):
    """You have the application. Optional: any later report says so too."""

    kind: Literal["Received"]
    bank_reference: Name = Field(description="Your own number of the application.", examples=["LT20250602-17"])


class DocumentsAsked(Report):
    """You need documents from the firm. It reads your words as you wrote them, and sees until when to answer."""

    kind: Literal["DocumentsAsked"]
    documents: list[Name] = Field(min_length=1, max_length=20, examples=[["近三个月银行流水"]])
    words: Said = Field(examples=["请补充近三个月银行流水，用于核实经营情况。"])
    answer_by: Day = Field(examples=["2025-06-16"])


class FeeBody(Body):
    """A cost beside interest, for the offered amount and the whole term. What the firm pays counts in the all-in yearly cost."""

    title: Name = Field(examples=["担保费"])
    payer: Literal["firm", "bank"]
    amount_fen: Fen
    due: str = Field(
        pattern=r"^(at_draw|\d{4}-\d{2}-\d{2})$", description="`at_draw`, or the day it is due.", examples=["at_draw"]
    )


class OfferBody(Body):
    """Terms that bind you until `valid_until`, that day included."""

    offer_no: Name = Field(description="Your number of the offer; unique within the application.", examples=["LTO-0017"])
    amount_fen: Fen = Field(description="More than zero, at most what was asked for. Whole fen.", examples=[25_000_000])
    rate_bp: Rate = Field(examples=[480])
    months: Annotated[StrictInt, Field(ge=1, le=120)] = Field(examples=[12])
    way: Way = Field(description="One of the product's ways of repaying.")
    day_count: DayCount = Field(description="`30/360` goes with the two equal_ ways, `act/360` and `act/365` with the others.")
    fees: list[FeeBody] = Field(default_factory=list, max_length=10)
    valid_until: Day = Field(examples=["2025-06-17"])
    conditions: list[Said] = Field(default_factory=list, max_length=10)


class Decided(Report):
    """Your decision. A yes carries an offer; a no carries at least one reason and no offer.

    The firm reads `words` and `reasons` exactly as you write them. Where a reason touches money laundering or fraud write a
    neutral sentence and whom to call; never the reason.
    """

    kind: Literal["Decided"]
    approved: StrictBool
    words: Said = Field(examples=["同意，按月付息。"])
    reasons: list[Said] = Field(default_factory=list, max_length=10, description="Why not; empty for a yes.")
    offer: OfferBody | None = None


class ContractSigned(Report):
    """Both sides signed. This makes the facility 授信; acceptance alone books nothing."""

    kind: Literal["ContractSigned"]
    contract_no: Name = Field(examples=["LTC-2025-0017"])
    limit_fen: Fen = Field(description="The signed limit, whole fen.", examples=[25_000_000])
    signed_on: Day = Field(examples=["2025-06-04"])
    expires_on: Day = Field(examples=["2026-06-04"])
    rate_bp: Rate = Field(examples=[480])


class DueLineBody(Body):
    """One due day of your schedule."""

    no: Annotated[StrictInt, Field(ge=1, le=600)]
    due_on: Day
    principal_fen: Fen
    interest_fen: Fen


class Drawn(Report):
    """Money was paid out under a contract you have reported. Interest runs from `value_date`: first day counted, last not.

    Under a product with a guarantor, draw only after documents of the kinds `guarantee` and `pool_registration` have come: a draw
    before that is not covered by the compensation pool.
    """

    kind: Literal["Drawn"]
    contract_no: Name
    draw_no: Name = Field(description="Your number of the draw 借据; unique at your bank.", examples=["LTD-2025-0017-1"])
    amount_fen: Fen
    value_date: Day
    matures_on: Day
    rate_bp: Rate
    penalty_bp: Rate = Field(description="The whole penalty rate per year, not the surcharge.", examples=[720])
    way: Way
    day_count: DayCount
    schedule: list[DueLineBody] = Field(min_length=1, max_length=600, description="Its principal adds up to `amount_fen`.")
    first_loan: StrictBool | None = Field(
        default=None, description="Whether the bureau showed no loan before; null if you do not say."
    )


class Repaid(Report):
    """Money came in on a draw you have reported. The four parts add up to `amount_fen`."""

    kind: Literal["Repaid"]
    draw_no: Name
    payment_no: Name = Field(description="Your number of the payment; unique at your bank.")
    paid_on: Day
    amount_fen: Fen
    expenses_fen: Fen
    penalty_fen: Fen
    interest_fen: Fen
    principal_fen: Fen
    source: Literal["borrower", "guarantor", "recovery"]


class Closed(Report):
    """It ended without a contract: `withdrawn` confirms the firm's withdrawal, `expired` says that it lapsed."""

    kind: Literal["Closed"]
    state: Literal["withdrawn", "expired"]
    words: Said = Field(examples=["申请人撤回，已办结。"])


AnyReport = Annotated[Received | DocumentsAsked | Decided | ContractSigned | Drawn | Repaid | Closed, Field(discriminator="kind")]


def to_port(report: Report) -> port.Message:
    """The same report as a port message."""
    return port.unpack(report.model_dump(mode="json"))
