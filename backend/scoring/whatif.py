"""What-if: "with this fact the grade would be …". Only facts that the firm can change, only the better way, one at a time.

Pure. Each line takes the card's next better bins of one fact and looks the whole firm up again: what is said is what would be
answered. Age, an industry or anything without a way in the card is never proposed, and nothing is said of a fact that is unknown.

>>> from backend.scoring import scorecard
>>> card = scorecard.current(date(2025, 6, 30))
>>> values = {"sales_12m_fen": 4_000_000_00, "invoice_history_months": 24, "gross_margin_bp": 1500}
>>> lines = proposals(card, values, date(2025, 6, 30))
>>> all(line.score > line.score_now for line in lines)
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backend.kit.errors import Invalid
from backend.kit.words import Words
from backend.scoring import scorecard
from backend.scoring.card import Bin, Card, Characteristic
from backend.vocabulary.facts import definitions

MOST = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """One fact at another value, and what the firm's answer would be with it."""

    fact: str
    value_now: Any
    value: Any
    score_now: int
    score: int
    grade_now: str
    grade: str
    capacity_now_fen: int | None
    capacity_fen: int | None
    words: Words
    way: Words

    def as_dict(self) -> dict[str, Any]:
        return {
            "fact": self.fact,
            "value_now": _shown(self.value_now),
            "value": _shown(self.value),
            "points": self.score - self.score_now,
            "grade_now": self.grade_now,
            "grade": self.grade,
            "capacity_now_fen": self.capacity_now_fen,
            "capacity_fen": self.capacity_fen,
            "words": self.words.as_dict(),
            "way": self.way.as_dict(),
        }


def proposals(card: Card, values: Mapping[str, Any], day: date, *, most: int = MOST) -> tuple[Proposal, ...]:
    """Per fact the smallest change to a better grade, else its best bin; best first. Nothing for a firm that is not assessed."""
    found = []
    for c in card.characteristics:
        if c.changeable and c.read_as == "value" and values.get(c.fact) is not None:
            steps = [line for target in _better(c, values.get(c.fact)) if (line := with_fact(card, values, day, c.fact, target))]
            lifts = [line for line in steps if line.grade < line.grade_now]
            found += lifts[:1] or steps[-1:]
    return tuple(sorted(found, key=lambda line: (line.grade, -line.score, line.fact))[:most])


def with_fact(card: Card, values: Mapping[str, Any], day: date, fact: str, value: Any) -> Proposal | None:
    """The firm's answer with one fact at another value; None if it is no better. Invalid for a fact that cannot be changed."""
    c = next((c for c in card.characteristics if c.fact == fact), None)
    if c is None or c.way is None:
        raise Invalid(
            "fact", Words(f"“{fact}”无法由企业改变，或不在本卡中", f"“{fact}” cannot be changed, or is not in this card")
        )
    now, then = scorecard.assess(card, values, day), scorecard.assess(card, {**values, fact: value}, day)
    if now.score is None or then.score is None or now.grade is None or then.grade is None or then.score <= now.score:
        return None
    said, title = scorecard.text_of(value, c.unit), c.title
    old = scorecard.text_of(values.get(fact), c.unit)
    words = Words(
        f"若{title.zh}由 {old.zh} 变为 {said.zh}，等级将为 {then.grade}（现为 {now.grade}），"
        f"分数提高 {then.score - now.score} 分",
        f"with {title.en} at {said.en} instead of {old.en} the grade would be {then.grade} (now {now.grade}), "
        f"{then.score - now.score} points more",
    )
    return Proposal(
        fact, values.get(fact), value, now.score, then.score, now.grade, then.grade,
        now.debt_capacity_fen, then.debt_capacity_fen, words, c.way,
    )  # fmt: skip


def _better(c: Characteristic, value: Any) -> list[Any]:
    """The nearest value of each bin with more points than now, nearest first."""
    now = scorecard.bin_of(c, value, date.min).points
    found = []
    for number, b in enumerate(c.bins):
        if b.points > now:
            found.append((abs(number - _place(c, value)), _least(c, number, b)))
    return [target for _, target in sorted(found, key=lambda pair: pair[0])]


def _place(c: Characteristic, value: Any) -> int:
    return min(len(c.bins) - 1, c.place(scorecard.reading_of(c.read_as, value, date.min)))


def _least(c: Characteristic, number: int, b: Bin) -> Any:
    """The value in that bin which asks least of the firm."""
    if definitions()[c.fact].kind == "bool":
        return b.is_in == ("true",)
    if b.is_in:
        return b.is_in[-1]
    if any(other.is_in for other in c.bins):
        return "other"
    before = c.bins[number - 1].below if number else None
    if c.monotone == "falling" and b.below is not None:
        return int(b.below) - 1 if b.below == b.below.to_integral_value() else int(b.below // 1)
    return int(-(-(before or Decimal(0)) // 1))


def _shown(value: Any) -> Any:
    return value if isinstance(value, (int, str, bool, type(None))) else str(value)
