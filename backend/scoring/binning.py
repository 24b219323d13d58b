"""Cutting a fact into bins and weighing them: weight of evidence, monotone where the blueprint says so.

Where to cut is found by optimal binning (`training/cutter.py`), rounded to edges people can remember. In which bin a firm falls
is asked of the card itself (`Characteristic.place`), in training as in scoring, so missing and special values cannot part ways.

The weight of evidence of a bin is its log odds of good against the average's. Every bin is first given `prior` average firms, so
that few firms say little and an empty side is not infinite. A missing value never weighs more than the average firm: keeping a
record back must not pay.

>>> good, bad = np.array([90, 60, 50]), np.array([2, 8, 20])
>>> [round(float(w), 2) for w in weights(good, bad, prior=10)]
[1.51, 0.11, -0.87]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Protocol

import numpy as np
import numpy.typing as npt

from backend.scoring.blueprint import Binning, Candidate
from backend.scoring.card import Bin, Characteristic, Special

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Reading = Decimal | str | None


class Cutting(Protocol):
    """Who knows where to cut."""

    def edges(self, values: Sequence[float], bad: Sequence[int], monotone: str, rule: Binning) -> list[float]: ...


@dataclass(frozen=True)
class Cut:
    """One candidate cut into bins. `shell` is the characteristic without points; `place` is each firm's place in its bins."""

    candidate: Candidate
    shell: Characteristic
    good: Counts
    bad: Counts
    woe: Floats
    place: Counts

    @property
    def value(self) -> float:
        """Information value: how much the bins tell at all."""
        good, bad = self.good / max(1, self.good.sum()), self.bad / max(1, self.bad.sum())
        return float(((good - bad) * self.woe).sum())


def weights(good: Counts, bad: Counts, prior: int) -> Floats:
    """Weight of evidence of each bin, shrunk towards the average firm; positive is good."""
    average = (bad.sum() + 0.5) / (good.sum() + bad.sum() + 1)
    rate = (bad + prior * average) / (good + bad + prior)
    return np.asarray(np.log((1 - rate) / rate) - np.log((1 - average) / average))


