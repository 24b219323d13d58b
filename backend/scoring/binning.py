"""Cutting a fact into bins and weighing them: weight of evidence, monotone where the blueprint says so.

The weight of evidence of a bin is ln(its share of good firms / its share of bad firms); half a firm is added on both sides, so
that an empty side is not infinite. A missing value never weighs more than the average firm: keeping a record back must not pay.

>>> good, bad = np.array([90, 60, 50]), np.array([2, 8, 20])
>>> [round(float(w), 2) for w in weights(good, bad)]
[1.71, 0.08, -0.98]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from backend.scoring.blueprint import Binning, Candidate

Counts = npt.NDArray[np.int64]
Reading = Decimal | str | None


@dataclass(frozen=True)
class Cut:
    """One candidate cut into bins. `place` is each firm's bin; the last place is the missing bin."""

    candidate: Candidate
    edges: tuple[Decimal, ...]
    good: Counts
    bad: Counts
    woe: npt.NDArray[np.float64]
    place: Counts

    @property
    def value(self) -> float:
        """Information value: how much the bins tell at all."""
        good, bad = self.good / max(1, self.good.sum()), self.bad / max(1, self.bad.sum())
        return float(((good - bad) * self.woe).sum())


def weights(good: Counts, bad: Counts) -> npt.NDArray[np.float64]:
    """Weight of evidence of each bin; positive is good."""
    share_good, share_bad = (good + 0.5) / (good.sum() + 0.5), (bad + 0.5) / (bad.sum() + 0.5)
    return np.asarray(np.log(share_good / share_bad))


def cut(candidate: Candidate, readings: Sequence[Reading], bad: Counts, rule: Binning) -> Cut | None:
    """Bins for one candidate, or None when it says nothing (fewer than two bins hold)."""
    known = np.array([reading is not None for reading in readings])
    if known.sum() < 100:
        return None
    if candidate.groups:
        edges: tuple[Decimal, ...] = ()
        place = np.array([_group(candidate, reading) for reading in readings])
        size = len(candidate.groups) + 1
        counted = np.bincount(place[known], minlength=size)
        if np.count_nonzero(counted[:size] >= 15) < 2:
            return None
    else:
        numbers = np.array([float(reading) if reading is not None else np.nan for reading in readings])
        edges = _edges(candidate, numbers[known], bad[known], rule)
        if not edges:
            return None
        place = np.searchsorted([float(edge) for edge in edges], numbers, side="right")
        size = len(edges) + 1
    place = np.where(known, place, size).astype(np.int64)
    all_bad, every = np.bincount(place, weights=bad, minlength=size + 1), np.bincount(place, minlength=size + 1)
    lost, kept = all_bad.astype(np.int64), (every - all_bad).astype(np.int64)
    woe = weights(kept, lost)
    woe = woe - float((woe * every).sum() / every.sum())
    woe = woe * every / (every + 30)
    woe[size] = min(0.0, woe[size])
    return Cut(candidate, edges, kept, lost, woe, place)


def _group(candidate: Candidate, reading: Reading) -> int:
    return next((n for n, group in enumerate(candidate.groups) if str(reading) in group), len(candidate.groups))


def _edges(candidate: Candidate, numbers: npt.NDArray[np.float64], bad: Counts, rule: Binning) -> tuple[Decimal, ...]:
    """Round edges between fine quantiles, then neighbours joined until every bin is big enough, in order, and few."""
    fine = sorted({_rounded(q) for q in np.quantile(numbers, np.linspace(0.05, 0.95, 19))})
    edges = [edge for edge in fine if (numbers < float(edge)).any() and (numbers >= float(edge)).any()]
    while edges:
        place = np.searchsorted([float(edge) for edge in edges], numbers, side="right")
        every = np.bincount(place, minlength=len(edges) + 1)
        lost = np.bincount(place, weights=bad, minlength=len(edges) + 1)
        rate = (lost + 0.5) / (every + 1)
        small = [
            n for n in range(len(every)) if every[n] * 10_000 < len(numbers) * rule.least_share_bp or lost[n] < rule.least_bad
        ]
        wrong = [n for n in range(len(edges)) if _disordered(candidate.monotone, rate[n], rate[n + 1])]
        if small:
            n = small[0]
            sides = [side for side in (n - 1, n) if 0 <= side < len(edges)]
            join = min(sides, key=lambda side: abs(rate[side] - rate[side + 1]))
        elif wrong:
            join = wrong[0]
        elif len(edges) + 1 > rule.most_bins or min(abs(np.diff(np.log(rate / (1 - rate))))) < 0.12:
            join = int(np.argmin(abs(np.diff(np.log(rate / (1 - rate))))))
        else:
            break
        del edges[join]
    return tuple(edges)


def _disordered(monotone: str, left: float, right: float) -> bool:
    """Points rise with the value when the bad rate falls."""
    return (monotone == "rising" and right > left) or (monotone == "falling" and right < left)


def _rounded(number: float) -> Decimal:
    """Two leading digits: an edge that people can remember.

    >>> _rounded(12345.6), _rounded(0.0), _rounded(-87)
    (Decimal('12000'), Decimal('1'), Decimal('-87'))
    """
    if abs(number) < 1:
        return Decimal(1)
    digits = len(str(int(abs(number))))
    step = 10 ** max(0, digits - 2)
    return Decimal(round(number / step) * step)
