"""Training a card: bins, weights of evidence, a logistic regression on them, points, and honest figures on unseen towns.

A sample is a table with one row for each firm on a day: town, firm, day, bad (0 or 1), and a column for each fact, empty where
nothing was known. Two thirds of the towns train; the rest, which the card never saw, validate. The same sample gives the same
card to the byte. Method: N. Siddiqi, Credit Risk Scorecards (weights of evidence, points to double the odds).

    python -m backend.scoring.training var/sample.csv.gz
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from sklearn.linear_model import LogisticRegression

from backend.credit_data.model import definitions
from backend.kit.errors import Misconfigured
from backend.kit.policy import digest
from backend.scoring import scorecard
from backend.scoring.binning import Counts, Cut, cut
from backend.scoring.blueprint import Blueprint, blueprint
from backend.scoring.card import Bin, Card, CardFile, Characteristic, Said, Scale, Validation
from backend.scoring.validation import nothing_yet, validate


@dataclass(frozen=True)
class Sample:
    """Values by firm as rooms hold them (numbers, truths, days), outcomes, towns, days; `digest` names the bytes it came from."""

    values: Sequence[Mapping[str, Any]]
    days: Sequence[date]
    bad: Counts
    towns: Counts
    digest: str

    def of(self, chosen: Sequence[int]) -> Sample:
        return Sample(
            [self.values[n] for n in chosen], [self.days[n] for n in chosen], self.bad[chosen], self.towns[chosen], self.digest
        )


def read_sample(path: Path) -> Sample:
    """A sample from CSV (gzip when the name says so); columns that are no fact are ignored."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return of_frame(frame, digest(frame.to_csv(index=False, lineterminator="\n").encode()))


def of_frame(frame: pd.DataFrame, name: str) -> Sample:
    """A sample from a table of text."""
    known = {code: definition.kind for code, definition in definitions().items() if code in frame.columns}
    values = [
        {code: _typed(known[code], row[code]) for code in known if row[code] != ""} for row in frame.to_dict(orient="records")
    ]
    days = [date.fromisoformat(day) for day in frame["day"]]
    return Sample(values, days, frame["bad"].to_numpy(dtype=np.int64), frame["town"].to_numpy(dtype=np.int64), name)


def _typed(kind: str, text: str) -> Any:
    if kind == "bool":
        return text == "True"
    if kind == "date":
        return date.fromisoformat(text)
    return text if kind == "text" else int(Decimal(text))


