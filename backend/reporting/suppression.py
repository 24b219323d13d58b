"""What may not be shown: whatever fewer than five firms stand behind, and what would betray it by subtraction. Pure.

Counts stay; amounts, rates and percentiles become None. Written in: domain §9 (cells of five firms and more).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
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


Line = tuple[Sequence[Any], Sequence[Any]]
"""Figures of which the first add up to as much as the second: parts and their whole."""


def held_in_lines(
    behind: Behind[Any],
    lines: Sequence[Line],
    *,
    small: Collection[Any] = (),
    unpublished: Collection[Any] = (),
    last: Sequence[Any] = (),
) -> set[Any]:
    """The same for sums that hang together: a month's amount is the sum of its banks, and a part of the months' sum, at once.

    What few firms stand behind must follow neither from its own line nor from all of them together. Figures that are never
    published (what a part leaves of its whole) count as unknown, and are protected where few firms stand behind them. What goes
    along draws the fewest others after it, and is the smallest of those; headlines, named in `last`, go last, in their order.

    >>> firms = {"whole": "abcdefghijkl", "a": "xyz", "b": "abcdefghi", "late": "ab", "in time": "cdefghijkl"}
    >>> lines = [(["a", "b"], ["whole"]), (["late", "in time"], ["whole"])]
    >>> sorted(held_in_lines(firms, lines, unpublished={"in time"}))
    ['a', 'b', 'late']
    """
    behind, lines, unpublished = _with_sums_of_few(behind, lines, unpublished)
    secret = {key for key, firms in behind.items() if few(firms)}
    held = _Held(behind, lines, set(small) | (secret - set(unpublished)), set(unpublished), list(last))
    while True:
        before = len(held.hidden)
        for line in lines:
            held.hidden |= held.alone([*line[0], *line[1]], secret)
        if len(held.hidden) == before:
            told = secret & solved(lines, {key for key in held.hidden | held.unpublished if behind.get(key)})
            held.hidden |= held.together(told)
        if len(held.hidden) == before:
            return held.hidden


def _with_sums_of_few(
    behind: Behind[Any], lines: Sequence[Line], unpublished: Collection[Any]
) -> tuple[dict[Any, Collection[str]], list[Line], set[Any]]:
    """Where parts of few firms have fewer than five together, their sum is a secret of its own, though nobody publishes it."""
    known, sums, untold = dict(behind), list(lines), set(unpublished)
    for plus, minus in lines:
        parts = [key for key in plus if few(behind.get(key, ()))]
        together = {firm for key in parts for firm in behind[key]}
        if len(parts) > 1 and few(together):
            name = ("together", *(str(key) for key in parts))
            known[name] = together
            untold.add(name)
            sums += [(parts, [name]), ([name, *(key for key in plus if key not in parts)], minus)]
    return known, sums, untold


@dataclass
class _Held:
    behind: Behind[Any]
    lines: Sequence[Line]
    hidden: set[Any]
    unpublished: set[Any]
    last: list[Any]

    def __post_init__(self) -> None:
        self.sums: dict[Any, list[list[Any]]] = defaultdict(list)
        for plus, minus in self.lines:
            for key in (*plus, *minus):
                self.sums[key].append([*plus, *minus])
        # What stands beside one other figure alone goes with it: it is as precious as that one.
        self.rank = {key: place for place, key in enumerate(self.last, 1)}
        pairs = [each for plus, minus in self.lines if len(each := [k for k in (*plus, *minus) if self.behind.get(k)]) == 2]
        for _ in pairs:
            for one, other in pairs:
                self.rank[one] = self.rank[other] = max(self.rank.get(one, 0), self.rank.get(other, 0))

    def alone(self, line: Sequence[Any], secret: Collection[Any]) -> set[Any]:
        """What must go too, so that nothing hidden follows from this line alone, nor the sum of few firms."""
        unknown = self._unknown(line)
        if not any(key in self.hidden or key in secret for key in unknown):
            return set()
        if len(unknown) > 1 and not few([firm for key in unknown for firm in self.behind[key]]):
            return set()
        return set(self._free(line)[:1])

    def together(self, told: Collection[Any]) -> set[Any]:
        """One more figure near the first secret that the lines together tell, headlines last."""
        near = set(sorted(told, key=str)[:1])
        found: list[Any] = []
        while near:
            touched = {key for plus, minus in self.lines for key in (*plus, *minus) if near & {*plus, *minus}}
            found = self._free(touched)
            if (found and not self.rank.get(found[0])) or touched <= near:
                break
            near |= touched
        return set(found[:1])

    def _unknown(self, line: Sequence[Any]) -> list[Any]:
        return [key for key in line if self.behind.get(key) and (key in self.hidden or key in self.unpublished)]

    def _free(self, keys: Iterable[Any]) -> list[Any]:
        free = [key for key in keys if self.behind.get(key) and key not in self.hidden and key not in self.unpublished]
        return sorted(free, key=self._order)

    def _order(self, key: Any) -> tuple[int, int, int, str]:
        """Headlines last; then by how many sums would need yet another to go along; then the smallest."""
        bare = sum(1 for line in self.sums[key] if not self._unknown(line))
        return self.rank.get(key, 0), bare, len(set(self.behind[key])), str(key)


def solved(lines: Sequence[Line], unknown: Collection[Any]) -> set[Any]:
    """The unknowns that follow exactly from everything else, by elimination.

    >>> sorted(solved([(["a", "b"], ["all"]), (["a", "c"], ["b"])], {"a", "b"}))
    ['a', 'b']
    >>> solved([(["a", "b"], ["all"])], {"a", "b"})
    set()
    """
    pivots: dict[Any, dict[Any, Fraction]] = {}
    for plus, minus in lines:
        row = {key: Fraction(1) for key in plus if key in unknown} | {key: Fraction(-1) for key in minus if key in unknown}
        for key in [key for key in row if key in pivots]:
            row = _less(row, pivots[key], row[key])
        if not row:
            continue
        head = min(row, key=str)
        row = {key: value / row[head] for key, value in row.items()}
        pivots = {name: _less(pivot, row, pivot[head]) if head in pivot else pivot for name, pivot in pivots.items()}
        pivots[head] = row
    return {name for name, pivot in pivots.items() if len(pivot) == 1}


def _less(row: dict[Any, Fraction], other: dict[Any, Fraction], times: Fraction) -> dict[Any, Fraction]:
    left = {key: row.get(key, Fraction(0)) - times * other.get(key, Fraction(0)) for key in {*row, *other}}
    return {key: value for key, value in left.items() if value}


def without(row: Row, hidden: bool, *names: str) -> Row:
    """The row, with the named figures None if they may not be shown.

    >>> without({"n": 3, "amount_fen": 100}, True, "amount_fen")
    {'n': 3, 'amount_fen': None}
    """
    return row | dict.fromkeys(names) if hidden else row
