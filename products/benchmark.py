"""The quoted LPR and the ceiling of the all-in cost, by day (`benchmarks/*.yaml`, domain §5.1, §5.3).

>>> lpr_on(date(2025, 6, 1)).one_year, ceiling_bp(date(2025, 6, 1))
(300, 2400)
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.policy import digest
from backend.kit.words import Words
from products.vocabulary import ShareText

FOLDER = Path(__file__).parent / "benchmarks"
TENORS = {"one_year": Words("1年期LPR", "1-year LPR"), "five_years": Words("5年期以上LPR", "5-year LPR")}


class LprBlock(DatedBlock):
    """One monthly quote that moved."""

    one_year: ShareText
    five_years: ShareText


class CeilingBlock(DatedBlock):
    """The highest all-in rate that may be shown."""

    ceiling: ShareText


class LprFile(DatedFile[LprBlock]):
    """benchmarks/lpr.yaml"""

    code: str
    title: Words


class CeilingFile(DatedFile[CeilingBlock]):
    """benchmarks/ceiling.yaml"""

    code: str
    title: Words


_LPR = Dated(FOLDER / "lpr.yaml", LprFile, "no LPR is known for {day}: add the quote to products/benchmarks/lpr.yaml", code="lpr")
_CEILING = Dated(
    FOLDER / "ceiling.yaml", CeilingFile, "no all-in ceiling is known for {day}: add it to products/benchmarks/ceiling.yaml",
    code="ceiling",
)  # fmt: skip


@cache
def lpr_on(day: date) -> LprBlock:
    """The LPR in force on a day. Misconfigured before the first quote in the file: a rate is never guessed."""
    return _LPR.on(day)


def lpr_bp(benchmark: str, day: date) -> int:
    """One tenor's quote on a day."""
    block = lpr_on(day)
    return block.one_year if benchmark == "one_year" else block.five_years


@cache
def ceiling_bp(day: date) -> int:
    """The all-in ceiling in force on a day."""
    return _CEILING.on(day).ceiling


@cache
def lpr_body(day: date) -> bytes:
    """The canonical LPR block of a day, for who keeps what was applied."""
    return lpr_on(day).body


def lpr_digest(day: date) -> str:
    """SHA-256 of that block."""
    return digest(lpr_body(day))
