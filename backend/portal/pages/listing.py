"""Lists a firm stands on or was taken off, its appeal, and the issuer's answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.kit.words import Words
from backend.portal.pages.shared import Choice, Form


@dataclass(frozen=True, slots=True)
class AppealCard:
    """What the firm said, and the answer once there is one. state: waiting | upheld | rejected."""

    id: str
    state: str
    words: str
    filed_on: date
    answer_by: date
    answer: Words | None = None
    answered_on: date | None = None
    firm: str = ""
    programme: Words | None = None


@dataclass(frozen=True, slots=True)
class ListCard:
    """One list: the grade while the firm stands on it; since when and why not, if it was taken off; until when it may appeal."""

    code: str
    title: Words
    contact: Words
    grade: str | None = None
    until: date | None = None
    removed_on: date | None = None
    notice: Words | None = None
    effect: Words | None = None
    appeal_until: date | None = None
    late: bool = False
    appeals: tuple[AppealCard, ...] = ()
    may_appeal: bool = False


@dataclass(frozen=True, slots=True)
class Listings:
    cards: tuple[ListCard, ...] = ()
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class AnswerAppeal:
    """The issuer's page of one appeal."""

    appeal: AppealCard
    late: bool = False
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    firm: str
    uscc: str
    grade: str
    batch: str
    expires_on: date
    removed_on: date | None = None


@dataclass(frozen=True, slots=True)
class IssuerDesk:
    programmes: tuple[Choice, ...]
    members: tuple[Member, ...] = ()
    form: Form = field(default_factory=Form)
    today: date | None = None
    appeals: tuple[AppealCard, ...] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    member: Member
    programme: Words
    form: Form = field(default_factory=Form)
