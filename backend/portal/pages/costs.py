"""The cost list of one loan (综合融资成本清单): every cost, who pays it to whom, when, what it adds; the plan to the fen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages.shared import Choice, Form


@dataclass(frozen=True, slots=True)
class CostItem:
    """One cost. `adds_bp` is what it adds to the all-in rate by days, None where another pays; `ours`: only these add up."""

    title: Words
    payer: Words
    payee: Words
    when: Words
    amount_fen: int
    adds_bp: Decimal | None
    ours: bool = True
    dues: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One due day of the plan."""

    no: int
    due_on: date
    principal_fen: int
    interest_fen: int
    left_fen: int

    @property
    def paid_fen(self) -> int:
        return self.principal_fen + self.interest_fen


@dataclass(frozen=True, slots=True)
class CostPage:
    """`binding`: a bank stands by it until `valid_until`; else it is worked out here, and other amounts may be tried."""

    title: Words
    bank: Words
    back: str
    action: str
    binding: bool
    start: date
    amount_fen: int
    months: int
    way: str
    rate_bp: int
    nominal_bp: Decimal
    effective_bp: Decimal
    by_days_bp: Decimal
    monthly: Words
    items: tuple[CostItem, ...]
    plan: tuple[PlanRow, ...]
    odd: Words
    valid_until: date | None = None
    terms: tuple[Choice, ...] = ()
    ways: tuple[Choice, ...] = ()
    least_fen: int = 0
    most_fen: int = 0
    form: Form = field(default_factory=Form)

    @property
    def ours(self) -> tuple[CostItem, ...]:
        return tuple(each for each in self.items if each.ours)

    @property
    def others(self) -> tuple[CostItem, ...]:
        """Costs that somebody else bears: listed, not counted."""
        return tuple(each for each in self.items if not each.ours)

    @property
    def total_fen(self) -> int:
        return sum(each.amount_fen for each in self.ours)

    @property
    def back_fen(self) -> int:
        """Everything that flows back: the loan and all it costs."""
        return self.amount_fen + self.total_fen
