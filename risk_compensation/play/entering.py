"""Whether a loan may enter a scheme on a day, and whether a claim is put off: looked at when it happens, not at month end.

Written in: domain §6.1 (caps, scopes, published stop rules), §6.3-§6.4. A stop is lifted in a later year, at the first look at
which the rule no longer says pause (assumed: schemes say "by decision" and publish none).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from risk_compensation.play.limits import Counters, keys
from risk_compensation.scheme import BookLoan

if TYPE_CHECKING:
    from risk_compensation.scheme import SchemeTerms


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
