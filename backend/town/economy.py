"""Month by month, where each firm's money goes: sales, customers who pay late, wages, rent, an owner's habits, and bad luck.

The economy knows the truth. Departments see only what follows from it (invoices, arrears, fewer insured people); floods, a big
customer's failure and an owner's illness stand in no record. `fate` continues a firm's cash with a loan's instalments in it.
It shares no code with scoring: the default it decides is a purse that is empty, not a score.

>>> from backend.town.people import settle
>>> firms = settle(np.random.default_rng(7), 20)
>>> economy = Economy.play(firms, seed=7)
>>> economy.sales_fen.shape == (20, MONTHS)
True
>>> economy.fate(3, 100_000_00, 8_500_00, date(2025, 3, 5)) == economy.fate(3, 100_000_00, 8_500_00, date(2025, 3, 5))
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.town.fortune import Fortune, draw_fortune, turned
from backend.town.industries import industry_of
from backend.town.people import Firm

START = date(2023, 1, 1)
MONTHS = 78
Fens = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def month_of(day: date) -> int:
    """Months since the town's beginning; a day before it is negative."""
    return (day.year - START.year) * 12 + day.month - START.month


def first_day(month: int) -> date:
    """The first day of the town's n-th month."""
    return date(START.year + month // 12, month % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Fate:
    """Whether a borrower pays all, or stops after so many instalments."""

    pays_all: bool
    instalments: int

    def as_plan(self) -> dict[str, Any]:
        """The form a sandbox bank is told at /_sandbox/plan."""
        return {"kind": "all"} if self.pays_all else {"kind": "stops_after", "instalments": self.instalments}


@dataclass(frozen=True)
class Economy:
    """Arrays by firm and month, whole fen; `fortune` holds what nobody else may see."""

    firms: Sequence[Firm]
    fortune: Fortune
    sales_fen: Fens
    purchases_fen: Fens
    tax_fen: Fens
    headcount: Fens
    kwh: Fens
    cash_fen: Fens
    tax_arrears_fen: Fens
    stress: npt.NDArray[np.int64]

    @classmethod
    def play(cls, firms: Sequence[Firm], seed: int, *, shocks: bool = True, downturn: date | None = None) -> Economy:
        """Play all months without loans. `shocks=False` is the same town with no bad luck; from `downturn` on trade is slack."""
        fortune = draw_fortune(firms, seed, MONTHS, START, shocks=shocks)
        if downturn is not None:
            fortune = turned(fortune, month_of(downturn))
        sales = fortune.sales
        cash, arrears, stress = _run(fortune)
        open_ = _still_open(stress)
        sales = np.where(open_, sales, 0.0)
        slimmer = 1 - 0.12 * np.clip(_since_stressed(stress), 0, 4)
        headcount = np.where(open_, np.maximum(1, np.rint(fortune.headcount * slimmer)), 0)
        per_wan = np.array([industry_of(f.industry).kwh_per_wan for f in firms])[:, None]
        kwh = np.rint(sales / 1_000_000 * per_wan * fortune.meter + np.where(open_, 150, 5))
        whole = [
            np.rint(a).astype(np.int64) for a in (sales, sales * (1 - fortune.margin), sales * fortune.tax_rate, cash, arrears)
        ]
        return cls(
            firms,
            fortune,
            whole[0],
            whole[1],
            whole[2],
            headcount.astype(np.int64),
            kwh.astype(np.int64),
            whole[3],
            whole[4],
            stress,
        )

    def fate(self, number: int, amount_fen: int, monthly_burden_fen: int, drawn_on: date, months: int = 12) -> Fate:
        """What becomes of a loan of that size, with that much to pay each month, drawn on that day."""
        one = self.fortune.of(number)
        paid, stopped = _repay(
            one, np.array([float(amount_fen)]), np.array([float(monthly_burden_fen)]), month_of(drawn_on), months
        )
        return Fate(not stopped[0], int(paid[0]))

    def fates(self, amounts_fen: Fens, burdens_fen: Fens, drawn_on: date, months: int = 12) -> list[Fate]:
        """As `fate`, one loan for each firm of the town at once."""
        paid, stopped = _repay(self.fortune, amounts_fen.astype(float), burdens_fen.astype(float), month_of(drawn_on), months)
        return [Fate(not s, int(n)) for n, s in zip(paid, stopped, strict=True)]


@dataclass(frozen=True)
class _Purse:
    """A firm's money at a month's end. `level`: 0 calm, 1 late with bills, 2 bills unpaid and reserve gone, 3 shut."""

    cash: Floats
    owed: Floats
    reserve: Floats
    level: npt.NDArray[np.int64]
    bad: npt.NDArray[np.int64]


def _open(fortune: Fortune) -> _Purse:
    count = fortune.sales.shape[0]
    none = np.zeros(count, dtype=np.int64)
    return _Purse(fortune.first_cash, np.zeros(count), fortune.reserve, none, none)


def _step(fortune: Fortune, purse: _Purse, t: int, extra: Floats | float = 0.0) -> _Purse:
    """One month: customers pay, bills are paid or not, the owner takes out or puts in."""
    sales, fixed, shut = fortune.sales, fortune.fixed[:, t], purse.level == 3
    got = sum(fortune.lag[:, k] * sales[:, max(0, t - k)] for k in range(4)) * fortune.collected[:, t]
    spent = sales[:, t] * (1 - fortune.margin[:, t])
    tax = sales[:, max(0, t - 1)] * fortune.tax_rate[:, t]
    running = fixed * np.where(purse.level >= 1, 0.93, 1.0)
    flow = got - spent - running - tax - fortune.hidden_debt[:, t] - fortune.loss[:, t] + extra
    cash = np.where(shut, purse.cash, purse.cash + flow)
    cushion = fortune.habit * fixed
    cash = cash - np.where(cash > cushion, (cash - cushion) * fortune.takes_out, 0.0)
    put_in = np.clip(-cash, 0, purse.reserve)
    cash, reserve = cash + put_in, purse.reserve - put_in
    late = np.where((cash < 0) & ~shut, np.minimum(tax, -cash), 0.0)
    cash, owed = cash + late, purse.owed + late
    back = np.clip(np.minimum(owed, (cash - 0.5 * fixed) * 0.5), 0, None)
    cash, owed = cash - back, owed - back
    level = np.where(cash < 0, 2, np.where((cash < 0.35 * fixed) | (owed > 0), 1, 0))
    bad = np.where(cash < -1.5 * fixed, purse.bad + 1, 0)
    return _Purse(cash, owed, reserve, np.where(shut | (bad >= 4), 3, level), bad)


def _run(fortune: Fortune) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Cash, tax owed and level of distress by month, without loans."""
    purse, months = _open(fortune), fortune.sales.shape[1]
    purses = [purse := _step(fortune, purse, t) for t in range(months)]
    return (
        np.stack([p.cash for p in purses], axis=1),
        np.stack([p.owed for p in purses], axis=1),
        np.stack([p.level for p in purses], axis=1),
    )


def _repay(fortune: Fortune, amount: Floats, burden: Floats, start: int, months: int) -> tuple[Fens, npt.NDArray[np.bool_]]:
    """Instalments paid, and whether the paying stopped.

    Seven tenths of the loan go into goods or equipment that come back over a year with the firm's own luck. An instalment is
    missed when purse and owner's reserve are empty; two missed in a row end the paying.
    """
    purse = _open(fortune)
    for t in range(start):
        purse = _step(fortune, purse, t)
    spent = 0.7 * amount
    purse = _step(fortune, purse, start, amount - spent)
    usual = np.maximum(1.0, fortune.sales[:, max(0, start - 11) : start + 1].mean(axis=1))
    paid, missed = np.zeros(len(amount), dtype=np.int64), np.zeros(len(amount), dtype=np.int64)
    stopped = np.zeros(len(amount), dtype=np.bool_)
    for t in range(start + 1, min(fortune.sales.shape[1], start + 1 + months)):
        luck = np.clip(fortune.sales[:, t] / usual, 0.0, 1.3) if t <= start + 12 else 0.0
        back = spent * (1 + fortune.yield_on_loan) / 12 * luck
        with_loan = _step(fortune, purse, t, back - burden * (1 + missed))
        without = _step(fortune, purse, t, back)
        fails = stopped | (fortune.walks_away <= t) | (with_loan.level >= 2)
        purse = _Purse(*(np.where(fails, getattr(without, n), getattr(with_loan, n)) for n in _Purse.__dataclass_fields__))
        paid = np.where(fails, paid, paid + 1 + missed)
        missed = np.where(fails, missed + 1, 0)
        stopped = stopped | (missed >= 2)
    return paid, stopped | (missed > 0)


def _still_open(stress: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    shut = np.maximum.accumulate(stress == 3, axis=1)
    return np.asarray(~shut)


def _since_stressed(stress: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many months in a row the bills have been unpaid."""
    run = np.zeros_like(stress)
    for t in range(1, stress.shape[1]):
        run[:, t] = np.where(stress[:, t - 1] >= 2, run[:, t - 1] + 1, np.maximum(0, run[:, t - 1] - 1))
    return run
