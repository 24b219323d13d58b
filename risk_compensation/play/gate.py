"""Who is stopped in a played book, and since when; what a live pool's people decide is assumed here.

Written in: domain §6.1 (published stop rules), §6.3-§6.4. A stop is lifted in a later year, at the first look at which the rule
no longer says pause (assumed: schemes say "by decision" and publish none). The rules are `scheme.stops`, `scheme.entering`.
"""

from __future__ import annotations

from datetime import date

from risk_compensation.play.counters import Counters, names_of, parties_of
from risk_compensation.scheme import BookLoan, SchemeTerms
from risk_compensation.scheme.entering import above_caps, headroom_fen, outside
from risk_compensation.scheme.stops import judge, puts_off, ratio_of, rules_of

Stops = list[tuple[date, str]]


class Gate:
    """Keeps which rules have stopped whom, and since which year."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self._paused: dict[tuple[int, str, str], int] = {}

    def refuses(self, terms: SchemeTerms, loan: BookLoan, day: date, stops: Stops) -> str:
        """A code of `entering.WHY_NOT`, or nothing."""
        counters, names = self.counters, names_of(loan)
        return (
            outside(terms, loan, names, day, counters)
            or above_caps(terms, loan, names.firm, counters)
            or self._short(terms, loan)
            or self._stopped(terms, loan, day, stops)
        )

    def _short(self, terms: SchemeTerms, loan: BookLoan) -> str:
        cash = self.counters.cash_fen
        room = None if cash is None else headroom_fen(terms, cash, self.counters.commitments_fen)
        return "headroom" if room is not None and terms.commitment_fen(loan, loan.amount_fen) > room else ""

    def _stopped(self, terms: SchemeTerms, loan: BookLoan, day: date, stops: Stops) -> str:
        for place, rule in enumerate(rules_of(terms)):
            for kind, code in parties_of(loan):
                if kind not in rule.of or rule.defers:
                    continue
                key = (place, kind, code)
                if self._paused.get(key) == day.year:
                    return f"stopped_{kind}"
                found = ratio_of(rule, self.counters.window(rule, kind, code, day))
                if judge(rule, found) == "paused":
                    if key not in self._paused:
                        stops.append((day, f"{kind} {code}".strip() + f": {rule.ratio} {found.bp / 100:.2f} %"))
                    self._paused[key] = day.year
                    return f"stopped_{kind}"
                self._paused.pop(key, None)
        return ""

    def defers(self, terms: SchemeTerms, loan: BookLoan, day: date, more_fen: int, stops: Stops) -> bool:
        """Whether the claim waits for next year."""
        found = puts_off(terms, parties_of(loan), day, more_fen, self.counters)
        if found is None:
            return False
        _, kind, code, ratio = found
        stops.append((day, f"{kind} {code}".strip() + f": claim deferred at {ratio.bp / 100:.2f} %"))
        return True
