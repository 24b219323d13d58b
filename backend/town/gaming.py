"""Twenty ways to look like a busy data firm, and honest firms that look like them: randomised, pure, with known truth.

A `Case` is what registry, exchange and register say of one firm, as rows of facts, and which pieces are genuine (`genuine`). A
scheme gains something if its firm is lifted more than its genuine pieces alone would lift it; an honest firm is harmed if it is
lifted less. Nothing here knows how anybody judges. No firm or person in it is real.

Seeds: 1-400 are for development (the judges' lines may be looked at beside them); reports use seeds from 20001 on, at which
nobody looked before the lines were fixed.

>>> case = play("reciprocal", 1)
>>> case.scheme, len(case.genuine) < len(case.trades) + len(case.certificates)
('reciprocal', True)
>>> play("reciprocal", 1) == case
True
"""

from __future__ import annotations

from backend.town import gaming_honest, gaming_schemes  # noqa: F401  both put their kinds on the lists
from backend.town.gaming_case import DEVELOPMENT, HONEST, REPORTING, SCHEMES, Case, Maker, Row

__all__ = ["DEVELOPMENT", "HONEST", "REPORTING", "Case", "Row", "names", "play"]


def play(name: str, seed: int) -> Case:
    """One case of a scheme or of an honest kind. The same name and seed give the same case."""
    maker = Maker(name, seed, name in HONEST)
    (HONEST[name] if name in HONEST else SCHEMES[name])(maker)
    return maker.case


def names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(schemes, honest kinds)."""
    play("plain", 1)
    return tuple(SCHEMES), tuple(HONEST)
