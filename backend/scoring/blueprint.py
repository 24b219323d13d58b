"""What a card may look at before it is trained: `blueprints/<code>.yaml`. Training adds bins, points and validation figures.

>>> blueprint("invoices").candidates[0].fact
'gross_margin_bp'
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from backend.kit import policy
from backend.kit.words import Words
from backend.scoring.card import Band, Capacity, Population, Vocabulary
from backend.vocabulary.facts import definitions

FOLDER = Path(__file__).parent / "blueprints"


class Anchor(policy.Strict):
    """The scale without its base, which training finds."""

    anchor_score: int
    anchor_odds: int = Field(gt=0)
    doubling: int = Field(gt=0)
    least: int
    most: int


class Binning(policy.Strict):
    """How fine bins may be, and how weak a characteristic may be before it is left out.

    `fine` bins are tried before they are joined; `prior` average firms are added to every bin; `ridge` holds the coefficients
    down; a fact known of fewer than `least_known` firms is not looked at.
    """

    most_bins: int = Field(ge=2)
    least_share_bp: int = Field(gt=0)
    least_bad: int = Field(gt=0)
    least_value: float = Field(ge=0)
    least_coefficient: float = Field(ge=0)
    most_characteristics: int = Field(ge=3)
    fine: int = Field(default=20, ge=2)
    prior: int = Field(default=30, ge=1)
    ridge: float = Field(default=0.01, gt=0)
    least_known: int = Field(default=100, ge=20)


class Candidate(policy.Strict):
    """One fact that may become a characteristic. `groups` are the bins of a text or truth; the rest is the last bin.

    With `found` the groups of a text are found in training, among texts of at least `least_firms` firms. `special` values are
    codes and no measurement. A fact of the vocabulary has its title there, and none here.
    """

    fact: str
    unit: str
    monotone: Literal["rising", "falling", "none"]
    title: Words
    way: Words | None = None
    read_as: Literal["value", "months_since", "days_since"] = "value"
    groups: tuple[tuple[str, ...], ...] = ()
    found: bool = False
    least_firms: int = 30
    special: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _titled(cls, given: Any) -> Any:
        found = definitions().get(given.get("fact", "")) if isinstance(given, dict) else None
        if found is None:
            return given
        if "title" in given:
            raise ValueError(f"{given['fact']} has its title in backend/vocabulary/facts.yaml: leave it out here")
        title = found.title
        if given.get("read_as", "value") != "value":
            title = Words(f"距{title.zh}", f"time since the {title.en}")
        return {**given, "title": title.as_dict()}


class Blueprint(policy.Strict):
    """Everything of a card that people decide."""

    code: str
    title: Words
    vocabulary: Vocabulary = "facts"
    facts_on: date | None = None
    valid_from: date
    source: policy.Source
    approved_by: Words
    outcome: Words
    as_of_window_days: int
    population: Population
    scale: Anchor
    grades: tuple[Band, ...]
    capacity: Capacity
    binning: Binning
    candidates: tuple[Candidate, ...]


def blueprint(code: str) -> Blueprint:
    """The blueprint of that code."""
    return policy.cached(FOLDER / f"{code}.yaml", Blueprint)
