"""The firm's pages about what banks answered: applications, offers, loans."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages.shared import CostLine, DueRow, Form, Happening, Reason, Wait


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """state: a key under state.application in the locales."""

    id: str
    bank: Words
    product: Words
    amount_fen: int
    state: str
    wait: Wait | None = None
    line: Words | None = None  # what has not reached the bank yet


@dataclass(frozen=True, slots=True)
class NeedCard:
    id: str
    amount_fen: int
    months: int
    purpose: Words | str
    made_on: date
    applications: tuple[ApplicationRow, ...]
    has_offers: bool = False


@dataclass(frozen=True, slots=True)
class Applications:
    needs: tuple[NeedCard, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    row: ApplicationRow
    months: int
    purpose: Words | str
    timeline: tuple[Happening, ...]
    contact: Words
    asked: tuple[str, ...] = ()
    asked_words: Words | str | None = None
    answer_by: date | None = None
    reasons: tuple[Reason, ...] = ()
    may_withdraw: bool = False
    refused_by: str | None = None  # bank | guarantor | consent: whose no it was
    refusal: Words | str | None = None  # its own words, shown as they were said
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class OfferCard:
    """A binding offer. `effective_bp` is the all-in annual rate (IRR, compound) with every fee."""

    id: str
    bank: Words
    product: Words
    amount_fen: int
    rate_bp: int
    effective_bp: Decimal
    months: int
    way: str
    interest_fen: int
    fees_fen: int
    monthly: Words
    monthly_fen: int
    costs: tuple[CostLine, ...]
    valid_until: date
    contact: Words
    conditions: tuple[str, ...] = ()
    best: bool = False
    guaranteed: bool = False
    first_in: tuple[str, ...] = ()  # cheapest | least_monthly | largest

    @property
    def cost_fen(self) -> int:
        return self.interest_fen + self.fees_fen


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers of one need, cheapest first by all-in cost; `pending` banks have not answered yet."""

    need_fen: int | None = None
    months: int | None = None
    offers: tuple[OfferCard, ...] = ()
    pending: tuple[Wait, ...] = ()
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class Accept:
    """The question before an offer is accepted: what will happen to the others."""

    offer: OfferCard
    withdrawn: tuple[Words, ...]
    next_words: Words | None = None
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class DrawCard:
    """One draw. class_: normal | watch | substandard | doubtful | loss; state: running | late | repaid."""

    id: str
    value_date: date
    matures_on: date
    amount_fen: int
    outstanding_fen: int
    rate_bp: int
    way: str
    state: str
    class_: str
    days_late: int = 0
    next_due_on: date | None = None
    next_due_fen: int | None = None
    pool: str | None = None  # a key under state.pool


@dataclass(frozen=True, slots=True)
class FacilityCard:
    id: str
    bank: Words
    product: Words
    limit_fen: int
    undrawn_fen: int
    expires_on: date
    draws: tuple[DrawCard, ...]
    contact: Words
    frozen_fen: int = 0


@dataclass(frozen=True, slots=True)
class Loans:
    facilities: tuple[FacilityCard, ...] = ()
    waits: tuple[Wait, ...] = ()
    ended: tuple[FacilityCard, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentRow:
    paid_on: date
    amount_fen: int
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    expenses_fen: int
    source: str  # borrower | guarantor | recovery


@dataclass(frozen=True, slots=True)
class LoanPage:
    facility: FacilityCard
    draw: DrawCard
    schedule: tuple[DueRow, ...]
    payments: tuple[PaymentRow, ...] = ()
    penalty_fen: int = 0
