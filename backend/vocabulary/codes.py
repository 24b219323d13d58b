"""What other codes are called: loan classes, kinds of firm, sections of industry, places (`codes.yaml`).

>>> LOAN_CLASSES["watch"].en, INDUSTRIES["C"].zh, PLACES["3302"].en
('special mention', '制造业', 'Ningbo, Zhejiang')
>>> section_of("C34"), section_of("3411"), section_of("0"), section_of(None)
('C', 'C', None, None)
"""

from __future__ import annotations

from pathlib import Path

from backend.kit.policy import Strict, Worded, load
from backend.kit.words import Words


class Section(Worded):
    """A section of industry and the first of its divisions."""

    first: int


class CodesFile(Strict):
    """codes.yaml"""

    loan_classes: dict[str, Words]
    firm_kinds: dict[str, Words]
    industries: dict[str, Section]
    places: dict[str, Words]


_FILE = load(Path(__file__).parent / "codes.yaml", CodesFile)
LOAN_CLASSES = _FILE.loan_classes
FIRM_KINDS = _FILE.firm_kinds
INDUSTRIES = {code: each.words for code, each in _FILE.industries.items()}
PLACES = _FILE.places


def section_of(industry: str | None) -> str | None:
    """The section's letter of an industry code, given as `C34`, `34` or `3411`; None where it has none."""
    if not industry:
        return None
    if industry[0].isalpha():
        return industry[0].upper()
    division = int(industry[:2]) if industry[:2].isdigit() else 0
    return next((letter for letter, each in reversed(_FILE.industries.items()) if division >= each.first), None)
