"""What may leave the platform for a bank: one table (`leaving.yaml`), by what the operator is licensed as.

Written in architecture §3 "What may leave" after 征信业务管理办法 (domain §5.5 [V]). Facts leave only if the product declares
them and the firm's consent names the bank; that is asked elsewhere. Here is asked whether *we* may hand them on:

    declared_fact      a fact about a firm that is not a natural person
    own_declared_fact  a fact about a sole trader, which that person sends through us under its own signature
    person_fact        a fact about an owner or guarantor, opened by that person's own document
    enterprise_grade   our grade of a firm that is not a natural person
    person_grade       our grade of a sole trader

>>> day = date(2025, 6, 2)
>>> [hands("public_platform", kind, day) for kind in ("declared_fact", "enterprise_grade", "person_grade")]
[True, False, False]
>>> hands("enterprise_bureau", "enterprise_grade", day), hands("enterprise_bureau", "person_grade", day)
(True, False)
>>> hands("personal_bureau", "person_grade", day), hands("personal_bureau", "probability_of_default", day)
(True, False)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import model_validator

from backend.credit_data.model import Fact
from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.errors import Misconfigured
from backend.kit.policy import Strict
from backend.kit.words import Words
from backend.vocabulary.facts import definitions

Capacity = Literal["public_platform", "enterprise_bureau", "personal_bureau"]
Information = Literal["declared_fact", "own_declared_fact", "person_fact", "enterprise_grade", "person_grade"]
NATURAL = "sole_trader"
GRADE = "platform_grade"


class CapacityTerms(Strict):
    """What the operator is, and what it may hand to a bank."""

    words: Words
    hands: tuple[Information, ...]


class Block(DatedBlock):
    """The table from one day to another."""

    capacities: dict[Capacity, CapacityTerms]
    cut: dict[str, tuple[str, ...]]

    @model_validator(mode="after")
    def _whole(self) -> Block:
        if missing := {"public_platform", "enterprise_bureau", "personal_bureau"} - set(self.capacities):
            raise ValueError(f"no word on {', '.join(sorted(missing))}")
        return self


class LeavingFile(DatedFile[Block]):
    """leaving.yaml"""

    code: str


_TABLE = Dated(Path(__file__).parent / "leaving.yaml", LeavingFile, "leaving.yaml says nothing about {day}: add a dated block")


def hands(capacity: str, information: str, day: date) -> bool:
    """Whether an operator of this capacity may hand this kind of information to a bank. What the table does not name stays."""
    terms = next((terms for name, terms in _TABLE.on(day).capacities.items() if name == capacity), None)
    if terms is None:
        raise Misconfigured(f"“{capacity}” is no operator capacity that leaving.yaml knows")
    return information in terms.hands


def words(capacity: str, day: date) -> Words:
    """What the operator is, in words."""
    return next(terms.words for name, terms in _TABLE.on(day).capacities.items() if name == capacity)


def kind_of(code: str, subject_type: str) -> Information:
    """Which row of the table a fact of this firm stands in."""
    if definitions()[code].consent == "person":
        return "person_fact"
    return "own_declared_fact" if subject_type == NATURAL else "declared_fact"


def may_leave(facts: Mapping[str, Fact], *, capacity: str, subject_type: str, day: date) -> dict[str, Fact]:
    """The facts that may be handed on, with the parts cut out that never leave."""
    found = {}
    for code, fact in facts.items():
        if definitions()[code].consent != "internal" and hands(capacity, kind_of(code, subject_type), day):
            found[code] = _trimmed(fact, _TABLE.on(day).cut.get(code, ()))
    return found


def grade_kind(subject_type: str) -> Information:
    """Which row of the table our grade of this firm stands in."""
    return "person_grade" if subject_type == NATURAL else "enterprise_grade"


def _trimmed(fact: Fact, parts: tuple[str, ...]) -> Fact:
    if not parts or not isinstance(fact.value, (list, tuple)):
        return fact
    value: list[Any] = [{k: v for k, v in each.items() if k not in parts} for each in fact.value]
    return Fact(fact.code, value, fact.unit, fact.as_of, fact.source, fact.consent_id, fact.doubts)
