"""What the cells are called: sections of GB/T 4754 (domain §2.3), kinds of firms, ages. Places show their code.

>>> label("industry", "C").en, label("firm_age", "3-5").zh, label("region", "330299").en, label("region", "999999").zh
('manufacturing', '3–5 年', 'Ningbo, Zhejiang 330299', '999999')
>>> section_of("C34"), section_of("3411"), section_of(None)
('C', 'C', 'unknown')
"""

from __future__ import annotations

from backend.kit.words import Words
from backend.vocabulary import codes

UNKNOWN = Words("未知", "unknown")
WORDS: dict[str, dict[str, Words]] = {
    "industry": codes.INDUSTRIES,
    "subject_type": codes.FIRM_KINDS,
    "firm_age": {
        "0-1": Words("不足 1 年", "under 1 year"),
        "1-3": Words("1–3 年", "1–3 years"),
        "3-5": Words("3–5 年", "3–5 years"),
        "5-10": Words("5–10 年", "5–10 years"),
        "10+": Words("10 年以上", "10 years and more"),
    },
}


def label(dimension: str, cell: str) -> Words:
    """A cell's name in both languages."""
    if cell == "unknown":
        return UNKNOWN
    if dimension == "region" and len(cell) >= 4 and cell[:4] in codes.PLACES:
        place = codes.PLACES[cell[:4]]
        return Words(f"{place.zh} {cell}", f"{place.en} {cell}")
    return WORDS.get(dimension, {}).get(cell, Words(cell, cell))


def section_of(industry: str | None) -> str:
    """The section letter of an industry code, given as `C34`, `34` or `3411`."""
    return codes.section_of(industry) or "unknown"
