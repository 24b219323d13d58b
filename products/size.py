"""How large a firm is, by industry, people, revenue and assets (`size.yaml`, domain §2.4).

Three-valued: what is not known leaves more than one size possible; a missing indicator never makes a firm micro. Industries that
the standard does not class (finance, schools, hospitals, public bodies) have no size at all. Insured employees stand for
employees and invoiced sales for revenue where the yearly figure is not known: `assumed`, both are what is at hand, and both are
rather too low than too high.

>>> possible("C3311", {"insured_headcount": 40, "revenue_year_fen": 500_000_000}, date(2025, 6, 1))
('small',)
>>> possible("C3311", {"insured_headcount": 40}, date(2025, 6, 1))
('small', 'micro')
>>> possible("J66", {"insured_headcount": 40}, date(2025, 6, 1)) is None
True
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.policy import Strict
from backend.kit.words import Words
from products import industry
from products.vocabulary import MoneyText

PATH = Path(__file__).parent / "size.yaml"
Size = Literal["micro", "small", "medium", "large"]
TIERS: tuple[Size, ...] = ("large", "medium", "small")
TITLES: dict[str, Words] = {
    "micro": Words("微型", "micro"),
    "small": Words("小型", "small"),
    "medium": Words("中型", "medium"),
    "large": Words("大型", "large"),
}
FACTS: dict[str, tuple[str, ...]] = {
    "people": ("insured_headcount",),
    "revenue": ("revenue_year_fen", "sales_12m_fen"),
    "assets": ("total_assets_fen",),
}


class Limits(Strict):
    """The lower limits of one tier; each that is named must be reached."""

    people: int | None = Field(default=None, gt=0)
    revenue: MoneyText | None = None
    assets: MoneyText | None = None

    @property
    def named(self) -> dict[str, int]:
        found = {"people": self.people, "revenue": self.revenue, "assets": self.assets}
        return {name: limit for name, limit in found.items() if limit is not None}

    @model_validator(mode="after")
    def _some(self) -> Limits:
        if not self.named:
            raise ValueError("a tier names at least one of people, revenue, assets")
        return self


class SizeClass(Strict):
    """The tiers of some industries."""

    name: str
    industries: tuple[Annotated[str, AfterValidator(industry.checked)], ...] = Field(min_length=1)
    large: Limits
    medium: Limits
    small: Limits


class SizeBlock(DatedBlock):
    """The standard from one day to another."""

    classes: tuple[SizeClass, ...]


class SizeFile(DatedFile[SizeBlock]):
    """size.yaml"""

    code: str
    title: Words


_STANDARD = Dated(PATH, SizeFile, "no classes of size hold on {day}: add a dated block to products/size.yaml")


@cache
def class_of(code: str, day: date) -> SizeClass | None:
    """The class that an industry belongs to on a day; None if the standard does not class it."""
    block = _STANDARD.find(day)
    return next((one for one in block.classes if industry.within(code, one.industries)), None) if block else None


def _value(name: str, values: Mapping[str, Any]) -> int | None:
    return next((values[code] for code in FACTS[name] if values.get(code) is not None), None)


def possible(code: str, values: Mapping[str, Any], day: date) -> tuple[Size, ...] | None:
    """Every size the firm may have, largest first; None where the standard classes no such industry."""
    of = class_of(code, day)
    if of is None:
        return None
    found: list[Size] = []
    for tier in TIERS:
        named = getattr(of, tier).named
        known = {name: _value(name, values) for name in named}
        if any(value is not None and value < named[name] for name, value in known.items()):
            continue
        found.append(tier)
        if all(value is not None for value in known.values()):
            return tuple(found)
    return (*found, "micro")


def missing(code: str, values: Mapping[str, Any], day: date) -> tuple[str, ...]:
    """The facts that would settle the size."""
    of = class_of(code, day)
    names = dict.fromkeys(name for tier in TIERS for name in getattr(of, tier).named) if of is not None else {}
    return tuple(FACTS[name][0] for name in names if _value(name, values) is None)
