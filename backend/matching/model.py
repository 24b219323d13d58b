"""One product and one firm: criteria, base limit, uplift, caps, price, in that order (domain §4.4).

    credit(u) = min(base × (1 + u), product's most, what capacity leaves, what the bank's group leaves, pool headroom)
    effective uplift = credit(u) − credit(0), itemised, and what held it back is named

A no stays a no whatever the uplift; an unknown keeps its indicative limit when it can be worked out. Matches stand by answer,
then by the published score of `ranking`, which sees cost, time and chance and nothing of the bank.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from backend.kit.errors import Refused
from backend.kit.money import wan
from backend.kit.policy import canonical
from backend.kit.words import Words
from backend.matching import history, ranking
from backend.matching.history import Chance, Known, Past
from backend.matching.ranking import Looks, Score
from backend.repair import model as repair
from backend.uplifts.model import Effective, Uplift, UpliftItem, effective
from products import directory, pricing, rules
from products.pricing import AllIn, Price
from products.rules import FirmView, Reason
from products.schema import ProductTerms

CAPS = {
    "product": Words("产品最高额度", "the product's largest loan"),
    "capacity": Words("偿债能力估算（扣除已知负债）", "the debt capacity we worked out, less known debt"),
    "bank_group": Words("该银行（集团）对本企业的授信总额度", "the bank group's limit for one firm"),
    "pool": Words("风险补偿资金池剩余空间", "the headroom of the compensation pool"),
}
_RANK = {"yes": 0, "unknown": 1, "no": 2}


@dataclass(frozen=True, slots=True)
class Match:
    """What we think of one product for one firm. Money in fen, rates in basis points; None where nothing can be said."""

    product: str
    bank: str
    title: Words
    answer: str
    reasons: tuple[Reason, ...]
    base_fen: int | None
    uplift_programme: str | None
    uplift_bp: int
    uplift_words: Words | None
    uplift_items: tuple[UpliftItem, ...]
    uplift_contact: Words | None
    credit_before_fen: int | None
    limit_fen: int | None
    effective_uplift_fen: int
    capped_by: str | None
    limit_words: Words
    amount_fen: int | None
    months: int
    way: str
    price: Price
    all_in: AllIn | None
    monthly_fen: int | None
    decision_days: int
    decision_measured: bool
    chance: Chance
    score: Score | None
    policy_body: bytes

    @property
    def ways(self) -> tuple[Words, ...]:
        """What would turn this into a yes, each said once."""
        found = [reason.way for reason in self.reasons if reason.way is not None and reason.answer != "yes"]
        return tuple(dict.fromkeys(found))


TRADES_TOGETHER = Words(
    "其余增信来自已核验的数据交易，不逐笔列示金额",
    "the rest of the uplift comes from verified sales; no amount is shown for trades",
)


def shown_items(items: Iterable[UpliftItem], contact: Words | None = None) -> list[dict[str, Any]]:
    """An uplift's items as the firm may see them: certificates and booked items with what they add.

    A trade shows its direction only, and so do all trades together: no price list (domain §4.4).
    """
    listed = list(items)
    shown = [item.for_firm(contact) for item in listed]
    hidden = [item for item in listed if item.counted and item.shown != "amount"]
    if hidden:
        shown.append(
            {
                "evidence_id": "trades", "indicator": hidden[0].indicator, "counted": True, "why": "together",
                "direction": "up", "contribution_fen": None, "words": TRADES_TOGETHER.as_dict(),
            }
        )  # fmt: skip
    return shown


def none_of(programme: str | None) -> Uplift:
    """No uplift at all."""
    return Uplift(programme or "", 0, Decimal(0), (), Words("不增信", "no uplift"), None)


def _repaired(terms: ProductTerms, reason: Reason, day: date) -> Reason:
    """A no that rests on a record which can be repaired points to the repair channel, unless the product says better."""
    if reason.answer != "no" or reason.fact is None:
        return reason
    own = any(criterion.id == reason.criterion and criterion.way is not None for criterion in terms.block.criteria)
    kept_back = any(criterion.id == reason.criterion and criterion.discloses != "exact" for criterion in terms.block.criteria)
    if own or kept_back:
        return reason
    way = repair.way_for(reason.fact, day)
    return replace(reason, way=way) if way is not None else reason


_LEFT_WAYS = {
    "pool": Words(
        "资金池恢复空间后重新匹配，或选择不需担保的产品",
        "match again when the pool has room, or choose a product without a guarantor",
    ),
    "bank_group": Words(
        "偿还该银行（集团）的部分贷款后重新匹配，或选择其他银行的产品",
        "match again after repaying some of what is owed to this bank's group, or choose another bank's product",
    ),
    "capacity": Words(
        "偿还部分已有贷款或经营规模提高后重新匹配", "match again after repaying some debt or as the business grows"
    ),
}


def _capped(terms: ProductTerms, effect: Effective, cap: str, limits: Mapping[str, int]) -> Reason:
    """What is left under a cap is less than the product's smallest loan."""
    left, least, name = wan(limits[cap]), wan(terms.min_fen), CAPS[cap]
    way = _LEFT_WAYS.get(cap, _LEFT_WAYS["capacity"])
    words = Words(
        f"{name.zh}仅余 {left} 万元，低于产品起点 {least} 万元",
        f"{name.en} leaves {left} 万元, below the smallest loan of {least} 万元",
    )
    return Reason(cap, "no", words, None, effect.credit_after_fen, "platform", way)


