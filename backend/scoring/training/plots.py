"""The plots a credit officer expects, as SVG text: no script, no font file, no address."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from backend.scoring.binning import Counts, Floats
from backend.scoring.card import Card
from backend.scoring.validation import DRAWS

INK, GOOD, BAD, PALE = "#1f3a5f", "#2f7d6b", "#b5482f", "#c9d3df"


def _figure() -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "card", "font.family": "sans-serif", "font.size": 9})
    figure, axes = pyplot.subplots(figsize=(4.2, 3.1))
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Any) -> str:
    from matplotlib import pyplot

    body = io.StringIO()
    figure.tight_layout()
    figure.savefig(body, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    text = body.getvalue()
    return text[text.index("<svg") :]


def roc(pd: Floats, bad: Counts, weight: Floats) -> str:
    """How many failures are found for how many good firms turned away."""
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(bad, pd, sample_weight=weight)
    figure, axes = _figure()
    axes.plot([0, 1], [0, 1], color=PALE)
    axes.plot(false, true, color=INK)
    axes.set(xlabel="good firms turned away", ylabel="failures found", xlim=(0, 1), ylim=(0, 1.01))
    return _svg(figure)


def gap(pd: Floats, bad: Counts, weight: Floats) -> str:
    """The two cumulative shares, and the widest gap between them."""
    from sklearn.metrics import roc_curve

    kept, lost, _ = roc_curve(bad, pd, sample_weight=weight)
    rate = (weight * bad).sum() / weight.sum()
    share, widest = rate * lost + (1 - rate) * kept, int(np.argmax(lost - kept))
    figure, axes = _figure()
    axes.plot(share, lost, color=BAD, label="failed")
    axes.plot(share, kept, color=GOOD, label="good")
    axes.plot(
        [share[widest]] * 2, [kept[widest], lost[widest]], color=INK, linestyle=":", label=f"KS {lost[widest] - kept[widest]:.3f}"
    )
    axes.set(xlabel="share of firms, riskiest first", ylabel="cumulative share")
    axes.legend(frameon=False)
    return _svg(figure)


def calibration(pd: Floats, bad: Counts, weight: Floats) -> str:
    """Observed against predicted, in groups of equal size, with intervals."""
    groups = 10 if len(pd) >= 500 else 4
    figure, axes = _figure()
    top = 0.0
    for chosen in np.array_split(np.argsort(pd, kind="stable"), groups):
        low, high = _draws(bad[chosen], weight[chosen])
        expected, observed = np.average(pd[chosen], weights=weight[chosen]), np.average(bad[chosen], weights=weight[chosen])
        axes.plot([expected] * 2, [low, high], color=PALE)
        axes.plot(expected, observed, "o", color=INK, markersize=4)
        top = max(top, high, expected)
    axes.plot([0, top], [0, top], color=PALE, linestyle="--")
    axes.set(xlabel="predicted", ylabel="observed")
    return _svg(figure)


def distribution(pd: Floats, bad: Counts, weight: Floats, card: Card) -> str:
    """Where failed and good firms lie on the scale."""
    scale = card.scale
    kept = np.clip(pd, 1e-6, 1 - 1e-6)
    scores = scale.anchor_score + scale.doubling * np.log2((1 - kept) / kept / scale.anchor_odds)
    bins = np.linspace(scores.min(), scores.max() + 1, 21)
    figure, axes = _figure()
    for outcome, colour, name in ((0, GOOD, "good"), (1, BAD, "failed")):
        chosen = bad == outcome
        share = weight[chosen] / weight[chosen].sum()
        axes.hist(scores[chosen], bins=bins, weights=share, color=colour, alpha=0.55, label=name)
    axes.set(xlabel="score", ylabel="share of each outcome")
    axes.legend(frameon=False)
    return _svg(figure)


def populations(before: Floats, after: Floats, weights: tuple[Floats, Floats], edges: list[float]) -> str:
    """Shares by score band, trained on and compared with."""
    figure, axes = _figure()
    for number, (values, colour, name) in enumerate(((before, INK, "trained on"), (after, PALE, "compared with"))):
        counted = np.bincount(np.searchsorted(edges, values, side="right"), weights=weights[number], minlength=len(edges) + 1)
        axes.bar(np.arange(len(counted)) + 0.4 * number, counted / counted.sum(), width=0.4, color=colour, label=name)
    names = [f"<{edges[0]:.0f}", *(f"{edge:.0f}+" for edge in edges)]
    axes.set_xticks(np.arange(len(names)) + 0.2, names, rotation=45)
    axes.set(ylabel="share of firms")
    axes.legend(frameon=False)
    return _svg(figure)


def bands(card: Card) -> str:
    """Expected and observed failures by grade, with intervals."""
    figure, axes = _figure()
    checks = card.validation.by_grade
    for n, check in enumerate(checks):
        axes.bar(n, check.observed_bp / 100, color=PALE, width=0.6)
        axes.plot([n, n], [check.low_bp / 100, check.high_bp / 100], color=INK)
        axes.plot(n, check.expected_bp / 100, "D", color=BAD, markersize=4)
    axes.set_xticks(range(len(checks)), [f"{check.grade}\nn {check.n}" for check in checks])
    axes.set(ylabel="bad rate, % (diamond: expected)")
    return _svg(figure)


def _draws(bad: Counts, weight: Floats) -> tuple[float, float]:
    rng = np.random.default_rng(20250101)
    drawn = [rng.integers(0, len(bad), len(bad)) for _ in range(DRAWS)]
    low, high = np.quantile([np.average(bad[d], weights=weight[d]) for d in drawn], [0.025, 0.975])
    return float(low), float(high)
