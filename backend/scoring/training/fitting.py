"""From a sample to a card: bins, weights of evidence, a logistic regression on them, points.

Method: N. Siddiqi, Credit Risk Scorecards (weights of evidence, points to double the odds). The same sample gives the same card
to the byte. Where the sample was drawn by outcome, weights set the level of the probabilities, not the weights of evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import numpy as np
from sklearn.linear_model import LogisticRegression

from backend.kit.errors import Misconfigured
from backend.kit.words import Words
from backend.scoring import scorecard
from backend.scoring.binning import Cut, Cutting, Floats, Reading, cut, placed
from backend.scoring.blueprint import Binning, Blueprint, Candidate
from backend.scoring.card import Bin, Card, Characteristic, Scale, Special
from backend.scoring.training.sample import Sample
from backend.scoring.validation import nothing_yet

T = TypeVar("T", Bin, Special)
SEED = 20250101


@dataclass(frozen=True)
class Fitted:
    """Cuts, their coefficients (positive), and the log odds of good at zero weight."""

    cuts: tuple[Cut, ...]
    coefficients: tuple[float, ...]
    constant: float

    def log_odds(self, sample: Sample) -> Floats:
        """Log odds of good for each firm, before points are rounded."""
        total = np.full(len(sample.values), self.constant)
        for found, coefficient in zip(self.cuts, self.coefficients, strict=True):
            total += coefficient * found.woe[placed(found.shell, readings(found.candidate, sample))]
        return total


def readings(candidate: Candidate, sample: Sample) -> list[Reading]:
    """One fact of every firm, as bins read it."""
    facts = zip(sample.values, sample.days, strict=True)
    return [scorecard.reading_of(candidate.read_as, values.get(candidate.fact), day) for values, day in facts]


def fit(plan: Blueprint, seen: Sample, by: Cutting, calibrated: float = 1.0) -> Fitted:
    """Selection, bins and coefficients, all from `seen` alone.

    A characteristic whose coefficient has the wrong sign or is too weak is dropped, weakest first; correlated ones go this way.
    `calibrated` stretches the log odds: the slope that predictions on unseen firms asked for.
    """
    rule = plan.binning
    tried = (cut(candidate, readings(candidate, seen), seen.bad, rule, by) for candidate in plan.candidates)
    cuts = [found for found in tried if found is not None and found.value >= rule.least_value]
    told = [_honest(found, seen, rule, by) for found in cuts]
    while True:
        if len(cuts) < 3:
            raise Misconfigured(f"the sample tells too little for card {plan.code}: {len(cuts)} facts distinguish firms at all")
        columns = np.column_stack(told)
        model = LogisticRegression(C=1 / rule.ridge, solver="newton-cholesky", tol=1e-9, max_iter=200).fit(columns, 1 - seen.bad)
        found = model.coef_[0]
        worst = int(np.argmin(found))
        if found[worst] < rule.least_coefficient:
            del cuts[worst], told[worst]
        elif len(cuts) > rule.most_characteristics:
            least = int(np.argmin(found * columns.std(axis=0)))
            del cuts[least], told[least]
        else:
            break
    coefficients = found * calibrated
    constant = level(np.column_stack([c.woe[c.place] for c in cuts]) @ coefficients, seen)
    return Fitted(tuple(cuts), tuple(float(b) for b in coefficients), constant)


def _honest(found: Cut, seen: Sample, rule: Binning, by: Cutting) -> Floats:
    """The weight of evidence of each firm as its coefficient is fitted on.

    Groups found among many texts flatter the firms they were found on. There, each fifth of the firms is weighed by groups found
    on the other four, so that the coefficient is that of texts which did not choose their own group.
    """
    if not found.candidate.found:
        return np.asarray(found.woe[found.place])
    fifths = np.random.default_rng(SEED).permutation(len(seen.bad)) % 5
    texts, told = readings(found.candidate, seen), np.zeros(len(seen.bad))
    for fifth in range(5):
        others, own = np.flatnonzero(fifths != fifth), np.flatnonzero(fifths == fifth)
        made = cut(found.candidate, [texts[n] for n in others], seen.bad[others], rule, by)
        if made is not None:
            told[own] = made.woe[placed(made.shell, [texts[n] for n in own])]
    return told


def level(log_odds: Floats, sample: Sample) -> float:
    """The constant at which the mean probability of default is the weighted share of failures."""
    weight, low, high = sample.weights, -30.0, 30.0
    target = float((weight * sample.bad).sum() / weight.sum())
    for _ in range(100):
        middle = (low + high) / 2
        mean = float((weight / (1 + np.exp(log_odds + middle))).sum() / weight.sum())
        low, high = (middle, high) if mean > target else (low, middle)
    return (low + high) / 2


def card_of(plan: Blueprint, fitted: Fitted, seen: Sample, trained_on: Words) -> Card:
    """The published form, not validated yet."""
    factor = plan.scale.doubling / np.log(2)
    base = round(plan.scale.anchor_score + factor * (fitted.constant - np.log(plan.scale.anchor_odds)))
    return Card(
        **_decided(plan),
        trained_on=trained_on,
        scale=Scale(base_points=base, **plan.scale.model_dump()),
        characteristics=tuple(_characteristic(c, b, factor, seen) for c, b in zip(fitted.cuts, fitted.coefficients, strict=True)),
        validation=nothing_yet(),
    )


def _decided(plan: Blueprint) -> dict[str, Any]:
    """What goes from the blueprint into the card unchanged."""
    own = set(Card.model_fields) - {"trained_on", "scale", "characteristics", "validation"}
    return {name: getattr(plan, name) for name in Blueprint.model_fields if name in own}


def _characteristic(found: Cut, coefficient: float, factor: float, seen: Sample) -> Characteristic:
    """Points of each bin, whole numbers; shares and bad rates as the weights say the firms are."""
    form, weight, size = found.shell, seen.weights, len(found.shell.every_bin)
    points = [round(float(factor * coefficient * woe)) for woe in found.woe]
    every = np.bincount(found.place, weights=weight, minlength=size)
    lost = np.bincount(found.place, weights=weight * seen.bad, minlength=size)

    def told(n: int) -> dict[str, int]:
        rate = min(10_000, int(10_000 * lost[n] / every[n])) if every[n] else 0
        return {"points": points[n], "share_bp": min(10_000, int(10_000 * every[n] / every.sum())), "bad_rate_bp": rate}

    bins, first = len(form.bins), form.every_bin
    return Characteristic(
        **form.model_dump(exclude={"bins", "special", "missing", "coefficient", "average_points"}),
        coefficient=Decimal(f"{coefficient:.4f}"),
        average_points=round(sum(p * w for p, w in zip(points, every, strict=True)) / every.sum()),
        bins=tuple(_told(Bin, first[n], told(n)) for n in range(bins)),
        special=tuple(_told(Special, first[n], told(n)) for n in range(bins, size - 1)),
        missing=_told(Bin, form.missing, told(size - 1)),
    )


def _told(kind: type[T], empty: Bin | Special, told: dict[str, int]) -> T:
    return kind.model_validate({**empty.model_dump(), **told})


def looked_up(card: Card, sample: Sample) -> tuple[Floats, list[str], list[int]]:
    """Probabilities, grades and scores of every firm that the card assesses, looked up as in use; others are left out."""
    return _split([scorecard.assess(card, values, day) for values, day in zip(sample.values, sample.days, strict=True)])


def _split(answers: Sequence[scorecard.Assessed]) -> tuple[Floats, list[str], list[int]]:
    pd = np.array([float(a.pd) if a.pd is not None else np.nan for a in answers])
    return pd, [a.grade or "" for a in answers], [a.score or 0 for a in answers]
