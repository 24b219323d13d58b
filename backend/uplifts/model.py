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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

from backend.kit.money import share_out
from backend.kit.rates import percent
from backend.kit.words import Words
from backend.uplifts.evidence import NOTHING_ELSE, Evidence, Surroundings, evidence_of
from backend.uplifts.programme import Programme, Terms
from backend.uplifts.screens import screen
from backend.uplifts.sentences import COUNTS, DROPPED, NOT_NOW, TRADE_COUNTS

__all__ = ["Effective", "Evidence", "Uplift", "UpliftItem", "effective", "evaluate", "evidence_of", "rate_of", "trades_part"]

_INDICATOR = {"certificate": "rights", "trade": "trades", "booked": "booked"}
# What any firm may know of its own evidence: the registry says so, or the published programme.
OPEN_REASONS = frozenset({"counts", "not_valid", "wrong_kind", "no_cost"})


@dataclass(frozen=True, slots=True)
class UpliftItem:
    """One piece of evidence and what it does. `weight` is its part of the score; `contribution_fen` its part of an effective
    uplift (0 until `effective` gives it one); `coefficient_bp` its indicator's share of the score; `words` for a reviewer."""

    evidence_id: str
    indicator: str
    counted: bool
    why: str
    weight: Decimal
    words: Words
    contribution_fen: int = 0
    shown: str = "amount"
    suspicions: tuple[str, ...] = ()
    on: date | None = None
    ends_on: date | None = None
    consent_id: str | None = None
    coefficient_bp: int = 0
    half_life_months: int | None = None
    content: str = ""

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
            "suspicions": list(self.suspicions),
            "on": self.on.isoformat() if self.on else None,
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "consent_id": self.consent_id,
            "coefficient_bp": self.coefficient_bp,
            "half_life_months": self.half_life_months,
            "content": self.content,
        }

    def for_firm(self, contact: Words | None = None) -> dict[str, Any]:
        """What the firm's own page may say of it.

        A trade shows its direction only, and every trade that does not count reads alike, whatever the reason; a certificate
        whose reason is not in the register reads alike too. No amount, weight or half-life of a trade: no price list.
        """
        known = self.contribution_fen if self.shown == "amount" else None
        if self.shown == "amount":
            why = self.why if self.why in OPEN_REASONS else "not_now"
            words = self.words if self.why in OPEN_REASONS else NOT_NOW["certificate"]
        else:
            why, words = ("counts", TRADE_COUNTS) if self.counted else ("not_now", NOT_NOW["trade"])
        if why == "not_now" and contact is not None:
            words = Words(f"{words.zh}。{contact.zh}", f"{words.en}. {contact.en}")
        shown = {
            "evidence_id": self.evidence_id,
            "indicator": self.indicator,
            "counted": self.counted,
            "why": why,
            "direction": "up" if self.counted else "none",
            "contribution_fen": known,
            "words": words.as_dict(),
            "consent_id": self.consent_id,
            "on": self.on.isoformat() if self.on else None,
        }
        return shown if self.shown != "amount" else shown | {"coefficient_bp": self.coefficient_bp}


@dataclass(frozen=True, slots=True)
class Uplift:
    """A rate in bp of the base limit: 0, or between the programme's bounds. `policy_digest` names the dated terms used."""

    programme: str
    rate_bp: int
    score: Decimal
    items: tuple[UpliftItem, ...]
    words: Words
    policy_digest: str | None
    contact: Words | None = None


@dataclass(frozen=True, slots=True)
class Effective:
    """What the uplift does to one limit. The items' contributions add up to `effective_fen`; `capped_by` names what held it."""

    credit_before_fen: int
    credit_after_fen: int
    effective_fen: int
    capped_by: str | None
    items: tuple[UpliftItem, ...]


def evaluate(programme: Programme, evidence: Sequence[Evidence], day: date, around: Surroundings = NOTHING_ELSE) -> Uplift:
    """The uplift of that evidence on that day. Outside the programme's dates, or without enough evidence, it is 0."""
    terms = programme.on(day)
    contact = programme.contact
    if terms is None:
        words = Words(f"{day} 该增信方案未生效", f"the programme was not in force on {day}")
        return Uplift(programme.code, 0, Decimal(0), (), words, None, contact)
    doubts = screen(evidence, around, terms, day)
    items = [
        _judge(piece, why, doubts.get(piece.evidence_id, ()), terms, day) for piece, why in _sift(evidence, doubts, terms, day)
    ]
    score = _scores(items, evidence, terms)
    rate = rate_of(sum(score.values(), Decimal(0)), terms)
    weighed = tuple(_weigh(items, score))
    total = sum(score.values(), Decimal(0)).quantize(Decimal("0.0001"))
    words = _words(programme, rate, any(item.counted for item in items))
    return Uplift(programme.code, rate, total, weighed, words, terms.digest, contact)


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


