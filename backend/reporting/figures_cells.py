"""Groups of firms by region, industry, kind and age. What fewer than five firms stand behind is held back. domain §9 (fairness).

Which cells are held back is said once, in `held`: the drill-down asks the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.kit.calendar import add_months
from backend.kit.words import Words
from backend.reporting.book import ADraw, ANeed, Book
from backend.reporting.labels import label, section_of
from backend.reporting.reckon import Row, grouped, share_bp, weighted_bp
from backend.reporting.suppression import FEWEST, few, firms_of, held_back

DIMENSIONS = ("region", "industry", "subject_type", "firm_age")
AGES = (("0-1", 12), ("1-3", 36), ("3-5", 60), ("5-10", 120), ("10+", None))
FIRMS = ("firms",)
NEEDS = ("needs", "need_approval_bp")
DRAWS = ("draws", "drawn_fen", "weighted_rate_bp")
OWED = ("outstanding_fen",)
LATE = ("overdue90_fen",)


def cell_of(dimension: str, firm: Mapping[str, Any], day: date) -> str:
    """The cell of a firm in a dimension; `unknown` where the register does not say.

    >>> day = date(2025, 3, 1)
    >>> cell_of("firm_age", {"founded_on": date(2022, 3, 1)}, day), cell_of("region", {"region": None}, day)
    ('3-5', 'unknown')
    """
    if dimension == "firm_age":
        founded = firm["founded_on"]
        if founded is None:
            return "unknown"
        return next(name for name, top in AGES if top is None or day < add_months(founded, top))
    if dimension == "industry":
        return section_of(firm["industry"])
    return firm[dimension] or "unknown"


def cells(book: Book) -> list[Row]:
    """Every cell of every dimension; figures that may not be shown are None and `hidden` is 1."""
    return [row for dimension in DIMENSIONS for row in _dimension(book, dimension)]


def places(book: Book, dimension: str) -> dict[str, str]:
    """The cell of every firm."""
    return {firm: cell_of(dimension, about, book.day) for firm, about in book.firms.items()}


def held(book: Book, dimension: str) -> dict[tuple[str, ...], set[str]]:
    """For each group of figures, the cells that may not be shown."""
    at = places(book, dimension)
    members = grouped(at, lambda firm: at[firm])
    small = {cell for cell, firms in members.items() if len(firms) < FEWEST}
    needs = grouped(book.needs, lambda each: at[each.firm])
    draws = grouped(book.draws, lambda each: at[each.firm])
    shut = held_back({cell: firms_of(draws.get(cell, [])) for cell in members}, small)
    owing = {cell: [each for each in draws.get(cell, []) if each.outstanding_fen > 0] for cell in members}
    late = {cell: [each for each in some if each.dpd > 90] for cell, some in owing.items()}
    in_time = {cell: firms_of(each for each in some if each.dpd <= 90) for cell, some in owing.items()}
    owed = held_back({cell: firms_of(some) for cell, some in owing.items()}, shut)
    # what is not late is what the late leave of all that is owed: it must not come down to a few either
    told = {cell for cell, firms in in_time.items() if few(firms) and late[cell]}
    return {
        FIRMS: held_back(members, small),
        NEEDS: held_back({cell: firms_of(needs.get(cell, [])) for cell in members}, small),
        DRAWS: shut,
        OWED: owed,
        LATE: held_back({cell: firms_of(some) for cell, some in late.items()}, shut | told),
    }


def _dimension(book: Book, dimension: str) -> list[Row]:
    at = places(book, dimension)
    members = grouped(at, lambda firm: at[firm])
    needs = grouped(book.needs, lambda each: at[each.firm])
    draws = grouped(book.draws, lambda each: at[each.firm])
    back = held(book, dimension)
    found = []
    for cell, firms in members.items():
        words: Words = label(dimension, cell)
        row: Row = {"dimension": dimension, "cell": cell, "label_zh": words.zh, "label_en": words.en, "firms": len(firms)}
        row |= _needs(needs.get(cell, [])) | _draws(draws.get(cell, []))
        names = [each for each, cells in back.items() if cell in cells]
        found.append(row | {name: None for some in names for name in some} | {"hidden": int(bool(names))})
    return found


def _needs(needs: list[ANeed]) -> Row:
    return {"needs": len(needs), "need_approval_bp": share_bp(sum(1 for each in needs if each.outcome == "approved"), len(needs))}


def _draws(draws: list[ADraw]) -> Row:
    return {
        "draws": len(draws),
        "drawn_fen": sum(each.amount_fen for each in draws),
        "outstanding_fen": sum(each.outstanding_fen for each in draws),
        "weighted_rate_bp": weighted_bp((each.rate_bp, each.amount_fen) for each in draws),
        "overdue90_fen": sum(each.outstanding_fen for each in draws if each.dpd > 90),
    }
