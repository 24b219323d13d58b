"""The thresholds of early warning as dated data: `thresholds.yaml`. Written in: domain §8.

>>> on(date(2025, 6, 21)).indicator("headcount").yellow
Decimal('-2000')
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from backend.kit import policy
from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.words import Words
from backend.vocabulary.facts import definitions

FILE = Path(__file__).parent / "thresholds.yaml"
NEIGHBOUR = "neighbour"
"""The indicator of contagion: it has no threshold of its own and is never red."""


class Indicator(policy.Strict):
    """One indicator. `reads` says how a fact becomes a number; `worse` which way is bad (rising unless said).

    `stales`: the fact is counted anew at every delivery, so that an old count says nothing about now.
    """

    code: str
    title: Words
    fact: str
    reads: Literal["value", "truth", "days_since", "share_of", "grade_fall", "word", "days_past_due"]
    of: str | None = None
    order: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    worse: Literal["rising", "falling"] = "rising"
    yellow: Decimal | None = None
    red: Decimal | None = None
    set_by: Literal["measure", "event"]
    stales: bool = True
    source: policy.Source
    way: Words

    @model_validator(mode="after")
    def _sound(self) -> Indicator:
        if self.yellow is None and self.red is None:
            raise ValueError("an indicator has a yellow or a red threshold")
        if self.yellow is not None and self.red is not None and (self.red < self.yellow) != (self.worse == "falling"):
            raise ValueError("red lies beyond yellow")
        for code in filter(None, (self.fact, self.of)):
            if code not in definitions():
                raise ValueError(f"{code} is no fact we may know")
        return self

    @property
    def item(self) -> str:
        """The item whose consent opens it."""
        return definitions()[self.fact].item


class Tasks(policy.Strict):
    yellow_days: int = Field(gt=0)
    red_days: int = Field(gt=0)
    source: policy.Source


class Stress(policy.Strict):
    yellow: Decimal = Field(ge=0, le=1)
    red: Decimal = Field(ge=0, le=1)


class Contagion(policy.Strict):
    """How trouble travels. Weights are parts of one, stress lies between 0 and 1."""

    source: policy.Source
    rounds: int = Field(ge=1, le=3)
    ignore_below: Decimal
    equity_factor: Decimal
    stress: Stress
    watch_from: Decimal
    assets_fact: str
    weight_if_unknown: Decimal
    assumed: policy.Source


class Circles(policy.Strict):
    least_members: int = Field(ge=3)
    star_from: int = Field(ge=2)
    source: policy.Source


class Thresholds(DatedBlock):
    """One dated block."""

    improve_after: int = Field(ge=1)
    stale_days: int = Field(gt=0)
    stale_source: policy.Source
    tasks: Tasks
    contagion: Contagion
    circles: Circles
    indicators: tuple[Indicator, ...]

    @model_validator(mode="after")
    def _once_each(self) -> Thresholds:
        names = [each.code for each in self.indicators]
        if len(set(names)) != len(names) or NEIGHBOUR in names:
            raise ValueError("an indicator is named once, and none is called “neighbour”")
        return self

    @cached_property
    def by_code(self) -> dict[str, Indicator]:
        return {each.code: each for each in self.indicators}

    def indicator(self, code: str) -> Indicator:
        """One indicator by its name."""
        return self.by_code[code]

    @property
    def facts(self) -> frozenset[str]:
        """Every fact a sweep reads."""
        own = {code for each in self.indicators for code in (each.fact, each.of) if code}
        return frozenset(own | {self.contagion.assets_fact, "equity_links", "guarantee_links"})


_THRESHOLDS = Dated(FILE, DatedFile[Thresholds], "warnings/thresholds.yaml has no block for {day}: add one with its source")


def on(day: date) -> Thresholds:
    """The thresholds in force on that day."""
    return _THRESHOLDS.on(day)
