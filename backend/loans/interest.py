"""One draw lived day by day: what falls due, what is overdue, and where each payment goes, in whole fen.

Written in: domain §5.2 (formulas, day counts, penalty), §5.5 (order of applying a payment). The bank keeps its own arithmetic;
the two must agree to the fen, so nothing here looks at the bank's figures for interest or penalty.

The value date counts, the last day does not. On one day dues fall first, then payments are applied. A borrower's payment goes to
expenses, penalty, interest, principal, each oldest first, then to principal not yet due; a guarantor's or a recovery's goes to
principal alone.

>>> terms = Terms(1_200_000, 360, 540, "equal_principal", "30/360", date(2025, 1, 10),
...               tuple(Due(n, date(2025, 1 + n, 10), 100_000 if n < 11 else 200_000) for n in range(1, 12)))
>>> account = play(terms, [Money(date(2025, 2, 20), 103_750, "borrower")], date(2025, 2, 20))
>>> account.splits[0]
Split(expenses_fen=0, penalty_fen=150, interest_fen=3600, principal_fen=100000, unapplied_fen=0)
>>> account.unpaid_since
datetime.date(2025, 3, 10)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

BASES = {"act/360": 360, "act/365": 365}
MONTHLY = "30/360"


@dataclass(frozen=True, slots=True)
class Due:
    """A due day and the principal promised for it, in fen."""

    no: int
    due_on: date
    principal_fen: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What rules a draw: rates per year in basis points, `penalty_bp` the full penalty rate, the due days in order."""

    amount_fen: int
    rate_bp: int
    penalty_bp: int
    way: str
    day_count: str
    value_date: date
    dues: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """A payment as it arrived. `expenses_fen`: what the bank asks for its expenses out of it; only the bank knows them."""

    paid_on: date
    amount_fen: int
    source: str
    expenses_fen: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """Where a payment went. `unapplied_fen` found nothing left to pay."""

    expenses_fen: int = 0
    penalty_fen: int = 0
    interest_fen: int = 0
    principal_fen: int = 0
    unapplied_fen: int = 0


@dataclass(slots=True)
class Line:
    """One due day as it is lived. Until it falls, `interest_fen` is what it will be if nothing changes."""

    no: int
    due_on: date
    principal_fen: int
    interest_fen: int = 0
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


def half_up(value: Decimal) -> int:
    """To the nearest fen, halves upward."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def months_between(start: date, end: date) -> int:
    """Whole months from a day to the same day of a later month, or to that month's last day.

    >>> months_between(date(2025, 1, 31), date(2025, 2, 28)), months_between(date(2025, 1, 10), date(2026, 1, 10))
    (1, 12)
    """
    return (end.year - start.year) * 12 + end.month - start.month


@dataclass(slots=True)
class Account:
    """The draw at the end of a day. Made by `play`."""

    terms: Terms
    lines: list[Line]
    repaid: list[tuple[date, int]] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    day: date = date.min

    @property
    def outstanding_fen(self) -> int:
        """Principal not yet repaid by anybody."""
        return self.terms.amount_fen - sum(fen for _, fen in self.repaid)

    @property
    def unpaid_since(self) -> date | None:
        """The first due day, past or to come, that is not fully paid in principal and interest; None once all is."""
        return next((line.due_on for line in self.lines if line.principal_left or line.interest_left), None)

    def past_due_days(self, day: date) -> int:
        """Days past due: from the first unpaid due day. domain §5.4."""
        return past_due_days(self.unpaid_since, day)

    def penalty_fen(self, day: date) -> int:
        """Penalty owed on that day, what has grown since the last payment included."""
        return sum(line.penalty_left + self._grown(line, day) for line in self.lines if line.fallen)

    def owed_fen(self, day: date) -> int:
        """Everything due and unpaid: penalty, interest, principal."""
        return self.penalty_fen(day) + sum(line.interest_left + line.principal_left for line in self.lines if line.fallen)

    def next_due(self) -> Line | None:
        """The next due day that will ask for something."""
        return next((line for line in self.lines if not line.fallen and (line.principal_left or line.interest_left)), None)

    # ------------------------------------------------------------ time

    def fall_due(self, until: date) -> None:
        """Let every line up to and including that day fall due; foresee the rest."""
        self.day = until
        for line in self.lines:
            if not line.fallen:
                line.interest_fen = self._interest(line)
                line.fallen = line.due_on <= until

    def _interest(self, line: Line) -> int:
        terms = self.terms
        start = self.lines[line.no - 2].due_on if line.no > 1 else terms.value_date
        if terms.day_count == MONTHLY:
            balance = sum(each.principal_left for each in self.lines if each.no >= line.no)
            return half_up(Decimal(balance * terms.rate_bp * months_between(start, line.due_on)) / 120_000)
        weight, since, balance = 0, start, terms.amount_fen - sum(fen for day, fen in self.repaid if day <= start)
        for day, fen in self.repaid:
            if start < day < line.due_on:
                weight, since, balance = weight + balance * (day - since).days, day, balance - fen
        weight += balance * (line.due_on - since).days
        return half_up(Decimal(weight * terms.rate_bp) / (10_000 * BASES[terms.day_count]))

    def _grown(self, line: Line, day: date) -> int:
        """Penalty since the due day or the last payment: on overdue principal alone, never on interest."""
        since = max(line.due_on, line.penalty_to or line.due_on)
        days = max(0, (day - since).days)
        return half_up(Decimal(line.principal_left * days * self.terms.penalty_bp) / 3_600_000)

    # ------------------------------------------------------------ money

    def pay(self, money: Money) -> Split:
        """Apply one payment; dues up to its day have fallen."""
        for line in self.lines:
            if line.fallen:
                line.penalty_fen += self._grown(line, money.paid_on)
                line.penalty_to = max(money.paid_on, line.due_on)
        rest, expenses, penalty, interest = money.amount_fen, 0, 0, 0
        if money.source == "borrower":
            expenses = min(rest, money.expenses_fen)
            rest -= expenses
            for line in self.lines:
                part = min(rest, line.penalty_left)
                line.penalty_paid_fen, rest, penalty = line.penalty_paid_fen + part, rest - part, penalty + part
            for line in self.lines:
                part = min(rest, line.interest_left) if line.fallen else 0
                line.interest_paid_fen, rest, interest = line.interest_paid_fen + part, rest - part, interest + part
        principal = 0
        for line in self.lines:
            part = min(rest, line.principal_left)
            line.principal_paid_fen, rest, principal = line.principal_paid_fen + part, rest - part, principal + part
        if principal:
            self.repaid.append((money.paid_on, principal))
        split = Split(expenses, penalty, interest, principal, rest)
        self.splits.append(split)
        self.fall_due(max(self.day, money.paid_on))
        return split


def past_due_days(unpaid_since: date | None, day: date) -> int:
    """Days from the first unpaid due day; 0 on that day itself and before.

    >>> past_due_days(date(2025, 3, 20), date(2025, 3, 21)), past_due_days(date(2025, 3, 20), date(2025, 3, 20))
    (1, 0)
    """
    return max(0, (day - unpaid_since).days) if unpaid_since else 0


def play(terms: Terms, payments: Iterable[Money], until: date) -> Account:
    """Live the draw from its value date to the end of a day. `payments` are taken in the order of their days; `Account.splits`
    stand in that order."""
    account = Account(terms, [Line(due.no, due.due_on, due.principal_fen) for due in terms.dues])
    for money in sorted(payments, key=lambda each: each.paid_on):
        account.fall_due(money.paid_on)
        account.pay(money)
    account.fall_due(max(until, account.day))
    return account
