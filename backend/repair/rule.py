"""What a repair rule file says (`rules/<kind>.yaml`): by day of the document, its classes with shortest and longest months.

>>> find("penalty").on(date(2026, 4, 1)).law.en
'NDRC order 36 on credit repair'
>>> find("penalty").on(date(2026, 3, 31)).law.en
'NDRC order 58'
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field, model_validator

from backend.kit.dated import DatedBlock, DatedFile
from backend.kit.errors import Misconfigured, NotFound
from backend.kit.policy import Strict, load_folder
from backend.kit.words import Words

FOLDER = Path(__file__).parent / "rules"


class Period(Strict):
    """Months from the document's day: before `shortest` nothing can be asked; at `longest` publication ends by itself."""

    shortest_months: int = Field(ge=0)
    longest_months: int | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Period:
        if self.longest_months is not None and self.longest_months < self.shortest_months:
            raise ValueError("longest_months is shorter than shortest_months")
        return self


class Rule(DatedBlock):
    """The rule for documents of these days."""

    law: Words
    classes: dict[str, Period] = Field(min_length=1)
    where: Words
    materials: tuple[Words, ...]
    decided_within_working_days: int = Field(gt=0)
    irreparable: Words | None = None


class RuleFile(DatedFile[Rule]):
    """One kind of negative record; `facts` are the facts by which the platform notices it."""

    kind: str
    title: Words
    facts: tuple[str, ...]

    def on(self, day: date) -> Rule:
        """The rule for a document of that day."""
        found = super().on(day)
        if found is None:
            raise Misconfigured(f"no repair rule for {self.kind} holds on {day}: add a dated block")
        return found


@cache
def rules(folder: Path = FOLDER) -> dict[str, RuleFile]:
    """Every rule file by kind, read once per process; PolicyError with every fault."""
    return {file.kind: file for file in load_folder(folder, RuleFile)}


def find(kind: str) -> RuleFile:
    """The rules for one kind of record; NotFound if it is unknown."""
    found = rules().get(kind)
    if found is None:
        raise NotFound(Words(f"没有 {kind} 的修复规则", f"there is no repair rule for {kind}"), code="repair_kind")
    return found
