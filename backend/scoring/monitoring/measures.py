"""The figures of monitoring, on plain arrays. Pure.

AUC and KS say whether a card still sorts; the calibration line logit(p) → outcome says whether its probabilities still mean what
they say: slope 1 and intercept 0 at best. PSI compares today's mix with the one the card was made on.

>>> auc(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1]))
1.0
>>> round(psi([50, 50], [0.5, 0.5]), 6), psi([90, 10], [0.5, 0.5]) > 0.25
(0.0, True)
>>> wilson(8, 10)
(0.4901625, 0.9433178)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
DRAWS = 400
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        return {"value": self.value, "low": self.low, "high": self.high}


def auc(pd: Floats, bad: Counts) -> float:
    """The chance that a firm that failed was given the higher probability; ties count half."""
    order = np.argsort(pd, kind="stable")
    ranks = np.empty(len(pd))
    values, start = pd[order], 0
    edges = np.flatnonzero(np.diff(values)) + 1
    for end in [*edges.tolist(), len(pd)]:
        ranks[order[start:end]] = (start + 1 + end) / 2
        start = end
    failed = int(bad.sum())
    return float((ranks[bad == 1].sum() - failed * (failed + 1) / 2) / (failed * (len(bad) - failed)))


def ks(pd: Floats, bad: Counts) -> float:
    """The widest gap between the two cumulative shares."""
    values = np.unique(pd)
    failed = np.searchsorted(np.sort(pd[bad == 1]), values, side="right") / max(1, int(bad.sum()))
    paid = np.searchsorted(np.sort(pd[bad == 0]), values, side="right") / max(1, int((1 - bad).sum()))
    return float(np.max(np.abs(paid - failed)))


def brier(pd: Floats, bad: Counts) -> float:
    """Mean squared distance of probability and outcome."""
    return float(((pd - bad) ** 2).mean())


def calibration(pd: Floats, bad: Counts) -> tuple[float, float]:
    """Slope and intercept of the outcome's log-odds on the card's, by Newton's method."""
    logit = np.log(np.clip(pd, 1e-6, 1 - 1e-6) / (1 - np.clip(pd, 1e-6, 1 - 1e-6)))
    design, weights = np.column_stack([np.ones_like(logit), logit]), np.array([0.0, 1.0])
    for _ in range(50):
        fitted = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        spread = np.maximum(fitted * (1 - fitted), 1e-9)
        move = np.linalg.solve(design.T @ (design * spread[:, None]) + 1e-9 * np.eye(2), design.T @ (bad - fitted))
        weights = weights + np.clip(move, -2, 2)
        if float(np.abs(move).max()) < 1e-8:
            break
    return float(weights[1]), float(weights[0])


def figure(of: Callable[[Floats, Counts], float], pd: Floats, bad: Counts, *, seed: int = 20250101) -> Figure:
    """A figure and its interval, by drawing firms with replacement."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(DRAWS):
        chosen = rng.integers(0, len(bad), len(bad))
        if 0 < bad[chosen].sum() < len(bad):
            drawn.append(of(pd[chosen], bad[chosen]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(round(of(pd, bad), 4), round(float(low), 4), round(float(high), 4))


def psi(now: Sequence[int], base: Sequence[float]) -> float:
    """Population stability index of counts against the base's shares; an empty cell counts as half a firm."""
    counts = np.maximum(np.asarray(now, dtype=float), 0.5)
    shares = np.maximum(np.asarray(base, dtype=float), 1e-4)
    p, q = counts / counts.sum(), shares / shares.sum()
    return float(((p - q) * np.log(p / q)).sum())


def psi_noise(cells: int, now: int, base: int) -> float:
    """What PSI comes to 95 times of 100 when nothing has changed, for so many firms: a small sample alone makes PSI.

    PSI · (1/now + 1/base)⁻¹ follows a chi-square of cells − 1 degrees (Wilson–Hilferty's approximation of its quantile).

    >>> round(psi_noise(5, 50, 1500), 2)
    0.2
    """
    if now == 0 or base == 0:
        return float("inf")
    free = max(1, cells - 1)
    quantile = free * (1 - 2 / (9 * free) + 1.644854 * np.sqrt(2 / (9 * free))) ** 3
    return float(quantile * (1 / now + 1 / base))


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if whole == 0:
        return 0.0, 1.0
    share, z2 = part / whole, Z * Z
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z * np.sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return round(float(max(0.0, middle - half)), 7), round(float(min(1.0, middle + half)), 7)


def ratio(part: int, whole: int, best_part: int, best_whole: int) -> Figure:
    """A group's share as a ratio to the best group's, with the interval of the log ratio (Katz); halves keep noughts finite."""
    a, n, b, m = part + 0.5, whole + 0.5, best_part + 0.5, best_whole + 0.5
    middle = np.log((a / n) / (b / m))
    half = Z * np.sqrt(max(0.0, 1 / a - 1 / n + 1 / b - 1 / m))
    value = (part / whole) / (best_part / best_whole) if whole and best_part else float("nan")
    return Figure(round(float(value), 4), round(float(np.exp(middle - half)), 4), round(float(np.exp(middle + half)), 4))
