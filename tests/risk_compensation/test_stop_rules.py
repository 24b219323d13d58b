"""Every line that a scheme draws holds to the fen, the loan, the month: just below, at, and above it.

The lines of all blocks of all files are found by looking at what the files say; a line of a kind that nobody drives here is
named by `test_no_line_of_any_scheme_is_left_out`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, cast

import pytest

from risk_compensation import scheme
from risk_compensation.play.counters import Counters, names_of
from risk_compensation.play.gate import Gate
from risk_compensation.play.purse import Case, Purse
from risk_compensation.scheme import PUBLIC, BookLoan, Breaker, Kind, Limits, SchemeTerms, award
from risk_compensation.scheme.limits import rooms
from risk_compensation.scheme.returning import excess_due
from risk_compensation.scheme.stops import judge, ratio_of

DAY, BIG = date(2026, 9, 1), 10**12
STEPS = (-1, 0, 1)
Driver = Callable[[SchemeTerms, str, int], object]


def loan_for(terms: SchemeTerms, **other: Any) -> BookLoan:
    """A loan that everything but the line in question lets in."""
    scope = terms.scope
    said: dict[str, Any] = {
        "reference": "L",
        "bank": "b",
        "firm": "f",
        "guarantor": "g",
        "amount_fen": 1000,
        "drawn_on": DAY,
        "months": 1,
        "mode": scope.modes[0] if scope.modes else "guarantee",
        "size": scope.sizes[0] if scope.sizes else "small",
        "industry": f"{scope.industries[0]}1" if scope.industries else "C34",
        "revenue_fen": 1,
        "tags": (scope.tag,) if scope.tag else (),
    }
    return BookLoan.model_validate(said | other)


def refused(terms: SchemeTerms, loan: BookLoan, counters: Counters | None = None, cash: int | None = None) -> str:
    counters = counters or Counters()
    counters.cash_fen = cash
    return Gate(counters).refuses(terms, loan, DAY, [])


# ------------------------------------------------------------------ stop rules: a ratio of the pool, a bank, a guarantor


def _figures(rule: Breaker, kind: Kind, line_bp: int, step: int, loans: int) -> Counters:
    """A book in which the ratio stands exactly at the line, or one fen beside it."""
    counters = Counters(money_in_fen=10_000 * 1000)
    tally = counters.tallies[(kind, "") if kind == "pool" else (kind, kind[0])]
    whole, part = 10_000 * 1000, line_bp * 1000 + step
    tally.loans.add(DAY, loans)
    tally.live = loans
    tally.entered.add(DAY, whole)
    tally.premiums.add(DAY, whole)
    tally.balance_fen = whole
    for window in (tally.paid, tally.compensated, tally.insured):
        window.add(DAY, part)
    tally.overdue_fen = part
    return counters


def stop_rule(terms: SchemeTerms, line: str, step: int) -> object:
    """Stops at its line (or only above it, where the scheme says above), and never on fewer loans than it asks for."""
    _, place, name = line.split(":")
    kind = cast(Kind, name)
    rule = (terms.breaker, *terms.stops)[int(place)]
    alone = terms.model_copy(update={"breaker": rule, "stops": ()})
    loan = loan_for(terms, mode="guarantee" if kind == "guarantor" else loan_for(terms).mode)
    alone = alone.model_copy(update={"scope": terms.scope.model_copy(update={"modes": ()})})
    stops = step > 0 or (step == 0 and not rule.strictly)

    def told(loans: int, line_bp: int = rule.pause_bp) -> str:
        counters = _figures(rule, kind, line_bp, step, loans)
        if rule.defers:
            return "deferred" if Gate(counters).defers(alone, loan, DAY, 0, []) else ""
        return refused(alone, loan, counters)

    yes = "deferred" if rule.defers else f"stopped_{kind}"
    assert told(rule.minimum_loans) == (yes if stops else "")
    assert told(rule.minimum_loans - 1) == "", "too few loans say nothing"
    code = "" if kind == "pool" else kind[0]
    warned = _figures(rule, kind, rule.warn_bp, step, rule.minimum_loans).window(rule, kind, code, DAY)
    assert judge(rule, ratio_of(rule, warned)) == ("warn" if step >= 0 else "open")
    return None


# ------------------------------------------------------------------ what may enter


def cap(terms: SchemeTerms, line: str, step: int) -> object:
    what, _, size = line.partition(":")
    if what == "caps.firm_fen":
        counters = Counters()
        counters.of_firm["f"] = terms.caps.firm_fen - 1000 + step
        assert refused(terms, loan_for(terms), counters) == ("cap_firm" if step > 0 else "")
        return None
    most = terms.caps.loan_fen_by_size[size] if size else terms.caps.loan_fen  # type: ignore[index]
    plain = next(each for each in (*terms.scope.sizes, "small") if each not in terms.caps.loan_fen_by_size)
    loan = loan_for(terms, amount_fen=most + step, size=size or plain)
    assert refused(terms, loan) == ("cap_loan" if step > 0 else "")
    return None


def leverage(terms: SchemeTerms, line: str, step: int) -> object:
    counters, loan = Counters(), loan_for(terms)
    room = BIG * terms.leverage.times_bp // 10_000
    counters.commitments_fen = room - terms.commitment_fen(loan, loan.amount_fen) + step
    assert refused(terms, loan, counters, BIG) == ("headroom" if step > 0 else "")
    return None


def scope(terms: SchemeTerms, line: str, step: int) -> object:
    if line == "scope.revenue_upto_fen":
        assert terms.scope.revenue_upto_fen is not None
        found = refused(terms, loan_for(terms, revenue_fen=terms.scope.revenue_upto_fen + step))
        assert found == ("revenue" if step > 0 else "")
    elif line == "scope.term_months":
        assert terms.scope.term_months is not None
        found = refused(terms, loan_for(terms, months=terms.scope.term_months + step))
        assert found == ("term" if step > 0 else "")
    else:
        counters = Counters()
        counters.firm_banks["f", DAY.year - (step < 0)].add("another" if step else "b")
        assert refused(terms, loan_for(terms), counters) == ("one_bank" if step > 0 else "")
    return None


# ------------------------------------------------------------------ what is paid


def limit(terms: SchemeTerms, line: str, step: int) -> object:
    """One fen more than is left is cut, and falls on whoever bears what is beyond."""
    assert terms.limits is not None
    name, _, size = line.removeprefix("limits.").partition(":")
    only = {"counts": terms.limits.counts, "beyond": terms.limits.beyond, "source": terms.limits.source}
    value = getattr(terms.limits, name)
    alone = terms.model_copy(update={"limits": Limits.model_validate(only | {name: value})})
    loan, counters, wanted = loan_for(terms, **({"size": size} if size else {})), Counters(), 100
    # What the claims before it count, by year, loan, firm, bank, guarantor.
    keys: dict[str, tuple[int | None, str | None, str | None, str | None, str | None]] = {
        "loan_fen": (None, "L", None, None, None),
        "firm_fen": (None, None, "f", None, None),
        "firm_fen_by_size": (None, None, "f", None, None),
        "year_fen": (DAY.year, None, None, None, None),
        "bank_year_fen": (DAY.year, None, None, "b", None),
        "guarantor_year_fen": (DAY.year, None, None, None, "g"),
        "bank_balance_bp": (DAY.year, None, None, "b", None),
        "entered_bp": (None, None, None, None, None),
        "fees_times_bp": (None, None, None, None, None),
    }
    if name == "quota":
        counters.quota["b"] = wanted - step
    else:
        counters.last_balance["b"] = counters.fees = 10_000 * 1000
        counters.tallies["pool", ""].entered.add(DAY, 10_000 * 1000)
        most = value[size] if size else value * 1000 if name.endswith("_bp") else value
        counters.counted[keys[name]] = most - wanted + step
    found = award(alone, {terms.limits.counts[0]: 1}, wanted, rooms=rooms(alone, loan, names_of(loan), DAY, counters))
    assert (found.counted_fen, found.cut_fen) == ((wanted - 1, 1) if step > 0 else (wanted, 0))
    return None


def quota_of_balance(terms: SchemeTerms, line: str, step: int) -> object:
    """What is not used carries over only up to a part of the bank's balance."""
    assert terms.limits is not None
    assert terms.limits.quota is not None
    quota, loan, counters = terms.limits.quota, loan_for(terms, amount_fen=1_000_000), Counters()
    grows = loan.amount_fen * quota.loan_bp // 10_000
    counters.tallies["bank", "b"].balance_fen = 9 * loan.amount_fen
    most = 10 * loan.amount_fen * quota.balance_bp // 10_000
    counters.quota["b"] = most - grows + step
    counters.enter(terms, loan, DAY)
    assert counters.quota["b"] == most + min(step, 0)
    return None


