"""Pieces that several pages show: a form with its fault, a wait, a reason, a cost, a happening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from backend.kit.words import Words


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, and what was wrong with it: `place` is the field's name, or "" for the whole form."""

    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    fault: Words | None = None
    place: str = ""

    def value(self, name: str, default: str = "") -> str:
        found = self.values.get(name, default)
        return found if isinstance(found, str) else ",".join(found)

    def picked(self, name: str, value: str, default: bool = False) -> bool:
        """Whether this box was ticked; before anything was typed, the default."""
        if name not in self.values:
            return default and not self.values
        found = self.values[name]
        return value == found if isinstance(found, str) else value in found

    def fault_at(self, name: str) -> Words | None:
        return self.fault if self.fault is not None and self.place == name else None


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select, a radio or a row of boxes. `value` is sent, `label` is read."""

    value: str
    label: Words | str
    explain: Words | str | None = None
    ticked: bool = False
    barred: Words | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Something we wait for: never without a day and somebody to call (name and number)."""

    what: Words
    until: date
    whom: Words


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of a verdict. `knows` is bank where only the bank can check; `way` is how to change it."""

    answer: str  # yes | no | unknown
    words: Words
    knows: str = "platform"
    way: Words | None = None
    way_href: str | None = None
    way_from: date | None = None


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the financing cost list (贷款明白纸)."""

    title: Words
    payer: Words
    amount_fen: int
    when: Words | None = None
    ours: bool = True  # paid by the firm: only these add up


@dataclass(frozen=True, slots=True)
class UpliftLine:
    """What one piece of evidence adds. Of trades only the direction is shown: None, with `counted`."""

    title: Words
    contribution_fen: int | None
    words: Words
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Happening:
    """One point of a timeline. `verbatim` is somebody's own words, shown as they were said."""

    at: datetime
    title: Words
    by: Words | str | None = None
    verbatim: str | None = None
    state: str = "done"  # done | now | bad


@dataclass(frozen=True, slots=True)
class DueRow:
    """One instalment of a schedule. state: due | paid | late | later."""

    no: int
    due_on: date
    principal_fen: int
    interest_fen: int
    state: str = "later"
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A page that only says something: a missing page, a refusal, a fault, a question before a step."""

    title: Words
    words: Words
    status: int = 200
    href: str = "/"
