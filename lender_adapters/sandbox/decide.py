"""How a sandbox bank makes up its mind: a simple rule of its own, a price of its own, and the fate the town has told it.

Made up (`assumed` in every figure): real banks' rules are theirs. Chance is a hash of whom and what it is about (the firm, the
product, the how-manieth application), never of a number that a play draws anew: the same town meets the same banks.

>>> chance("91330299000000078U|tax_credit_loan|0", "days", 3) == chance("91330299000000078U|tax_credit_loan|0", "days", 3)
True
>>> terms = Terms("invoice_credit_loan", 420, ("interest_first",), "act/360", 3_000_000_00, (("sales_12m_fen", 3000),))
>>> allowed(terms, {"sales_12m_fen": 1_000_000_00})
30000000
>>> allowed(terms, {}) == terms.cap_fen
True
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from lender_adapters.port import DayCount, Indication, OfferFee, OfferTerms, Submission, Way
from lender_adapters.sandbox.interest import TWELFTHS

OFFER_DAYS = 15
ANSWER_DAYS = 10
GRAIN_FEN = 1_000_00
GRADE_BP = {"A": -20, "B": 0, "M": 20, "C": 60, "D": 120}


@dataclass(frozen=True, slots=True)
class Terms:
    """One product as its bank sees it. `measures`: the first handed fact of these, times its share in bp, is the bank's limit."""

    code: str
    base_bp: int
    ways: tuple[Way, ...]
    day_count: DayCount
    cap_fen: int
    measures: tuple[tuple[str, int], ...]
    guarantee_fee_bp: int = 0
    longest_months: int = 36

    @property
    def guaranteed(self) -> bool:
        return self.guarantee_fee_bp > 0


@dataclass(frozen=True, slots=True)
class House:
    """One bank: its code, the letters its numbers begin with, its products."""

    code: str
    prefix: str
    products: Mapping[str, Terms]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the town has told the bank about a firm."""

    bureau: Literal["clean", "overdue"] = "clean"
    decision: Literal["approve", "decline", "documents"] | None = None
    pays: tuple[str, Any, int] = ("all", None, 0)
    """(kind, instalments or day, days late)"""
    draw_share_bp: int = 10_000
    first_loan: bool | None = None


@dataclass(frozen=True, slots=True)
class Mind:
    """A decision not yet on paper."""

    approved: bool
    amount_fen: int
    words: str
    reasons: tuple[str, ...]


def chance(subject: str, salt: str, sides: int) -> int:
    """0 … sides-1, the same every time for the same subject and salt."""
    return int.from_bytes(hashlib.sha256(f"{salt}|{subject}".encode()).digest()[:8], "big") % sides


def allowed(terms: Terms, facts: Mapping[str, Any]) -> int:
    """The bank's own limit in fen, whole thousands of yuan; the product's cap where no measure was handed."""
    for code, share_bp in terms.measures:
        value = facts.get(code)
        if isinstance(value, int) and not isinstance(value, bool):
            return min(terms.cap_fen, max(0, value) * share_bp // 10_000 // GRAIN_FEN * GRAIN_FEN)
    return terms.cap_fen


def rate_of(terms: Terms, facts: Mapping[str, Any], subject: str = "") -> int:
    """The bank's price in bp: by product, tax grade and a little chance; between 300 and 700."""
    grade = facts.get("tax_grade")
    swing = chance(subject, "rate", 7) * 5 - 15 if subject else 0
    return max(300, min(700, terms.base_bp + GRADE_BP.get(grade if isinstance(grade, str) else "", 0) + swing))


def indication(terms: Terms, facts: Mapping[str, Any], amount_fen: int) -> Indication:
    """Indicative terms from handed facts alone: nobody's record is queried."""
    limit = allowed(terms, facts)
    if limit < GRAIN_FEN:
        return Indication(terms.code, 0, None, "按所提供信息暂无参考额度，不代表审批结论。")
    words = "参考额度与利率仅供比较，未查询征信，最终以审批为准。"
    return Indication(terms.code, min(limit, max(amount_fen, 0)) or limit, rate_of(terms, facts), words)


def make_up(terms: Terms, plan: Plan, submission: Submission, facts: Mapping[str, Any]) -> Mind:
    """Approve in full, approve for less, or decline with the bank's own words."""
    asked = submission.amount_fen
    if plan.bureau == "overdue":
        return Mind(False, 0, "经查询征信报告，贵单位存在当前逾期，本次申请未通过。", ("征信报告显示存在当前逾期",))
    if plan.decision == "decline":
        return Mind(False, 0, "经综合评估，本次申请暂未通过。如有疑问请联系客户经理申请人工复核。", ("综合评估未达到准入要求",))
    if submission.months > terms.longest_months:
        words = f"申请期限超过本产品最长期限 {terms.longest_months} 个月，本次申请未通过。"
        return Mind(False, 0, words, ("期限超出产品上限",))
    limit = terms.cap_fen if plan.decision == "approve" else allowed(terms, facts)
    if plan.decision == "approve" or asked <= limit:
        return Mind(True, asked, "审批通过，请在有效期内确认。", ())
    if asked * 2 <= limit * 3:
        return Mind(True, limit, "审批通过，批复额度低于申请金额，请在有效期内确认。", ("经营数据支持的额度低于申请金额",))
    return Mind(False, 0, "申请金额超出我行按经营数据核定的可贷额度，本次申请未通过。", ("申请金额超出核定额度",))


def offer(
    terms: Terms, mind: Mind, submission: Submission, facts: Mapping[str, Any], offer_no: str, day: date, subject: str
) -> OfferTerms:
    """The decision on paper, valid for 15 days. `subject`: whose chance the price has."""
    way = submission.way if submission.way in terms.ways else terms.ways[0]
    fees: tuple[OfferFee, ...] = ()
    conditions: tuple[str, ...] = ()
    if terms.guaranteed:
        fee = mind.amount_fen * terms.guarantee_fee_bp * submission.months
        fees = (OfferFee("担保费", "firm", (2 * fee + 120_000) // 240_000, "at_draw"),)
        conditions = ("放款前须收到担保函", "放款前须完成风险补偿资金池备案登记")
    return OfferTerms(
        offer_no,
        mind.amount_fen,
        rate_of(terms, facts, subject),
        submission.months,
        way,
        "30/360" if way in TWELFTHS else terms.day_count,
        fees,
        day + timedelta(days=OFFER_DAYS),
        conditions,
    )
