"""The quoted LPR and the ceiling of the all-in cost, by day (`benchmarks/*.yaml`, domain §5.1, §5.3).

>>> lpr_on(date(2025, 6, 1)).one_year, ceiling_bp(date(2025, 6, 1))
(300, 2400)
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from backend.kit.dated import in_force
from backend.kit.errors import Misconfigured
from backend.kit.policy import Source, Strict, cached, canonical, digest
from backend.kit.words import Words
from products.vocabulary import ShareText

FOLDER = Path(__file__).parent / "benchmarks"
TENORS = {"one_year": Words("1年期LPR", "1-year LPR"), "five_years": Words("5年期以上LPR", "5-year LPR")}


class LprBlock(Strict):
    """One monthly quote that moved."""

    valid_from: date
    valid_to: date | None = None
    source: Source
    one_year: ShareText
    five_years: ShareText


class CeilingBlock(Strict):
    """The highest all-in rate that may be shown."""

    valid_from: date
    valid_to: date | None = None
    source: Source
    ceiling: ShareText


class LprFile(Strict):
    """benchmarks/lpr.yaml"""

    code: str
    title: Words
    blocks: tuple[LprBlock, ...]


class CeilingFile(Strict):
    """benchmarks/ceiling.yaml"""

    code: str
    title: Words
    blocks: tuple[CeilingBlock, ...]


@cache
def lpr_on(day: date) -> LprBlock:
    """The LPR in force on a day. Misconfigured before the first quote in the file: a rate is never guessed."""
    block = in_force(cached(FOLDER / "lpr.yaml", LprFile).blocks, day)
    if block is None:
        raise Misconfigured(f"no LPR is known for {day}: add the quote to products/benchmarks/lpr.yaml", code="lpr")
    return block


def lpr_bp(benchmark: str, day: date) -> int:
    """One tenor's quote on a day."""
    block = lpr_on(day)
    return block.one_year if benchmark == "one_year" else block.five_years


@cache
def ceiling_bp(day: date) -> int:
    """The all-in ceiling in force on a day."""
    block = in_force(cached(FOLDER / "ceiling.yaml", CeilingFile).blocks, day)
    if block is None:
        raise Misconfigured(f"no all-in ceiling is known for {day}: add it to products/benchmarks/ceiling.yaml", code="ceiling")
    return block.ceiling


@cache
def lpr_body(day: date) -> bytes:
    """The canonical LPR block of a day, for who keeps what was applied."""
    return canonical(lpr_on(day))


def lpr_digest(day: date) -> str:
    """SHA-256 of that block."""
    return digest(lpr_body(day))
