"""What one scheme does with a book of loans, day by day: who enters, what stops, who pays, what comes back. Pure: no I/O.

Written in: domain §6.1 (the schemes), §6.3-§6.4. Every fen of loss ends with a party, waits for money, or lies outside the
scheme. A pause is lifted in a later year, at the first loan at which the rule no longer says pause (assumed).

>>> from risk_compensation.scheme import scheme
>>> loan = BookLoan(reference="L", amount_fen=100, drawn_on=date(2025, 1, 6), overdue_since=date(2025, 3, 1),
...     unpaid_principal_fen=100, judged_on=date(2025, 7, 1), guarantor_paid_on=date(2025, 4, 1), industry="C34")
>>> play(scheme("ningbo_442"), [loan]).net_fen()
{'bank': 20, 'guarantor': 40, 'fund': 40}
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any, Literal

from backend.kit.dated import in_force
from risk_compensation.play.counters import Counters, names_of
from risk_compensation.play.gate import Gate
from risk_compensation.play.purse import Case, Purse
from risk_compensation.scheme import PUBLIC, BookLoan, Scheme, SchemeTerms, covered_fen
from risk_compensation.scheme.limits import comes_to
from risk_compensation.scheme.returning import excess_due

Step = Literal["money", "ends", "overdue", "recovery", "fraud", "claim", "entry", "year_end"]
ORDER: tuple[Step, ...] = ("money", "ends", "overdue", "recovery", "fraud", "claim", "entry", "year_end")


@dataclass(slots=True)
class Done:
    """What came of it. `refused`: loan -> why it did not enter; `moved`: what an excess-of-loss cover took over, by year;
    `standing`: how the book stands in the end."""

    scheme: str
    standing: Counters
    cases: list[Case] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    outside_fen: int = 0
    moved: dict[int, dict[str, int]] = field(default_factory=dict)
    cash_fen: int | None = None
    stops: list[tuple[date, str]] = field(default_factory=list)

    @property
    def waiting_fen(self) -> int:
        return sum(sum(case.owed.values()) for case in self.cases)

    @property
    def claims(self) -> int:
        return sum(case.claimed_on is not None for case in self.cases)

    def _sum(self, name: Literal["borne", "returned"]) -> dict[str, int]:
        found: defaultdict[str, int] = defaultdict(int)
        for case in self.cases:
            for party, fen in getattr(case, name).items():
                found[party] += fen
        return found

    def gross_fen(self) -> dict[str, int]:
        found = self._sum("borne")
        for year in self.moved.values():
            for party, fen in year.items():
                found[party] += fen
        return dict(found)

    def net_fen(self) -> dict[str, int]:
        """What each party has borne in the end."""
        gross, back = self.gross_fen(), self._sum("returned")
        net = {party: gross.get(party, 0) - back.get(party, 0) for party in (*gross, *back)}
        return {party: fen for party, fen in net.items() if fen}


def play(
    scheme: Scheme,
    book: Iterable[BookLoan],
    *,
    money_fen: int | None = None,
    until: date | None = None,
    terms: SchemeTerms | None = None,
) -> Done:
    """Play the scheme on the book until a day (default: until everything has happened). `money_fen` replaces the money that the
    scheme says is paid in; `terms` applies one block to every loan, whatever its date ("as if")."""
    return _Course(scheme, list(book), money_fen, until, terms).run()


class _Course:
    def __init__(
        self, scheme: Scheme, book: list[BookLoan], money_fen: int | None, until: date | None, terms: SchemeTerms | None
    ) -> None:
        self.scheme, self.terms = scheme, terms
        self.cases: dict[str, Case] = {}
        self.heap: list[tuple[date, int, int, Step, Any]] = []
        self.number = count()
        self.until = until or max((_last(loan) for loan in book), default=date.min)
        money = (terms or scheme.terms[-1]).money
        opening = money_fen if money_fen is not None else money.opening_fen if money else None
        self.counters = Counters(money_in_fen=opening, cash_fen=opening)
        self.done = Done(scheme.code, self.counters)
        self.purse, self.gate = Purse(self.counters), Gate(self.counters)
        first = min((loan.drawn_on for loan in book), default=self.until).year
        for loan in book:
            self.at(loan.drawn_on, "entry", loan)
        for year in range(first, self.until.year + 1):
            self.at(date(year, 12, 31), "year_end", None)
            if money is not None and money_fen is None and opening is not None and first < year <= first + money.years:
                self.at(date(year, 1, 1), "money", money.yearly_fen)

    def at(self, day: date, step: Step, what: Any) -> None:
        heapq.heappush(self.heap, (day, ORDER.index(step), next(self.number), step, what))

    def run(self) -> Done:
        while self.heap and self.heap[0][0] <= self.until:
            day, _, _, step, what = heapq.heappop(self.heap)
            getattr(self, step)(day, what)
        self.done.cases = list(self.cases.values())
        self.done.outside_fen += sum(_left(case.loan) for case in self.done.cases if case.claimed_on is None)
        self.done.cash_fen = self.counters.cash_fen
        return self.done

    def entry(self, day: date, loan: BookLoan) -> None:
        terms = self.terms or in_force(self.scheme.terms, day)
        why = self.gate.refuses(terms, loan, day, self.done.stops) if terms else "not_in_force"
        if terms is None or why:
            self.done.refused[loan.reference] = why
            self.done.outside_fen += _left(loan)
            return
        case = self.cases[loan.reference] = Case(loan, terms)
        self.counters.enter(terms, loan, day)
        if loan.overdue_since is None:
            self.at(loan.ends_on, "ends", case)
            return
        self.at(loan.overdue_since, "overdue", case)
        due = loan.claimable_on(terms.trigger)
        if due is not None and terms.base is not None and terms.base.counts == "actual_loss" and loan.recovered_on is not None:
            due = max(due, loan.recovered_on)
        steps: tuple[tuple[date | None, Step], ...] = (
            (due, "claim"),
            (loan.recovered_on, "recovery"),
            (loan.fraud_on, "fraud"),
        )
        for happens, step in steps:
            if happens is not None:
                self.at(happens, step, case)

    def ends(self, day: date, case: Case) -> None:
        self.counters.repaid(case.terms, case.loan)

    def overdue(self, day: date, case: Case) -> None:
        self.counters.fall_overdue(case.terms, case.loan)

    def claim(self, day: date, case: Case) -> None:
        loan, terms = case.loan, case.terms
        if loan.fraud_on is not None and loan.fraud_on <= day:
            return
        principal, interest = _still_lost(loan, day)
        covered = covered_fen(terms, principal, interest)
        found = comes_to(terms, loan, names_of(loan), covered, day, self.counters)
        if not case.deferred and self.gate.defers(terms, loan, day, found.public_fen, self.done.stops):
            case.deferred = True
            self.at(date(day.year + 1, 1, 1), "claim", case)
            return
        case.claimed_on, case.cut_fen = day, found.cut_fen
        case.owed = {party: fen for party, fen in found.parts.items() if party in PUBLIC and fen}
        case.apart_fen = principal + interest - covered
        case.borne["bank"] += case.apart_fen
        for party, fen in found.parts.items():
            case.borne[party] += 0 if party in PUBLIC else fen
        self.counters.spend(terms, loan, day, found)
        self.counters.claimed(loan)
        self.purse.queue.append(case)
        self.purse.settle(day)

    def money(self, day: date, fen: int) -> None:
        self.counters.cash_fen = (self.counters.cash_fen or 0) + fen
        self.counters.money_in_fen = (self.counters.money_in_fen or 0) + fen
        self.purse.settle(day)

    def recovery(self, day: date, case: Case) -> None:
        if case.claimed_on is not None:
            self.purse.recover(day, case)

    def fraud(self, day: date, case: Case) -> None:
        if case.terms.claw_back is not None and case.claimed_on is not None:
            self.purse.claw_back(day, case)

    def year_end(self, day: date, _: None) -> None:
        self.purse.settle(day, at_year_end=True)
        terms = self.terms or in_force(self.scheme.terms, day) or self.scheme.terms[-1]
        if terms.excess is not None:
            moved = self.counters.taken_over[day.year] = excess_due(terms.excess, day.year, self.counters)
            if moved:
                self.done.moved[day.year] = {terms.excess.relieves: -moved, terms.excess.payer: moved}
                if self.counters.cash_fen is not None:
                    self.counters.cash_fen -= moved
        self.counters.close_year()


def _last(loan: BookLoan) -> date:
    """The end of the year in which everything that can follow from a loan has happened: two years after its last day."""
    known = (loan.ends_on, loan.overdue_since, loan.judged_on, loan.guarantor_paid_on, loan.recovered_on, loan.fraud_on)
    return date(max(day for day in known if day is not None).year + 2, 12, 31)


def _still_lost(loan: BookLoan, day: date) -> tuple[int, int]:
    """Principal and interest not yet paid or recovered on that day; what was recovered went to principal first."""
    back = _net_recovered(loan) if loan.recovered_on is not None and loan.recovered_on <= day else 0
    principal = max(0, loan.unpaid_principal_fen - back)
    return principal, loan.loss_fen - back - principal


def _net_recovered(loan: BookLoan) -> int:
    return loan.recovered_fen - loan.costs_fen


def _left(loan: BookLoan) -> int:
    return loan.loss_fen - _net_recovered(loan)
