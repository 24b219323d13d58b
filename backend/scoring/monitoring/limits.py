"""When a month of a card is alarming: dated data, `limits.yaml`.

>>> on(date(2025, 6, 30)).psi_act
Decimal('0.25')
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from backend.kit import policy
from backend.kit.dated import Dated, DatedBlock, DatedFile

FILE = Path(__file__).parent / "limits.yaml"


class Sizes(policy.Strict):
    source: policy.Source
    below_wan: tuple[int, ...]


class Limits(DatedBlock):
    """One dated block. `least_outcomes` and `least_bad`: below them a card's figures are not said."""

    psi_watch: Decimal
    psi_act: Decimal
    least_cell: int = Field(ge=5)
    ratio_flag: Decimal
    least_outcomes: int
    least_bad: int
    mature_months: int
    bad_from_days: int
    sizes: Sizes


_LIMITS = Dated(FILE, DatedFile[Limits], "monitoring/limits.yaml has no block for {day}: add one with its source")


def on(day: date) -> Limits:
    """The limits in force on that day."""
    return _LIMITS.on(day)
