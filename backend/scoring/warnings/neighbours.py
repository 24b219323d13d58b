"""The graph around the firms that are watched: their links, and what is public about those tied to them.

Of a firm that owes nothing here only public facts are read, and only because somebody watched is tied to it; the reading stands
in the log like any other. A tie to a firm that is not on the platform is not followed (domain §8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.credit_data import views as credit_data
from backend.credit_data.model import Fact
from backend.parties import views as parties
from backend.scoring.warnings import contagion
from backend.scoring.warnings.contagion import Guarantee, Link
from backend.scoring.warnings.model import Colour, Signal, signals, worst
from backend.scoring.warnings.thresholds import NEIGHBOUR, Contagion, Thresholds
from backend.vocabulary.facts import definitions

Files = Mapping[str, Mapping[str, Fact]]


@dataclass(frozen=True)
class Graph:
    """Who is tied to whom, by firm id; `public` holds the colours of the neighbours that are not watched."""

    links: tuple[Link, ...]
    guarantees: tuple[Guarantee, ...]
    public: Mapping[str, Colour]


def graph(session: Session, policy: Thresholds, files: Files, *, at: datetime, day: date) -> Graph:
    """The graph as far as trouble travels from the watched firms' neighbours, at most as many steps as there are rounds."""
    known: dict[str, Mapping[str, Fact]] = dict(files)
    ids = parties.firm_ids(session, _named(files))
    open_codes = {code for code in policy.facts if definitions()[code].consent == "none"}
    for _ in range(policy.contagion.rounds):
        more = sorted(set(ids.values()) - set(known))
        if not more:
            break
        found = dict(
            credit_data.sweep(session, SYSTEM, purpose="post_loan", at=at, codes=open_codes, firm_ids=more),
        )
        known |= {firm: found.get(firm, {}) for firm in more}
        ids |= parties.firm_ids(session, _named(found) - set(ids))
    links, guarantees = tie(policy.contagion, known, ids)
    public = {firm: worst(s.colour for s in signals(policy, known[firm], day).values()) for firm in set(known) - set(files)}
    return Graph(links, guarantees, public)


def _named(files: Files) -> set[str]:
    return {
        str(link["uscc"])
        for facts in files.values()
        for code in ("equity_links", "guarantee_links")
        for link in _entries(facts, code)
        if link.get("uscc")
    }


def _entries(facts: Mapping[str, Fact], code: str) -> list[dict[str, Any]]:
    fact = facts.get(code)
    return list(fact.value) if fact is not None else []


def tie(policy: Contagion, files: Files, ids: Mapping[str, str]) -> tuple[tuple[Link, ...], tuple[Guarantee, ...]]:
    """Links and guarantees from facts; what both sides report stands once, with the larger figure."""
    given: dict[tuple[str, str], int] = {}
    held: dict[tuple[str, str], int] = {}
    for firm, facts in files.items():
        for entry in _entries(facts, "guarantee_links"):
            other = ids.get(str(entry.get("uscc", "")))
            if other is not None and other != firm:
                pair = (firm, other) if entry.get("direction") == "given" else (other, firm)
                given[pair] = max(given.get(pair, 0), int(entry.get("amount_fen") or 0))
        for entry in _entries(facts, "equity_links"):
            other = ids.get(str(entry.get("uscc", "")))
            if other is not None and other != firm:
                for pair in ((firm, other), (other, firm)):
                    held[pair] = max(held.get(pair, 0), int(entry.get("share_bp") or 0))
    links = []
    for (giver, taker), amount in sorted(given.items()):
        assets = files.get(giver, {}).get(policy.assets_fact)
        weight = contagion.weight_of_guarantee(
            amount, int(assets.value) if assets else None, if_unknown=float(policy.weight_if_unknown)
        )
        links.append(Link(giver, taker, weight, "guarantee"))
    for (one, other), share in sorted(held.items()):
        links.append(Link(one, other, contagion.weight_of_equity(share, factor=float(policy.equity_factor)), "equity"))
    return tuple(links), tuple(Guarantee(giver, taker, amount) for (giver, taker), amount in sorted(given.items()))


def neighbour_signals(
    policy: Contagion, found: Graph, own: Mapping[str, Colour], files: Files, day: date
) -> dict[str, tuple[Signal, Link | None]]:
    """What its neighbours' trouble says of each watched firm whose links are known: at most YELLOW, and only where it exceeds the
    firm's own trouble. The link that weighs most stands beside it."""
    height = {"GREEN": 0.0, "YELLOW": float(policy.stress.yellow), "RED": float(policy.stress.red)}
    stress = {firm: height[colour] for firm, colour in {**found.public, **own}.items()}
    floor = float(policy.ignore_below)
    after = contagion.spread(stress, found.links, rounds=policy.rounds, ignore_below=floor)
    signalled: dict[str, tuple[Signal, Link | None]] = {}
    for firm in own:
        known = next((files[firm][code] for code in ("guarantee_links", "equity_links") if code in files[firm]), None)
        if known is None:
            continue
        reached = after.get(firm, 0.0)
        watch = reached > stress[firm] and reached >= float(policy.watch_from)
        link = contagion.telling(firm, after, found.links, ignore_below=floor) if watch else None
        fact = files[firm].get(f"{link.kind}_links", known) if link else known
        value = Decimal(str(round(reached if watch else 0.0, 4)))
        colour: Colour = "YELLOW" if watch else "GREEN"
        signal = Signal(NEIGHBOUR, colour, value, policy.watch_from, fact.code, fact.as_of, fact.source, fact.consent_id)
        signalled[firm] = signal, link
    return signalled
