"""Training the platform's own cards on the towns' sample. Two thirds of the towns train; the rest, never seen, validate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backend.kit.words import Words
from backend.scoring import scorecard
from backend.scoring.binning import Cutting
from backend.scoring.blueprint import Blueprint, blueprint
from backend.scoring.card import Card, CardFile
from backend.scoring.training.cutter import cutter
from backend.scoring.training.fitting import card_of, fit, looked_up
from backend.scoring.training.sample import Sample
from backend.scoring.training.writing import written
from backend.scoring.validation import validate


def train(plan: Blueprint, sample: Sample, by: Cutting | None = None) -> Card:
    """A card from a blueprint and a sample, validated on the towns that did not train it."""
    return parted(plan, sample, by)[0]


def parted(plan: Blueprint, sample: Sample, by: Cutting | None = None) -> tuple[Card, Sample, Sample]:
    """The card, the firms that trained it and the firms that validated it."""
    inside = [n for n, values in enumerate(sample.values) if scorecard.outside(plan.population, values) is None]
    sample = sample.of(inside)
    towns = sorted(set(sample.towns.tolist()))
    kept_out = towns[-max(1, len(towns) // 3) :]
    seen = sample.of([n for n, town in enumerate(sample.towns) if town not in kept_out])
    unseen = sample.of([n for n, town in enumerate(sample.towns) if town in kept_out])
    card = card_of(plan, fit(plan, seen, by or cutter()), seen, _told(seen, towns, kept_out))
    pd, grades, _ = looked_up(card, unseen)
    judged = np.flatnonzero(~np.isnan(pd))
    figures = validate(pd[judged], unseen.bad[judged], [grades[n] for n in judged])
    counts = {
        "towns_trained": len(towns) - len(kept_out),
        "towns_validated": len(kept_out),
        "n_trained": len(seen.values),
    }
    return card.model_copy(update={"validation": figures.model_copy(update=counts)}), seen, unseen


def _told(seen: Sample, towns: Sequence[int], kept_out: Sequence[int]) -> Words:
    trained = [town for town in towns if town not in kept_out]
    n, mark = len(seen.values), seen.digest[:16]
    return Words(
        zh=f"虚拟城镇 {trained[0]}–{trained[-1]}，共 {n} 户；样本摘要 {mark}",
        en=f"made-up towns {trained[0]} to {trained[-1]}, {n} firms; sample {mark}",
    )


def publish(sample: Sample, folder: Path = scorecard.FOLDER, codes: Sequence[str] | None = None) -> list[Card]:
    """Train every card and write its file; answers the cards as they read back."""
    cards = []
    for code in codes or scorecard.CODES:
        card = train(blueprint(code), sample)
        path = folder / f"{code}.yaml"
        path.write_text(written(card), encoding="utf-8")
        cards.append(CardFile.model_validate({"blocks": [card.model_dump()]}).blocks[0])
    return cards
