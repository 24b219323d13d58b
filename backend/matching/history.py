"""What a bank answered before: how often it approved, and how fast. Counted by a door, handed in; here it is only judged.

A chance is told only where the bank agreed to it and at least thirty answers stand behind it (`ranking.yaml`), with its Wilson
interval at 95 %. Fewer say nothing, and the sentence says so.

>>> told = chance(Past(45, 60), agreed=True, least=30)
>>> told.share_bp, told.low_bp, told.high_bp
(7500, 6276, 8423)
>>> chance(Past(20, 29), agreed=True, least=30).words.en
'fewer than 30 answers of this bank to this product are known yet: no chance is told'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from backend.kit.rates import percent
from backend.kit.words import Words
from products.schema import ProductTerms

Z95 = 1.959963984540054  # the two-sided 95 % point of the normal law
CLOSED = Words("该银行未同意公布通过率", "the bank has not agreed to have its share of approvals told")
OUTSIDE = Words("该产品在银行办理，平台不掌握审批结果", "applied for at the bank: the platform knows none of its answers")


@dataclass(frozen=True, slots=True)
class Past:
    """A bank's answers to one product: how many it approved of how many it gave."""

    approved: int
    answers: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the platform counted of all firms, before today: answers by bank and product, and by bank the median days to one."""

    answers: Mapping[tuple[str, str], Past] = field(default_factory=dict)
    days: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By bank: median days, rounded up, and how many answers it is of."""


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Chance:
    """The share of approvals with its interval in bp, or None with the sentence why."""

    share_bp: int | None
    low_bp: int | None
    high_bp: int | None
    answers: int | None
    words: Words

    def as_dict(self) -> dict[str, Any] | None:
        """As it is kept; None where nothing may be told."""
        if self.share_bp is None:
            return None
        return {"share_bp": self.share_bp, "low_bp": self.low_bp, "high_bp": self.high_bp, "answers": self.answers}


def wilson(approved: int, answers: int) -> tuple[float, float]:
    """The interval in which the true share lies, as fractions."""
    share, square = approved / answers, Z95 * Z95
    middle = (share + square / (2 * answers)) / (1 + square / answers)
    half = Z95 * sqrt(share * (1 - share) / answers + square / (4 * answers * answers)) / (1 + square / answers)
    return max(0.0, middle - half), min(1.0, middle + half)


def chance(past: Past, *, agreed: bool, least: int, at_the_bank: bool = False) -> Chance:
    """What may be told of a firm's chance."""
    if at_the_bank:
        return Chance(None, None, None, None, OUTSIDE)
    if not agreed:
        return Chance(None, None, None, None, CLOSED)
    if past.answers < least:
        few = Words(
            f"该银行对该产品的历史答复不足{least}笔，不估算通过率",
            f"fewer than {least} answers of this bank to this product are known yet: no chance is told",
        )
        return Chance(None, None, None, None, few)
    share, (low, high) = past.approved * 10_000 // past.answers, wilson(past.approved, past.answers)
    low_bp, high_bp = int(low * 10_000), min(10_000, -int(-high * 10_000 // 1))
    told, span = percent(share), f"{percent(low_bp)}–{percent(high_bp)}"
    words = Words(
        f"该银行对该产品的{past.answers}笔历史申请中批准{told}（95%区间 {span}），不代表本次结果",
        f"of {past.answers} past applications the bank approved {told} (95% interval {span}); this one may end otherwise",
    )
    return Chance(share, low_bp, high_bp, past.answers, words)


def promised_days(terms: ProductTerms) -> int:
    """Within how many days the bank says it decides: its decision clock in whole days, else the product's days."""
    hours = terms.clock.decide_hours if terms.clock is not None else None
    return terms.decision_days if hours is None else -(-hours // 24)


def decision_days(terms: ProductTerms, known: Known, least: int) -> tuple[int, bool]:
    """Days to a decision, and whether they are measured: the bank's own median once enough answers stand behind it."""
    found = known.days.get(terms.bank)
    if found is None or found[1] < least or terms.at_the_bank:
        return promised_days(terms), False
    return found[0], True