def _too_small(terms: ProductTerms, amount_fen: int) -> Reason:
    """The firm asks for less than the product lends."""
    least = wan(terms.min_fen)
    words = Words(f"申请金额低于产品起点 {least} 万元", f"the amount asked for is below the smallest loan of {least} 万元")
    way = Words(
        f"申请不少于 {least} 万元，或选择起点更低的产品",
        f"ask for at least {least} 万元, or choose a product with smaller loans",
    )
    return Reason("amount", "no", words, None, amount_fen, "platform", way)


def _limit_words(effect: Effective, base: Words, uplift: Uplift) -> Words:
    parts = [base]
    if effect.effective_fen:
        gain = wan(effect.effective_fen)
        parts.append(Words(f"数据资产增信 {gain} 万元", f"data assets add {gain} 万元"))
    elif uplift.rate_bp:
        parts.append(Words("增信未能提高额度", "the uplift adds nothing here"))
    if effect.capped_by is not None:
        name = CAPS[effect.capped_by]
        parts.append(Words(f"受限于{name.zh}", f"held by {name.en}"))
    return Words("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


@lru_cache(maxsize=4096)
def _policies(terms: ProductTerms, uplift_digest: str | None, policy_on: date) -> bytes:
    """What the match was worked out by, as one canonical text: its parts are canonical already, and their names in order."""
    bank = canonical(asdict(directory.agreement(terms.bank, policy_on)))
    uplift = json.dumps(uplift_digest).encode()
    return (
        b'{"bank":'
        + bank
        + b',"lpr":'
        + pricing.lpr_body(policy_on)
        + b',"product":'
        + terms.body
        + b',"uplift":'
        + uplift
        + b"}"
    )


def _cost(terms: ProductTerms, price: Price, amount_fen: int, months: int, way: str, day: date) -> AllIn | Words:
    try:
        return pricing.all_in(
            amount_fen, price.rate_bp, months, way, terms.day_count, price.fees, day, cycle_months=terms.cycle_months
        )
    except Refused as refusal:
        return refusal.words


def match_one(
    terms: ProductTerms,
    values: Mapping[str, Any],
    *,
    firm: FirmView,
    facts_on: date,
    policy_on: date,
    listing_grade: str | None = None,
    withheld: Collection[str] = (),
    capacity_fen: int | None = None,
    uplift: Uplift | None = None,
    headroom_fen: int | None = None,
    group_left_fen: int | None = None,
    known: Known = history.NOTHING,
    amount_fen: int | None = None,
    months: int | None = None,
) -> Match:
    """Match one product. `capacity_fen` is what debt capacity leaves, `group_left_fen` what the bank's group leaves of its limit,
    `headroom_fen` what the pool leaves; None is no such cap. `known` is what the platform counted of past answers.

    `amount_fen` is the firm's need: the price is worked out for it, or for the limit if that is less.
    """
    verdict = rules.evaluate(terms, values, day=facts_on, firm=firm, listing_grade=listing_grade, withheld=withheld)
    lift = uplift if uplift is not None and terms.uplift_programme is not None else none_of(terms.uplift_programme)
    step = terms.block.limit.round_down_to
    limits = {"product": terms.max_fen}
    if capacity_fen is not None:
        limits["capacity"] = max(0, capacity_fen) // step * step
    if group_left_fen is not None:
        limits["bank_group"] = max(0, group_left_fen) // step * step
    if headroom_fen is not None and terms.scheme is not None:
        limits["pool"] = max(0, headroom_fen) // step * step
    base = verdict.base_limit.amount_fen
    effect = effective(uplift=lift, base_fen=base, caps=list(limits.items())) if base is not None else None
    if effect is not None:
        short = [cap for cap in limits if cap != "product" and limits[cap] < terms.min_fen]
        for cap in short:
            verdict = rules.with_reason(verdict, _capped(terms, effect, cap, limits))
    if amount_fen is not None and amount_fen < terms.min_fen:
        verdict = rules.with_reason(verdict, _too_small(terms, amount_fen))
    limit = effect.credit_after_fen if effect is not None and verdict.answer != "no" else None
    price = pricing.price(terms, values, day=policy_on, listing_grade=listing_grade)
    term = months if months in terms.months else max(terms.months)
    way = terms.ways[0]
    ask = min(amount_fen, limit) if amount_fen is not None and limit else (limit or terms.min_fen)
    # What one cannot have is not priced.
    cost = None if verdict.answer == "no" else _cost(terms, price, max(ask, terms.min_fen), term, way, policy_on)
    if isinstance(cost, Words):
        verdict = rules.with_reason(
            verdict,
            Reason(
                "all_in", "no", cost, None, None, "platform", Words("请选择成本更低的产品", "choose a product that costs less")
            ),
        )
        limit = None
    policy, agreed = ranking.in_force_on(policy_on), directory.agreement(terms.bank, policy_on).shares_approval_rates
    days, measured = history.decision_days(terms, known, policy.least_answers)
    past = known.answers.get((terms.bank, terms.code), Past(0, 0))
    chance = history.chance(past, agreed=agreed, least=policy.least_answers, at_the_bank=terms.at_the_bank)
    all_in = None if isinstance(cost, Words) else cost
    reasons = tuple(_repaired(terms, reason, facts_on) for reason in verdict.reasons)
    words = verdict.base_limit.words
    return Match(
        product=terms.code, bank=terms.bank, title=terms.title, answer=verdict.answer, reasons=reasons, base_fen=base,
        uplift_programme=terms.uplift_programme, uplift_bp=lift.rate_bp,
        uplift_words=lift.words if terms.uplift_programme is not None else None,
        uplift_items=effect.items if effect is not None and limit is not None else (),
        uplift_contact=lift.contact,
        credit_before_fen=effect.credit_before_fen if effect is not None and limit is not None else None,
        limit_fen=limit,
        effective_uplift_fen=effect.effective_fen if effect is not None and limit is not None else 0,
        capped_by=effect.capped_by if effect is not None and limit is not None else None,
        limit_words=_limit_words(effect, words, lift) if effect is not None and limit is not None else words,
        amount_fen=max(ask, terms.min_fen) if limit is not None else None,
        months=term, way=way, price=price, all_in=all_in,
        monthly_fen=all_in.monthly_fen if all_in is not None else None, decision_days=days, decision_measured=measured,
        chance=chance,
        score=ranking.score(Looks(all_in.by_days_bp, days, chance.share_bp), policy) if all_in is not None else None,
        policy_body=_policies(terms, lift.policy_digest, policy_on),
    )  # fmt: skip


def ranked(matches: Iterable[Match], day: date) -> list[Match]:
    """Yes before unknown before no; within each by score, then by cost, then by time; who is alike in all draws lots for the day.

    What has no price has no score and comes after what has, by its code.
    """

    def place(match: Match) -> tuple[Any, ...]:
        if match.score is None or match.all_in is None:
            return (_RANK[match.answer], 1, match.product)
        lot = ranking.lot(match.product, day)
        return (_RANK[match.answer], 0, -match.score.points, match.all_in.by_days_bp, match.decision_days, lot)

    return sorted(matches, key=place)
