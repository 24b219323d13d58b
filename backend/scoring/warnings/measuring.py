"""How good the warnings are, where the truth is known: recall, lead time, false alarms, each with an interval. Pure.

A level is YELLOW (or worse), TWO (two indicators at once, or RED) or RED. A borrower is *caught* by a level that was reached
after the draw and before the first overdue day; its lead time runs from the first such sweep. A *false alarm* is a borrower that
paid everything and reached the level. Intervals are 95 % from 1,000 bootstrap draws of whole towns, because firms of one town
share its luck (domain §8: measure both).

>>> day = date(2025, 3, 21)
>>> caught = Course("t1", date(2025, 5, 11), {day: "YELLOW"}, {day: frozenset({"sales"})})
>>> calm = Course("t1", None, {day: "GREEN"}, {day: frozenset()})
>>> found = measure([caught, calm])[0]
>>> found.level, found.recall.value, found.false_alarms.value, found.lead_days.value
('YELLOW', 1.0, 0.0, 51.0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from backend.scoring.warnings.model import Colour

DRAWS = 1000
# Chosen before any figure was looked at. Development: seeing that the machinery works. Reporting: the figures that are quoted.
DEVELOPMENT_SEEDS = range(8601, 8607)
REPORTING_SEEDS = range(8701, 8713)
Level = Literal["YELLOW", "TWO", "RED"]
LEVELS: tuple[Level, ...] = ("YELLOW", "TWO", "RED")


@dataclass(frozen=True, slots=True)
class Course:
    """One borrower: its town, its first overdue day if any, its colour on each sweep day, and which indicators were not green."""

    town: str
    first_overdue: date | None
    colours: Mapping[date, Colour]
    indicators: Mapping[date, frozenset[str]]

    def loud(self, day: date, level: Level) -> bool:
        """Whether that sweep reached the level: YELLOW or worse; two indicators at once or RED; RED."""
        said, many = self.colours[day], len(self.indicators[day])
        return said == "RED" or (said == "YELLOW" and (level == "YELLOW" or (level == "TWO" and many > 1)))

    def first(self, level: Level) -> date | None:
        """The first sweep, before it fell behind, that reached the level."""
        told = (day for day in sorted(self.colours) if self.loud(day, level))
        return next((day for day in told if self.first_overdue is None or day < self.first_overdue), None)

    def standing(self, level: Level) -> bool:
        """Whether the last sweep before it fell behind reached the level."""
        before = [day for day in self.colours if self.first_overdue is None or day < self.first_overdue]
        return bool(before) and self.loud(max(before), level)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval; NaN where there is nothing to count."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"

    def days(self) -> str:
        """As days."""
        return f"{self.value:.0f} ({self.low:.0f}–{self.high:.0f})"


@dataclass(frozen=True, slots=True)
class Measured:
    """One level's figures. `lead_quartiles`: the quarter and three-quarter points of lead time, in days."""

    level: Level
    borrowers: int
    overdue: int
    recall: Estimate
    recall_standing: Estimate
    lead_days: Estimate
    lead_quartiles: tuple[float, float]
    false_alarms: Estimate
    false_months: Estimate
    precision: Estimate


def measure(courses: Sequence[Course]) -> list[Measured]:
    """The figures of each level."""
    towns = sorted({course.town for course in courses})
    by_town = [[course for course in courses if course.town == town] for town in towns]
    rng = np.random.default_rng(20250621)
    draws = rng.integers(0, len(towns), (DRAWS, len(towns)))
    return [_one(level, by_town, draws) for level in LEVELS]


def _one(level: Level, towns: Sequence[Sequence[Course]], draws: npt.NDArray[np.int64]) -> Measured:
    bad = [[c for c in town if c.first_overdue is not None] for town in towns]
    good = [[c for c in town if c.first_overdue is None] for town in towns]
    caught = [[c for c in town if c.first(level)] for town in bad]
    alarmed = [[c for c in town if c.first(level)] for town in good]
    leads = [[_lead(c, level) for c in town] for town in caught]
    months = [sum(len(c.colours) for c in town) for town in good]
    loud = [sum(c.loud(day, level) for c in town for day in c.colours) for town in good]
    counts = {
        "bad": _sizes(bad),
        "good": _sizes(good),
        "caught": _sizes(caught),
        "standing": np.array([sum(c.standing(level) for c in town) for town in bad]),
        "alarmed": _sizes(alarmed),
        "months": np.array(months),
        "loud": np.array(loud),
    }

    def share(part: Sequence[str], whole: Sequence[str]) -> Estimate:
        tops, bottoms = sum(counts[name] for name in part), sum(counts[name] for name in whole)
        return _interval(lambda chosen: _ratio(np.asarray(tops)[chosen].sum(), np.asarray(bottoms)[chosen].sum()), draws)

    every = np.array([lead for town in leads for lead in town], dtype=float)
    quartiles = (float(np.quantile(every, 0.25)), float(np.quantile(every, 0.75))) if every.size else (np.nan, np.nan)

    def median(chosen: npt.NDArray[np.int64]) -> float:
        drawn = [lead for town in chosen for lead in leads[town]]
        return float(np.median(drawn)) if drawn else float("nan")

    return Measured(
        level=level,
        borrowers=sum(len(town) for town in towns),
        overdue=int(counts["bad"].sum()),
        recall=share(["caught"], ["bad"]),
        recall_standing=share(["standing"], ["bad"]),
        lead_days=_interval(median, draws),
        lead_quartiles=quartiles,
        false_alarms=share(["alarmed"], ["good"]),
        false_months=share(["loud"], ["months"]),
        precision=share(["caught"], ["caught", "alarmed"]),
    )


def _sizes(towns: Sequence[Sequence[Course]]) -> npt.NDArray[np.int64]:
    return np.array([len(town) for town in towns], dtype=np.int64)


def _lead(course: Course, level: Level) -> int:
    first = course.first(level)
    assert first is not None, "caught"
    assert course.first_overdue is not None, "overdue"
    return (course.first_overdue - first).days


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _interval(figure: Callable[[npt.NDArray[np.int64]], float], draws: npt.NDArray[np.int64]) -> Estimate:
    drawn = np.array([figure(chosen) for chosen in draws])
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn.size else (np.nan, np.nan)
    return Estimate(figure(np.arange(draws.shape[1])), float(low), float(high))


def by_indicator(courses: Sequence[Course]) -> dict[str, tuple[int, int]]:
    """Each indicator: how many overdue borrowers it told of in time, how many good ones it alarmed."""
    found: dict[str, tuple[int, int]] = {}
    for course in courses:
        early = [said for day, said in course.indicators.items() if course.first_overdue is None or day < course.first_overdue]
        for name in set().union(*early) if early else set():
            hits, false = found.get(name, (0, 0))
            found[name] = (hits + (course.first_overdue is not None), false + (course.first_overdue is None))
    return dict(sorted(found.items()))