def train(plan: Blueprint, sample: Sample) -> Card:
    """A card from a blueprint and a sample, validated on the towns that did not train it."""
    inside = [n for n, values in enumerate(sample.values) if scorecard.outside(plan.population, values) is None]
    sample = sample.of(inside)
    towns = sorted(set(sample.towns.tolist()))
    kept_out = towns[-max(1, len(towns) // 3) :]
    seen = sample.of([n for n, town in enumerate(sample.towns) if town not in kept_out])
    unseen = sample.of([n for n, town in enumerate(sample.towns) if town in kept_out])
    cuts, coefficients, constant = _fit(plan, seen)
    factor = plan.scale.doubling / np.log(2)
    base = round(plan.scale.anchor_score + factor * (constant - np.log(plan.scale.anchor_odds)))
    card = Card(
        **_decided(plan),
        trained_on=_told(seen, towns, kept_out),
        scale=Scale(base_points=base, **plan.scale.model_dump()),
        characteristics=tuple(_characteristic(c, b, factor) for c, b in zip(cuts, coefficients, strict=True)),
        validation=nothing_yet(),
    )
    figures = _validated(card, unseen)
    return card.model_copy(
        update={
            "validation": figures.model_copy(
                update={
                    "towns_trained": len(towns) - len(kept_out),
                    "towns_validated": len(kept_out),
                    "n_trained": len(seen.values),
                }
            )
        }
    )


def _decided(plan: Blueprint) -> dict[str, Any]:
    """What goes from the blueprint into the card unchanged."""
    names = (
        "code",
        "title",
        "valid_from",
        "source",
        "approved_by",
        "outcome",
        "as_of_window_days",
        "population",
        "grades",
        "capacity",
    )
    return {name: getattr(plan, name) for name in names}


def _told(seen: Sample, towns: Sequence[int], kept_out: Sequence[int]) -> Said:
    trained = [town for town in towns if town not in kept_out]
    n, mark = len(seen.values), seen.digest[:16]
    return Said(
        zh=f"虚拟城镇 {trained[0]}–{trained[-1]}，共 {n} 户；样本摘要 {mark}",
        en=f"made-up towns {trained[0]} to {trained[-1]}, {n} firms; sample {mark}",
    )


def _fit(plan: Blueprint, seen: Sample) -> tuple[list[Cut], list[float], float]:
    """Cuts, their coefficients (positive), and the log odds of good at zero weight.

    A characteristic whose coefficient has the wrong sign or is too weak is dropped, weakest first; correlated ones go this way.
    """
    cuts = [
        c
        for candidate in plan.candidates
        if (c := _cut(plan, candidate.fact, seen)) is not None and c.value >= plan.binning.least_value
    ]
    while True:
        if len(cuts) < 3:
            raise Misconfigured(f"the sample tells too little for card {plan.code}: {len(cuts)} facts distinguish firms at all")
        columns = np.column_stack([c.woe[c.place] for c in cuts])
        model = LogisticRegression(C=100.0, tol=1e-9, max_iter=2000).fit(columns, 1 - seen.bad)
        found = model.coef_[0]
        worst = int(np.argmin(found))
        if found[worst] < plan.binning.least_coefficient:
            del cuts[worst]
            continue
        if len(cuts) > plan.binning.most_characteristics:
            del cuts[int(np.argmin(found * columns.std(axis=0)))]
            continue
        return cuts, [float(b) for b in found], float(model.intercept_[0])


def _cut(plan: Blueprint, fact: str, seen: Sample) -> Cut | None:
    candidate = next(c for c in plan.candidates if c.fact == fact)
    readings = [
        scorecard.reading_of(candidate.read_as, values.get(fact), day) for values, day in zip(seen.values, seen.days, strict=True)
    ]
    return cut(candidate, readings, seen.bad, plan.binning)


def _characteristic(found: Cut, coefficient: float, factor: float) -> Characteristic:
    """Points of each bin, whole numbers."""
    candidate, every = found.candidate, found.good + found.bad
    points = [round(float(factor * coefficient * woe)) for woe in found.woe]
    last = len(points) - 1

    def bin_(n: int, **where: Any) -> Bin:
        rate = int(10_000 * found.bad[n] / every[n]) if every[n] else 0
        return Bin(points=points[n], share_bp=int(10_000 * every[n] / every.sum()), bad_rate_bp=rate, **where)

    if candidate.groups:
        places: list[dict[str, Any]] = [{"is_in": group} for group in candidate.groups]
    else:
        places = [{"below": edge} for edge in found.edges]
    average = round(sum(p * int(n) for p, n in zip(points, every, strict=True)) / int(every.sum()))
    return Characteristic(
        **candidate.model_dump(exclude={"groups"}),
        coefficient=Decimal(f"{coefficient:.4f}"),
        average_points=average,
        bins=tuple(bin_(n, **where) for n, where in enumerate([*places, {}])),
        missing=bin_(last),
    )


def _validated(card: Card, unseen: Sample) -> Validation:
    """The card looked up for every unseen firm, as in use."""
    answers = [scorecard.assess(card, values, day) for values, day in zip(unseen.values, unseen.days, strict=True)]
    judged = [n for n, answer in enumerate(answers) if answer.pd is not None]
    pd_ = np.array([float(answers[n].pd or 0) for n in judged])
    return validate(pd_, unseen.bad[judged], [answers[n].grade or "" for n in judged])


class _Dumper(yaml.SafeDumper):
    """Decimals as plain numbers; short mappings in one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _number(dumper: yaml.SafeDumper, value: Decimal) -> yaml.Node:
    whole = value == value.to_integral_value()
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'int' if whole else 'float'}", str(int(value)) if whole else str(value))


_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(tuple, lambda dumper, value: dumper.represent_list(list(value)))


def written(card: Card) -> str:
    """The card's file, ready to be published."""
    head = "# Written by training (backend/scoring/training.py) from blueprints/{code}.yaml; a change is a new dated block.\n"
    body = yaml.dump(
        {"blocks": [card.model_dump(exclude_defaults=True)]},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=160,
        default_flow_style=None,
    )
    return head.format(code=card.code) + body


def publish(sample: Sample, folder: Path = scorecard.FOLDER, codes: Sequence[str] = scorecard.CODES) -> list[Card]:
    """Train every card and write its file; answers the cards as they read back."""
    cards = []
    for code in codes:
        card = train(blueprint(code), sample)
        path = folder / f"{code}.yaml"
        path.write_text(written(card), encoding="utf-8")
        cards.append(CardFile.model_validate({"blocks": [card.model_dump()]}).blocks[0])
    return cards


def main() -> None:
    """Train on a sample and publish the cards."""
    parser = argparse.ArgumentParser(description="Train the published scorecards on a sample.")
    parser.add_argument("sample", type=Path)
    parser.add_argument("--folder", type=Path, default=scorecard.FOLDER)
    asked = parser.parse_args()
    publish(read_sample(asked.sample), asked.folder)


if __name__ == "__main__":
    main()
