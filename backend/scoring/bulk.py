"""Many firms in one card at once: the same bins, the same points, the same digits as one firm at a time.

A column is an int64 array, made by `Compiled.column`: the number itself, days before the assessment for a day, the place among
the bins for a text or a truth, and `NONE` where nothing is known. Cutting points become whole numbers (below 500.5 is not above
500), so that no float decides a bin; the probability is read from a table by score. The kernel adds what each edge is worth.

>>> card = scorecard.current(date(2025, 6, 30))
>>> book = compiled(card)
>>> found = book.score({"gross_margin_bp": book.column("gross_margin_bp", [2500, None], date(2025, 6, 30))}, 2)
>>> [int(score) for score in found.score] == [
...     card.scale.base_points + sum(scorecard.bin_of(c, {"gross_margin_bp": v}.get(c.fact), date(2025, 6, 30)).points
...                                  for c in card.characteristics) for v in (2500, None)]
True
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from backend.kit.errors import Misconfigured
from backend.scoring import scorecard
from backend.scoring.card import Card, Characteristic

Ints = npt.NDArray[np.int64]
NONE = int(np.iinfo(np.int64).min)
"""Stands for "not known" in a column."""
_SLICE = 8192


@dataclass(frozen=True)
class Scored:
    """Scores of many firms; grades and probabilities are tables by score."""

    score: Ints
    least: int
    grades: tuple[str, ...]
    pds: tuple[Decimal, ...]

    @property
    def grade(self) -> list[str]:
        """Each firm's grade."""
        return [self.grades[n] for n in self.score - self.least]

    @property
    def pd(self) -> list[Decimal]:
        """Each firm's probability of default: the very Decimals of the look-up of one firm."""
        return [self.pds[n] for n in self.score - self.least]


@dataclass(frozen=True)
class _Steps:
    """One characteristic as steps: points of the first bin, what each edge passed adds, what an exact value adds."""

    first: int
    missing: int
    edges: Ints
    rises: Ints
    exact: Ints
    exact_rises: Ints


@dataclass(frozen=True)
class Compiled:
    """A card made ready for columns."""

    card: Card
    steps: tuple[_Steps, ...]
    grades: tuple[str, ...]
    pds: tuple[Decimal, ...]

    def column(self, fact: str, values: Iterable[Any], day: date) -> Ints:
        """Values as rooms hold them (numbers, texts, truths, days, None) as a column of that fact."""
        c = next(c for c in self.card.characteristics if c.fact == fact)
        return np.array([_cell(c, value, day) for value in values], dtype=np.int64)

    def score(self, columns: Mapping[str, Ints], count: int) -> Scored:
        """Scores of `count` firms that are of the card's population and in no default; the caller has seen to that.

        A fact without a column is known of nobody; a column that the card does not name is not looked at.
        """
        scale, base, read = self.card.scale, self.card.scale.base_points, []
        for c, steps in zip(self.card.characteristics, self.steps, strict=True):
            column = columns.get(c.fact)
            if column is None:
                base += steps.missing
            else:
                base += steps.first
                read.append((np.ascontiguousarray(column, dtype=np.int64), steps))
        total = np.full(count, base, dtype=np.int64)
        for start in range(0, count, _SLICE):
            part = slice(start, min(count, start + _SLICE))
            for column, steps in read:
                _add(column[part], steps.edges, steps.rises, steps.exact, steps.exact_rises, total[part])
        np.clip(total, scale.least, scale.most, out=total)
        return Scored(total, scale.least, self.grades, self.pds)


def compiled(card: Card) -> Compiled:
    """The card made ready: each characteristic as steps, grade and probability by score."""
    pds = tuple(scorecard.default_probability(card, score) for score in range(card.scale.least, card.scale.most + 1))
    grades = tuple(next(b.grade for b in card.grades if b.pd_below is None or pd < b.pd_below) for pd in pds)
    return Compiled(card, tuple(_steps(c) for c in card.characteristics), grades, pds)


def _texts(c: Characteristic) -> bool:
    return any(b.is_in for b in c.bins)


def _cell(c: Characteristic, value: Any, day: date) -> int:
    reading = scorecard.reading_of("days_since" if c.read_as == "months_since" else c.read_as, value, day)
    if reading is None:
        return NONE
    if _texts(c):
        return c.place(reading)
    if isinstance(reading, str) or reading != reading.to_integral_value():
        raise Misconfigured(f"{c.fact} holds {value!r}: columns hold whole numbers; look such a card up one firm at a time")
    return int(reading)


def _steps(c: Characteristic) -> _Steps:
    points = [b.points for b in c.every_bin]
    if _texts(c):
        edges, exact = list(range(1, len(points))), {NONE: points[-1] - points[0]}
        return _packed(points[0], points[-1], edges, points, exact)
    below = [b.below for b in c.bins if b.below is not None]
    # A day is in month m once m x 365 / 12 days have passed: days x 12 // 365 is how the look-up counts months.
    edges = [ceil(ceil(edge) * Decimal(365) / 12) if c.read_as == "months_since" else ceil(edge) for edge in below]
    exact = {NONE: c.missing.points - points[0]}
    for special in c.special:
        for value in map(Decimal, special.values):
            exact[int(value)] = special.points - points[sum(value >= edge for edge in below)]
    if c.special and c.read_as == "months_since":
        raise Misconfigured(f"{c.fact}: special values of a day are looked up one firm at a time")
    return _packed(points[0], c.missing.points, edges, points[: len(c.bins)], exact)


def _packed(first: int, missing: int, edges: list[int], points: list[int], exact: Mapping[int, int]) -> _Steps:
    rises = np.diff(np.array(points, dtype=np.int64))
    whole = np.array(edges, dtype=np.int64)
    told = rises != 0
    return _Steps(
        first, missing, whole[told], rises[told], np.array(list(exact), dtype=np.int64), np.array(list(exact.values()), np.int64)
    )


@numba.njit(cache=True, nogil=True)
def _add(column: Ints, edges: Ints, rises: Ints, exact: Ints, exact_rises: Ints, total: Ints) -> None:
    """Add one column's points beyond those of its first bin. Rows inside, edges outside: the machine compares many at once."""
    for e in range(len(edges)):
        edge, rise = edges[e], rises[e]
        for i in range(len(column)):
            total[i] += rise if column[i] >= edge else 0
    for e in range(len(exact)):
        value, rise = exact[e], exact_rises[e]
        for i in range(len(column)):
            total[i] += rise if column[i] == value else 0
