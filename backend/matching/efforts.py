"""What a firm can change, and how hard it is (`efforts.yaml`). A fact that is neither here nor a repairable record is left alone.

>>> in_force_on(date(2025, 6, 1)).reach["data_trades"].tells
'direction'
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.policy import Strict
from backend.repair.rule import rules
from products.vocabulary import fact

PATH = Path(__file__).parent / "efforts.yaml"


class Reach(Strict):
    """A figure that the firm itself moves: which way is better, how hard it is, and whether a target may be told."""

    better: Literal["more", "less"]
    effort: int = Field(gt=0)
    tells: Literal["target", "direction"] = "target"


class Efforts(DatedBlock):
    """The efforts from one day to another."""

    authorise: int = Field(gt=0)
    ask: int = Field(gt=0)
    arrive: int = Field(gt=0)
    guarantee: int = Field(gt=0)
    repair: int = Field(gt=0)
    recognise: int = Field(gt=0)
    repay: int = Field(gt=0)
    wait_per_month: int = Field(gt=0)
    reach: dict[str, Reach]

    @model_validator(mode="after")
    def _known(self) -> Efforts:
        for code in self.reach:
            fact(code)
        return self


_EFFORTS = Dated(PATH, DatedFile[Efforts], "no efforts hold on {day}: add a dated block to efforts.yaml")


def in_force_on(day: date) -> Efforts:
    """The efforts of a day."""
    return _EFFORTS.on(day)


@cache
def repairable(code: str, day: date) -> bool:
    """Whether the record that this fact stands for can be repaired at all."""
    files = [file for file in rules().values() if code in file.facts]
    return bool(files) and all(file.on(day).irreparable is None for file in files)
