"""Who stands close to whom by ownership: a pure walk over every equity link that is lawfully known (domain §4.4: two hops).

A node is a credit code, or `name:…` where the register knows only a name (a natural person, a holding not in the register). A
link below the least share is no tie: a fund that holds a little of everybody relates nobody.

>>> links = [Link("A", "name:林海", 6000), Link("B", "name:林海", 4000), Link("B", "C", 10000), Link("A", "D", 100)]
>>> near("A", links, hops=2, least_share_bp=500)
{'B': 2, 'name:林海': 1}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """One shareholding between two nodes, whichever way; `share_bp` of the capital."""

    a: str
    b: str
    share_bp: int


def links_of(uscc: str, rows: Iterable[Mapping[str, Any]]) -> list[Link]:
    """A firm's fact `equity_links` as links. A share that is not said is taken as a tie."""
    found = []
    for row in rows:
        other = str(row.get("uscc") or "") or (f"name:{row['name']}" if row.get("name") else "")
        if other and other != uscc:
            share = row.get("share_bp")
            found.append(Link(uscc, other, int(share) if share else 10_000))
    return found


def near(own: str, links: Iterable[Link], *, hops: int, least_share_bp: int) -> dict[str, int]:
    """Every node within so many hops of `own`, and how many it takes; in order of name."""
    beside: dict[str, set[str]] = defaultdict(set)
    for link in links:
        if link.share_bp >= least_share_bp:
            beside[link.a].add(link.b)
            beside[link.b].add(link.a)
    found = {own: 0}
    edge = {own}
    for hop in range(1, hops + 1):
        edge = {other for node in edge for other in beside[node]} - found.keys()
        found |= dict.fromkeys(edge, hop)
    return {node: found[node] for node in sorted(found) if node != own}
