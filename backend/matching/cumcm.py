"""CUMCM 2020 C, question 2: 100 million yuan over 302 firms; 10 to 100 万元 each or nothing, 4 to 15 %, clients lost by rate.

Expected profit of 1 yuan offered at rate r to a firm of rating g with probability of default p:
(1 − churn(g, r)) × ((1 − p) r − p). A default loses the principal (the problem says nothing of recoveries: assumed). Nobody of
rating D, or E of our cards, is lent to.
Each firm may be offered any of the table's 29 rates; the sharing is a minimum-cost flow in whole 万元.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.kit.errors import Invalid

LEAST, MOST, BUDGET = 10, 100, 10_000  # 万元
SCALE = 10**9
CHURN = "rate_churn_2019.csv"


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm as a card sees it."""

    key: str
    pd: float
    grade: str


@dataclass(frozen=True, slots=True)
class Loan:
    """An offer: 万元 at a rate, and its expected profit in 万元."""

    firm: Firm
    amount: int
    rate: float
    profit: float


def churn(path: Path) -> tuple[list[float], dict[str, list[float]]]:
    """Rates, and the share of clients lost at each by rating."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        rates = [float(row["贷款年利率"]) for row in rows]
        return rates, {grade: [float(row[f"客户流失率_{grade}"]) for row in rows] for grade in "ABC"}
    except (OSError, KeyError, ValueError) as error:
        raise Invalid(str(path), "is not the table of rates and churn; give the folder of the CUMCM files") from error


def scores(path: Path) -> list[Firm]:
    """What `creditbridge score apply` wrote; firms without a score are not lent to."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [Firm(row["企业代号"], float(row["pd"]), row["grade"]) for row in csv.DictReader(file) if row["pd"]]
    except (OSError, KeyError, ValueError) as error:
        raise Invalid(str(path), "is not the table that `creditbridge score apply` writes") from error


def asked(path: Path) -> set[str]:
    """The 302 firms that the question is about."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {row["企业代号"] for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError) as error:
        raise Invalid(str(path), "is not the list of the 302 firms; give the folder of the CUMCM files") from error


def units(firms: Sequence[Firm], rates: Sequence[float], lost: dict[str, list[float]]) -> Any:
    """Expected profit of one yuan, by firm and rate; a firm that is not lent to has none."""
    table = np.full((len(firms), len(rates)), -1.0)
    for place, firm in enumerate(firms):
        if firm.grade in lost:
            r = np.array(rates)
            table[place] = (1 - np.array(lost[firm.grade])) * ((1 - firm.pd) * r - firm.pd)
    return table


def best(firms: Sequence[Firm], rates: Sequence[float], table: Any, budget: int = BUDGET) -> list[Loan]:
    """The largest expected profit. A loan of less than the least is dropped (at most one, for every other is full)."""
    from ortools.graph.python import min_cost_flow

    pairs = np.argwhere(table > 0)
    count, sink = len(firms), len(firms) + 1
    tails = np.concatenate([np.zeros(count, np.int64), pairs[:, 0] + 1, [0]])
    heads = np.concatenate([np.arange(1, count + 1), np.full(len(pairs), sink), [sink]])
    room = np.concatenate([np.full(count, MOST), np.full(len(pairs), MOST), [budget]])
    weights = -np.rint(table[pairs[:, 0], pairs[:, 1]] * SCALE).astype(np.int64)
    costs = np.concatenate([np.zeros(count, np.int64), weights, [0]])
    solver: Any = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tails, heads, room, costs)
    solver.set_nodes_supplies(np.array([0, sink]), np.array([budget, -budget]))
    if solver.solve() != solver.OPTIMAL:
        raise Invalid("scores", "the sharing could not be solved; look at the scores")
    flows = solver.flows(arcs[count : count + len(pairs)])
    return [
        Loan(firms[i], int(flow), rates[r], float(table[i, r]) * int(flow))
        for (i, r), flow in zip(pairs, flows, strict=True)
        if flow >= LEAST
    ]


def greedy(
    firms: Sequence[Firm], rates: Sequence[float], table: Any, budget: int = BUDGET, rate: float | None = None
) -> list[Loan]:
    """A plain rule: the safest firm first, as much as it may have, at one rate for all, the one best for this very rule."""
    order = sorted(
        (place for place in range(len(firms)) if table[place].max() > 0), key=lambda place: (firms[place].pd, firms[place].key)
    )
    tried = []
    for number, each in enumerate(rates):
        left, loans = budget, list[Loan]()
        for place in order:
            amount = min(MOST, left)
            if amount < LEAST:
                break
            loans.append(Loan(firms[place], amount, each, float(table[place, number]) * amount))
            left -= amount
        tried.append(loans)
    return max(tried, key=profit)


def by_grade(firms: Sequence[Firm], rates: Sequence[float], table: Any, budget: int = BUDGET) -> list[Loan]:
    """A better rule: the safest firm first, each at its own best rate."""
    left, loans = budget, list[Loan]()
    for place in sorted(range(len(firms)), key=lambda each: (firms[each].pd, firms[each].key)):
        amount, number = min(MOST, left), int(np.argmax(table[place]))
        if amount >= LEAST and table[place, number] > 0:
            loans.append(Loan(firms[place], amount, rates[number], float(table[place, number]) * amount))
            left -= amount
    return loans


def profit(loans: Sequence[Loan]) -> float:
    """Expected profit in 万元."""
    return sum(loan.profit for loan in loans)
