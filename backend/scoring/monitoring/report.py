"""One card's month as figures and alarms, from two frames. Pure.

`assessed`: one row per firm and month in which it was assessed (firm, month, grade, pd, region, industry, size, ownership,
drawn). `outcomes`: one row per firm whose loan has told what came of it (firm, pd, bad). Only firms with a loan tell, so that AUC
is held down by the choice of those who lent. A figure that too few firms stand behind is None; a group of fewer than ten is left
out (domain §9). A card leaves its validated range where a figure's whole interval lies beyond the interval that the card's own
validation block states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from backend.scoring import scorecard
from backend.scoring.card import Bin, Card, Special
from backend.scoring.monitoring import measures
from backend.scoring.monitoring.limits import Limits

DIMENSIONS = ("region", "industry", "size", "ownership")
FAVOURED = ("A", "B", "C")
"""Grades with which the card opens doors: what it does to a group, before any bank has looked."""


@dataclass(frozen=True, slots=True)
class Look:
    """What monitoring says of one card: plain JSON both."""

    figures: dict[str, Any]
    alerts: list[dict[str, Any]]


def look(card: Card, assessed: pd.DataFrame, outcomes: pd.DataFrame, limits: Limits) -> Look:
    """Every figure and alarm of one card."""
    base = grade_shares(card)
    firms = int(assessed["firm"].nunique())
    figures: dict[str, Any] = {"assessed": len(assessed), "firms": firms, **_sorting(outcomes, limits)}
    # The mix of very few firms is the grade of each.
    figures["psi"] = _psi(list(assessed["grade"]) if firms >= limits.least_cell else [], base, card)
    figures["by_month"] = _by_month(assessed, base, card, limits)
    figures["groups"] = {name: _groups(assessed, name, base, card, limits) for name in DIMENSIONS}
    return Look(figures, alarms(card, figures, limits))


def grade_shares(card: Card) -> dict[str, float]:
    """The mix of grades the card was validated on."""
    counted = {check.grade: check.n for check in card.validation.by_grade}
    whole = max(1, sum(counted.values()))
    return {band.grade: counted.get(band.grade, 0) / whole for band in card.grades}


def _psi(grades: Sequence[str], base: Mapping[str, float], card: Card) -> dict[str, Any]:
    counts = [sum(1 for grade in grades if grade == name) for name in base]
    noise = measures.psi_noise(len(base), len(grades), card.validation.n)
    value = round(measures.psi(counts, list(base.values())), 4) if grades else None
    return {"n": len(grades), "value": value, "noise": round(noise, 4) if grades else None}


def _by_month(assessed: pd.DataFrame, base: Mapping[str, float], card: Card, limits: Limits) -> list[dict[str, Any]]:
    found = []
    for month, rows in assessed.groupby("month", sort=True):
        if len(rows) >= limits.least_cell:
            found.append({"month": str(month), **_psi(list(rows["grade"]), base, card)})
    return found


def _sorting(outcomes: pd.DataFrame, limits: Limits) -> dict[str, Any]:
    """AUC, KS, Brier, calibration: None until enough loans have told."""
    known = outcomes.dropna(subset=["bad"])
    chances, bad = known["pd"].to_numpy(dtype=float), known["bad"].to_numpy(dtype=np.int64)
    counted = {"outcomes": len(known), "bad": int(bad.sum())}
    named: tuple[tuple[str, Callable[[measures.Floats, measures.Counts], float]], ...] = (
        ("auc", measures.auc),
        ("ks", measures.ks),
        ("brier", measures.brier),
        ("slope", lambda p, y: measures.calibration(p, y)[0]),
        ("intercept", lambda p, y: measures.calibration(p, y)[1]),
    )
    good = len(known) - counted["bad"]
    if len(known) < limits.least_outcomes or min(counted["bad"], good) < limits.least_bad:
        return {**counted, **{name: None for name, _ in named}, "expected": None, "observed": None}
    low, high = measures.wilson(counted["bad"], len(known))
    observed = measures.Figure(round(counted["bad"] / len(known), 4), round(low, 4), round(high, 4))
    said = {name: measures.figure(of, chances, bad).as_dict() for name, of in named}
    return {**counted, **said, "expected": round(float(chances.mean()), 4), "observed": observed.as_dict()}


_KINDS: Mapping[str, Callable[[pd.DataFrame], pd.Series[bool]]] = {
    "favoured": lambda rows: rows["grade"].isin(FAVOURED),
    "drew": lambda rows: rows["drawn"],
}


def _groups(assessed: pd.DataFrame, name: str, base: Mapping[str, float], card: Card, limits: Limits) -> list[dict[str, Any]]:
    """Groups of a dimension: PSI, the share with grades A to C, the share that drew; each as a ratio to the best group."""
    last = assessed.sort_values("month").drop_duplicates("firm", keep="last")
    cells = {str(group): rows for group, rows in last.groupby(name, sort=True) if len(rows) >= limits.least_cell}
    counts = {kind: {group: int(test(rows).sum()) for group, rows in cells.items()} for kind, test in _KINDS.items()}
    found = []
    for group, rows in cells.items():
        row: dict[str, Any] = {"group": group, "n": len(rows), "psi": _psi(list(rows["grade"]), base, card)}
        for kind, parts in counts.items():
            best = max(cells, key=lambda each: (parts[each] / len(cells[each]), len(cells[each])))
            row[kind] = round(parts[group] / len(rows), 4)
            compared = measures.ratio(parts[group], len(rows), parts[best], len(cells[best]))
            row[f"{kind}_ratio"] = compared.as_dict() if parts[best] else None
        found.append(row)
    return found


# ---------------------------------------------------------------- alarms


def alarms(card: Card, figures: Mapping[str, Any], limits: Limits) -> list[dict[str, Any]]:
    """Where the card has left its validated range, shifted, or treats groups unlike."""
    valid, found = card.validation, []
    for name, stated, lower_is_worse in (("auc", valid.auc, True), ("ks", valid.ks, True), ("brier", valid.brier, False)):
        now = figures[name]
        if now and (now["high"] < float(stated.low) if lower_is_worse else now["low"] > float(stated.high)):
            found.append(_alarm(name, "act", now["value"], f"{stated.low}–{stated.high}"))
    slope = figures["slope"]
    if slope and (slope["high"] < float(valid.slope.low) or slope["low"] > float(valid.slope.high)):
        found.append(_alarm("slope", "act", slope["value"], f"{valid.slope.low}–{valid.slope.high}"))
    observed = figures["observed"]
    if observed and not observed["low"] <= figures["expected"] <= observed["high"]:
        found.append(_alarm("level", "act", figures["expected"], f"{observed['low']}–{observed['high']}"))
    found += _psi_alarm("psi", figures["psi"], limits)
    found += [each for month in figures["by_month"][-1:] for each in _psi_alarm(f"psi {month['month']}", month, limits)]
    for dimension, groups in figures["groups"].items():
        for row in groups:
            for kind in ("favoured", "drew"):
                compared = row[f"{kind}_ratio"]
                if compared and compared["high"] < float(limits.ratio_flag):
                    where = f"{kind} {dimension} {row['group']}"
                    found.append(_alarm(where, "watch", compared["value"], f"≥{limits.ratio_flag}"))
    return found


def _psi_alarm(name: str, told: Mapping[str, Any], limits: Limits) -> list[dict[str, Any]]:
    """Above the convention and above what so few firms make by chance."""
    if told["value"] is None or told["value"] <= max(float(limits.psi_watch), told["noise"]):
        return []
    act = told["value"] > max(float(limits.psi_act), told["noise"])
    return [_alarm(name, "act" if act else "watch", told["value"], f"≤{limits.psi_act if act else limits.psi_watch}")]


def _alarm(what: str, colour: str, value: float, limit: str) -> dict[str, Any]:
    return {"what": what, "colour": colour, "value": value, "validated": limit}


def characteristic_psi(card: Card, firms: Sequence[Mapping[str, Any]], day: date) -> dict[str, float]:
    """PSI of each characteristic of the card against the shares that its file states: what in the firms has moved."""
    found = {}
    for characteristic in card.characteristics:
        bins: list[Bin | Special] = [*characteristic.bins, *characteristic.special, characteristic.missing]
        places = {id(each): n for n, each in enumerate(bins)}
        counts = [0] * len(bins)
        for values in firms:
            counts[places[id(scorecard.bin_of(characteristic, values.get(characteristic.fact), day))]] += 1
        found[characteristic.fact] = round(measures.psi(counts, [each.share_bp / 10_000 for each in bins]), 4)
    return found
