"""Other models on the same facts and the same firms, to say what a card that people can read costs in sharpness.

Logistic regression and a random forest are the yardsticks of the public data; boosting held to the card's own directions and an
explainable boosting machine are the challengers. None of them is ever published or looked up.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from backend.scoring.binning import Floats
from backend.scoring.blueprint import Blueprint
from backend.scoring.training.fitting import readings
from backend.scoring.training.sample import Sample

Rival = Callable[[Blueprint, Sample, Sample], Floats]
"""Trains on the first sample; answers the probability of default of every firm of the second."""
MOST_TEXTS = 250


def columns(plan: Blueprint, seen: Sample, unseen: Sample) -> tuple[Floats, Floats, list[int], list[bool]]:
    """Both samples as numbers (texts by their rank in `seen`), the direction of each column, and which are texts."""
    before: list[Floats] = []
    after: list[Floats] = []
    directions: list[int] = []
    words: list[bool] = []
    for candidate in plan.candidates:
        first, second = readings(candidate, seen), readings(candidate, unseen)
        is_word = candidate.found or bool(candidate.groups)
        if is_word:
            texts = [str(each) for each in first if each is not None]
            ranked = [text for text, _ in _counted(texts)][:MOST_TEXTS]
            table: dict[Any, float] = {text: float(n) for n, text in enumerate(ranked)}
            before.append(np.array([table.get(each, np.nan) for each in first]))
            after.append(np.array([table.get(each, np.nan) for each in second]))
        else:
            before.append(np.array([float(each) if isinstance(each, Decimal) else np.nan for each in first]))
            after.append(np.array([float(each) if isinstance(each, Decimal) else np.nan for each in second]))
        words.append(is_word)
        # A rising characteristic lifts the score, so the probability of default falls.
        directions.append({"rising": -1, "falling": 1, "none": 0}[candidate.monotone])
    return np.column_stack(before), np.column_stack(after), directions, words


def logit(plan: Blueprint, seen: Sample, unseen: Sample) -> Floats:
    """Logistic regression on logarithms; texts as one column for each."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    before, after, _, words = columns(plan, seen, unseen)
    first, second = _spread(before, before, words), _spread(before, after, words)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(first, seen.bad, logisticregression__sample_weight=seen.weights)
    return np.asarray(model.predict_proba(second)[:, 1])


def forest(plan: Blueprint, seen: Sample, unseen: Sample) -> Floats:
    """A random forest; a missing number is the middle one."""
    from sklearn.ensemble import RandomForestClassifier

    before, after, _, _ = columns(plan, seen, unseen)
    middle = _middle(before)
    model = RandomForestClassifier(200, min_samples_leaf=3, random_state=0)
    model.fit(np.where(np.isnan(before), middle, before), seen.bad, sample_weight=seen.weights)
    return np.asarray(model.predict_proba(np.where(np.isnan(after), middle, after))[:, 1])


def boosting(plan: Blueprint, seen: Sample, unseen: Sample) -> Floats:
    """Gradient boosting held to the card's directions."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    before, after, directions, words = columns(plan, seen, unseen)
    small = len(seen.bad) < 500
    model = HistGradientBoostingClassifier(
        max_iter=60 if small else 300,
        learning_rate=0.05,
        max_leaf_nodes=4 if small else 16,
        min_samples_leaf=8 if small else 40,
        l2_regularization=5.0,
        monotonic_cst=directions,
        categorical_features=words,
        early_stopping=False,
        random_state=0,
    )
    model.fit(before, seen.bad, sample_weight=seen.weights)
    return np.asarray(model.predict_proba(after)[:, 1])


def explainable(plan: Blueprint, seen: Sample, unseen: Sample) -> Floats:
    """An explainable boosting machine held to the card's directions: one curve for each fact, no two facts together."""
    from interpret.glassbox import ExplainableBoostingClassifier

    before, after, directions, words = columns(plan, seen, unseen)
    kinds = ["nominal" if word else "continuous" for word in words]
    model = ExplainableBoostingClassifier(
        feature_types=kinds,
        interactions=0,
        monotone_constraints=directions,
        outer_bags=2 if len(seen.bad) < 500 else 8,
        max_rounds=400 if len(seen.bad) < 500 else 5000,
        learning_rate=0.04 if len(seen.bad) < 500 else 0.02,
        n_jobs=1,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(before, seen.bad, sample_weight=seen.weights)
        return np.asarray(model.predict_proba(after)[:, 1])


def reference_card(plan: Blueprint, seen: Sample, unseen: Sample) -> Floats:
    """optbinning's own scorecard, asked of the cutting process."""
    from backend.scoring.training.cutter import cutter

    before, after, _, words = columns(plan, seen, unseen)
    return np.array(cutter().reference(_plain(before), _plain(after), [int(b) for b in seen.bad], words))


LOGIT, REFERENCE = "logistic regression 逻辑回归", "optbinning Scorecard"
YARDSTICKS: dict[str, Rival] = {LOGIT: logit, "random forest 随机森林": forest}
CHALLENGERS: dict[str, Rival] = {
    "boosting, monotone 单调梯度提升": boosting,
    "EBM, monotone 可解释提升机": explainable,
}


def _counted(texts: list[str]) -> list[tuple[str, int]]:
    names, counts = np.unique(texts, return_counts=True)
    return sorted(zip(names.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))


def _middle(table: Floats) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.nan_to_num(np.nanmedian(table, axis=0))


def _spread(before: Floats, table: Floats, words: list[bool]) -> Floats:
    """Logarithms of numbers, their missing ones in the middle; a column for each text."""
    middle, parts = _middle(before), []
    for n, word in enumerate(words):
        column = table[:, n]
        if word:
            size = int(np.nanmax(before[:, n], initial=0)) + 1
            parts.append((column[:, None] == np.arange(size)[None, :]).astype(float))
        else:
            known = np.where(np.isnan(column), middle[n], column)
            parts.append((np.sign(known) * np.log1p(np.abs(known)))[:, None])
    return np.hstack(parts)


def _plain(table: Floats) -> list[list[float | None]]:
    return [[None if np.isnan(each) else float(each) for each in row] for row in table]
