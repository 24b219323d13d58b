"""Training a card on a public source, and saying honestly how well it does on firms it has not seen.

Few firms (`by_folds`): repeated stratified folds; bins, selection and coefficients are made anew inside every fold, and the
fold's card is looked up for the firms left out. Many loans over years (`by_years`): the earlier train, the later validate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.model_selection import StratifiedKFold

from backend.kit.errors import Invalid
from backend.kit.words import Words
from backend.scoring.binning import Counts, Cutting, Floats
from backend.scoring.blueprint import Blueprint
from backend.scoring.card import Card, Interval
from backend.scoring.card import Rival as Beside
from backend.scoring.sources.table import UNKNOWN, Table, Telling
from backend.scoring.training.fitting import card_of, fit, looked_up
from backend.scoring.training.rivals import Rival
from backend.scoring.training.sample import Sample
from backend.scoring.validation import Figure, auc, draws, four, ks, slope, validate

FOLDS = 5
SEED = 20200221


@dataclass(frozen=True)
class Trained:
    """A card, and what its figures were made of: probabilities of unseen firms and their outcomes, scores of those it was trained
    on and of those the comparison of populations is with."""

    card: Card
    pd: Floats
    bad: Counts
    weight: Floats
    scores_before: Floats
    scores_after: Floats
    weights_before_after: tuple[Floats, Floats]
    after: Words


def sample_of(table: Table) -> Sample:
    """The rows whose outcome is known."""
    whole = Sample(table.values, table.on, table.bad, table.group, table.digest, table.weight)
    known = np.flatnonzero(table.bad != UNKNOWN)
    sample = whole.of(known)
    if not 10 <= sample.bad.sum() <= len(known) - 10:
        raise Invalid(
            "outcomes", f"{len(known)} outcomes are known, {int(sample.bad.sum())} of them failures: too few to train on"
        )
    return sample


def by_folds(plan: Blueprint, table: Table, by: Cutting, rivals: Mapping[str, Rival], repeats: int, progress: Telling) -> Trained:
    """A card trained on all, its figures from repeated folds."""
    sample = sample_of(table)
    size = len(sample.bad)
    names = ["card", *rivals]
    predicted = {name: np.zeros((repeats, size)) for name in names}
    by_fold: dict[str, list[float]] = {name: [] for name in names}
    ones = np.ones(size)
    for repeat in range(repeats):
        progress(f"fold by fold, {repeats} times", repeat, repeats)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED + repeat)
        for inside, outside in folds.split(ones, sample.bad):
            seen, unseen = sample.of(inside), sample.of(outside)
            card = card_of(plan, fit(plan, seen, by), seen, Words(zh="折内", en="inside a fold"))
            answers = {"card": looked_up(card, unseen)[0], **{name: rival(plan, seen, unseen) for name, rival in rivals.items()}}
            for name, pd in answers.items():
                predicted[name][repeat, outside] = pd
                by_fold[name].append(auc(pd, unseen.bad, unseen.weights))
    own = predicted["card"]
    stretch = float(np.clip(np.mean([slope(pd, sample.bad, sample.weights) for pd in own]), 0.5, 1.5))
    trained = Words(
        zh=f"有结果的 {size} 户，其中违约 {int(sample.bad.sum())} 户；文件摘要 {sample.digest[:16]}",
        en=f"{size} firms whose outcome is known, {int(sample.bad.sum())} of them failed; files {sample.digest[:16]}",
    )
    card = card_of(plan, fit(plan, sample, by, stretch), sample, trained)
    mean = _stretched(own, stretch, float(sample.bad.mean()))
    how = Words(
        zh=f"{repeats}次×{FOLDS}折分层交叉验证，分箱与选择均在折内；AUC为各折均值，区间按Nadeau–Bengio修正；其余区间为按户自助法95%",
        en=f"{repeats} × {FOLDS} stratified folds, bins and selection inside each; AUC is the mean over folds with the "
        "Nadeau-Bengio interval; other intervals from 200 bootstrap draws of firms; the slope is before calibration",
    )
    figures = validate(mean, sample.bad, [_grade(card, pd) for pd in mean], how=how)
    drawn = draws(sample.bad)
    card = card.model_copy(
        update={
            "validation": figures.model_copy(
                update={
                    "n_trained": size,
                    "auc": corrected(by_fold["card"]),
                    "ks": _over_repeats(ks, own, sample, drawn),
                    "slope": _over_repeats(slope, own, sample, drawn[:60]),
                    "rivals": tuple(Beside(name=name, auc=corrected(by_fold[name])) for name in rivals),
                }
            )
        }
    )
    return _told(card, sample, table, mean)


def by_years(
    plan: Blueprint, table: Table, by: Cutting, rivals: Mapping[str, Rival], since: int, until: int, progress: Telling
) -> Trained:
    """A card trained on the years `since` to `until`, its figures from the years after."""
    sample = sample_of(table)
    seen = sample.of(np.flatnonzero((sample.towns >= since) & (sample.towns <= until)))
    later = sample.of(np.flatnonzero(sample.towns > until))
    if min(seen.bad.sum(), len(seen.bad) - seen.bad.sum()) < 100:
        raise Invalid("--until", f"the years {since} to {until} hold too few outcomes to train on")
    if not 20 <= later.bad.sum() <= len(later.bad) - 20:
        raise Invalid("--until", f"there are too few outcomes after {until} to say how the card does")
    progress("cutting and fitting", 0, len(rivals) + 1)
    trained = Words(
        zh=f"{since}–{until} 财年批准的 {len(seen.bad)} 笔贷款；文件摘要 {sample.digest[:16]}",
        en=f"{len(seen.bad)} loans approved in the fiscal years {since} to {until}; file {sample.digest[:16]}",
    )
    card = card_of(plan, fit(plan, seen, by), seen, trained)
    pd, grades, _ = looked_up(card, later)
    how = Words(
        zh=f"在{until}财年之后批准的贷款上按本卡查表计算，按抽样权重加权；区间为自助法95%（200次）",
        en=f"looked up by this card for loans approved after fiscal year {until}, weighted; 95% intervals from 200 draws",
    )
    figures = validate(pd, later.bad, grades, weight=later.weights, how=how)
    beside = []
    for number, (name, rival) in enumerate(rivals.items()):
        progress(name, number + 1, len(rivals) + 1)
        other = rival(plan, seen, later)
        beside.append(Beside(name=name, auc=_auc_interval(other, later)))
    figures = figures.model_copy(update={"n_trained": len(seen.bad), "rivals": tuple(beside)})
    card = card.model_copy(update={"validation": figures})
    scores = [np.array(looked_up(card, part)[2], dtype=np.float64) for part in (seen, later)]
    after = Words(zh=f"{until}财年之后", en=f"after fiscal year {until}")
    return Trained(card, pd, later.bad, later.weights, scores[0], scores[1], (seen.weights, later.weights), after)


def corrected(by_fold: Sequence[float]) -> Interval:
    """The mean over folds with the interval of Nadeau and Bengio (2003): folds share their training firms."""
    mean, spread = float(np.mean(by_fold)), float(np.var(by_fold, ddof=1))
    half = float(stats.t.ppf(0.975, len(by_fold) - 1)) * float(np.sqrt((1 / len(by_fold) + 1 / (FOLDS - 1)) * spread))
    return Interval(value=four(mean), low=four(max(0.0, mean - half)), high=four(min(1.0, mean + half)))


def _over_repeats(figure: Figure, own: Floats, sample: Sample, drawn: Sequence[Counts]) -> Interval:
    """A figure's mean over the repeats, its interval from draws of firms."""

    def mean(chosen: Counts) -> float:
        return float(np.mean([figure(pd[chosen], sample.bad[chosen], sample.weights[chosen]) for pd in own]))

    low, high = np.quantile([mean(draw) for draw in drawn], [0.025, 0.975])
    return Interval(value=four(mean(np.arange(len(sample.bad)))), low=four(low), high=four(high))


