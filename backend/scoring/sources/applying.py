"""Looking a public source's firms up in a card: the same look-up as in use, one row for each firm.

>>> list(HEADS["sba"])
['LoanNr_ChkDgt', 'pd', 'grade', 'score']
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from backend.kit.errors import Invalid
from backend.scoring import scorecard, sources
from backend.scoring.card import Card
from backend.scoring.sources.table import Telling

_FIGURES = ("pd", "grade", "score")
HEADS = {"cumcm": ("企业代号", *_FIGURES), "sba": ("LoanNr_ChkDgt", *_FIGURES), "german": ("row", *_FIGURES)}
Row = tuple[str, str, str, str]


def load(path: Path) -> Card:
    """The newest block of a card file that is about a public source."""
    if not path.is_file():
        raise Invalid(str(path), "there is no such card")
    card = scorecard.load(path).blocks[-1]
    if card.vocabulary == "facts":
        raise Invalid(
            str(path), "this card is about the platform's own facts: only a card trained with --source is applied to files"
        )
    return card


def apply(card: Card, path: Path, on: date | None, progress: Telling) -> list[Row]:
    """Key, probability of default, grade and score of every row; three empty cells where the card does not hold."""
    table = sources.read(card.vocabulary, path, on or card.facts_on, progress)
    rows: list[Row] = []
    for n, (key, values, day) in enumerate(zip(table.keys, table.values, table.on, strict=True)):
        if n % 500 == 0:
            progress("looking up", n, len(table.keys))
        found = scorecard.assess(card, values, day)
        rows.append((key, str(found.pd or ""), found.grade or "", "" if found.score is None else str(found.score)))
    return rows


def write(card: Card, rows: list[Row], path: Path) -> None:
    """The rows as CSV in UTF-8, under the source's own name of the key."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(HEADS[card.vocabulary])
            sheet.writerows(rows)
    except OSError as error:
        raise Invalid(str(path), f"cannot be written: {error.strerror}") from error
