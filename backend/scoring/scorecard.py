"""Looking a firm up in a published card: points, probability of default, grade, reasons, debt capacity.

A scorecard is a sum of points from a table; anyone can redo it with the file in hand. All arithmetic is in whole numbers and
Decimals, so an assessment recomputes to the same bytes on every machine.

>>> card = current(date(2025, 6, 30))
>>> card.code, [band.grade for band in card.grades]
('general', ['A', 'B', 'C', 'D', 'E'])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from backend.kit.errors import Misconfigured
from backend.kit.money import wan
from backend.kit.policy import cached
from backend.kit.rates import percent
from backend.kit.words import Words
from backend.scoring.capacity import capacity
from backend.scoring.card import Bin, Card, CardFile, Characteristic, Exclusion, Population, Special

FOLDER = Path(__file__).parent / "cards"
CODES = ("general", "invoices", "sole_trader", "supply_chain")
MOST_REASONS = 5


class Known(Protocol):
    """The part of a fact that a reason repeats: the day it was so, and who says it."""

    @property
    def as_of(self) -> date: ...
    @property
    def source(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """One fact's effect: points above (+) or below (-) the average firm, and whether and how the firm can change it."""

    fact: str
    value: Any
    as_of: date | None
    source: str | None
    points: int
    changeable: bool
    words: Words
    way: Words | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "fact": self.fact,
            "value": self.value if isinstance(self.value, (int, str, bool, type(None))) else str(self.value),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "source": self.source,
            "points": self.points,
            "changeable": self.changeable,
            "words": self.words.as_dict(),
            "way": self.way.as_dict() if self.way else None,
        }


@dataclass(frozen=True, slots=True)
class Assessed:
    """The card's answer. With `not_assessed` set, `pd`, `grade` and `score` are None and the words say why and what to do."""

    pd: Decimal | None
    grade: str | None
    score: int | None
    reasons: tuple[ScoreReason, ...]
    debt_capacity_fen: int | None
    capacity_words: Words
    not_assessed: Words | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "pd": str(self.pd) if self.pd is not None else None,
            "grade": self.grade,
            "score": self.score,
            "reasons": [reason.as_dict() for reason in self.reasons],
            "debt_capacity_fen": self.debt_capacity_fen,
            "capacity_words": self.capacity_words.as_dict(),
            "not_assessed": self.not_assessed.as_dict() if self.not_assessed else None,
        }


def load(path: Path) -> CardFile:
    """A card file, read strictly; every fault with its line."""
    return cached(path, CardFile)


def current(day: date, code: str = "general") -> Card:
    """The card of that code in force on `day`. A day without one is a fault of the house, not of the firm."""
    card = load(FOLDER / f"{code}.yaml").on(day)
    if card is None:
        raise Misconfigured(f"no block of cards/{code}.yaml is in force on {day}: add a dated block")
    return card


def codes(day: date) -> frozenset[str]:
    """Every fact that must be read before a card can be chosen and looked up on that day."""
    return frozenset({"registered_on"}).union(*(current(day, code).facts for code in CODES))


def assess(card: Card, values: Mapping[str, Any], day: date, known: Mapping[str, Known] | None = None) -> Assessed:
    """The card's answer for these values on that day; `known` gives each reason its date and source.

    Values that the card does not name change nothing. A missing value falls into the characteristic's own missing bin.
    """
    refusal = outside(card.population, values)
    if refusal is not None:
        nothing = Words("未评估，因此不估算偿债能力", "not assessed, so no debt capacity is worked out")
        return Assessed(None, None, None, (), None, nothing, refusal)
    failed = next((case for case in card.population.in_default if _meets(case, values)), None)
    if failed is not None:
        return _in_default(card, failed, values, known or {})
    found = [(c, values.get(c.fact), bin_of(c, values.get(c.fact), day)) for c in card.characteristics]
    scale = card.scale
    score = max(scale.least, min(scale.most, scale.base_points + sum(b.points for _, _, b in found)))
    pd = default_probability(card, score)
    band = next(b for b in card.grades if b.pd_below is None or pd < b.pd_below)
    amount, words = capacity(card.capacity, band, values)
    reasons = tuple(_reason(c, value, b, known or {}) for c, value, b in _telling(found))
    return Assessed(pd, band.grade, score, reasons, amount, words, None)


