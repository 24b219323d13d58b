"""The firm's pages up to its application: signing in, authorising, the credit file, matches; and who read its data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages.matching import AskedBank as AskedBank
from backend.portal.pages.matching import Chance as Chance
from backend.portal.pages.matching import Elsewhere as Elsewhere
from backend.portal.pages.matching import MatchCard as MatchCard
from backend.portal.pages.matching import Matches as Matches
from backend.portal.pages.matching import MatchPage as MatchPage
from backend.portal.pages.matching import Score as Score
from backend.portal.pages.matching import ScorePart as ScorePart
from backend.portal.pages.matching import WayStep as WayStep
from backend.portal.pages.matching import WayToYes as WayToYes
from backend.portal.pages.shared import (
    Choice,
    Form,
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
    removed: tuple[Words, ...] = ()  # lists the firm was taken off
    gathering: bool = False
    authorised: bool = True


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
    once: str = ""


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
