"""The order in which matches stand: a published score of all-in cost, time to a decision, and chance where there is one.

Written in `ranking.yaml`, with its source; the weights are shown beside every list (domain §5.3 ranks by all-in cost). A score is
a product's own: what else is in the list does not move it. Nothing about a bank enters: `Looks` is everything there is to see.

>>> policy = in_force_on(date(2025, 6, 2))
>>> cheap = score(Looks(Decimal(480), 3, None), policy)
>>> cheap.points, [(part.name, part.weight_bp, part.mark, part.points) for part in cheap.parts]
(811110, [('cost', 8889, 800000, 711120), ('time', 1111, 900000, 99990)])
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.money import share_out
from backend.kit.policy import Strict, digest
from backend.kit.words import Words
from products.vocabulary import ShareText

PATH = Path(__file__).parent / "ranking.yaml"
FULL = 1_000_000
"""A full mark, and the most points there are."""


class Weights(Strict):
    """How much each thing counts, in basis points; together the whole."""

    cost: ShareText = Field(gt=0)
    time: ShareText = Field(ge=0)
    chance: ShareText = Field(ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Weights:
        if self.cost + self.time + self.chance != 10_000:
            raise ValueError("the weights add up to 100%")
        return self


class Ranking(DatedBlock):
    """How matches are ranked from one day to another."""

    weights: Weights
    dearest: ShareText = Field(gt=0)
    slowest_days: int = Field(gt=0)
    least_answers: int = Field(ge=30)
    answers_from_months: int = Field(gt=0)
    words: Words


@dataclass(frozen=True, slots=True)
class Looks:
    """All that a place depends on beside the answer: yearly cost in bp, days to a decision, share of approvals in bp."""

    cost_bp: Decimal
    days: int
    chance_bp: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """What one thing adds: its weight here, its mark out of a million, its points."""

    name: str
    weight_bp: int
    mark: int
    points: int

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "weight_bp": self.weight_bp, "mark": self.mark, "points": self.points}


@dataclass(frozen=True, slots=True)
class Score:
    """Points out of a million; the parts add up to them."""

    points: int
    parts: tuple[Part, ...]


_RANKING = Dated(PATH, DatedFile[Ranking], "no ranking holds on {day}: add a dated block to ranking.yaml")


@lru_cache(maxsize=64)
def in_force_on(day: date) -> Ranking:
    """The ranking of a day."""
    return _RANKING.on(day)


def weights_of(policy: Ranking, *, chance: bool) -> dict[str, int]:
    """The weights that apply, in bp of the whole: without a chance, its weight shared over the others in their proportion."""
    return dict(_shared(policy.weights.cost, policy.weights.time, policy.weights.chance, told=chance))


@lru_cache(maxsize=64)
def _shared(cost: int, time: int, chance: int, *, told: bool) -> dict[str, int]:
    if told:
        return {"cost": cost, "time": time, "chance": chance}
    return share_out(10_000, {"cost": cost, "time": time}, odd_fen_order=("cost", "time"))


def _falling(value: Decimal, worst: int) -> int:
    """A full mark at nothing, none at the worst, a straight line between."""
    mark = FULL - value * FULL / worst
    return int(max(Decimal(0), min(Decimal(FULL), mark)).to_integral_value(rounding=ROUND_DOWN))


def score(looks: Looks, policy: Ranking) -> Score:
    """The score of what an offer looks like. Nothing else has a say: no bank, no name, no fee to us."""
    marks = {"cost": _falling(looks.cost_bp, policy.dearest), "time": _falling(Decimal(looks.days), policy.slowest_days)}
    if looks.chance_bp is not None:
        marks["chance"] = looks.chance_bp * FULL // 10_000
    weights = weights_of(policy, chance=looks.chance_bp is not None)
    parts = tuple(Part(name, weights[name], mark, weights[name] * mark // 10_000) for name, mark in marks.items())
    return Score(sum(part.points for part in parts), parts)


def lot(product: str, day: date) -> str:
    """Who stands first of two that are alike to the last point: drawn anew each day, so that no name is worth having."""
    return digest(f"{day.isoformat()} {product}".encode())


@lru_cache(maxsize=64)
def body(day: date) -> bytes:
    """The dated policy of a day as it is kept and cited."""
    return in_force_on(day).body
