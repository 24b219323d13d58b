"""Facts and items, as `facts.yaml` names them.

>>> definitions()["tax_grade"].item
'TAX01'
>>> items()["TAX04"].access
'A'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from backend.kit.policy import Strict, Worded, load
from backend.kit.words import Words

Kind = Literal["int", "decimal", "bool", "date", "text", "fen", "list"]


class ItemDefinition(Worded):
    """One item of the catalogue (domain §3.2): public, by authorisation, or our own feedback."""

    access: Literal["P", "A", "internal"]

    @property
    def title(self) -> Words:
        return self.words


class FactDefinition(Worded):
    """One fact: where it comes from, its unit, and what must be signed before it may be read."""

    item: str
    group: str
    unit: str
    kind: Kind
    consent: Literal["none", "firm", "person", "internal"]
    source: str

    @property
    def title(self) -> Words:
        return self.words

    @property
    def open(self) -> bool:
        """Whether it may be read without a consent."""
        return self.consent in ("none", "internal")


class FactsFile(Strict):
    """facts.yaml"""

    items: dict[str, ItemDefinition]
    facts: dict[str, FactDefinition]


@cache
def _file() -> FactsFile:
    return load(Path(__file__).parent / "facts.yaml", FactsFile)


def definitions() -> dict[str, FactDefinition]:
    """Every fact we may know, by code."""
    return _file().facts


def items() -> dict[str, ItemDefinition]:
    """Every item of the catalogue, by code."""
    return _file().items


DISPUTED = "under objection"
REPAIRED = "repaired"
"""Doubts with which a fact waits or is dropped (domain §3.5 art. 25, §7.1): nothing is decided on it."""


def item_titles() -> dict[str, Words]:
    """What each item is called, for papers that people sign."""
    return {code: item.title for code, item in items().items()}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something we were allowed to learn: value in its unit, the day it speaks of, its source, the consent, what is doubtful."""

    code: str
    value: Any
    unit: str
    as_of: date
    source: str
    consent_id: str | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditFile:
    """What one reading brought: facts; what no consent opens (code -> item); what is open but not there; a digest of all."""

    facts: dict[str, Fact]
    withheld: dict[str, str]
    absent: tuple[str, ...]
    digest: str

    @property
    def values(self) -> dict[str, Any]:
        """The bare values, for rules and scorecards."""
        return {code: fact.value for code, fact in self.facts.items()}


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def typed(code: str, value: Any) -> Any:
    """A value as it comes back from JSON."""
    kind = definitions()[code].kind
    if value is None:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    return Decimal(value) if kind == "decimal" else value
