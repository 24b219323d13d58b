"""What may not be shown: whatever fewer than five firms stand behind, and what would betray it by subtraction. Pure.

Counts stay; amounts, rates and percentiles become None. Written in: domain §9 (cells of five firms and more).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from backend.reporting.reckon import Row

FEWEST = 5
K = TypeVar("K", bound=Hashable)
Behind = Mapping[K, Collection[str]]
"""The firms behind each cell."""


class OfAFirm(Protocol):
    @property
    def firm(self) -> str: ...


def firms_of(things: Iterable[OfAFirm]) -> set[str]:
    """The firms that a cell's rows belong to."""
    return {each.firm for each in things}


def few(firms: Collection[str]) -> bool:
    """Whether somebody stands behind it, but too few.

    >>> few(["a", "b", "c", "d"]), few(["a", "b", "c", "d", "d"]), few("abcde"), few([])
    (True, True, False, False)
    """
    return 0 < len(set(firms)) < FEWEST


def held_back(behind: Behind[Any], small: Collection[Any] = ()) -> set[Any]:
    """Which cells of one whole may not be shown: those with too few firms (or named `small`), and what would betray them.

    The whole is published too: a single cell held back would follow by subtraction, and so would several that have fewer than
    five firms together. The smallest others go with them.

    >>> sorted(held_back({"a": "xyz", "b": "abcdefghi", "c": "abcdefghijkl", "d": ""}))
    ['a', 'b']
    >>> sorted(held_back({"a": "x", "b": "y", "c": "abcde", "d": "abcdef"}))
    ['a', 'b', 'c']
    """
    hidden = set(small) | {cell for cell, firms in behind.items() if few(firms)}
    others = sorted(
        (cell for cell, firms in behind.items() if cell not in hidden and firms), key=lambda cell: (len(set(behind[cell])), cell)
    )
    for cell in others:
        telling = [each for each in hidden if behind[each]]
        if not telling or (len(telling) > 1 and not few([firm for each in telling for firm in behind[each]])):
            break
        hidden.add(cell)
    return hidden


def held_in_table(behind: Behind[tuple[str, str]]) -> set[tuple[str, str]]:
    """The same where the whole of every row and of every column is known.

    >>> month = {("a", "01"): "x", ("b", "01"): "abcdef", ("a", "02"): "abcdef", ("b", "02"): "abcdefg", ("c", "02"): "abcdefg"}
    >>> sorted(held_in_table(month))
    [('a', '01'), ('a', '02'), ('b', '01'), ('b', '02')]
    """
    hidden: set[tuple[str, str]] = set()
    while True:
        before = len(hidden)
        for side in (0, 1):
            for whole in sorted({cell[side] for cell in behind}):
                line = {cell: firms for cell, firms in behind.items() if cell[side] == whole}
                hidden |= held_back(line, hidden & line.keys())
        if len(hidden) == before:
            return hidden


def without(row: Row, hidden: bool, *names: str) -> Row:
    """The row, with the named figures None if they may not be shown.

    >>> without({"n": 3, "amount_fen": 100}, True, "amount_fen")
    {'n': 3, 'amount_fen': None}
    """
    return row | dict.fromkeys(names) if hidden else row
