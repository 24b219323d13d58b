"""What a figure's definition consists of: its name, what it counts, where that is written."""

from __future__ import annotations

from dataclasses import dataclass

from backend.kit.words import Words
from backend.vocabulary import figures

S9, S6, S5 = "domain §9", "domain §6.3", "domain §5.4"


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure's name, what it counts, and where that is written. Money in fen, shares and rates in bp."""

    code: str
    title: Words
    formula: Words
    source: str

    def row(self) -> dict[str, str]:
        return {
            "code": self.code,
            "title_zh": self.title.zh,
            "title_en": self.title.en,
            "formula_zh": self.formula.zh,
            "formula_en": self.formula.en,
            "source": self.source,
        }


def defined(code: str, formula_zh: str, formula_en: str, source: str = S9) -> Definition:
    """A figure under its title in the vocabulary."""
    return Definition(code, figures.TITLES[code], Words(formula_zh, formula_en), source)
