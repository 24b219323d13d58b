"""The whole town, from a seed: firms, their ties, the economy, the data market, and what each firm will want and do.

>>> town = build(seed=11, size=12)
>>> len(town.firms), town.firms == build(seed=11, size=12).firms, town.firms == build(seed=12, size=12).firms
(12, True, False)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from backend.town.economy import Economy
from backend.town.fortune import stream
from backend.town.market import Market, open_market
from backend.town.people import Firm, settle
from backend.town.plans import Plan, make_plans
from backend.town.scenes import Scenes, choose

Ties = Mapping[int, Sequence[tuple[int, int, str]]]


@dataclass(frozen=True)
class Town:
    """`ties`: firm -> (other, share in percent, direction); `guarantees`: firm -> (other, fen, direction)."""

    seed: int
    firms: Sequence[Firm]
    ties: Ties
    guarantees: Ties
    economy: Economy
    market: Market
    plans: Sequence[Plan]
    scenes: Scenes


def build(seed: int = 20250101, size: int = 300, *, shocks: bool = True, downturn: date | None = None) -> Town:
    """The town of that seed; `shocks=False` is the same town without bad luck, `downturn` the same until trade turns that day."""
    firms = settle(stream(seed, "people"), size, first_number=seed % 1000 * 1000)
    ties, guarantees = _ties(stream(seed, "ties"), firms)
    economy = Economy.play(firms, seed, shocks=shocks, downturn=downturn)
    market = open_market(firms, ties, stream(seed, "market"), seed)
    scenes = choose(firms, stream(seed, "scenes"))
    plans = make_plans(firms, economy, market, scenes, stream(seed, "plans"))
    return Town(seed, firms, ties, guarantees, economy, market, plans, scenes)


def _ties(rng: np.random.Generator, firms: Sequence[Firm]) -> tuple[Ties, Ties]:
    """A few firms own a part of another; a few stand surety for each other, some of them in a ring."""
    ties: dict[int, list[tuple[int, int, str]]] = {}
    companies = [f.number for f in firms if f.subject_type == "enterprise"]
    order = [int(n) for n in rng.permutation(companies)]
    pairs = len(order) // 12
    for owner, owned in zip(order[:pairs], order[pairs : 2 * pairs], strict=True):
        share = int(rng.integers(20, 81))
        ties.setdefault(owner, []).append((owned, share, "holding"))
        ties.setdefault(owned, []).append((owner, share, "holder"))
    sureties: dict[int, list[tuple[int, int, str]]] = {}
    ring = order[2 * pairs : 2 * pairs + 4]
    rest = order[2 * pairs + 4 : 2 * pairs + 4 + 2 * (pairs // 2)]
    links = list(zip(ring, [*ring[1:], *ring[:1]], strict=True)) if len(ring) > 2 else []
    links += list(zip(rest[::2], rest[1::2], strict=False))
    for giver, taker in links:
        amount = int(rng.integers(20, 200)) * 1_000_000
        sureties.setdefault(giver, []).append((taker, amount, "given"))
        sureties.setdefault(taker, []).append((giver, amount, "received"))
    return ties, sureties