def _auc_interval(pd: Floats, sample: Sample) -> Interval:
    low, high = np.quantile([auc(pd[d], sample.bad[d], sample.weights[d]) for d in draws(sample.bad)], [0.025, 0.975])
    return Interval(value=four(auc(pd, sample.bad, sample.weights)), low=four(low), high=four(high))


def _stretched(own: Floats, stretch: float, rate: float) -> Floats:
    """Each firm's mean probability over the repeats, calibrated as the card is, at the sample's rate."""
    kept = np.clip(own, 1e-6, 1 - 1e-6)
    log_odds = stretch * np.log(kept / (1 - kept)).mean(axis=0)
    low, high = -30.0, 30.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(log_odds + middle)))).mean() < rate else (low, middle)
    return np.asarray(1 / (1 + np.exp(-(log_odds + low))))


def _grade(card: Card, pd: float) -> str:
    return next(band.grade for band in card.grades if band.pd_below is None or pd < float(band.pd_below))


def _told(card: Card, sample: Sample, table: Table, mean: Floats) -> Trained:
    """With the firms of unknown outcome as the population to compare with, where there are any."""
    whole = Sample(table.values, table.on, table.bad, table.group, table.digest, table.weight)
    others = np.flatnonzero(table.bad == UNKNOWN)
    after = Words(zh="结果未知的企业", en="firms whose outcome is not known")
    if not len(others):
        others, after = np.arange(len(table.bad)), Words(zh="同一批", en="the same firms")
    parts = [np.array(looked_up(card, part)[2], dtype=np.float64) for part in (sample, whole.of(others))]
    even = (np.ones(len(parts[0])), np.ones(len(parts[1])))
    return Trained(card, mean, sample.bad, sample.weights, parts[0], parts[1], even, after)
