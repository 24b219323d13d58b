"""The sweep without a database: the same indicators, hysteresis and contagion over facts that are handed in. Pure.

What it leaves out is what only a running platform has: consents that are withdrawn, feedback, people who lift.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from backend.credit_data.model import Fact
from backend.scoring.warnings import neighbours, thresholds
from backend.scoring.warnings.model import Colour, Standing, signals, step, worst
from backend.scoring.warnings.neighbours import Graph
from backend.scoring.warnings.thresholds import NEIGHBOUR

Told = Mapping[str, Mapping[date, Mapping[str, Fact]]]
"""Firm (its credit code) -> sweep day -> what is known."""


def on_the_day(facts: Mapping[str, Fact], day: date) -> Colour:
    """The colour of one firm as it would be seen for the first time."""
    return worst(signal.colour for signal in signals(thresholds.on(day), facts, day).values())


def rehearse(watched: Told, tied: Told, days: Sequence[date]) -> dict[str, dict[date, dict[str, Colour]]]:
    """Every watched firm's indicators on every sweep day: firm -> day -> indicator -> colour (green ones left out)."""
    standings: dict[tuple[str, str], Standing] = {}
    found: dict[str, dict[date, dict[str, Colour]]] = {firm: {} for firm in watched}
    ids = {firm: firm for firm in (*watched, *tied)}
    for day in days:
        policy = thresholds.on(day)
        files = {firm: told[day] for firm, told in watched.items()}
        own: dict[str, Colour] = {}
        for firm, facts in files.items():
            said = signals(policy, facts, day)
            for each in policy.indicators:
                place = (firm, each.code)
                standings[place] = step(standings.get(place), said.get(each.code), each, day, improve_after=policy.improve_after)
            own[firm] = worst(standings[firm, each.code].colour for each in policy.indicators)
        others = {firm: told[day] for firm, told in tied.items() if firm not in watched}
        links, guarantees = neighbours.tie(policy.contagion, {**files, **others}, ids)
        public = {firm: worst(s.colour for s in signals(policy, facts, day).values()) for firm, facts in others.items()}
        graph = Graph(links, guarantees, public)
        for firm, (signal, _) in neighbours.neighbour_signals(policy.contagion, graph, own, files, day).items():
            place = (firm, NEIGHBOUR)
            standings[place] = step(standings.get(place), signal, None, day, improve_after=policy.improve_after)
        for (firm, code), standing in standings.items():
            found[firm].setdefault(day, {})
            if standing.colour != "GREEN":
                found[firm][day][code] = standing.colour
    return found
