"""The pages of early warning: the firm's own, and the desks'."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.kit.words import Words
from backend.portal.pages.shared import Choice, Form


@dataclass(frozen=True, slots=True)
class WarningCard:
    """One open warning. `colour` is YELLOW or RED; `rests_on` says value, limit, day and source in one sentence."""

    title: Words
    colour: str
    opened_on: date
    rests_on: Words | None
    way: Words
    firm: str | None = None
    told: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class FirmWarnings:
    warnings: tuple[WarningCard, ...] = ()


@dataclass(frozen=True, slots=True)
class WarningRow:
    """A bank's task. `card` is None once the firm has withdrawn what opened it."""

    id: str
    firm: str
    colour: str
    due_on: date
    late: bool
    card: WarningCard | None
    answered: Words | None = None


@dataclass(frozen=True, slots=True)
class WarningDesk:
    """`seen` is what a guarantor sees, who is given no tasks."""

    tasks: tuple[WarningRow, ...] = ()
    seen: tuple[WarningCard, ...] = ()


@dataclass(frozen=True, slots=True)
class WarningTaskPage:
    row: WarningRow
    outcomes: tuple[Choice, ...]
    words: str | None = None
    form: Form = field(default_factory=Form)
