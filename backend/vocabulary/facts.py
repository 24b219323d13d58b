"""Facts and items, as `facts.yaml` names them.

>>> definitions()["tax_grade"].item
'TAX01'
>>> items()["TAX04"].access
'A'
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

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


def item_titles() -> dict[str, Words]:
    """What each item is called, for papers that people sign."""
    return {code: item.title for code, item in items().items()}
