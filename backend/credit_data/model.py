"""A fact as it was read, and what one reading brought. What a fact is, is called and needs signed: `backend/vocabulary`.

>>> typed("registered_on", plain(date(2020, 5, 6)))
datetime.date(2020, 5, 6)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backend.vocabulary.facts import definitions

DISPUTED = "under objection"
REPAIRED = "repaired"
"""Doubts with which a fact waits or is dropped (domain §3.5 art. 25, §7.1): nothing is decided on it."""


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