def _sift(
    evidence: Sequence[Evidence], doubts: Mapping[str, tuple[str, ...]], terms: Terms, day: date
) -> list[tuple[Evidence, str]]:
    """Each piece with "counts", or the code of why not. The order of evidence does not matter."""
    ordered = sorted(evidence, key=lambda piece: piece.evidence_id)
    verdicts = {piece.evidence_id: _verdict(piece, doubts.get(piece.evidence_id, ()), terms, day) for piece in ordered}
    seen: Counter[str] = Counter()
    for piece in sorted(ordered, key=lambda piece: (piece.on or date.min, piece.evidence_id), reverse=True):
        if piece.kind == "trade" and verdicts[piece.evidence_id] == "counts":
            seen[piece.behind] += 1
            if seen[piece.behind] > terms.trades.per_counterparty:
                verdicts[piece.evidence_id] = "same_buyer"
    return [(piece, verdicts[piece.evidence_id]) for piece in ordered]


def _verdict(piece: Evidence, doubts: tuple[str, ...], terms: Terms, day: date) -> str:
    found = _by_the_rules(piece, terms, day)
    return doubts[0] if found == "counts" and doubts else found


def _by_the_rules(piece: Evidence, terms: Terms, day: date) -> str:
    """What registry, exchange and calendar say of one piece alone."""
    if piece.kind == "certificate":
        over = piece.ends_on is not None and piece.ends_on < day
        if piece.status not in terms.rights.counting_status or over:
            return "not_valid"
        kinds = terms.rights.counting_kinds
        return "counts" if not kinds or piece.form in kinds else "wrong_kind"
    if piece.kind == "booked":
        return "counts" if piece.status == "audited" else "no_cost"
    trades = terms.trades
    if piece.status not in trades.counting_status or piece.settled_on is None or piece.settled_on > day or piece.on is None:
        return "unsettled"
    if piece.amount_fen <= 0:
        return "no_price"
    age = day - piece.on
    if age < timedelta(days=trades.least_age_days):
        return "too_young"
    return "too_old" if age.days * 12 >= trades.window_months * 365 else "counts"


def _judge(piece: Evidence, why: str, doubts: tuple[str, ...], terms: Terms, day: date) -> UpliftItem:
    indicator, counted = _INDICATOR[piece.kind], why == "counts"
    weight, half_life = Decimal(0), None
    if counted and piece.kind == "trade" and piece.on is not None:
        half_life = terms.trades.half_life_months
        weight = _faded((day - piece.on).days, terms)
    elif counted:
        weight = Decimal(piece.quantity)
    words = COUNTS[indicator] if counted else DROPPED[why]
    shown = "direction" if piece.kind == "trade" else "amount"
    rule = {"rights": terms.rights, "trades": terms.trades, "booked": terms.booked}[indicator]
    return UpliftItem(
        piece.evidence_id, indicator, counted, why, weight, words, shown=shown, suspicions=doubts, on=piece.on,
        ends_on=piece.ends_on, consent_id=piece.consent_id, coefficient_bp=rule.weight_bp * rule.coefficient_bp // 10_000,
        half_life_months=half_life, content=piece.content,
    )  # fmt: skip


def _scores(items: Sequence[UpliftItem], evidence: Sequence[Evidence], terms: Terms) -> dict[str, Decimal]:
    """Each indicator's part of the score, already weighted: they add up to at most 1."""
    sums = {name: sum((i.weight for i in items if i.indicator == name), Decimal(0)) for name in ("rights", "trades", "booked")}
    spread = _spread(sums["trades"], terms)
    booked = sums["booked"] / terms.booked.full_at
    if terms.booked.full_cost_fen is not None:
        cost = sum(piece.amount_fen for piece in evidence if piece.kind == "booked")
        booked = min(booked, Decimal(cost) / terms.booked.full_cost_fen)
    parts = {
        "rights": (sums["rights"] / terms.rights.full_at, terms.rights),
        "trades": (spread, terms.trades),
        "booked": (booked, terms.booked),
    }
    return {
        name: min(Decimal(1), part) * rule.weight_bp * rule.coefficient_bp / 100_000_000 for name, (part, rule) in parts.items()
    }


def _faded(age_days: int, terms: Terms) -> Decimal:
    return Decimal("0.5") ** (Decimal(age_days * 12) / 365 / terms.trades.half_life_months)


def _spread(weight: Decimal, terms: Terms) -> Decimal:
    with localcontext() as exact:
        exact.prec = 28
        return (1 + weight).ln() / Decimal(1 + terms.trades.full_at).ln()


def trades_part(terms: Terms, ages_days: Sequence[int]) -> Decimal:
    """How far sales of these ages fill the indicator of trades: 1 is full."""
    return _spread(sum((_faded(age, terms) for age in ages_days), Decimal(0)), terms)


def rate_of(score: Decimal, terms: Terms) -> int:
    """The rate in bp that a score between 0 and 1 gives."""
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
