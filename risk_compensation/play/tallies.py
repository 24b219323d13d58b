"""What the stop rules of a scheme look at, counted as a book goes by: for the pool, each bank and each guarantor.

Written in: domain §6.3 (ratios to be defined explicitly); `conditions.Breaker` names them. Money in fen; days never go back.

>>> window = Window()
>>> window.add(date(2025, 1, 31), 5); window.add(date(2025, 12, 1), 7)
>>> window.since(date(2025, 1, 31)), window.of_year(2025)
(7, 12)
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import date

from risk_compensation.scheme import Breaker
from risk_compensation.scheme.stops import months_before


class Window:
    """A sum over time: of the last months, of a calendar year, of all time."""

    def __init__(self) -> None:
        self._recent: deque[tuple[date, int]] = deque()
        self._sum = 0
        self._years: defaultdict[int, int] = defaultdict(int)
        self.total = 0

    def add(self, day: date, amount: int) -> None:
        self._recent.append((day, amount))
        self._sum += amount
        self._years[day.year] += amount
        self.total += amount

    def since(self, day: date) -> int:
        """What was added after that day."""
        while self._recent and self._recent[0][0] <= day:
            self._sum -= self._recent.popleft()[1]
        return self._sum

    def of_year(self, year: int) -> int:
        return self._years[year]

    def of(self, rule: Breaker, day: date) -> int:
        """As the rule's window says."""
        return self.of_year(day.year) if rule.calendar_year else self.since(months_before(day, rule.window_months))


@dataclass(slots=True)
class Tally:
    """One pool's, bank's or guarantor's figures."""

    entered: Window = field(default_factory=Window)
    loans: Window = field(default_factory=Window)
    paid: Window = field(default_factory=Window)
    insured: Window = field(default_factory=Window)
    compensated: Window = field(default_factory=Window)
    premiums: Window = field(default_factory=Window)
    balance_fen: int = 0
    overdue_fen: int = 0
    live: int = 0

    def judge(self, rule: Breaker, day: date, *, more_fen: int = 0, money_fen: int | None = None) -> tuple[str, int]:
        """What the rule says on that day, were `more_fen` paid too; and the ratio in basis points."""
        if rule.ratio == "overdue_over_balance":
            above, below, loans = self.overdue_fen, self.balance_fen, self.live
        elif rule.ratio == "paid_over_premium":
            above, below, loans = self.insured.of(rule, day), self.premiums.of(rule, day), self.loans.of(rule, day)
        elif rule.ratio == "paid_over_money":
            above, below, loans = self.paid.total, money_fen or 0, self.loans.total
        elif rule.ratio == "compensated_over_entered":
            above, below, loans = self.compensated.of(rule, day), self.entered.of(rule, day), self.loans.of(rule, day)
        else:
            above, below, loans = self.paid.of(rule, day), self.entered.of(rule, day), self.loans.of(rule, day)
        above = max(0, above + more_fen)
        return rule.judge(above, below, loans), above * 10_000 // below if below > 0 else 0
