"""What class a draw has, and how our book is held against a bank's. Pure. Written in: domain §5.4 (five categories).

>>> classify(date(2025, 3, 1), past_due=95).became
'substandard'
>>> classify(date(2025, 3, 1), past_due=3, events=("bankruptcy",)).causes
('bankruptcy',)
>>> unexplained({("b", "D1"): Totals(drawn_fen=100)}, {})
100
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from backend.kit.calendar import add_months
from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.policy import Source, Strict

Class = Literal["normal", "watch", "substandard", "doubtful", "loss"]
CLASSES: tuple[Class, ...] = ("normal", "watch", "substandard", "doubtful", "loss")
BAD: frozenset[str] = frozenset({"substandard", "doubtful", "loss"})


class Step(Strict):
    days: int = Field(gt=0)
    becomes: Class


class DaysRule(Strict):
    source: Source
    above: tuple[Step, ...]


class EventsRule(Strict):
    source: Source
    become: dict[str, Class]


class RestructuredObservation(Strict):
    """Months from the day of restructuring in which the loan is at least of the class of that event, and a bad one stays bad."""

    months: int = Field(gt=0)
    source: Source


class Observation(Strict):
    """Days from the cure until a bad class may be left; longer for a loan that was restructured."""

    days: int = Field(ge=0)
    source: Source
    restructured: RestructuredObservation


class ClassRules(DatedBlock):
    """The rules of classification in force between two days."""

    days: DaysRule
    events: EventsRule
    mostly_overdue_bp: int
    observation: Observation


_RULES = Dated(
    Path(__file__).parent / "classes.yaml",
    DatedFile[ClassRules],
    "classes.yaml has no rules for {day}: add a block with its source",
)


def rules_on(day: date) -> ClassRules:
    """The rules in force on that day."""
    return _RULES.on(day)


@dataclass(frozen=True, slots=True)
class Classified:
    """A class, and what made it: `days`, the names of events, `observation`."""

    became: Class
    causes: tuple[str, ...]


def worst(classes: Collection[Class]) -> Class:
    """The worst of some classes; normal of none."""
    return max(classes, key=CLASSES.index, default="normal")


def classify(
    day: date,
    *,
    past_due: int,
    events: Collection[str] = (),
    was: Class = "normal",
    cured_on: date | None = None,
    restructured_on: date | None = None,
) -> Classified:
    """The class on that day: the worst of days and events; a bad class stays until it was cured and observed. domain §5.4.

    A loan restructured on `restructured_on` is observed for its own, longer time, even when the event itself was lifted.
    """
    rules = rules_on(day)
    watched = restructured_on is not None and day < add_months(restructured_on, rules.observation.restructured.months)
    names = {*events, "restructured"} if watched else events
    found: dict[str, Class] = {name: rules.events.become[name] for name in names}
    passed = [step.becomes for step in rules.days.above if past_due > step.days]
    if passed:
        found["days"] = worst(passed)
    observed = not watched and cured_on is not None and day >= cured_on + timedelta(days=rules.observation.days)
    if was in BAD and not observed and CLASSES.index(worst(list(found.values()))) < CLASSES.index(was):
        found["observation"] = was
    became = worst(list(found.values()))
    return Classified(became, tuple(sorted(name for name, each in found.items() if each == became and became != "normal")))


# ---------------------------------------------------------------- our book and the bank's


@dataclass(frozen=True, slots=True)
class Totals:
    """One draw in a book, per kind, in fen."""

    drawn_fen: int = 0
    principal_borrower_fen: int = 0
    principal_guarantor_fen: int = 0
    principal_recovery_fen: int = 0
    interest_paid_fen: int = 0
    penalty_paid_fen: int = 0
    outstanding_fen: int = 0


Book = Mapping[tuple[str, str], Totals]
"""(bank code, the bank's draw number) -> totals."""


def bank_book(bank: str, laid_open: Mapping[str, Any]) -> dict[tuple[str, str], Totals]:
    """A bank's own book, as its auditor's page lays it open (`/_sandbox/book`), in the shape of ours."""
    book = {}
    for draw in laid_open["draws"]:
        sources = draw["by_source"]
        principal = {source: parts["principal_fen"] for source, parts in sources.items()}
        book[bank, draw["draw_no"]] = Totals(
            drawn_fen=draw["amount_fen"],
            principal_borrower_fen=principal.get("borrower", 0),
            principal_guarantor_fen=principal.get("guarantor", 0),
            principal_recovery_fen=principal.get("recovery", 0),
            interest_paid_fen=draw["interest_paid_fen"],
            penalty_paid_fen=draw["penalty_paid_fen"],
            outstanding_fen=draw["outstanding_fen"],
        )
    return book


def differences(ours: Book, theirs: Book) -> list[tuple[tuple[str, str], str, int, int]]:
    """(draw, kind, ours, theirs) wherever the two books differ; a draw missing on one side counts as all zero there."""
    found = []
    for key in sorted({*ours, *theirs}):
        mine, its = ours.get(key, Totals()), theirs.get(key, Totals())
        for each in fields(Totals):
            a, b = getattr(mine, each.name), getattr(its, each.name)
            if a != b:
                found.append((key, each.name, a, b))
    return found


def unexplained(ours: Book, theirs: Book) -> int:
    """The sum of absolute differences per draw and kind, in fen. A draw missing on either side counts in full.

    What is owed is what was drawn less what was repaid: a wholly missing draw is counted by each kind it has.
    """
    return sum(abs(a - b) for _, _, a, b in differences(ours, theirs))
