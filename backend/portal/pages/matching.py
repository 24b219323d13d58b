"""The firm's pages of matches: every product, one product, and what the bank itself said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages.shared import Choice, CostLine, Form, Reason, UpliftLine


@dataclass(frozen=True, slots=True)
class WayStep:
    """One thing to do. kind: a key under path.press; `parts` are records with what each must show; `href` is where to do it."""

    kind: str
    words: Words
    parts: tuple[tuple[Words, Words | None], ...] = ()
    href: str | None = None


@dataclass(frozen=True, slots=True)
class WayToYes:
    """The smallest set of changes, easiest first; or why there is none. `call`: what is missing is the bank's own secret."""

    steps: tuple[WayStep, ...] = ()
    blocked: Words | None = None
    call: bool = False
    short: bool = False


@dataclass(frozen=True, slots=True)
class Chance:
    """`share_bp` of `answers` past applications were approved; None where that may not be told, and `words` say why."""

    words: Words
    share_bp: int | None = None
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One thing that counts: its weight in bp; mark and points in hundredths, of a hundred."""

    title: Words
    weight_bp: int
    mark: int
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """Points in hundredths, of a hundred."""

    points: int
    parts: tuple[ScorePart, ...] = ()


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
    monthly: Words | None = None  # what falls due each month
    path: WayToYes | None = None  # None with a yes
    contact: Words | None = None
    measured_days: int | None = None  # how long the bank really took, the median of its past answers
    chance: Chance | None = None
    score: Score | None = None
    wanted_fen: int | None = None  # what the firm asks for, where that is more than could be had

    @property
    def obstacles(self) -> tuple[Reason, ...]:
        """What stands in the way: every no, or where there is none, every open question of ours."""
        wanted = "no" if self.answer == "no" else "unknown"
        return tuple(each for each in self.reasons if each.answer == wanted and each.knows == "platform")[:5]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A product for another region: that alone is said of it."""

    title: Words
    bank: Words
    words: Words


@dataclass(frozen=True, slots=True)
class Matches:
    """`asked_fen` is the need that everything was worked out for, None for as much as could be had."""

    day: date
    cards: tuple[MatchCard, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    asked_fen: int | None = None
    order: Words | None = None  # by what products with the same answer stand, weights included
    form: Form = field(default_factory=Form)

    @property
    def can(self) -> tuple[MatchCard, ...]:
        return tuple(card for card in self.cards if card.answer == "yes")

    @property
    def nearly(self) -> tuple[MatchCard, ...]:
        """A short way leads there, the shortest first."""
        found = [card for card in self.cards if card.path is not None and card.path.short]
        return tuple(sorted(found, key=lambda card: len(card.path.steps) if card.path else 0))

    @property
    def far(self) -> tuple[MatchCard, ...]:
        """A longer way first, then none."""
        rest = [card for card in self.cards if card.answer != "yes" and (card.path is None or not card.path.short)]
        return tuple(sorted(rest, key=lambda card: card.path is None or not card.path.steps))


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
    asked: AskedBank | None = None
    documents: tuple[Words, ...] = ()  # what to bring to the bank

    @property
    def gain_fen(self) -> int:
        return (self.card.after_fen or 0) - (self.card.before_fen or 0)
