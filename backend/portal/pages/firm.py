"""The firm's pages up to its application: signing in, authorising, the credit file, matches; and who read its data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages.shared import (
    Choice,
    CostLine,
    DueRow,
    Form,
    Reason,
    UpliftLine,
    Wait,
)


@dataclass(frozen=True, slots=True)
class SignUp:
    form: Form = field(default_factory=Form)
    regions: tuple[Choice, ...] = ()
    industries: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class SignIn:
    form: Form = field(default_factory=Form)
    next: str = ""
    samples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RoadStep:
    """key: authorise | credit_file | matches | apply | offers | loan. state: done | now | later."""

    key: str
    state: str
    href: str
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Home:
    firm: str
    steps: tuple[RoadStep, ...]
    waits: tuple[Wait, ...] = ()
    asked: tuple[tuple[Words, date, str], ...] = ()  # what a bank asks of the firm, until when, where to do it

    @property
    def now(self) -> RoadStep | None:
        return next((step for step in self.steps if step.state == "now"), None)


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """kind: firm | person | bank_query | imported. state: draft | active | revoked | expired | superseded."""

    id: str
    kind: str
    state: str
    items: tuple[Words, ...]
    purpose: str
    recipients: tuple[Words | str, ...]
    valid_from: date
    valid_to: date
    person: str | None = None
    signer: str | None = None
    capacity: str | None = None
    revoked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """A stored power of attorney."""

    id: str
    agent: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class Authorise:
    live: tuple[ConsentCard, ...] = ()
    drafts: tuple[ConsentCard, ...] = ()
    ended: tuple[ConsentCard, ...] = ()
    powers: tuple[Power, ...] = ()
    power_form: Form = field(default_factory=Form)
    items: tuple[Choice, ...] = ()
    today: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ItemGroup:
    title: Words
    items: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class AuthoriseDraft:
    """kind decides which of the three documents this is."""

    kind: str
    groups: tuple[ItemGroup, ...]
    purposes: tuple[Choice, ...]
    recipients: tuple[Choice, ...]
    valid_from: date
    valid_to: date
    latest: date
    persons: tuple[str, ...] = ()
    all_href: str | None = None
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class AuthoriseSign:
    consent: ConsentCard
    document: tuple[Words, ...]
    exact: str
    legal_rep: str
    powers: tuple[Power, ...] = ()
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class FactLine:
    """`value` is already written for people; `lines` are the entries of a list."""

    title: Words
    value: str
    as_of: date
    source: Words | str
    explain: Words | None = None
    doubts: tuple[Words | str, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactGroup:
    title: Words
    facts: tuple[FactLine, ...]


@dataclass(frozen=True, slots=True)
class MissingFacts:
    """Facts of one item we do not have. why: withheld (authorise it) | absent (the department has nothing)."""

    item: Words
    why: str
    titles: tuple[Words, ...]
    href: str | None = None


@dataclass(frozen=True, slots=True)
class GradeReason:
    words: Words
    helps: bool
    way: Words | None = None


@dataclass(frozen=True, slots=True)
class GradeView:
    """The firm's own view of itself; no bank receives it."""

    grade: str | None
    reasons: tuple[GradeReason, ...]
    capacity_fen: int | None
    capacity_words: Words | None
    card: Words | str
    facts_on: date
    not_assessed: Words | None = None
    what_if: tuple[tuple[Words, Words], ...] = ()  # what the grade would be with a better fact, and the way there


@dataclass(frozen=True, slots=True)
class CreditFilePage:
    groups: tuple[FactGroup, ...] = ()
    missing: tuple[MissingFacts, ...] = ()
    grade: GradeView | None = None
    listings: tuple[tuple[Words, str, date], ...] = ()  # whitelist programme, grade, until
    gathering: bool = False
    authorised: bool = True


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

    @property
    def gain_fen(self) -> int:
        return (self.card.after_fen or 0) - (self.card.before_fen or 0)


@dataclass(frozen=True, slots=True)
class ProductChoice:
    """One product that may be chosen. queries: firm | owner. `lacking` says what must be authorised first, and where."""

    product: str
    title: Words
    bank: Words
    answer: str
    after_fen: int | None
    effective_bp: Decimal | None
    queries: tuple[str, ...]
    ways: tuple[str, ...]
    min_fen: int
    max_fen: int
    decision_days: int | None = None
    lacking: tuple[tuple[Words, str], ...] = ()
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Apply:
    choices: tuple[ProductChoice, ...]
    purposes: tuple[Choice, ...]
    months: tuple[int, ...] = (6, 12)
    at_most: int = 3
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the trail: who did what with which records, under which consent."""

    at: datetime
    who: Words | str
    what: Words
    items: tuple[Words, ...] = ()
    purpose: str | None = None
    refused: bool = False
    consent_signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Readers:
    readings: tuple[Reading, ...] = ()
