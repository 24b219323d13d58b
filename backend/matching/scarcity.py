"""Sharing scarce money, for planning only: a bank's capacity, a pool's headroom, among firms that could have several products.

Firms meet a published order, a queue and reservations that expire; nothing here decides for anybody. The best sharing is a
minimum-cost flow (firm → product → bank) in whole 万元; where a pool's headroom cuts across banks it is a linear programme. Both
are compared with first come, first served: each firm in turn takes its cheapest product that still has room.

>>> cheap, dear = Option("p", "one", None, 50, 300), Option("q", "two", None, 50, 400)
>>> asks = [Ask("a", 50, (cheap, dear)), Ask("b", 50, (cheap,))]
>>> caps = {"one": 50, "two": 50}
>>> sum(first_come(asks, caps).values()), sum(best(asks, caps).values())
(50, 100)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.kit.errors import Invalid
from backend.kit.words import Words

Shared = dict[tuple[str, str], int]  # (firm, product) → 万元
BIG = 1_000_000  # one 万元 lent outweighs any difference in price


@dataclass(frozen=True, slots=True)
class Option:
    """A product that a firm could have: up to so much, in 万元, at an all-in cost in basis points."""

    product: str
    bank: str
    pool: str | None
    most: int
    cost_bp: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A firm in the order in which it came, and how much it asks for in 万元."""

    firm: str
    amount: int
    options: tuple[Option, ...]


def first_come(asks: Sequence[Ask], capacity: Mapping[str, int]) -> Shared:
    """Each in turn takes its cheapest products that still have room. A name without a capacity is not scarce."""
    left, found = dict(capacity), Shared()
    for ask in asks:
        open_ = ask.amount
        for option in sorted(ask.options, key=lambda one: (one.cost_bp, one.product)):
            names = [name for name in (option.bank, option.pool) if name is not None and name in left]
            got = min([open_, option.most, *(left[name] for name in names)])
            if got <= 0:
                continue
            found[ask.firm, option.product] = got
            open_ -= got
            for name in names:
                left[name] -= got
    return found


def best(asks: Sequence[Ask], capacity: Mapping[str, int]) -> Shared:
    """The most money lent, and of that the cheapest for the firms."""
    crossing = any(option.pool in capacity for ask in asks for option in ask.options)
    return _linear(asks, capacity) if crossing else _flow(asks, capacity)


def _flow(asks: Sequence[Ask], capacity: Mapping[str, int]) -> Shared:
    from ortools.graph.python import min_cost_flow

    banks = sorted({option.bank for ask in asks for option in ask.options})
    place = {bank: 1 + len(asks) + number for number, bank in enumerate(banks)}
    source, sink = 0, 1 + len(asks) + len(banks)
    wanted = sum(ask.amount for ask in asks)
    arcs: list[tuple[int, int, int, int]] = []
    named: list[tuple[str, str] | None] = []
    for number, ask in enumerate(asks, 1):
        arcs.append((source, number, ask.amount, 0))
        named.append(None)
        for option in ask.options:
            arcs.append((number, place[option.bank], option.most, option.cost_bp - BIG))
            named.append((ask.firm, option.product))
    arcs += [(place[bank], sink, min(capacity.get(bank, wanted), wanted), 0) for bank in banks] + [(source, sink, wanted, 0)]
    table = np.array(arcs, dtype=np.int64)
    solver: Any = min_cost_flow.SimpleMinCostFlow()
    every = solver.add_arcs_with_capacity_and_unit_cost(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
    solver.set_nodes_supplies(np.array([source, sink]), np.array([wanted, -wanted]))
    if solver.solve() != solver.OPTIMAL:
        raise Invalid("capacity", Words("无法求解", "the sharing could not be solved; look at the amounts"))
    flows = solver.flows(every[: len(named)])
    return {name: int(flow) for name, flow in zip(named, flows, strict=True) if name is not None and flow}


def _linear(asks: Sequence[Ask], capacity: Mapping[str, int]) -> Shared:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_matrix

    pairs = [(ask, option) for ask in asks for option in ask.options]
    rows: dict[str, int] = {}
    entries, limits = list[tuple[int, int]](), list[int]()

    def row(name: str, limit: int) -> int:
        if name not in rows:
            rows[name] = len(rows)
            limits.append(limit)
        return rows[name]

    for column, (ask, option) in enumerate(pairs):
        entries.append((row(f"firm:{ask.firm}", ask.amount), column))
        entries += [
            (row(name, capacity[name]), column) for name in (option.bank, option.pool) if name is not None and name in capacity
        ]
    spots = np.array(entries)
    matrix = coo_matrix((np.ones(len(entries)), (spots[:, 0], spots[:, 1])), shape=(len(rows), len(pairs))).tocsr()
    weights = np.array([option.cost_bp - BIG for _, option in pairs], dtype=float) / BIG
    bounds = Bounds(0, np.array([option.most for _, option in pairs]))
    solved = milp(
        weights, constraints=LinearConstraint(matrix, ub=np.array(limits)), bounds=bounds, integrality=np.ones(len(pairs))
    )
    if solved.x is None:
        raise Invalid("capacity", Words("无法求解", "the sharing could not be solved; look at the amounts"))
    whole = np.rint(solved.x).astype(int)
    return {(ask.firm, option.product): int(got) for (ask, option), got in zip(pairs, whole, strict=True) if got}


@dataclass(frozen=True, slots=True)
class Cost:
    """What scarcity cost one firm, in 万元: what it asked and could have had, by turn, and in the best sharing."""

    firm: str
    asked: int
    alone: int
    first_come: int
    best: int


def compared(asks: Sequence[Ask], capacity: Mapping[str, int]) -> list[Cost]:
    """Every firm under both sharings, in the order in which they came."""
    turn, good = _by_firm(first_come(asks, capacity)), _by_firm(best(asks, capacity))
    return [
        Cost(ask.firm, ask.amount, min(ask.amount, sum(one.most for one in ask.options)), turn[ask.firm], good[ask.firm])
        for ask in asks
    ]


def _by_firm(shared: Shared) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for (firm, _), amount in shared.items():
        found[firm] += amount
    return found