def outside(population: Population, values: Mapping[str, Any]) -> Words | None:
    """Why the firm is not of the card's population, or None when it is."""
    for out in population.excludes:
        if _meets(out, values):
            return out.words
    for need in population.requires:
        value = values.get(need.fact)
        short = value is not None and need.at_least is not None and Decimal(value) < need.at_least
        if value is None or short or (need.is_in and value not in need.is_in):
            return need.words
    return None


def _meets(case: Exclusion, values: Mapping[str, Any]) -> bool:
    value = values.get(case.fact)
    if case.is_true:
        return value is True
    return isinstance(value, str) and bool(case.begins_with) and value.startswith(case.begins_with)


def bin_of(characteristic: Characteristic, value: Any, day: date) -> Bin | Special:
    """The bin a value falls into; None, and a day after the assessment, fall into the missing bin."""
    return characteristic.every_bin[characteristic.place(reading_of(characteristic.read_as, value, day))]


def reading_of(read_as: str, value: Any, day: date) -> Decimal | str | None:
    """A fact's value as the bins read it: numbers as Decimals, truths as "true" or "false", days as months or days ago."""
    if value is None:
        return None
    if read_as == "value":
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else Decimal(value)
    then = date.fromisoformat(value) if isinstance(value, str) else value
    if then > day:
        return None
    days = (day - then).days
    return Decimal(days * 12 // 365 if read_as == "months_since" else days)


def default_probability(card: Card, score: int) -> Decimal:
    """The scale's probability of default for that score, to six places."""
    scale = card.scale
    return _probability(scale.anchor_odds, score - scale.anchor_score, scale.doubling)


@lru_cache(maxsize=8192)
def _probability(anchor_odds: int, above: int, doubling: int) -> Decimal:
    with localcontext() as exact:
        exact.prec = 28
        odds = anchor_odds * (Decimal(above) / doubling * Decimal(2).ln()).exp()
        return (1 / (1 + odds)).quantize(Decimal("0.000001"))


def _in_default(card: Card, case: Exclusion, values: Mapping[str, Any], known: Mapping[str, Known]) -> Assessed:
    """A firm in default: no table is needed to say how likely that is."""
    fact, words = known.get(case.fact), case.words
    as_of, source = (fact.as_of, fact.source) if fact is not None else (None, None)
    lost = card.scale.least - card.scale.anchor_score
    reason = ScoreReason(case.fact, values.get(case.fact), as_of, source, lost, True, words, words)
    amount, carries = capacity(card.capacity, card.grades[-1], values)
    return Assessed(Decimal("1.000000"), card.grades[-1].grade, card.scale.least, (reason,), amount, carries, None)


def _telling(found: list[tuple[Characteristic, Any, Bin | Special]]) -> list[tuple[Characteristic, Any, Bin | Special]]:
    """What weighs most: what pulls down first, strongest first; what lifts fills the places left."""
    apart = [(c, v, b) for c, v, b in found if b.points != c.average_points]
    return sorted(apart, key=lambda x: (x[2].points > x[0].average_points, -abs(x[2].points - x[0].average_points), x[0].fact))[
        :MOST_REASONS
    ]


def _reason(characteristic: Characteristic, value: Any, b: Bin | Special, known: Mapping[str, Known]) -> ScoreReason:
    effect = b.points - characteristic.average_points
    fact = known.get(characteristic.fact)
    as_of, source = (fact.as_of, fact.source) if fact is not None else (None, None)
    title = characteristic.title
    said = text_of(value, characteristic.unit)
    side = Words(
        "高于一般企业" if effect > 0 else "低于一般企业", "above the average firm" if effect > 0 else "below the average firm"
    )
    words = Words(f"{title.zh}：{said.zh}，{side.zh} {abs(effect)} 分", f"{title.en}: {said.en}, {abs(effect)} points {side.en}")
    way = characteristic.way if effect < 0 else None
    return ScoreReason(characteristic.fact, value, as_of, source, effect, characteristic.changeable, words, way)


def text_of(value: Any, unit: str) -> Words:
    """A fact's value as people read it."""
    if value is None:
        return Words("没有数据", "no data")
    if isinstance(value, bool):
        return Words("是" if value else "否", "yes" if value else "no")
    if unit == "fen":
        return Words(f"{wan(int(value))} 万元", f"{wan(int(value))} ×10,000 yuan")
    if unit == "bp":
        return Words(percent(value, 1), percent(value, 1))
    names = {"months": ("个月", " months"), "days": ("天", " days"), "people": ("人", " people"), "kwh": ("千瓦时", " kWh")}
    zh, en = names.get(unit, ("", ""))
    return Words(f"{value}{zh}", f"{value}{en}")
