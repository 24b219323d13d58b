"""How well a card does: AUC, KS, Brier score, calibration slope and failures by grade, each with a bootstrap interval.

AUC is the chance that a firm that failed was given a higher probability than one that paid; KS the widest gap between the two
cumulative shares; the slope is 1 when probabilities are neither too bold nor too timid. Where a sample was not drawn evenly,
every figure is weighted.

>>> figures = validate(np.array([0.1, 0.2, 0.8, 0.3] * 20), np.array([0, 0, 1, 1] * 20), ["A", "B", "E", "C"] * 20)
>>> figures.auc.value, figures.bad
(Decimal('1.0000'), 40)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score, roc_curve

from backend.kit.words import Words
from backend.scoring.card import GradeCheck, Interval, Validation

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Figure = Callable[[Floats, Counts, Floats], float]
DRAWS = 200
IN_TOWNS = Words(
    zh="在未参与训练的城镇上按本卡查表计算；区间为自助法95%（200次，按户抽样）",
    en="looked up by this card in towns that did not train it; 95% intervals from 200 bootstrap draws of firms",
)


def validate(
    pd: Floats, bad: Counts, grades: Sequence[str], *, weight: Floats | None = None, how: Words = IN_TOWNS
) -> Validation:
    """The figures of one validation; the counts of towns are filled in by the caller."""
    held, weights = np.array(grades), weight if weight is not None else np.ones(len(bad))
    drawn = draws(bad)
    return nothing_yet().model_copy(
        update={
            "how": how,
            "n": len(bad),
            "bad": int(bad.sum()),
            "bad_rate_bp": int(10_000 * (weights * bad).sum() / weights.sum()),
            "auc": interval(auc, pd, bad, weights, drawn),
            "ks": interval(ks, pd, bad, weights, drawn),
            "brier": interval(brier, pd, bad, weights, drawn),
            "slope": interval(slope, pd, bad, weights, drawn[:60]),
            "by_grade": tuple(
                by_grade(grade, pd[held == grade], bad[held == grade], weights[held == grade])
                for grade in ("A", "B", "C", "D", "E")
                if (held == grade).any()
            ),
        }
    )


def nothing_yet() -> Validation:
    """Figures of a card that has not been validated."""
    none = Interval(value=Decimal(0), low=Decimal(0), high=Decimal(0))
    return Validation(
        how=IN_TOWNS,
        towns_trained=0,
        towns_validated=0,
        n_trained=0,
        n=0,
        bad=0,
        bad_rate_bp=0,
        auc=none,
        ks=none,
        brier=none,
        slope=none,
        by_grade=(),
    )


def draws(bad: Counts, count: int = DRAWS) -> list[Counts]:
    """Bootstrap draws of firms that hold both outcomes."""
    rng = np.random.default_rng(20250101)
    found = [rng.integers(0, len(bad), len(bad)) for _ in range(count)]
    return [draw for draw in found if 0 < bad[draw].sum() < len(draw)]


def interval(figure: Figure, pd: Floats, bad: Counts, weight: Floats, drawn: Sequence[Counts]) -> Interval:
    """A figure with its bootstrap interval."""
    low, high = np.quantile([figure(pd[draw], bad[draw], weight[draw]) for draw in drawn], [0.025, 0.975])
    return Interval(value=four(figure(pd, bad, weight)), low=four(low), high=four(high))


def four(value: float) -> Decimal:
    return Decimal(f"{float(value):.4f}")


def auc(pd: Floats, bad: Counts, weight: Floats) -> float:
    return float(roc_auc_score(bad, pd, sample_weight=weight))


def ks(pd: Floats, bad: Counts, weight: Floats) -> float:
    false, true, _ = roc_curve(bad, pd, sample_weight=weight)
    return float(np.max(true - false))


def brier(pd: Floats, bad: Counts, weight: Floats) -> float:
    return float((weight * (pd - bad) ** 2).sum() / weight.sum())


def slope(pd: Floats, bad: Counts, weight: Floats) -> float:
    return line(pd, bad, weight)[0]


def line(pd: Floats, bad: Counts, weight: Floats) -> tuple[float, float]:
    """Slope and height of the outcomes' log odds over the predicted ones: 1 and 0 when all is well."""
    kept = np.clip(pd, 1e-6, 1 - 1e-6)
    predicted = np.log(kept / (1 - kept))
    # Newton's method on two numbers, held down a hair so that outcomes which separate have an answer.
    columns, found, hair = np.column_stack([predicted, np.ones(len(bad))]), np.array([1.0, 0.0]), np.array([1e-3, 0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(columns @ found, -35, 35)))
        bent = weight * chance * (1 - chance) + 1e-12
        pull = columns.T @ (weight * (bad - chance)) - hair * found
        step = np.linalg.solve((columns * bent[:, None]).T @ columns + np.diag(hair), pull)
        found = found + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]), float(found[1])


def psi(before: Floats, after: Floats, edges: Sequence[float], weights: tuple[Floats, Floats] | None = None) -> float:
    """Population stability index over the bands that `edges` make: below 0.1 is stable, above 0.25 has moved.

    >>> bool(psi(np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 3, 4]), [2.5]) == 0)
    True
    """
    shares = []
    for number, values in enumerate((before, after)):
        held = weights[number] if weights is not None else np.ones(len(values))
        counted = np.bincount(np.searchsorted(edges, values, side="right"), weights=held, minlength=len(edges) + 1)
        shares.append((counted + 1e-4 * held.sum()) / (counted + 1e-4 * held.sum()).sum())
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def by_grade(grade: str, pd: Floats, bad: Counts, weight: Floats) -> GradeCheck:
    """Expected and observed failures of one grade."""
    rng = np.random.default_rng(20250101)
    drawn = [rng.integers(0, len(bad), len(bad)) for _ in range(DRAWS)]
    low, high = np.quantile([np.average(bad[d], weights=weight[d]) for d in drawn], [0.025, 0.975])
    parts = (np.average(pd, weights=weight), np.average(bad, weights=weight), low, high)
    expected, observed, least, most = (int(10_000 * part) for part in parts)
    return GradeCheck.model_validate(
        {"grade": grade, "n": len(bad), "expected_bp": expected, "observed_bp": observed, "low_bp": least, "high_bp": most}
    )
