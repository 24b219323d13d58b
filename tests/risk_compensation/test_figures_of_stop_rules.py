"""The figures that stop rules look at come from what really happens to loans: as they enter, fall overdue, are paid, end.

`test_stop_rules` lays figures beside each line by hand; here nobody fills them by hand.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from risk_compensation import scheme
from risk_compensation.play.counters import Counted, Counters, Sum, Tally
from risk_compensation.play.gate import Gate
from risk_compensation.scheme import Award, BookLoan, Breaker, Kind, SchemeTerms
from risk_compensation.scheme.stops import months_before
from tests.risk_compensation.test_stop_rules import DAY, loan_for

AMOUNT = 1_000_000
RULES = [
    (code, place, number, kind)
    for code in scheme.codes()
    for place, terms in enumerate(scheme.scheme(code).terms)
    for number, rule in enumerate((terms.breaker, *terms.stops))
    for kind in rule.of
]


def alone(code: str, place: int, number: int, kind: str) -> tuple[SchemeTerms, Breaker]:
    """A block with this one stop rule, which looks at one kind of party, open to any kind of loan."""
    terms = scheme.scheme(code).terms[place]
    rule = (terms.breaker, *terms.stops)[number].model_copy(update={"of": (kind,)})
    scope = terms.scope.model_copy(update={"modes": ()})
    return terms.model_copy(update={"breaker": rule, "stops": (), "scope": scope}), rule


def goes_bad(counters: Counters, terms: SchemeTerms, loan: BookLoan) -> None:
    """All of it falls overdue and is paid for."""
    counters.fall_overdue(terms, loan)
    counters.pay(loan, DAY, loan.amount_fen)
    counters.spend(terms, loan, DAY, Award({"insurer": loan.amount_fen}))


@pytest.mark.parametrize(("code", "place", "number", "kind"), RULES, ids=[f"{c}-{p}-{n}-{k}" for c, p, n, k in RULES])
def test_a_stop_rule_asks_for_as_many_loans_as_it_says_of_those_that_entered(
    code: str, place: int, number: int, kind: str
) -> None:
    terms, rule = alone(code, place, number, kind)
    mode = "guarantee" if kind == "guarantor" else "loan"
    counters, loans = Counters(money_in_fen=AMOUNT), max(1, rule.minimum_loans)

    def stops() -> bool:
        gate, loan = Gate(counters), loan_for(terms, mode=mode, firm="new", amount_fen=AMOUNT)
        if rule.defers:
            return gate.defers(terms, loan, DAY, 0, [])
        return gate.refuses(terms, loan, DAY, []) == f"stopped_{kind}"

    for entered in range(loans):
        assert not stops(), f"{entered} of {loans} loans say nothing yet"
        said: dict[str, Any] = {"reference": f"L{entered}", "firm": f"f{entered}", "mode": mode, "amount_fen": AMOUNT}
        loan = loan_for(terms, overdue_since=date(2026, 9, 2), unpaid_principal_fen=AMOUNT, **said)
        counters.enter(terms, loan, DAY)
        goes_bad(counters, terms, loan)
    assert stops()


def test_a_loan_counts_once_for_the_pool_its_bank_and_its_guarantor_until_it_ends() -> None:
    terms = scheme.scheme("ningbo_442").terms[0]
    counters = Counters()
    good, bad = (loan_for(terms, reference=name, mode="guarantee", amount_fen=AMOUNT) for name in ("good", "bad"))
    plain = loan_for(terms, reference="plain", mode="loan", amount_fen=AMOUNT)
    bad = bad.model_copy(update={"overdue_since": DAY, "unpaid_principal_fen": AMOUNT // 4})

    def told(kind: Kind, name: str) -> tuple[int, ...]:
        tally = counters.tallies[kind, name]
        return tally.loans.total, tally.live, tally.entered.total, tally.balance_fen, tally.overdue_fen

    for loan in (good, bad, plain):
        counters.enter(terms, loan, DAY)
    assert told("pool", "") == told("bank", "b") == (3, 3, 3 * AMOUNT, 3 * AMOUNT, 0)
    assert told("guarantor", "g") == (2, 2, 2 * AMOUNT, 2 * AMOUNT, 0), "what nobody guaranteed is not the guarantor's"
    counters.fall_overdue(terms, bad)
    assert told("guarantor", "g") == (2, 2, 2 * AMOUNT, AMOUNT * 5 // 4, AMOUNT // 4)
    counters.repaid(terms, good)
    assert told("guarantor", "g") == (2, 1, 2 * AMOUNT, AMOUNT // 4, AMOUNT // 4)
    counters.claimed(bad)
    assert told("guarantor", "g") == (2, 0, 2 * AMOUNT, 0, 0)
    assert told("pool", "") == (3, 1, 3 * AMOUNT, AMOUNT, 0)


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 9, 1), 12, date(2025, 9, 1)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 15), 12, date(2025, 12, 15)),
        (date(2026, 1, 31), 12, date(2025, 1, 28)),
        (date(2026, 3, 29), 36, date(2023, 3, 28)),
    ],
)
def test_twelve_months_back_are_twelve(day: date, months: int, earlier: date) -> None:
    assert months_before(day, months) == earlier


def test_a_window_holds_what_came_after_its_first_day_and_a_year_what_came_in_it() -> None:
    window = Sum()
    for on, fen in ((date(2025, 8, 31), 1), (date(2025, 9, 1), 10), (date(2025, 9, 2), 100), (date(2026, 9, 1), 1000)):
        window.add(on, fen)
    rule = scheme.scheme("ningbo_442").terms[0].breaker
    year, months = (rule.model_copy(update={"calendar_year": yes, "window_months": 12}) for yes in (True, False))

    def paid(rule: Breaker, on: date) -> int:
        return Counted(Tally(paid=window), rule, on, 0).net_paid_fen()

    assert paid(year, date(2026, 9, 1)) == 1000
    assert paid(year, date(2025, 9, 1)) == 11, "what came later is not asked of an earlier day"
    assert paid(months, date(2026, 9, 1)) == 1100
    assert window.total == 1111
