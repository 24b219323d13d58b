"""What the stress of a pool assumes beyond its book, by day: `stress.yaml`. Written in: domain §9 (资金池: coverage months).

>>> on(date(2025, 6, 30)).correlation
Decimal('0.12')
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field, model_validator

from backend.kit import policy
from backend.kit.dated import in_force, overlaps
from backend.kit.errors import Misconfigured

FILE = Path(__file__).parent / "stress.yaml"


class StressTerms(policy.Strict):
    """One dated block: parts of one, each."""

    valid_from: date
    valid_to: date | None = None
    source: policy.Source
    correlation: Decimal = Field(ge=0, lt=1)
    pd: Decimal = Field(ge=0, le=1)
    pd_overdue: Decimal = Field(ge=0, le=1)
    lgd: Decimal = Field(ge=0, le=1)
    lgd_sd: Decimal = Field(ge=0, le=1)


class StressFile(policy.Strict):
    """stress.yaml"""

    blocks: tuple[StressTerms, ...]

    @model_validator(mode="after")
    def _one_at_a_time(self) -> StressFile:
        if overlaps(self.blocks):
            raise ValueError("two blocks are in force on a common day")
        return self


def on(day: date) -> StressTerms:
    """What is assumed on that day."""
    found = in_force(policy.cached(FILE, StressFile).blocks, day)
    if found is None:
        raise Misconfigured(f"risk_compensation/stress.yaml has no block for {day}: add one with its source")
    return found