def excess_year(terms: SchemeTerms, line: str, step: int) -> object:
    cover = terms.excess
    assert cover is not None
    assert cover.year_fen is not None
    counters = Counters()
    exact = -(-(cover.year_fen + step) * 10_000 // cover.part_bp)
    counters.borne[cover.relieves, DAY.year] = exact
    assert excess_due(cover, DAY.year, counters) == cover.year_fen + min(step, 0)
    return None


def money(terms: SchemeTerms, line: str, step: int) -> object:
    """The fund is exhausted: what is missing waits, or is borne, as the scheme says."""
    named = {*terms.odd_fen_order}
    fund = next(party for party in PUBLIC if party in named) if named & set(PUBLIC) else None
    if fund is None:
        return None
    case, purse = Case(loan_for(terms), terms, owed={fund: 100}), Purse(Counters(cash_fen=100 - step))
    purse.queue.append(case)
    purse.settle(DAY, at_year_end=True)
    rule, short = terms.money_short.rule, step > 0
    paid = 100 if not short else 0 if rule == "approval_order" else 99
    assert case.borne[fund] == paid
    assert purse.counters.cash_fen == 100 - step - paid
    assert sum(case.owed.values()) == (0 if not short or rule in ("bank_bears", "pro_rata") else 100 - paid)
    assert case.borne[terms.beyond] == (1 if short and rule in ("bank_bears", "pro_rata") else 0)
    return None


DRIVERS: dict[str, Driver] = {
    "stop": stop_rule,
    "caps.loan_fen": cap,
    "caps.loan_fen_by_size": cap,
    "caps.firm_fen": cap,
    "leverage.times_bp": leverage,
    "scope.revenue_upto_fen": scope,
    "scope.term_months": scope,
    "scope.one_bank_a_year": scope,
    **{f"limits.{name}": limit for name in Limits.model_fields if name not in ("counts", "beyond", "source")},
    "quota.balance_bp": quota_of_balance,
    "excess.year_fen": excess_year,
    "money_short.rule": money,
}
# Fields of these parts that draw no line: they say who, when, or where it is written.
NO_LINE = {
    "source",
    "counts",
    "beyond",
    "basis",
    "industries",
    "modes",
    "sizes",
    "tag",
    "relieves",
    "payer",
    "over_bp",
    "part_bp",
}


def lines_of(terms: SchemeTerms) -> Iterator[str]:
    """Every line that a block draws, as `part.field`, with the size of firm where it has one."""
    for place, rule in enumerate((terms.breaker, *terms.stops)):
        yield from (f"stop:{place}:{kind}" for kind in rule.of)
    for part in ("caps", "leverage", "scope", "limits", "excess", "money_short"):
        block = getattr(terms, part)
        for name in () if block is None else sorted(set(type(block).model_fields) - NO_LINE):
            value = getattr(block, name)
            if isinstance(value, dict):
                yield from (f"{part}.{name}:{key}" for key in value)
            elif value:
                yield f"{part}.{name}"
    if terms.limits is not None and terms.limits.quota is not None:
        yield "quota.balance_bp"


LINES = [
    (code, place, line)
    for code in scheme.codes()
    for place, terms in enumerate(scheme.scheme(code).terms)
    for line in lines_of(terms)
]


@pytest.mark.parametrize(("code", "place", "line"), LINES, ids=[f"{code}-{place}-{line}" for code, place, line in LINES])
def test_a_scheme_stops_at_its_line_and_not_below_it(code: str, place: int, line: str) -> None:
    terms = scheme.scheme(code).terms[place]
    for step in STEPS:
        DRIVERS[line.split(":")[0]](terms, line, step)


def test_no_line_of_any_scheme_is_left_out() -> None:
    driven = {line.split(":")[0] for _, _, line in LINES}
    assert driven - set(DRIVERS) == set(), "these lines have no test"
    assert {code for code, _, _ in LINES} == set(scheme.codes())
    assert len({code for code, _, _ in LINES}) >= 21
    stops = [line for _, _, line in LINES if line.startswith("stop:")]
    blocks = [terms for code in scheme.codes() for terms in scheme.scheme(code).terms]
    assert len(stops) == sum(len(rule.of) for terms in blocks for rule in (terms.breaker, *terms.stops))
