"""What may happen after *submit*: the table of lawful moves; and what others may see of it, frozen.

A state is where the application stands; an event is what happened. What is not in the table does not happen: a late or
repeated message after an end state changes nothing.

>>> move("created", "bank_received")
'submitted'
>>> move("declined", "bank_approved") is None
True
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from backend.kit.words import Words
from lender_adapters.port import OfferFee

MOVES: dict[str, dict[str, str]] = {
    # A bank that speaks of it has it, even while the answer to our handing in was lost on the way.
    "created": {
        "bank_received": "submitted",
        "bank_asked": "documents_asked",
        "bank_approved": "approved",
        "bank_declined": "declined",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
        "consent_gone": "stopped",
        "firm_withdrew": "withdrawn",
    },
    "submitted": {
        "bank_received": "submitted",
        "bank_asked": "documents_asked",
        "bank_approved": "approved",
        "bank_declined": "declined",
        "firm_withdrew": "withdrawing",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
    },
    "documents_asked": {
        "bank_received": "documents_asked",
        "firm_answered": "submitted",
        "bank_asked": "documents_asked",
        "bank_approved": "approved",
        "bank_declined": "declined",
        "firm_withdrew": "withdrawing",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
    },
    # An offer that may not be shown leaves the application with the bank, which may make another.
    "approved": {
        "offer_refused": "submitted",
        "firm_accepted": "accepted",
        "firm_withdrew": "withdrawing",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
        "offer_lapsed": "expired",
    },
    "accepted": {
        "firm_withdrew": "withdrawing",
        "bank_contracted": "contracted",
        "bank_drew": "drawn",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
    },
    "contracted": {"bank_drew": "drawn", "bank_expired": "expired", "bank_withdrew": "withdrawn"},
    "drawn": {"bank_drew": "drawn"},
    # The bank may have signed before our word reached it: then its contract stands, and the application stays with the bank.
    "withdrawing": {
        "bank_kept": "accepted",
        "bank_contracted": "contracted",
        "bank_drew": "drawn",
        "bank_withdrew": "withdrawn",
        "bank_declined": "declined",
        "bank_expired": "expired",
    },
    "declined": {},
    "withdrawn": {},
    "expired": {},
    "stopped": {},
}

ENDS = frozenset(state for state, moves in MOVES.items() if not moves)
OPEN = frozenset({"created", "submitted", "documents_asked", "approved"})

STATES: dict[str, Words] = {
    "created": Words("已提交,正在送达银行", "on its way to the bank"),
    "submitted": Words("银行审核中", "with the bank"),
    "documents_asked": Words("银行要求补充材料", "the bank asks for documents"),
    "approved": Words("银行已批准,等您确认", "approved: your turn"),
    "accepted": Words("已接受报价,等待签约", "accepted: the contract is being made"),
    "contracted": Words("已签约,等待放款", "signed: waiting for the money"),
    "drawn": Words("已放款", "drawn"),
    "withdrawing": Words("正在撤回", "being withdrawn"),
    "declined": Words("银行未批准", "declined by the bank"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "expired": Words("已失效", "lapsed"),
    "stopped": Words("已停止:授权不再有效", "stopped: the consent is no longer in force"),
}

PURPOSES: dict[str, Words] = {
    "working_capital": Words("日常周转", "working capital"),
    "equipment": Words("购置设备", "equipment"),
    "stock": Words("备货采购", "stock"),
    "orders": Words("履行新订单", "filling an order"),
    "wages": Words("发放工资", "wages"),
    "data_product": Words("数据产品研发", "building a data product"),
    "other": Words("其他经营用途", "other business use"),
}

MOST_CHOICES = 3


def move(state: str, event: str) -> str | None:
    """The next state, or None where the event changes nothing."""
    return MOVES[state].get(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingNeed:
    """What a firm asks for, once: an amount, a term, a purpose."""

    id: str
    firm_id: str
    amount_fen: int
    months: int
    purpose: str
    submitted_at: datetime
    submitted_on: date
    idempotency_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanApplication:
    """One bank's part of a need; its id is our reference. `wait_until`: until when the next word is promised."""

    id: str
    need_id: str
    firm_id: str
    bank: str
    product: str
    amount_fen: int
    months: int
    way: str
    state: str
    bank_reference: str
    policy_digest: str
    match_id: str | None
    scheme: str | None
    submitted_at: datetime
    submitted_on: date
    wait_until: date | None
    decided_at: datetime | None
    decided_on: date | None
    decision_words: str
    decision_reasons: tuple[str, ...]
    documents_asked: tuple[str, ...]
    documents_words: str

    def may(self, event: str) -> bool:
        """Whether this may happen to it next, by the table of lawful moves."""
        return move(self.state, event) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanOffer:
    """What a bank binds itself to, until `valid_until` (that day included); its costs a year in basis points."""

    id: str
    application_id: str
    offer_no: str
    amount_fen: int
    rate_bp: int
    months: int
    way: str
    day_count: str
    fees: tuple[OfferFee, ...]
    conditions: tuple[str, ...]
    nominal_bp: Decimal
    effective_bp: Decimal
    by_days_bp: Decimal
    interest_fen: int
    fees_fen: int
    valid_until: date
    offered_on: date
    state: str
    accepted_at: datetime | None

    def binds_on(self, day: date) -> bool:
        """Whether the bank is still bound by it, and the firm may still accept it."""
        return self.state == "open" and self.valid_until >= day


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedInFull(FundingNeed):
    """A need with its applications, newest first, and its offers, the cheapest all-in first."""

    applications: tuple[LoanApplication, ...]
    offers: tuple[LoanOffer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """What happened to an application, in the platform's words and, verbatim, in the bank's."""

    application_id: str
    at: datetime
    event: str
    words: Words
    verbatim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliedDocument:
    """A document handed to a bank, without its content; `digest` is the SHA-256 of that. `sent`: the bank has it."""

    id: str
    application_id: str
    kind: str
    name: str
    digest: str
    at: datetime
    sent: bool


@dataclass(frozen=True, slots=True)
class ApplicationChange:
    """One thing that happened to an application, by its number in the order of all; `state` is where it stands now."""

    id: int
    event: str
    application: str
    firm: str
    state: str
