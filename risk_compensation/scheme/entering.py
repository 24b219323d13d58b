"""Whether a loan may enter a scheme, and what its entering brings: scope and caps, headroom, the bank's quota. Pure.

Written in: domain §6.1 (caps, scopes, quotas), §6.3-§6.4. Stop rules are `stops`.

>>> WHY_NOT["headroom"].en
'the pool’s money carries no more'
"""

from __future__ import annotations

from datetime import date

from backend.kit.words import Words
from risk_compensation.scheme.conditions import Entering
from risk_compensation.scheme.parts import Quota, Weighed
from risk_compensation.scheme.standing import Names, Standing
from risk_compensation.scheme.terms import SchemeTerms

WHY_NOT: dict[str, Words] = {
    "not_in_force": Words("方案在放款日无效", "the scheme was not in force on the day of the draw"),
    "mode": Words("不属于方案支持的业务模式", "the scheme is not for this kind of loan"),
    "industry": Words("行业不在支持范围内或未知", "the industry is outside the scope, or unknown"),
    "size": Words("企业规模不在支持范围内", "the firm’s size is outside the scope"),
    "tag": Words("不具备方案要求的条件", "the loan lacks what the scheme asks for"),
    "revenue": Words("营业收入超过上限或未知", "the firm’s revenue is above the limit, or unknown"),
    "term": Words("期限超过上限", "the term is too long"),
    "cap_loan": Words("单笔金额超过上限", "the loan is too large"),
    "cap_firm": Words("同一企业合计超过上限", "the firm’s loans together are too large"),
    "one_bank": Words("同一企业一年内只能由一家银行申报", "the firm has a loan of another bank in this year"),
    "headroom": Words("资金池额度不足", "the pool’s money carries no more"),
    "stopped_pool": Words("资金池已暂停新增", "the pool is stopped"),
    "stopped_bank": Words("该银行已暂停新增", "the bank is stopped"),
    "stopped_guarantor": Words("该担保机构已暂停新增", "the guarantor is stopped"),
}


def outside(terms: SchemeTerms, loan: Entering, names: Names, on: date, standing: Standing) -> str:
    """Why the loan is none of those that the scheme is for (a code of WHY_NOT), or nothing."""
    found = terms.scope.leaves_out(loan)
    if not found and terms.scope.one_bank_a_year and standing.at_another_bank(names.firm, names.bank, on.year):
        return "one_bank"
    return found


def above_caps(terms: SchemeTerms, loan: Weighed, firm: str, standing: Standing) -> str:
    """Why the loan is too large, by itself or with the firm's others (a code of WHY_NOT), or nothing."""
    if loan.amount_fen > terms.caps.of_loan(loan.size):
        return "cap_loan"
    return "cap_firm" if standing.firm_fen(firm) + loan.amount_fen > terms.caps.firm_fen else ""


def headroom_fen(terms: SchemeTerms, cash_fen: int, promised_fen: int) -> int:
    """How much more the cash carries beside what is promised already; below zero after large payments.

    The live book holds the same line in the statement that books an entry (`ledger.writing`): of two that come at once, one.
    """
    return cash_fen * terms.leverage.times_bp // 10_000 - promised_fen


def quota_after(quota: Quota, had_fen: int, loan_fen: int, balance_fen: int) -> int:
    """The bank's quota with a loan that enters: what it had and what the loan earns, up to a part of its balance with it."""
    return min(had_fen + loan_fen * quota.loan_bp // 10_000, balance_fen * quota.balance_bp // 10_000)
