"""Whether a loan may enter a scheme on a day, and whether a claim is put off: looked at when it happens, not at month end.

Written in: domain §6.1 (caps, scopes, published stop rules), §6.3-§6.4. A stop is lifted in a later year, at the first look at
which the rule no longer says pause (assumed: schemes say "by decision" and publish none).

>>> WHY_NOT["headroom"].en
'the pool’s money carries no more'
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from backend.kit.words import Words
from risk_compensation.book import BookLoan
from risk_compensation.limits import Counters, keys

if TYPE_CHECKING:
    from risk_compensation.scheme import SchemeTerms

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


class Gate:
    """Keeps which rules have stopped whom, and since which year."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self._paused: dict[tuple[int, str, str], int] = {}

    def refuses(self, terms: SchemeTerms, loan: BookLoan, day: date, cash: int | None, stops: list[tuple[date, str]]) -> str:
        """A code of WHY_NOT, or nothing."""
        counters, firm = self.counters, loan.firm or loan.reference
        room = None if cash is None else cash * terms.leverage.times_bp // 10_000 - counters.commitments_fen
        banks = counters.firm_banks[firm, day.year]
        reasons = {
            "cap_loan": loan.amount_fen > terms.caps.of_loan(loan.size),
            "cap_firm": counters.firm_fen[firm] + loan.amount_fen > terms.caps.firm_fen,
            "one_bank": terms.scope.one_bank_a_year and bool(banks - {loan.bank}),
            "headroom": room is not None and terms.commitment_fen(loan, loan.amount_fen) > room,
        }
        found = terms.scope.leaves_out(loan) or next((code for code, yes in reasons.items() if yes), "")
        return found or self._stopped(terms, loan, day, stops)

    def _stopped(self, terms: SchemeTerms, loan: BookLoan, day: date, stops: list[tuple[date, str]]) -> str:
        for place, rule in enumerate((terms.breaker, *terms.stops)):
            for kind, name in keys(loan):
                if kind not in rule.of or rule.defers:
                    continue
                key = (place, kind, name)
                if self._paused.get(key) == day.year:
                    return f"stopped_{kind}"
                said, ratio_bp = self.counters.tallies[kind, name].judge(rule, day, money_fen=self.counters.money_in_fen)
                if said == "paused":
                    if key not in self._paused:
                        stops.append((day, f"{kind} {name}".strip() + f": {rule.ratio} {ratio_bp / 100:.2f} %"))
                    self._paused[key] = day.year
                    return f"stopped_{kind}"
                self._paused.pop(key, None)
        return ""

    def defers(self, terms: SchemeTerms, loan: BookLoan, day: date, more_fen: int, stops: list[tuple[date, str]]) -> bool:
        """Whether the claim waits for next year: with it, a rule that defers would say pause."""
        for rule in (terms.breaker, *terms.stops):
            for kind, name in keys(loan):
                if rule.defers and kind in rule.of:
                    said, ratio_bp = self.counters.tallies[kind, name].judge(rule, day, more_fen=more_fen)
                    if said == "paused":
                        stops.append((day, f"{kind} {name}".strip() + f": claim deferred at {ratio_bp / 100:.2f} %"))
                        return True
        return False
