"""How trouble travels along guarantees and holdings, and which firms stand surety in a circle. Pure. Written in: domain §8.

Stress h lies in [0, 1]. In each round h_i becomes max(h_i, 1 − ∏(1 − w_ij·h_j)) over i's neighbours j, at most three rounds;
contributions w_ij·h_j below 0.05 are ignored. w_ij for a guarantee that i gives for j is min(1, guaranteed amount / net assets of
i); for equity, whichever way it is held, share × 0.5. All rounds read the stress of the round before, so order does not matter.

>>> links = [Link("a", "b", 1.0, "guarantee"), Link("b", "c", 0.5, "equity")]
>>> spread({"c": 1.0}, links, rounds=3, ignore_below=0.05)
{'a': 0.5, 'b': 0.5, 'c': 1.0}
>>> circles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")], least=3)
[('a', 'b', 'c')]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Link:
    """`firm` suffers from `other`'s trouble with that weight (0 to 1), by a guarantee it gave or by equity."""

    firm: str
    other: str
    weight: float
    kind: Literal["guarantee", "equity"]


@dataclass(frozen=True, slots=True)
class Guarantee:
    """`giver` answers for `taker`'s debt, in fen."""

    giver: str
    taker: str
    amount_fen: int


def weight_of_guarantee(amount_fen: int, assets_fen: int | None, *, if_unknown: float) -> float:
    """min(1, amount / net assets); assets that are not known, or are none, weigh as the policy says.

    >>> weight_of_guarantee(50, 200, if_unknown=1.0), weight_of_guarantee(50, None, if_unknown=1.0)
    (0.25, 1.0)
    """
    if assets_fen is None or assets_fen <= 0:
        return if_unknown
    return min(1.0, amount_fen / assets_fen)


def weight_of_equity(share_bp: int, *, factor: float) -> float:
    """Share × factor.

    >>> weight_of_equity(6000, factor=0.5)
    0.3
    """
    return min(1.0, max(0, share_bp) / 10_000 * factor)


def spread(own: Mapping[str, float], links: Iterable[Link], *, rounds: int, ignore_below: float) -> dict[str, float]:
    """Stress of every firm after at most that many rounds; never below its own, never above one."""
    by_firm: dict[str, list[Link]] = {}
    names = set(own)
    for link in links:
        by_firm.setdefault(link.firm, []).append(link)
        names |= {link.firm, link.other}
    stress = {name: min(1.0, max(0.0, own.get(name, 0.0))) for name in sorted(names)}
    for _ in range(rounds):
        after = dict(stress)
        for firm, its in by_firm.items():
            clear = 1.0
            for link in its:
                part = link.weight * stress[link.other]
                if part >= ignore_below:
                    clear *= 1.0 - part
            after[firm] = max(stress[firm], 1.0 - clear)
        if after == stress:
            break
        stress = after
    return stress


def telling(firm: str, stress: Mapping[str, float], links: Iterable[Link], *, ignore_below: float) -> Link | None:
    """The link that brings a firm the most trouble, or None."""
    its = [link for link in links if link.firm == firm and link.weight * stress.get(link.other, 0.0) >= ignore_below]
    return max(its, key=lambda link: (link.weight * stress[link.other], link.other), default=None)


def circles(edges: Iterable[tuple[str, str]], *, least: int) -> list[tuple[str, ...]]:
    """Guarantee circles: strongly connected components of at least `least` firms, each sorted. Tarjan, without recursion."""
    out: dict[str, list[str]] = {}
    for giver, taker in edges:
        out.setdefault(giver, []).append(taker)
        out.setdefault(taker, [])
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in sorted(out):
        if root in index:
            continue
        work = [(root, iter(out[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members = _pop_until(node, stack, on_stack)
                    if len(members) >= least:
                        found.append(tuple(sorted(members)))
            elif following not in index:
                index[following] = low[following] = len(index)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(out[following])))
            elif following in on_stack:
                low[node] = min(low[node], index[following])
    return sorted(found)


def _pop_until(node: str, stack: list[str], on_stack: set[str]) -> list[str]:
    members = []
    while True:
        name = stack.pop()
        on_stack.discard(name)
        members.append(name)
        if name == node:
            return members


def stars(guarantees: Sequence[Guarantee], *, at_least: int) -> dict[str, int]:
    """Firms that answer for at least so many others: firm -> guaranteed total in fen."""
    takers: dict[str, set[str]] = {}
    totals: dict[str, int] = {}
    for each in guarantees:
        takers.setdefault(each.giver, set()).add(each.taker)
        totals[each.giver] = totals.get(each.giver, 0) + each.amount_fen
    return {giver: totals[giver] for giver, others in sorted(takers.items()) if len(others) >= at_least}
