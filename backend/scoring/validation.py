"""How well a card does: AUC, KS, Brier score, calibration slope and failures by grade, each with a bootstrap interval.

AUC is the chance that a firm that failed was given a higher probability than one that paid; KS the widest gap between the two
cumulative shares; the slope is 1 when probabilities are neither too bold nor too timid.

>>> figures = validate(np.array([0.1, 0.2, 0.8, 0.3] * 20), np.array([0, 0, 1, 1] * 20), ["A", "B", "E", "C"] * 20)
>>> figures.auc.value, figures.bad
(Decimal('1.0000'), 40)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve

from backend.scoring.card import GradeCheck, Interval, Said, Validation

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
DRAWS = 200
_HOW = Said(
    zh="在未参与训练的城镇上按本卡查表计算；区间为自助法95%（200次，按户抽样）",
    en="looked up by this card in towns that did not train it; 95% intervals from 200 bootstrap draws of firms",
)


def validate(pd: Floats, bad: Counts, grades: Sequence[str]) -> Validation:
    """The figures of one validation; the counts of towns are filled in by the caller."""
    rng = np.random.default_rng(20250101)
    draws = [rng.integers(0, len(bad), len(bad)) for _ in range(DRAWS)]
    draws = [draw for draw in draws if 0 < bad[draw].sum() < len(draw)]
    held = np.array(grades)
    return Validation(
        how=_HOW,
        towns_trained=0,
        towns_validated=0,
        n_trained=0,
        n=len(bad),
        bad=int(bad.sum()),
        bad_rate_bp=int(10_000 * bad.mean()),
        auc=_interval(_auc, pd, bad, draws),
        ks=_interval(_ks, pd, bad, draws),
        brier=_interval(lambda p, y: float(((p - y) ** 2).mean()), pd, bad, draws),
        slope=_interval(_slope, pd, bad, draws[:60]),
        by_grade=tuple(_grade(g, pd[held == g], bad[held == g], rng) for g in ("A", "B", "C", "D", "E") if (held == g).any()),
    )


def nothing_yet() -> Validation:
    """Figures of a card that has not been validated."""
    none = Interval(value=Decimal(0), low=Decimal(0), high=Decimal(0))
    return Validation(
        how=_HOW,
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


def _interval(figure: Callable[[Floats, Counts], float], pd: Floats, bad: Counts, draws: Sequence[Counts]) -> Interval:
    drawn = [figure(pd[draw], bad[draw]) for draw in draws]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value=_four(figure(pd, bad)), low=_four(low), high=_four(high))


def _four(value: float) -> Decimal:
    return Decimal(f"{float(value):.4f}")


def _auc(pd: Floats, bad: Counts) -> float:
    return float(roc_auc_score(bad, pd))


def _ks(pd: Floats, bad: Counts) -> float:
    false, true, _ = roc_curve(bad, pd)
    return float(np.max(true - false))


def _slope(pd: Floats, bad: Counts) -> float:
    logit = np.log(pd / (1 - pd))
    return float(LogisticRegression(C=1e6).fit(logit[:, None], bad).coef_[0, 0])


def _grade(grade: str, pd: Floats, bad: Counts, rng: np.random.Generator) -> GradeCheck:
    means = [bad[rng.integers(0, len(bad), len(bad))].mean() for _ in range(DRAWS)]
    low, high = np.quantile(means, [0.025, 0.975])
    parts = [int(10_000 * part) for part in (pd.mean(), bad.mean(), low, high)]
    return GradeCheck.model_validate(
        {"grade": grade, "n": len(bad), "expected_bp": parts[0], "observed_bp": parts[1], "low_bp": parts[2], "high_bp": parts[3]}
    )
