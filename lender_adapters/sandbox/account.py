"""One draw's account at the bank: what falls due, what is overdue, and where a payment goes. Pure; the book keeps it as JSON.

A borrower's money goes to expenses, then penalty, then interest, then principal, each oldest first; what is left repays
principal not yet due (all of it on a due day, or any part of it for `revolving`). A guarantor's or a recovery's money goes to
principal alone. Penalty is worked out per line at every payment, from the later of the due day and the payment before.

>>> account = Account.opened(1_200_000, 360, 540, "equal_principal", "30/360", 12, date(2025, 1, 10))
>>> account.fall_due(date(2025, 2, 10)).no
1
>>> account.dues(date(2025, 2, 10))
103600
>>> account.dues(date(2025, 2, 20)) - account.dues(date(2025, 2, 10))
150
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from backend.kit.errors import Refused
from backend.kit.words import Words
from lender_adapters.port import DueLine
from lender_adapters.sandbox import interest


@dataclass(slots=True)
class Line:
    """One line of the schedule as it is being lived."""

    no: int
    due_on: date
    principal_fen: int
    interest_fen: int
    fallen: bool = False
    principal_paid_fen: int = 0
    interest_paid_fen: int = 0
    penalty_fen: int = 0
    penalty_paid_fen: int = 0
    penalty_to: date | None = None

    @property
    def principal_left(self) -> int:
        return self.principal_fen - self.principal_paid_fen

    @property
    def interest_left(self) -> int:
        return self.interest_fen - self.interest_paid_fen

    @property
    def penalty_left(self) -> int:
        return self.penalty_fen - self.penalty_paid_fen


@dataclass(frozen=True, slots=True)
class Parts:
    """Where one payment went."""

    penalty_fen: int
    interest_fen: int
    principal_fen: int
    expenses_fen: int = 0


@dataclass(slots=True)
class Account:
    amount_fen: int
    rate_bp: int
    penalty_bp: int
    way: str
    day_count: str
    value_date: date
    lines: list[Line]
    principal_history: list[tuple[date, int]] = field(default_factory=list)

    @classmethod
    def opened(
        cls, amount_fen: int, rate_bp: int, penalty_bp: int, way: str, day_count: str, months: int, value_date: date
    ) -> Account:
        rows = interest.schedule(amount_fen, rate_bp, months, way, day_count, value_date)
        lines = [Line(row.no, row.due_on, row.principal_fen, row.interest_fen) for row in rows]
        return cls(amount_fen, rate_bp, penalty_bp, way, day_count, value_date, lines)

    # ------------------------------------------------------------ looking

    @property
    def schedule(self) -> tuple[DueLine, ...]:
        return tuple(DueLine(line.no, line.due_on, line.principal_fen, line.interest_fen) for line in self.lines)

    @property
    def outstanding_fen(self) -> int:
        return self.amount_fen - sum(part for _, part in self.principal_history)

    @property
    def next_due(self) -> date | None:
        """The next day on which something falls due; None once nothing can."""
        line = next((line for line in self.lines if not line.fallen), None)
        if line is None or (self.outstanding_fen == 0 and not self._period_interest(line)):
            return None
        return line.due_on

    @property
    def last_touched(self) -> date:
        """The last day whose state other entries already rest on."""
        fallen = [line.due_on for line in self.lines if line.fallen]
        return max([self.value_date, *fallen, *(day for day, _ in self.principal_history)])

    def dues(self, day: date) -> int:
        """Everything due and unpaid on `day`, penalty up to that day included."""
        return sum(
            line.penalty_left + self._new_penalty(line, day) + line.interest_left + line.principal_left for line in self._fallen
        )

    def settlement(self, day: date) -> int:
        """Dues and all principal not yet due."""
        return self.dues(day) + sum(line.principal_left for line in self.lines if not line.fallen)

    @property
    def _fallen(self) -> list[Line]:
        return [line for line in self.lines if line.fallen]

    # ------------------------------------------------------------ time passes

    def fall_due(self, day: date) -> Line:
        """The next line falls due on its day; its interest is worked out on what was really owed."""
        line = next(line for line in self.lines if not line.fallen)
        if line.due_on != day:
            raise ValueError(f"line {line.no} falls due on {line.due_on}, not {day}")
        line.interest_fen = self._period_interest(line)
        line.fallen = True
        return line

    def _period_interest(self, line: Line) -> int:
        if self.way in interest.TWELFTHS:
            balance = sum(each.principal_left for each in self.lines if each.no >= line.no)
            return interest.by_twelfth(balance, self.rate_bp)
        start = self.lines[line.no - 2].due_on if line.no > 1 else self.value_date
        return interest.by_days(self._segments(start, line.due_on), self.rate_bp, self.day_count)

    def _segments(self, start: date, end: date) -> Iterator[tuple[int, int]]:
        turns = sorted({start, end, *(day for day, _ in self.principal_history if start < day < end)})
        for first, after in pairwise(turns):
            balance = self.amount_fen - sum(part for day, part in self.principal_history if day <= first)
            yield balance, (after - first).days

    def _new_penalty(self, line: Line, day: date) -> int:
        since = max(line.due_on, line.penalty_to or line.due_on)
        return interest.penalty(line.principal_left, (day - since).days, self.penalty_bp) if day > since else 0

    # ------------------------------------------------------------ money comes

    def pay(self, day: date, amount_fen: int, source: str) -> Parts:
        """Apply one payment whole, or refuse it whole."""
        if amount_fen <= 0 or day < self.last_touched:
            raise _no("金额应为正数且入账日不得早于最近记账日", "a payment is positive and not before the last entry")
        if amount_fen > (self.settlement(day) if source == "borrower" else self.outstanding_fen):
            raise _no("金额超过应还金额", "more than is owed")
        if source == "borrower":
            self._refuse_early(day, amount_fen)
        for line in self._fallen:
            line.penalty_fen += self._new_penalty(line, day)
            line.penalty_to = max(day, line.due_on)
        rest, penalty, ordinary = amount_fen, 0, 0
        if source == "borrower":
            penalty, rest = self._take("penalty", self._fallen, rest)
            ordinary, rest = self._take("interest", self._fallen, rest)
        principal, rest = self._take("principal", self.lines, rest)
        if principal:
            self.principal_history.append((day, principal))
        return Parts(penalty, ordinary, principal)

    def _refuse_early(self, day: date, amount_fen: int) -> None:
        early = amount_fen - self.dues(day)
        settles = amount_fen == self.settlement(day) and any(line.due_on == day for line in self._fallen)
        if early > 0 and self.way != "revolving" and not settles:
            raise _no("本产品仅可在还款日全额提前结清", "early repayment only in full, on a due day")

    @staticmethod
    def _take(part: str, lines: list[Line], rest: int) -> tuple[int, int]:
        taken = 0
        for line in lines:
            share = min(rest, getattr(line, f"{part}_left"))
            setattr(line, f"{part}_paid_fen", getattr(line, f"{part}_paid_fen") + share)
            taken, rest = taken + share, rest - share
        return taken, rest

    # ------------------------------------------------------------ kept as JSON

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Account:
        lines = [
            Line(**(line | {"due_on": _day(line["due_on"]), "penalty_to": line["penalty_to"] and _day(line["penalty_to"])}))
            for line in plain["lines"]
        ]
        history = [(_day(day), part) for day, part in plain["principal_history"]]
        return cls(**(plain | {"value_date": _day(plain["value_date"]), "lines": lines, "principal_history": history}))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _no(zh: str, en: str) -> Refused:
    return Refused(Words(zh, en), code="payment")
