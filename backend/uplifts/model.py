"""From evidence to an uplift rate, and from a rate to fen (domain §4.4; bounds from domain §1 row 3 [S1]).

The score is exact: Decimals throughout, so the same evidence on the same day gives the same rate on every machine.
A trade's own worth is never told to the firm, only that it counts or why not: otherwise the programme would be a price list.

>>> from backend.uplifts.programme import load
>>> held = [Evidence("certificate", f"certificate:{n}", "valid", on=date(2025, 1, 2)) for n in range(5)]
>>> uplift = evaluate(load("hubei_shuyidai"), held, date(2025, 6, 1))
>>> uplift.rate_bp
1550
>>> effect = effective(uplift=uplift, base_fen=100_000_00, caps=[("product", 110_000_00)])
>>> effect.effective_fen, effect.capped_by, [item.contribution_fen for item in effect.items]
(1000000, 'product', [200000, 200000, 200000, 200000, 200000])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from statistics import median
from typing import Any

from backend.kit.money import share_out
from backend.kit.rates import percent
from backend.kit.words import Words
from backend.uplifts.evidence import Evidence, evidence_of
from backend.uplifts.programme import Programme, Terms, Trades

__all__ = ["Effective", "Evidence", "Uplift", "UpliftItem", "effective", "evaluate", "evidence_of"]

_INDICATOR = {"certificate": "rights", "trade": "trades", "booked": "booked"}
_COUNTS = {
    "rights": Words("数据产权登记证书有效，计入", "the data certificate is in force and counts"),
    "trades": Words("交易真实且已结算，有助于提高额度", "the settled sale counts and raises the limit"),
    "booked": Words("入表数据资源经审计、按成本计量，计入", "booked data resources, audited and at cost, count"),
}
DROPPED = {
    "not_valid": Words(
        "证书已过期、注销或有争议，不计入", "the certificate is expired, cancelled or disputed: it counts nothing"
    ),
    "unsettled": Words("交易尚未结算，暂不计入", "the sale is not settled yet: it does not count"),
    "too_young": Words("交易满规定天数后方可计入", "the sale is too fresh: it counts once it has aged"),
    "too_old": Words("交易已超出观察期，不再计入", "the sale is too long ago and no longer counts"),
    "related": Words("交易对手为关联方，不计入", "the buyer is a related party: it does not count"),
    "reciprocal": Words("与对手互相买卖，不计入", "the two sides sell to each other: it does not count"),
    "no_price": Words("成交价为零，不计入", "the price is zero: it does not count"),
    "outlier": Words("成交价明显偏离，不计入", "the price is far from the firm's other sales: it does not count"),
    "same_buyer": Words("同一对手仅计入最近的若干笔", "only the latest few sales to the same buyer count"),
    "no_cost": Words("入表数据资源没有经审计的成本金额，不计入", "booked items without an audited cost do not count"),
}


@dataclass(frozen=True, slots=True)
class UpliftItem:
    """One piece of evidence and what it does. `weight` is its part of the score; `contribution_fen` its part of an effective
    uplift (0 until `effective` gives it one). `shown` is what the firm may see: the amount, or for trades the direction only."""

    evidence_id: str
    indicator: str
    counted: bool
    why: str
    weight: Decimal
    words: Words
    contribution_fen: int = 0
    shown: str = "amount"

    def as_dict(self) -> dict[str, Any]:
        return {
            "evidence_id": self.evidence_id,
            "indicator": self.indicator,
            "counted": self.counted,
            "why": self.why,
            "weight": str(self.weight),
            "words": self.words.as_dict(),
            "contribution_fen": self.contribution_fen,
            "shown": self.shown,
        }

    def for_firm(self) -> dict[str, Any]:
        """What the firm's own page may say of it."""
        known = self.contribution_fen if self.shown == "amount" else None
        return {
            "evidence_id": self.evidence_id,
            "indicator": self.indicator,
            "counted": self.counted,
            "why": self.why,
            "direction": "up" if self.counted else "none",
            "contribution_fen": known,
            "words": self.words.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Uplift:
    """A rate in bp of the base limit: 0, or between the programme's bounds. `policy_digest` names the dated terms used."""

    programme: str
    rate_bp: int
    score: Decimal
    items: tuple[UpliftItem, ...]
    words: Words
    policy_digest: str | None


@dataclass(frozen=True, slots=True)
class Effective:
    """What the uplift does to one limit. The items' contributions add up to `effective_fen`; `capped_by` names what held it."""

    credit_before_fen: int
    credit_after_fen: int
    effective_fen: int
    capped_by: str | None
    items: tuple[UpliftItem, ...]


def evaluate(programme: Programme, evidence: Sequence[Evidence], day: date) -> Uplift:
    """The uplift of that evidence on that day. Outside the programme's dates, or without enough evidence, it is 0."""
    terms = programme.on(day)
    if terms is None:
        words = Words(f"{day} 该增信方案未生效", f"the programme was not in force on {day}")
        return Uplift(programme.code, 0, Decimal(0), (), words, None)
    items = [_judge(piece, why, terms, day) for piece, why in _sift(evidence, terms, day)]
    score = _scores(items, terms)
    rate = _rate(sum(score.values(), Decimal(0)), terms)
    weighed = tuple(_weigh(items, score))
    total = sum(score.values(), Decimal(0)).quantize(Decimal("0.0001"))
    words = _words(programme, rate, any(item.counted for item in items))
    return Uplift(programme.code, rate, total, weighed, words, terms.digest)


def effective(*, uplift: Uplift, base_fen: int, caps: Sequence[tuple[str, int]]) -> Effective:
    """Credit before and after, under every cap (product, bank group, capacity left); a negative cap leaves nothing.

    Fen are rounded down; the odd fen of the shares goes by largest remainder, ties by the evidence's name.
    """
    if base_fen < 0:
        raise ValueError("a base limit is not negative")
    limits = [(name, max(0, cap)) for name, cap in caps]
    wanted = base_fen * (10_000 + uplift.rate_bp) // 10_000
    before = min([base_fen, *(cap for _, cap in limits)])
    after = min([wanted, *(cap for _, cap in limits)])
    capped_by = next((name for name, cap in limits if cap == after), None) if after < wanted else None
    gained = after - before
    weights = {item.evidence_id: int(item.weight.scaleb(12)) for item in uplift.items if item.counted}
    if gained == 0 or not sum(weights.values()):
        return Effective(before, after, gained, capped_by, tuple(replace(item, contribution_fen=0) for item in uplift.items))
    parts = share_out(gained, weights, odd_fen_order=sorted(weights))
    items = tuple(replace(item, contribution_fen=parts.get(item.evidence_id, 0)) for item in uplift.items)
    return Effective(before, after, gained, capped_by, items)


def _sift(evidence: Sequence[Evidence], terms: Terms, day: date) -> list[tuple[Evidence, str]]:
    """Each piece with "counts", or the code of why not. The order of evidence does not matter."""
    ordered = sorted(evidence, key=lambda piece: piece.evidence_id)
    median_fen = _usual_price(ordered, terms.trades)
    verdicts = {piece.evidence_id: _verdict(piece, terms, day, median_fen) for piece in ordered}
    seen: Counter[str] = Counter()
    for piece in sorted(ordered, key=lambda piece: (piece.on or date.min, piece.evidence_id), reverse=True):
        if piece.kind == "trade" and verdicts[piece.evidence_id] == "counts":
            seen[piece.counterparty] += 1
            if seen[piece.counterparty] > terms.trades.per_counterparty:
                verdicts[piece.evidence_id] = "same_buyer"
    return [(piece, verdicts[piece.evidence_id]) for piece in ordered]


def _verdict(piece: Evidence, terms: Terms, day: date, median_fen: int | None) -> str:
    if piece.kind == "certificate":
        over = piece.ends_on is not None and piece.ends_on < day
        return "counts" if piece.status in terms.rights.counting_status and not over else "not_valid"
    if piece.kind == "booked":
        return "counts" if piece.status == "audited" else "no_cost"
    trades = terms.trades
    if piece.status not in trades.counting_status or piece.settled_on is None or piece.settled_on > day or piece.on is None:
        return "unsettled"
    if piece.related:
        return "related"
    if piece.reciprocal:
        return "reciprocal"
    if piece.amount_fen <= 0:
        return "no_price"
    age = day - piece.on
    if age < timedelta(days=trades.least_age_days):
        return "too_young"
    if age.days * 12 >= trades.window_months * 365:
        return "too_old"
    if (
        median_fen is not None
        and not median_fen <= piece.amount_fen * trades.outlier_times <= median_fen * trades.outlier_times**2
    ):
        return "outlier"
    return "counts"


def _usual_price(evidence: Sequence[Evidence], trades: Trades) -> int | None:
    """The median price of the firm's sales to strangers, once there are enough of them to call one an outlier."""
    prices = [p.amount_fen for p in evidence if p.kind == "trade" and p.amount_fen > 0 and not (p.related or p.reciprocal)]
    return int(median(prices)) if len(prices) >= trades.outlier_needs else None


def _judge(piece: Evidence, why: str, terms: Terms, day: date) -> UpliftItem:
    indicator, counted = _INDICATOR[piece.kind], why == "counts"
    weight = Decimal(0)
    if counted and piece.kind == "trade" and piece.on is not None:
        months = Decimal((day - piece.on).days * 12) / 365
        weight = Decimal("0.5") ** (months / terms.trades.half_life_months)
    elif counted:
        weight = Decimal(piece.quantity)
    words = _COUNTS[indicator] if counted else DROPPED[why]
    shown = "direction" if piece.kind == "trade" else "amount"
    return UpliftItem(piece.evidence_id, indicator, counted, why, weight, words, shown=shown)


def _scores(items: Sequence[UpliftItem], terms: Terms) -> dict[str, Decimal]:
    """Each indicator's part of the score, already weighted: they add up to at most 1."""
    sums = {name: sum((i.weight for i in items if i.indicator == name), Decimal(0)) for name in ("rights", "trades", "booked")}
    with localcontext() as exact:
        exact.prec = 28
        spread = (1 + sums["trades"]).ln() / Decimal(1 + terms.trades.full_at).ln()
    parts = {
        "rights": (sums["rights"] / terms.rights.full_at, terms.rights.weight_bp),
        "trades": (spread, terms.trades.weight_bp),
        "booked": (sums["booked"] / terms.booked.full_at, terms.booked.weight_bp),
    }
    return {name: min(Decimal(1), part) * weight / 10_000 for name, (part, weight) in parts.items()}


def _rate(score: Decimal, terms: Terms) -> int:
    least, bounds = terms.threshold.least_score, terms.bounds
    if score < least:
        return 0
    exact = bounds.floor_bp + (bounds.ceiling_bp - bounds.floor_bp) * (score - least) / (1 - least)
    return min(bounds.ceiling_bp, int(exact) // terms.threshold.step_bp * terms.threshold.step_bp)


def _weigh(items: Sequence[UpliftItem], score: dict[str, Decimal]) -> list[UpliftItem]:
    """Share each indicator's score among its pieces: what `effective` divides the gain by."""
    sums = {name: sum((i.weight for i in items if i.indicator == name), Decimal(0)) for name in score}
    parts = {i.evidence_id: score[i.indicator] * i.weight / sums[i.indicator] for i in items if i.counted}
    return [replace(i, weight=parts.get(i.evidence_id, Decimal(0)).quantize(Decimal("1e-12"))) for i in items]


def _words(programme: Programme, rate_bp: int, any_counted: bool) -> Words:
    if rate_bp:
        gain = percent(rate_bp, 1)
        return Words(f"{programme.title.zh}：额度提高 {gain}", f"{programme.title.en}: the limit rises by {gain}")
    if any_counted:
        return Words("数据资产证据尚不足以增信", "the data-asset evidence is not yet enough for an uplift")
    return Words("没有可计入的数据资产证据，不增信", "no data-asset evidence counts: no uplift")
