"""What banks and kinds of product are called (`banks.yaml`, `families.yaml`).

>>> bank("tide_bank").zh, family("ceramics").en
('潮声银行', 'ceramics loan')
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from backend.kit.policy import Strict, cached
from backend.kit.words import Words

HERE = Path(__file__).parent


class Named(Strict):
    """A name in both languages."""

    zh: str
    en: str

    @property
    def words(self) -> Words:
        return Words(self.zh, self.en)


class Kind(Named):
    """A kind of product; `asked` if the catalogue must have one."""

    asked: bool


class Banks(Strict):
    """banks.yaml"""

    banks: dict[str, Named]


class Families(Strict):
    """families.yaml"""

    families: dict[str, Kind]


def banks() -> dict[str, Named]:
    """Every bank that has a product here, by code."""
    return cached(HERE / "banks.yaml", Banks).banks


def families() -> dict[str, Kind]:
    """Every kind of product, by code."""
    return cached(HERE / "families.yaml", Families).families


def bank(code: str) -> Words | None:
    """A bank's name; None for one that is not in the file."""
    found = banks().get(code)
    return found.words if found is not None else None


def family(code: str) -> Words:
    """What a kind of product is called."""
    return families()[code].words


def _known_family(code: str) -> str:
    if code not in families():
        near = get_close_matches(code, families(), 3, 0.4)
        hint = f"did you mean {', '.join(near)}?" if near else "see products/families.yaml"
        raise ValueError(f"“{code}” is no kind of product; {hint}")
    return code


FamilyCode = Annotated[str, AfterValidator(_known_family)]
