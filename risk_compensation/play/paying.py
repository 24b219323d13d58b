"""Who is paid when, out of one account, and to whom recovered money goes: the money side of a course.

Written in: domain §6.1 (what happens when money runs out), §6.4 (recoveries).

>>> from risk_compensation.scheme import terms_on
>>> loan = BookLoan(reference="L", amount_fen=100, drawn_on=date(2025, 1, 6))
>>> case = Case(loan, terms_on("ningbo_442", date(2025, 1, 6)), owed={"fund": 40})
>>> purse = Purse(30, Counters()); purse.queue.append(case); purse.settle(date(2025, 7, 1)); case.owed  # whole claims wait
{'fund': 40}
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from backend.kit.money import share_out
from risk_compensation.play.limits import Counters
from risk_compensation.scheme import PUBLIC, BookLoan, public, share_recovery

if TYPE_CHECKING:
    from risk_compensation.scheme import SchemeTerms

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
    """The account of the pool; `cash` None: the scheme does not limit it."""

    def __init__(self, cash: int | None, counters: Counters) -> None:
        self.cash, self.counters = cash, counters
        self.queue: list[Case] = []

    def settle(self, day: date, at_year_end: bool = False) -> None:
        """Pay what waits, as the scheme says, out of the money there is."""
        rule = self.queue[0].terms.money_short.rule if self.queue else "approval_order"
        if self.cash is not None and rule == "pro_rata":
            if at_year_end:
                self._pro_rata(day, self.cash)
            return
        while self.queue:
            case = self.queue[0]
            want = sum(case.owed.values())
            have = want if self.cash is None else min(self.cash, want)
            if have < want and rule == "approval_order":
                return
            self._pay(day, case, have)
            if have < want and rule == "next_budget":
                return
            self._give_up(case)
            self.queue.pop(0)

    def _pro_rata(self, day: date, cash: int) -> None:
        wants = {str(place): sum(case.owed.values()) for place, case in enumerate(self.queue)}
        total = sum(wants.values())
        given = share_out(min(cash, total), wants, odd_fen_order=list(wants)) if total else wants
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
        for party, part in share_out(fen, case.owed, odd_fen_order=case.terms.odd_fen_order).items():
            case.borne[party] += part
            case.owed[party] -= part
        if self.cash is not None:
            self.cash -= fen
        self.counters.pay(case.loan, day, fen)

    def recover(self, day: date, case: Case) -> None:
        """Recovered money, after costs: in the scheme's order among those who bore the loss; a claim that still waits shrinks."""
        terms, loan = case.terms, case.loan
        net = loan.recovered_fen - loan.costs_fen
        if terms.recovery is not None and terms.recovery.costs == "bank":
            net = loan.recovered_fen
            case.borne["bank"] += loan.costs_fen
            case.apart_fen += loan.costs_fen
        holds = case.net() | {WAITING: sum(case.owed.values())}
        holds["bank"] = holds.get("bank", 0) - case.apart_fen
        give = min(net, sum(holds.values()))
        first, order = terms.recovery.first if terms.recovery else (), (*terms.odd_fen_order, WAITING)
        back = _none()
        back.update(share_recovery(holds, net_fen=give, already={}, odd_fen_order=order, first=first))
        back["bank"] += net - give
        self._shrink(case, back.pop(WAITING, 0))
        if case.claimed_on is not None:
            self.counters.pass_on(terms, case.claimed_on.year, day, back)
        for party, fen in back.items():
            case.returned[party] += fen
        self._comes_back(day, case, public(back))

    def _shrink(self, case: Case, less_fen: int) -> None:
        if less_fen:
            less = share_out(less_fen, case.owed, odd_fen_order=case.terms.odd_fen_order)
            case.owed = {party: fen - less[party] for party, fen in case.owed.items()}

    def claw_back(self, day: date, case: Case, giver: str) -> None:
        """Fraud was found: public money comes back from `giver`, who then bears the loss; what still waits is not paid."""
        back = 0
        for party, fen in case.net().items():
            if party in PUBLIC:
                case.returned[party] += fen
                back += fen
        case.borne[giver] += back + sum(case.owed.values())
        case.owed = {}
        self._comes_back(day, case, back)

    def _comes_back(self, day: date, case: Case, fen: int) -> None:
        if self.cash is not None:
            self.cash += fen
        self.counters.pay(case.loan, day, -fen)
        self.settle(day)
