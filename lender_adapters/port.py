"""What a bank may be asked and what a bank may say: the one port that every dialect is translated to.

Written in the words of banking practice (授信 facility, 用信 draw). Money is whole fen, rates are basis points, days are
`date`s. The bank's own sentences are carried verbatim as plain text, in the language the bank chose.

Every call can be made twice: `Submission.reference` is the idempotency key, and every message has a `message_id` that stays the
same however often the bank repeats it.

>>> message = Closed(message_id="m1", reference="app_1", on=date(2025, 1, 3), state="expired", words="报价已过期")
>>> unpack(pack(message)) == message
True
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol, cast, runtime_checkable

from lender_adapters import packing
from lender_adapters.manifest import Manifest
from lender_adapters.terms import DayCount as DayCount
from lender_adapters.terms import Verb as Verb
from lender_adapters.terms import Way as Way

PaidFrom = Literal["borrower", "guarantor", "recovery"]
SubjectType = Literal["enterprise", "sole_trader", "cooperative"]

# ---------------------------------------------------------------- what we say to a bank


@dataclass(frozen=True, slots=True)
class FirmCard:
    """Who applies."""

    uscc: str
    name: str
    subject_type: SubjectType
    legal_rep: str
    region: str
    industry: str


@dataclass(frozen=True, slots=True)
class HandedFact:
    """One fact the product declares: a python int, str, bool, date, Decimal or list; days inside lists are ISO texts."""

    code: str
    value: Any
    unit: str
    as_of: date
    source: str


@dataclass(frozen=True, slots=True)
class ConsentProof:
    """A signed authorisation, transported as it was signed. `digest` is the SHA-256 (hex) of the text's UTF-8 bytes."""

    consent_id: str
    kind: str
    text: str
    digest: str
    signature: str
    signer: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One application for one product of this bank. `reference` is ours and is the idempotency key."""

    reference: str
    product: str
    firm: FirmCard
    amount_fen: int
    months: int
    way: Way
    purpose: str
    facts: tuple[HandedFact, ...] = ()
    consents: tuple[ConsentProof, ...] = ()
    listing: tuple[str, str] | None = None
    """(whitelist programme, grade) if the firm is listed."""


@dataclass(frozen=True, slots=True)
class IndicationRequest:
    """What could this firm have? Asked without naming the firm: no bureau query can follow from it."""

    product: str
    amount_fen: int
    months: int
    facts: tuple[HandedFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file for the bank. Kinds with a meaning at every bank: `guarantee` (the guarantee letter), `pool_registration`."""

    kind: str
    name: str
    body: bytes


# ---------------------------------------------------------------- what a bank answers at once


@dataclass(frozen=True, slots=True)
class Indication:
    """Indicative terms. They bind nobody."""

    product: str
    limit_fen: int | None
    rate_bp: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The bank has taken it in. `bank_reference` may be empty where the bank numbers later."""

    reference: str
    bank_reference: str
    words: str


# ---------------------------------------------------------------- what a bank reports


@dataclass(frozen=True, slots=True)
class OfferFee:
    """`payer` is `firm` or `bank`; `due` is `at_draw` or an ISO day; `amount_fen` for the offered amount and whole term."""

    title: str
    payer: str
    amount_fen: int
    due: str


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What the bank binds itself to until `valid_until` (that day included)."""

    offer_no: str
    amount_fen: int
    rate_bp: int
    months: int
    way: Way
    day_count: DayCount
    fees: tuple[OfferFee, ...]
    valid_until: date
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DueLine:
    """One line of the bank's own schedule."""

    no: int
    due_on: date
    principal_fen: int
    interest_fen: int


@dataclass(frozen=True, slots=True)
class Message:
    """Whatever a bank reports about one application. `on` is the bank's business day."""

    message_id: str
    reference: str
    on: date


@dataclass(frozen=True, slots=True)
class Received(Message):
    bank_reference: str


@dataclass(frozen=True, slots=True)
class DocumentsAsked(Message):
    documents: tuple[str, ...]
    words: str
    answer_by: date


@dataclass(frozen=True, slots=True)
class Decided(Message):
    approved: bool
    words: str
    reasons: tuple[str, ...] = ()
    offer: OfferTerms | None = None


@dataclass(frozen=True, slots=True)
class ContractSigned(Message):
    contract_no: str
    limit_fen: int
    signed_on: date
    expires_on: date
    rate_bp: int


@dataclass(frozen=True, slots=True)
class Drawn(Message):
    """`penalty_bp` is the full penalty rate per year, not a surcharge. `first_loan` None where the bank does not say."""

    contract_no: str
    draw_no: str
    amount_fen: int
    value_date: date
    matures_on: date
    rate_bp: int
    penalty_bp: int
    way: Way
    day_count: DayCount
    schedule: tuple[DueLine, ...]
    first_loan: bool | None = None


@dataclass(frozen=True, slots=True)
class Repaid(Message):
    draw_no: str
    payment_no: str
    paid_on: date
    amount_fen: int
    expenses_fen: int
    penalty_fen: int
    interest_fen: int
    principal_fen: int
    source: PaidFrom


@dataclass(frozen=True, slots=True)
class Closed(Message):
    state: Literal["withdrawn", "expired"]
    words: str


KINDS: dict[str, type[Message]] = {
    kind.__name__: kind for kind in (Received, DocumentsAsked, Decided, ContractSigned, Drawn, Repaid, Closed)
}


# ---------------------------------------------------------------- the port


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange with a bank, verbatim. `status` is the HTTP status, or 0 when no complete answer came."""

    bank: str
    verb: str
    reference: str
    request_bytes: bytes
    answer_bytes: bytes
    status: int
    at: datetime


Recorder = Callable[[Exchange], None]


@runtime_checkable
class Lender(Protocol):
    """One bank. Any verb may raise Unreachable, Garbled or Refused; a verb the manifest names as a gap raises Refused
    with code `not_offered`."""

    @property
    def manifest(self) -> Manifest: ...
    def indicate(self, request: IndicationRequest) -> Indication: ...
    def submit(self, submission: Submission) -> Receipt: ...
    def status(self, reference: str) -> tuple[Message, ...]: ...
    def supplement(self, reference: str, documents: tuple[Document, ...]) -> Receipt: ...
    def accept(self, reference: str, offer_no: str) -> Receipt: ...
    def withdraw(self, reference: str, reason: str) -> Receipt: ...
    def contract(self, reference: str) -> tuple[Message, ...]: ...
    def draws(self, reference: str) -> tuple[Message, ...]: ...
    def repayments(self, reference: str) -> tuple[Message, ...]: ...
    def collect(self, day: date) -> tuple[Message, ...]: ...
    def callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Message, ...]: ...


# ---------------------------------------------------------------- messages as JSON, for an inbox


def pack(thing: Any) -> Any:
    """A port object as plain JSON values; a message carries its `kind`."""
    plain = packing.to_plain(thing)
    return {"kind": type(thing).__name__} | plain if isinstance(thing, Message) else plain


def unpack(plain: Mapping[str, Any]) -> Message:
    """The message that `pack` wrote."""
    return cast(Message, packing.of_plain(KINDS[plain["kind"]], plain))
