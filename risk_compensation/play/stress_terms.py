"""What the stress of a pool assumes beyond its book, by day: `stress.yaml`. Written in: domain §9 (资金池: coverage months).

>>> on(date(2025, 6, 30)).correlation
Decimal('0.12')
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from backend.kit.dated import Dated, DatedBlock, DatedFile

FILE = Path(__file__).parent / "stress.yaml"


class StressTerms(DatedBlock):
    """One dated block: parts of one, each."""

    correlation: Decimal = Field(ge=0, lt=1)
    pd: Decimal = Field(ge=0, le=1)
    pd_overdue: Decimal = Field(ge=0, le=1)
    lgd: Decimal = Field(ge=0, le=1)
    lgd_sd: Decimal = Field(ge=0, le=1)


_TERMS = Dated(FILE, DatedFile[StressTerms], "risk_compensation/stress.yaml has no block for {day}: add one with its source")


def on(day: date) -> StressTerms:
    """What is assumed on that day."""
    return _TERMS.on(day)
