"""Public data sets a card can be trained on and checked with by an outsider: what enters is their files, what leaves is a table.

Each source names the facts it makes, makes them from what was known when the loan was asked for, and never reads what came
later, what a bank's staff thought, or who somebody is. `<source>.yaml` is the card's blueprint.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from backend.kit import policy
from backend.kit.errors import Invalid
from backend.scoring.blueprint import Blueprint
from backend.scoring.sources import cumcm, german, sba
from backend.scoring.sources.table import Table, Telling

NAMES = ("cumcm", "sba", "german")
_READERS: dict[str, Callable[[Path, date | None, Telling], Table]] = {
    "cumcm": cumcm.read,
    "sba": sba.read,
    "german": german.read,
}


def plan(name: str) -> Blueprint:
    """The blueprint of a source's card."""
    if name not in NAMES:
        raise Invalid("--source", f"“{name}” is no source; choose one of {', '.join(NAMES)}")
    return policy.cached(Path(__file__).parent / f"{name}.yaml", Blueprint)


def read(name: str, path: Path, on: date | None, progress: Telling) -> Table:
    """A source's files as a table; Invalid with one sentence when they are not of that form."""
    if not path.exists():
        raise Invalid(str(path), "there is no such file or folder")
    return _READERS[plan(name).code](path, on, progress)
