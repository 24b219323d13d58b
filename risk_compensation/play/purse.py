"""Who is paid when, out of one account, and to whom recovered money goes: the money side of a course.

Written in: domain §6.1 (what happens when money runs out), §6.4 (recoveries).

>>> from risk_compensation.scheme import terms_on
>>> loan = BookLoan(reference="L", amount_fen=100, drawn_on=date(2025, 1, 6))
>>> case = Case(loan, terms_on("ningbo_442", date(2025, 1, 6)), owed={"fund": 40})
>>> purse = Purse(Counters(cash_fen=30)); purse.queue.append(case); purse.settle(date(2025, 7, 1)); case.owed  # whole claims wait
{'fund': 40}
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from risk_compensation.play.counters import Counters
from risk_compensation.scheme import BookLoan, SchemeTerms, public
from risk_compensation.scheme.paying import at_once, at_years_end, by_party, in_proportion, rest_waits
from risk_compensation.scheme.returning import clawed_back, costs_first, given_back, passed_on

WAITING = "waiting"


def _none() -> defaultdict[str, int]:
    return defaultdict(int)


@dataclass(slots=True)
class Case:
    """One loan in the scheme. `borne` is gross, `returned` what recoveries and claw-backs gave back, `owed` what public parties
    have yet to pay; fen by party. `apart_fen` is what the bank lost outside the shares (interest that is not covered)."""

    loan: BookLoan
    terms: SchemeTerms
    claimed_on: date | None = None
    deferred: bool = False
    cut_fen: int = 0
    apart_fen: int = 0
    borne: defaultdict[str, int] = field(default_factory=_none)
    returned: defaultdict[str, int] = field(default_factory=_none)
    owed: dict[str, int] = field(default_factory=dict)

    def net(self) -> dict[str, int]:
        return {party: fen - self.returned[party] for party, fen in self.borne.items()}


class Purse:
    """The account of the pool; its cash stands in the counters."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self.queue: list[Case] = []

    def settle(self, day: date, at_year_end: bool = False) -> None:
        """Pay what waits, as the scheme says, out of the money there is."""
        cash = self.counters.cash_fen
        if self.queue and cash is not None and at_years_end(self.queue[0].terms):
            if at_year_end:
                self._in_proportion(day, cash)
            return
        while self.queue:
            case, cash = self.queue[0], self.counters.cash_fen
            want = sum(case.owed.values())
            have = at_once(case.terms, want, cash)
            if cash is not None and have > cash:
                return
            self._pay(day, case, have)
            if have < want and rest_waits(case.terms):
                return
            self._give_up(case)
            self.queue.pop(0)

    def _in_proportion(self, day: date, cash: int) -> None:
        given = in_proportion({str(place): sum(case.owed.values()) for place, case in enumerate(self.queue)}, cash)
        for place, case in enumerate(self.queue):
            self._pay(day, case, given[str(place)])
            self._give_up(case)
        self.queue.clear()

    def _give_up(self, case: Case) -> None:
        """What is not paid any more falls on whoever bears what is beyond the pool; nothing is owed after it."""
        case.borne[case.terms.beyond] += sum(case.owed.values())
        case.owed = {}
        self.counters.met(case.terms, case.loan)

    def _pay(self, day: date, case: Case, fen: int) -> None:
        if fen == 0:
            return
        for party, part in by_party(case.terms, case.owed, fen).items():
            case.borne[party] += part
            case.owed[party] -= part
        self.counters.pay(case.loan, day, fen)

    def recover(self, day: date, case: Case) -> None:
        """Recovered money, after costs: in the scheme's order among those who bore the loss; a claim that still waits shrinks."""
        terms, loan = case.terms, case.loan
        costs = costs_first(terms, loan.costs_fen)
        net, banks_own = loan.recovered_fen - costs, loan.costs_fen - costs
        case.borne["bank"] += banks_own
        case.apart_fen += banks_own
        holds = case.net() | {WAITING: sum(case.owed.values())}
        holds["bank"] = holds.get("bank", 0) - case.apart_fen
        give = min(net, sum(holds.values()))
        back = given_back(terms, holds, {}, give, last=(WAITING,))
        back["bank"] = back.get("bank", 0) + net - give
        self._shrink(case, back.pop(WAITING, 0))
        if case.claimed_on is not None:
            year = case.claimed_on.year
            back = passed_on(terms, back, year, day, self.counters)
            self.counters.came_back(terms, year, day, back)
        for party, fen in back.items():
            case.returned[party] += fen
        self._comes_back(day, case, public(back))

    def _shrink(self, case: Case, less_fen: int) -> None:
        less = by_party(case.terms, case.owed, less_fen)
        case.owed = {party: fen - less.get(party, 0) for party, fen in case.owed.items()}

    def claw_back(self, day: date, case: Case) -> None:
        """Fraud was found: public money comes back, what still waits is not paid, and whoever must return it bears the loss."""
        back, giver = clawed_back(case.terms, case.net())
        for party, fen in back.items():
            case.returned[party] += fen
        case.borne[giver] += sum(back.values()) + sum(case.owed.values())
        case.owed = {}
        self._comes_back(day, case, sum(back.values()))

    def _comes_back(self, day: date, case: Case, fen: int) -> None:
        self.counters.pay(case.loan, day, -fen)
        self.settle(day)
