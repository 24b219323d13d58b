"""When something stops: what a rule divides by what, what it says of that, and which claims wait for next year.

Written in: domain §6.3 (ratios to be defined explicitly), §6.1 (what each published rule divides by what).

>>> months_before(date(2025, 3, 31), 1)
datetime.date(2025, 2, 28)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from backend.kit.words import Words
from backend.vocabulary import figures
from risk_compensation.scheme.conditions import Breaker, RatioName
from risk_compensation.scheme.standing import Kind, Parties, Standing, Window
from risk_compensation.scheme.terms import SchemeTerms

RATIO_WORDS: dict[str, Words] = {code: figures.TITLES[code] for code in get_args(RatioName)}
Verdict = Literal["open", "warn", "paused"]
_RANK: dict[str, int] = {"open": 0, "warn": 1, "paused": 2}


def months_before(day: date, months: int) -> date:
    """The day so many months earlier (never later than the 28th)."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, min(day.day, 28))


def since(rule: Breaker, on: date) -> date:
    """The last day that no longer counts: of last year, or the rule's months ago. Of the pool's money all of it ever counts."""
    if rule.ratio == "paid_over_money":
        return date.min
    return date(on.year - 1, 12, 31) if rule.calendar_year else months_before(on, rule.window_months)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A part of a whole in fen, in basis points, and over how many loans."""

    part_fen: int
    whole_fen: int
    loans: int

    @property
    def bp(self) -> int:
        return self.part_fen * 10_000 // self.whole_fen if self.whole_fen else 0


def ratio_of(rule: Breaker, found: Window) -> Ratio:
    """What the rule divides by what."""
    if rule.ratio == "overdue_over_balance":
        balance, loans = found.balance()
        return Ratio(found.overdue_fen(), balance, loans)
    if rule.ratio == "paid_over_premium":
        return Ratio(found.insured_fen(), found.premiums_fen(), found.entered()[1])
    if rule.ratio == "paid_over_money":
        return Ratio(max(0, found.net_paid_fen()), found.money_in_fen(), found.entered()[1])
    whole, loans = found.entered()
    if rule.ratio == "compensated_over_entered":
        return Ratio(found.compensated_fen(), whole, loans)
    return Ratio(max(0, found.net_paid_fen()), whole, loans)


def judge(rule: Breaker, found: Ratio) -> Verdict:
    """What the rule says of the ratio."""
    return rule.judge(found.part_fen, found.whole_fen, found.loans)


def rules_of(terms: SchemeTerms) -> tuple[Breaker, ...]:
    """Every stop rule of a scheme, the first the one by which a pool is usually told."""
    return terms.breaker, *terms.stops


def judged(terms: SchemeTerms, kind: Kind, code: str, on: date, standing: Standing) -> Iterator[tuple[Verdict, Ratio, Breaker]]:
    """What each rule that looks at the pool, the bank or the guarantor, and closes something, says of it on that day."""
    for rule in rules_of(terms):
        if kind in rule.of and not rule.defers:
            found = ratio_of(rule, standing.window(rule, kind, code, on))
            yield judge(rule, found), found, rule


def worst(terms: SchemeTerms, kind: Kind, code: str, on: date, standing: Standing) -> tuple[Verdict, Ratio, Breaker]:
    """The sternest of them; the first of several that say the same."""
    says = list(judged(terms, kind, code, on, standing))
    return max(says, key=lambda each: _RANK[each[0]], default=("open", Ratio(0, 0, 0), terms.breaker))


def puts_off(
    terms: SchemeTerms, parties: Parties, on: date, more_fen: int, standing: Standing
) -> tuple[Breaker, Kind, str, Ratio] | None:
    """Why a claim waits until next year: the rule that would say stop with its `more_fen`, of whom, at what ratio."""
    for rule in rules_of(terms):
        for kind, code in parties:
            if not rule.defers or kind not in rule.of:
                continue
            found = ratio_of(rule, standing.window(rule, kind, code, on))
            found = Ratio(max(0, found.part_fen + more_fen), found.whole_fen, found.loans)
            if judge(rule, found) == "paused":
                return rule, kind, code, found
    return None
