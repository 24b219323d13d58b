"""The firm's pages of matches: every product, one product, and what the bank itself said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages.shared import Choice, CostLine, DueRow, Form, Reason, UpliftLine


@dataclass(frozen=True, slots=True)
class MatchCard:
    """answer: yes | unknown | no. Amounts and price are indicative; None where nothing can be said."""

    product: str
    title: Words
    bank: Words
    answer: str
    reasons: tuple[Reason, ...]
    before_fen: int | None = None
    after_fen: int | None = None
    rate_bp: int | None = None
    effective_bp: Decimal | None = None
    decision_days: int | None = None
    at_the_bank: bool = False  # applied for at the bank itself

    @property
    def obstacles(self) -> tuple[Reason, ...]:
        """What stands in the way: every no, or where there is none, every open question of ours."""
        wanted = "no" if self.answer == "no" else "unknown"
        return tuple(each for each in self.reasons if each.answer == wanted and each.knows == "platform")[:5]


@dataclass(frozen=True, slots=True)
class Matches:
    day: date
    cards: tuple[MatchCard, ...] = ()
    open_need: bool = False
    elsewhere: int = 0  # products for other regions, which are not listed

    def of(self, answer: str) -> tuple[MatchCard, ...]:
        return tuple(card for card in self.cards if card.answer == answer)


@dataclass(frozen=True, slots=True)
class AskedBank:
    """The bank's own indication. state: never | asked | answered | silent | refused; `words` are the bank's, as it said them."""

    bank: Words
    state: str
    amount_fen: int | None = None
    months: int | None = None
    limit_fen: int | None = None
    rate_bp: int | None = None
    words: str = ""
    day: date | None = None
    terms: tuple[Choice, ...] = ()
    lacking: str | None = None  # where to authorise this bank first
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class MatchPage:
    """One product for this firm. `example_*` say for which amount and months the cost list holds."""

    card: MatchCard
    price: Words | None
    uplift_words: Words | None
    uplift: tuple[UpliftLine, ...]
    uplift_bp: int
    capped_by: Words | None
    limit_words: Words | None
    costs: tuple[CostLine, ...]
    example_fen: int | None
    example_months: int | None
    example_way: str | None
    nominal_bp: Decimal | None
    interest_fen: int | None
    fees_fen: int | None
    queries: tuple[str, ...]  # firm | owner
    handed: tuple[Words, ...]
    contact: Words
    schedule: tuple[DueRow, ...] = ()
    asked: AskedBank | None = None
    documents: tuple[Words, ...] = ()  # what to bring to the bank

    @property
    def gain_fen(self) -> int:
        return (self.card.after_fen or 0) - (self.card.before_fen or 0)
