"""When a month of a card is alarming: dated data, `limits.yaml`.

>>> on(date(2025, 6, 30)).psi_act
Decimal('0.25')
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field, model_validator

from backend.kit import policy
from backend.kit.dated import in_force, overlaps
from backend.kit.errors import Misconfigured

FILE = Path(__file__).parent / "limits.yaml"


class Sizes(policy.Strict):
    source: policy.Source
    below_wan: tuple[int, ...]


class Limits(policy.Strict):
    """One dated block. `least_outcomes` and `least_bad`: below them a card's figures are not said."""

    valid_from: date
    valid_to: date | None = None
    source: policy.Source
    psi_watch: Decimal
    psi_act: Decimal
    least_cell: int = Field(ge=5)
    ratio_flag: Decimal
    least_outcomes: int
    least_bad: int
    mature_months: int
    bad_from_days: int
    sizes: Sizes

    @property
    def body(self) -> bytes:
        return policy.canonical(self)


class LimitFile(policy.Strict):
    """limits.yaml"""

    blocks: tuple[Limits, ...]

    @model_validator(mode="after")
    def _one_at_a_time(self) -> LimitFile:
        if overlaps(self.blocks):
            raise ValueError("two blocks are in force on a common day")
        return self


def on(day: date) -> Limits:
    """The limits in force on that day."""
    found = in_force(policy.cached(FILE, LimitFile).blocks, day)
    if found is None:
        raise Misconfigured(f"monitoring/limits.yaml has no block for {day}: add one with its source")
    return found