def cut(candidate: Candidate, readings: Sequence[Reading], bad: Counts, rule: Binning, by: Cutting) -> Cut | None:
    """Bins for one candidate, or None when it says nothing (fewer than two bins hold)."""
    measured = [n for n, reading in enumerate(readings) if reading is not None and str(reading) not in candidate.special]
    if len(measured) < rule.least_known:
        return None
    known, lost = [readings[n] for n in measured], bad[measured]
    if candidate.found or candidate.groups:
        groups = _found(candidate, [str(each) for each in known], lost, rule, by) if candidate.found else candidate.groups
        if not groups:
            return None
        found = _weighed(candidate, shell(candidate, (), groups), readings, bad, rule)
        held = (found.good + found.bad)[: len(found.shell.bins)]
        return found if np.count_nonzero(held >= min(15, rule.least_known // 4)) >= 2 else None
    numbers = np.array([float(each) for each in known if each is not None])
    edges = _edges(candidate, numbers, lost, rule, by)
    while edges:
        found = _weighed(candidate, shell(candidate, edges, ()), readings, bad, rule)
        wrong = [n for n in range(len(edges)) if _disordered(candidate.monotone, found.woe[n], found.woe[n + 1])]
        if not wrong:
            return found
        edges = edges[: wrong[0]] + edges[wrong[0] + 1 :]
    return None


def shell(candidate: Candidate, edges: Sequence[Decimal], groups: Sequence[Sequence[str]]) -> Characteristic:
    """The characteristic that these cuts make, with no points yet."""
    empty = {"points": 0, "share_bp": 0, "bad_rate_bp": 0}
    places: list[dict[str, object]] = [{"is_in": tuple(group)} for group in groups] or [{"below": edge} for edge in edges]
    return Characteristic(
        **candidate.model_dump(exclude={"groups", "special", "found", "least_firms"}),
        coefficient=Decimal(0),
        average_points=0,
        bins=tuple(Bin.model_validate({**empty, **where}) for where in [*places, {}]),
        special=tuple(Special.model_validate({**empty, "values": (each,)}) for each in candidate.special),
        missing=Bin.model_validate(empty),
    )


def placed(form: Characteristic, readings: Sequence[Reading]) -> Counts:
    """Each reading's place in the form's every_bin; asked once for each different reading."""
    table = {reading: form.place(reading) for reading in set(readings)}
    return np.array([table[reading] for reading in readings], dtype=np.int64)


def _weighed(candidate: Candidate, form: Characteristic, readings: Sequence[Reading], bad: Counts, rule: Binning) -> Cut:
    place, size = placed(form, readings), len(form.every_bin)
    lost = np.bincount(place, weights=bad, minlength=size).astype(np.int64)
    every = np.bincount(place, minlength=size)
    woe = weights(every - lost, lost, rule.prior)
    woe = woe - float((woe * every).sum() / every.sum())
    woe[-1] = min(0.0, woe[-1])
    return Cut(candidate, form, every - lost, lost, woe, place)


def _found(candidate: Candidate, texts: Sequence[str], bad: Counts, rule: Binning, by: Cutting) -> list[list[str]]:
    """Groups of the texts that enough firms share; the rare and the never seen are the last bin.

    Each text stands at its own weight of evidence, shrunk, and texts that stand near each other share a bin: a lender with thirty
    loans is not taken at its word.
    """
    counted, lost = Counter(texts), Counter(text for text, failed in zip(texts, bad, strict=True) if failed)
    shared = sorted(text for text, count in counted.items() if count >= candidate.least_firms)
    if len(shared) < 2:
        return []
    bad_of = np.array([lost[text] for text in shared])
    good_of = np.array([counted[text] for text in shared]) - bad_of
    stands = dict(zip(shared, (float(w) for w in weights(good_of, bad_of, rule.prior)), strict=True))
    chosen = [n for n, text in enumerate(texts) if text in stands]
    edges = by.edges([stands[texts[n]] for n in chosen], [int(each) for each in bad[chosen]], "rising", rule)
    groups = [[text for text in shared if np.searchsorted(edges, stands[text], side="right") == n] for n in range(len(edges) + 1)]
    return [group for group in groups if group] if len(edges) else []


def _edges(candidate: Candidate, numbers: Floats, bad: Counts, rule: Binning, by: Cutting) -> list[Decimal]:
    """Optimal edges, rounded; then neighbours joined until every bin is big enough and in order again."""
    if len(np.unique(numbers)) < 2:
        return []
    fine = by.edges([float(n) for n in numbers], [int(each) for each in bad], candidate.monotone, rule)
    edges = sorted({rounded(edge) for edge in fine})
    edges = [edge for edge in edges if (numbers < float(edge)).any() and (numbers >= float(edge)).any()]
    while edges:
        place = np.searchsorted([float(edge) for edge in edges], numbers, side="right")
        every = np.bincount(place, minlength=len(edges) + 1)
        lost = np.bincount(place, weights=bad, minlength=len(edges) + 1)
        rate = (lost + 0.5) / (every + 1)
        # Rounding moved firms across the edges: a bin may fall a little below its least size, not to half of it.
        small = [
            n for n in range(len(every)) if every[n] * 20_000 < len(numbers) * rule.least_share_bp or lost[n] * 2 < rule.least_bad
        ]
        wrong = [n for n in range(len(edges)) if _disordered(candidate.monotone, -rate[n], -rate[n + 1])]
        if small:
            sides = [side for side in (small[0] - 1, small[0]) if 0 <= side < len(edges)]
            del edges[min(sides, key=lambda side: abs(rate[side] - rate[side + 1]))]
        elif wrong:
            del edges[wrong[0]]
        else:
            break
    return edges


def _disordered(monotone: str, left: float, right: float) -> bool:
    """Goodness must follow the value."""
    return (monotone == "rising" and right < left) or (monotone == "falling" and right > left)


def rounded(number: float) -> Decimal:
    """Two leading digits: an edge that people can remember.

    >>> rounded(12345.6), rounded(0.0), rounded(2.5), rounded(-87)
    (Decimal('12000'), Decimal('1'), Decimal('3'), Decimal('-87'))
    """
    if abs(number) < 1:
        return Decimal(1)
    digits = len(str(int(abs(number))))
    if digits <= 2:
        return Decimal(ceil(number))
    step = 10 ** (digits - 2)
    return Decimal(round(number / step) * step)
