"""The all-in annual rate and the cost list: what is paid, by whom, to whom, when (domain §5.3, 综合融资成本清单).

All costs of the borrower are put against the principal really outstanding. `all_in` refuses more than the ceiling in force;
`reckon` only says so, for what a bank offered and must be answered.

>>> fee = Fee(Words("担保费", "guarantee fee"), payee="guarantor", rate_bp=100)
>>> borrowed = all_in(100_000_000, 360, 12, "equal_instalments", "30/360", (fee,), date(2025, 1, 15))
>>> f"{borrowed.nominal_bp:.2f} {borrowed.effective_bp:.2f}"
'547.54 561.50'
>>> [(line.title.en, line.payee, line.amount_fen) for line in borrowed.cost_lines]
[('interest', 'bank', 1960710), ('guarantee fee', 'guarantor', 1000000)]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from backend.kit.errors import Refused
from backend.kit.rates import percent
from backend.kit.words import Words
from products.benchmark import ceiling_bp
from products.fees import WHEN, Fee
from products.irr import effective_bp, monthly_of, nominal_bp, rate_by_days, rate_of
from products.repayment import Instalment, regular_fen, schedule


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the cost list: what, who pays, who collects, how much, when in words, and each day with its part."""

    title: Words
    payer: str
    payee: str
    amount_fen: int
    cycle: Words
    kind: str = "interest"
    dues: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AllIn:
    """The all-in cost, in basis points per year, and its lines.

    `equal_*` loans are counted by months (`nominal_bp` twelve times the monthly rate, `effective_bp` compounded), the others by
    actual days. `by_days_bp` is the effective rate by actual days for every way: what products are ranked by. `interest_fen` and
    `fees_fen` are the borrower's own; lines that another pays are listed and not counted. `above`: it passes the ceiling.
    `monthly_fen`: what falls due in an ordinary month, fees apart (`repayment.regular_fen`).
    """

    nominal_bp: Decimal
    effective_bp: Decimal
    by_days_bp: Decimal
    interest_fen: int
    fees_fen: int
    cost_lines: tuple[CostLine, ...]
    ceiling_bp: int = 0
    monthly_fen: int = 0

    @property
    def above(self) -> bool:
        return self.by_days_bp > self.ceiling_bp

    @property
    def paid_by_borrower_fen(self) -> int:
        """Everything the borrower pays beside the principal; the sum of its lines."""
        return sum(line.amount_fen for line in self.cost_lines if line.payer == "borrower")


_CYCLES = {
    "equal_instalments": Words("每月", "each month"),
    "equal_principal": Words("每月", "each month"),
    "interest_first": Words("每月，到期结清", "each month and at maturity"),
    "revolving": Words("每月，按实际用款天数", "each month, by the days really drawn"),
    "bullet": Words("到期一次", "once, at maturity"),
    "by_cycle": Words("每月，本金随生产周期", "each month; principal with the production cycle"),
}


def refusal(cost: AllIn) -> Refused | None:
    """Why a loan at this cost may not be shown; None if it may."""
    if not cost.above:
        return None
    return Refused(
        Words(
            f"综合年化成本 {percent(cost.by_days_bp)}，超过上限 {percent(cost.ceiling_bp)}，不予展示",
            f"the all-in cost of {percent(cost.by_days_bp)} a year exceeds the ceiling of {percent(cost.ceiling_bp)}",
        ),
        code="all_in_above_ceiling",
    )


def offered(
    amount_fen: int, rate_bp: int, months: int, way: str, day_count: str, fees: Sequence[Fee], start: date
) -> tuple[AllIn, Words | None]:
    """The cost of what a bank offered, and why it may not be shown, if so. Fees that eat the loan up cost without end."""
    try:
        cost = reckon(amount_fen, rate_bp, months, way, day_count, fees, start)
    except Refused as no:
        rows, endless = schedule(amount_fen, rate_bp, months, way, day_count, start), Decimal("Infinity")
        listed = (_interest(rows, way), *(_fee(fee, amount_fen, months, start) for fee in fees))
        paid = sum(line.amount_fen for line in listed[1:] if line.payer == "borrower")
        monthly = regular_fen(rows, way)
        return AllIn(endless, endless, endless, listed[0].amount_fen, paid, listed, ceiling_bp(start), monthly), no.words
    dear = refusal(cost)
    return cost, dear.words if dear is not None else None


@lru_cache(maxsize=8192)
def _reckoned(
    amount_fen: int,
    rate_bp: int,
    months: int,
    way: str,
    day_count: str,
    fees: tuple[Fee, ...],
    start: date,
    cycle_months: int | None,
) -> AllIn:
    rows = schedule(amount_fen, rate_bp, months, way, day_count, start, cycle_months=cycle_months)
    listed = [_interest(rows, way), *(_fee(fee, amount_fen, months, start) for fee in fees)]
    own = [line for line in listed[1:] if line.payer == "borrower"]
    dated = [(date.fromisoformat(day), fen) for line in own for day, fen in line.dues]
    received = amount_fen - sum(fen for day, fen in dated if day == start)
    interest, paid = listed[0].amount_fen, sum(line.amount_fen for line in own)
    later = [(day, fen) for day, fen in dated if day > start]
    flows = [(row.due_on, row.principal_fen + row.interest_fen) for row in rows] + later
    if received <= 0:
        raise Refused(Words("费用超过借款金额", "the fees exceed the loan"), code="all_in_above_ceiling")
    yearly = rate_by_days([(start, -received), *flows])
    monthly = monthly_of(yearly)
    if day_count == "30/360" and len(rows) == months and not later:
        monthly = rate_of([(0, -received), *((row.no, row.principal_fen + row.interest_fen) for row in rows)])
    return AllIn(
        nominal_bp(monthly), effective_bp(monthly, 12), yearly * 10_000, interest, paid, tuple(listed), ceiling_bp(start),
        regular_fen(rows, way),
    )  # fmt: skip


def reckon(
    amount_fen: int,
    rate_bp: int,
    months: int,
    way: str,
    day_count: str,
    fees: Sequence[Fee],
    start: date,
    *,
    cycle_months: int | None = None,
) -> AllIn:
    """The true yearly cost of a loan drawn whole on `start`. Refused only where the fees eat the loan up."""
    return _reckoned(amount_fen, rate_bp, months, way, day_count, tuple(fees), start, cycle_months)


def _interest(rows: Sequence[Instalment], way: str) -> CostLine:
    dues = tuple((row.due_on.isoformat(), row.interest_fen) for row in rows if row.interest_fen)
    return CostLine(Words("利息", "interest"), "borrower", "bank", sum(fen for _, fen in dues), _CYCLES[way], "interest", dues)


def _fee(fee: Fee, amount_fen: int, months: int, start: date) -> CostLine:
    parts = fee.parts(amount_fen, months, start)
    dues = tuple((day.isoformat(), fen) for day, fen in parts)
    return CostLine(fee.title, fee.payer, fee.payee, sum(fen for _, fen in parts), WHEN[fee.due], fee.kind, dues)


def all_in(
    amount_fen: int,
    rate_bp: int,
    months: int,
    way: str,
    day_count: str,
    fees: Sequence[Fee],
    start: date,
    *,
    cycle_months: int | None = None,
) -> AllIn:
    """As `reckon`, but Refused (`all_in_above_ceiling`) above the ceiling of that day."""
    cost = reckon(amount_fen, rate_bp, months, way, day_count, fees, start, cycle_months=cycle_months)
    no = refusal(cost)
    if no is not None:
        raise no
    return cost
