"""How the published cards hold on towns that had no part in training, where the truth is known, and when an economy turns.

    .venv/bin/python benchmarks/cards.py [--towns N] [--check CSV] [--turned CSV] [--cards FOLDER]

Draws towns from 8001 on (training ends below 8000) and towns from 8101 on whose economy turns on 1 January 2025, or reads samples
drawn before (`python -m backend.town.sample --first 8001`). Printed with 95 % intervals from drawing whole towns anew: AUC, the
slope of calibration (aim 0.9 to 1.1), each scene's card beside the general card on the same firms (a card without a gain is not
worth publishing), and the population stability index of the scores.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from backend.scoring import scorecard, selection
from backend.scoring.card import Card, CardFile
from backend.town.sample import draw
from backend.vocabulary.facts import definitions

DRAWS = 300
Rows = list[tuple[int, int, date, dict[str, Any]]]
"""Town, whether the loan failed, the day, what was known."""


def rows_of(frame: pd.DataFrame) -> Rows:
    """A sample as values, the way rooms hold them."""
    kinds = {code: definition.kind for code, definition in definitions().items() if code in frame.columns}

    def typed(kind: str, text: str) -> Any:
        if kind == "date":
            return date.fromisoformat(text)
        return text == "True" if kind == "bool" else text if kind == "text" else int(Decimal(text))

    return [
        (
            int(row["town"]),
            int(row["bad"]),
            date.fromisoformat(row["day"]),
            {code: typed(kind, row[code]) for code, kind in kinds.items() if row[code] != ""},
        )
        for row in frame.to_dict(orient="records")
    ]


def sample(path: Path | None, towns: int, first: int, downturn: date | None = None) -> Rows:
    """A sample from a file, or drawn now."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False) if path else draw(towns, 300, first=first, downturn=downturn)
    return rows_of(frame.fillna("").astype(str))


def auc(pd_: Any, bad: Any) -> float:
    """The chance that a failed firm had the higher probability; ties count half."""
    rank = pd.Series(pd_).rank().to_numpy()
    ones = bad.sum()
    return float((rank[bad == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(bad) - ones)))


def slope(pd_: Any, bad: Any) -> float:
    """One when the odds are neither too bold nor too timid."""
    return float(LogisticRegression(C=1e6).fit(logit(pd_)[:, None], bad).coef_[0, 0])


def logit(pd_: Any) -> Any:
    """Log odds of failing."""
    return np.log(pd_ / (1 - pd_))


def interval(figure: Callable[[Any], float], towns: Any) -> str:
    """A figure of chosen rows, with its interval from drawing whole towns anew."""
    rng = np.random.default_rng(9)
    of = {town: np.flatnonzero(towns == town) for town in np.unique(towns)}
    names = list(of)
    drawn = [figure(np.concatenate([of[t] for t in rng.choice(names, len(names))])) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{figure(np.arange(len(towns))):+.3f} [{low:+.3f}, {high:+.3f}]".replace("+0", "0").replace("+1", "1")


def figures(card: Card, rows: Rows) -> tuple[Any, Any, Any, Any]:
    """Which rows the card judges, and their towns, outcomes and probabilities."""
    found = [scorecard.assess(card, values, day).pd for _, _, day, values in rows]
    judged = [n for n, pd_ in enumerate(found) if pd_ is not None and pd_ < 1]
    return (
        judged,
        np.array([rows[n][0] for n in judged]),
        np.array([rows[n][1] for n in judged]),
        np.array([float(found[n] or 0) for n in judged]),
    )


def psi(expected: Any, observed: Any) -> float:
    """Population stability over tenths of the expected scores; 0.1 is worth a look, 0.25 a change."""
    edges = np.quantile(expected, np.linspace(0.1, 0.9, 9))
    parts = [
        np.bincount(np.searchsorted(edges, each, side="right"), minlength=10) / len(each) + 1e-4 for each in (expected, observed)
    ]
    return float(((parts[1] - parts[0]) * np.log(parts[1] / parts[0])).sum())


def one(card: Card, general: Card, rows: Rows) -> None:
    """A card's lines."""
    judged, towns, bad, pd_ = figures(card, rows)
    shares = f"{bad.sum():,} failed ({bad.mean():.1%}), mean PD {pd_.mean():.1%}"
    print(f"{card.code}: {len(bad):,} firms of {len(np.unique(towns))} towns, {shares}")
    print(f"  AUC               {interval(lambda n: auc(pd_[n], bad[n]), towns)}")
    print(f"  calibration slope {interval(lambda n: slope(pd_[n], bad[n]), towns)}")
    if card.code == general.code:
        return
    place = {row: n for n, row in enumerate(judged)}
    theirs, _, _, other = figures(general, rows)
    both = [(place[row], n) for n, row in enumerate(theirs) if row in place]
    mine, beside = (np.array(each) for each in zip(*both, strict=True))
    y, ours, wide = bad[mine], pd_[mine], other[beside]
    print(f"  beside the general card on {len(y):,} firms: AUC {auc(ours, y):.3f} and {auc(wide, y):.3f}, "
          f"gain {interval(lambda n: auc(ours[n], y[n]) - auc(wide[n], y[n]), towns[mine])}")  # fmt: skip
    print(f"  firms that only this card assesses: {len(judged) - len(both):,}")


def cards(folder: Path, names: Sequence[str]) -> list[Card]:
    """The newest block of each file."""
    from backend.kit.policy import load

    return [load(folder / f"{name}.yaml", CardFile).blocks[-1] for name in names]


def main() -> None:
    """Draw or read, look up, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--towns", type=int, default=20)
    parser.add_argument("--check", type=Path)
    parser.add_argument("--turned", type=Path)
    parser.add_argument("--cards", type=Path, default=scorecard.FOLDER)
    asked = parser.parse_args()
    found = cards(asked.cards, [path.stem for path in sorted(asked.cards.glob("*.yaml"))])
    general = next(card for card in found if card.code == "general")
    rows = sample(asked.check, asked.towns, 8001)
    for card in found:
        one(card, general, rows)
    turned = sample(asked.turned, max(4, asked.towns // 2), 8101, date(2025, 1, 1))
    calm = [n for n, row in enumerate(rows) if row[2] >= date(2025, 4, 1)]
    late = [row for row in turned if row[2] >= date(2025, 4, 1)]
    _, _, bad, before = figures(general, [rows[n] for n in calm])
    _, towns, fallen, after = figures(general, late)
    moved = psi(-logit(before), -logit(after))
    print(
        f"turned economy, general card: PSI {moved:.3f}; failed {fallen.mean():.1%} instead of {bad.mean():.1%}, "
        f"mean PD {after.mean():.1%} instead of {before.mean():.1%}; AUC {interval(lambda n: auc(after[n], fallen[n]), towns)}"
    )
    halves = np.random.default_rng(3).permutation(len(before))
    print(
        f"two halves of the calm towns, for comparison: PSI {psi(-logit(before[halves[::2]]), -logit(before[halves[1::2]])):.3f}"
    )
    first = [selection.choose(values, day).code for _, _, day, values in rows]
    print("chosen for the firms of these towns: " + ", ".join(f"{code} {first.count(code):,}" for code in sorted(set(first))))


if __name__ == "__main__":
    main()
