"""How many of the town's schemes the programme sees through, and how many honest firms it harms, on seeds not tuned on.

A scheme is *caught* when its firm is lifted no more than its genuine pieces alone would lift it. An honest firm is *harmed* when
it is lifted less than that, and *blocked* when nothing is left of a lift it should have. Intervals are Wilson's, 95 %.

>>> measure("zero_price", range(20_001, 20_011)).caught
10
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from backend.credit_data.model import Fact
from backend.town import gaming
from backend.uplifts.evidence import Deal, Surroundings, deals_of, evidence_of, purchases_of
from backend.uplifts.intervals import wilson
from backend.uplifts.links import Link, near
from backend.uplifts.model import evaluate
from backend.uplifts.programme import Programme, load


@dataclass(frozen=True)
class Judged:
    """Rates in bp: with everything the firm shows and all screens on; of its genuine pieces; of everything without screens."""

    rate_bp: int
    genuine_bp: int
    unscreened_bp: int


@dataclass
class Tally:
    """One scheme or honest kind over many seeds."""

    name: str
    honest: bool
    cases: int = 0
    beside: bool = False
    caught: int = 0
    harmed: int = 0
    blocked: int = 0
    lifted: int = 0
    gain_left_bp: int = 0
    gain_tried_bp: int = 0
    lost_bp: int = 0

    def add(self, found: Judged) -> None:
        self.cases += 1
        self.caught += found.rate_bp <= found.genuine_bp
        self.harmed += found.rate_bp < found.genuine_bp
        self.lifted += found.genuine_bp > 0
        self.blocked += found.rate_bp == 0 < found.genuine_bp
        self.gain_left_bp += max(0, found.rate_bp - found.genuine_bp)
        self.gain_tried_bp += max(0, found.unscreened_bp - found.genuine_bp)
        self.lost_bp += max(0, found.genuine_bp - found.rate_bp)


def _facts(case: gaming.Case, trades: list[gaming.Row], certificates: list[gaming.Row]) -> dict[str, Fact]:
    return {
        "data_trades": Fact("data_trades", trades, "list", case.day, "data_exchange"),
        "data_certificates": Fact("data_certificates", certificates, "list", case.day, "data_registry"),
    }


def judge(case: gaming.Case, programme: Programme, *, ring: bool = False, market: bool = True) -> Judged:
    """Look at one case as the platform would: with public ties and usual prices, without other firms' trades.

    `ring` reads the others' trades too (a source that lawfully could); `market` False leaves usual prices out.
    """
    terms = programme.on(case.day)
    assert terms is not None, "the town plays while the programme is in force"
    lines = terms.screens
    links = [Link(a, b, share) for a, b, share in case.links]
    close = near(case.own, links, hops=lines.equity_hops, least_share_bp=lines.least_share_bp)
    facts = _facts(case, case.trades, case.certificates)
    evidence = evidence_of(facts, case.own, close, case.day)
    others: list[Deal] = []
    for seller, rows in case.others.items() if ring else ():
        others += deals_of(_facts(case, rows, []), seller, case.day)
    around = Surroundings(case.own, (*purchases_of(facts, case.own, case.day), *others), case.usual_fen if market else {})
    genuine = [
        replace(piece, related=False, reciprocal=False, own_money=False)
        for piece in evidence
        if piece.evidence_id in case.genuine
    ]
    names = frozenset(piece.evidence_id for piece in evidence)
    blind = Surroundings(case.own, cleared=names)
    return Judged(
        evaluate(programme, evidence, case.day, around).rate_bp,
        evaluate(programme, genuine, case.day, blind).rate_bp,
        evaluate(programme, evidence, case.day, blind).rate_bp,
    )


def measure(name: str, seeds: Iterable[int], *, ring: bool = False, market: bool = True, title: str = "") -> Tally:
    """One scheme or honest kind over these seeds."""
    programme = load("hubei_shuyidai")
    gaming.names()
    tally = Tally(title or name, name in gaming.HONEST, beside=bool(title))
    for seed in seeds:
        tally.add(judge(gaming.play(name, seed), programme, ring=ring, market=market))
    return tally


def beside(seeds: range) -> list[Tally]:
    """What would be seen with more or less knowledge: not part of the totals."""
    return [
        measure("circular", seeds, ring=True, title="circular, ring read"),
        measure("token_price", seeds, market=False, title="token, no market"),
        measure("inflated_price", seeds, market=False, title="inflated, no market"),
        measure("small_market", seeds, ring=True, title="small market, ring read"),
    ]


def share(count: int, of: int) -> str:
    """A share with its interval: 97.0 % [94.2, 98.5]."""
    low, high = wilson(count, of)
    return f"{count / of:6.1%} [{low:.1%}, {high:.1%}]" if of else "-"


def lines(tallies: list[Tally], seeds: range, on: date | None = None) -> Iterator[str]:
    """The report as text."""
    yield f"seeds {seeds.start}-{seeds.stop - 1}; development seeds are 1-400, the lines were fixed on those alone"
    yield f"{'scheme':<24}{'n':>6}  caught [95 %]             mean gain tried -> left, bp"
    for each in (t for t in tallies if not t.honest):
        tried, left = each.gain_tried_bp / each.cases, each.gain_left_bp / each.cases
        yield f"{each.name:<24}{each.cases:>6}  {share(each.caught, each.cases):<26}{tried:8.0f} -> {left:.1f}"
    schemes = [t for t in tallies if not t.honest and not t.beside]
    everything = sum(t.cases for t in schemes)
    yield f"{'all schemes':<24}{everything:>6}  {share(sum(t.caught for t in schemes), everything)}"
    yield f"{'honest firms':<24}{'n':>6}  lifted less [95 %]         blocked of those to lift [95 %]   mean loss, bp"
    kinds = [t for t in tallies if t.honest]
    for each in kinds:
        loss = each.lost_bp / each.cases
        harmed, blocked = share(each.harmed, each.cases), share(each.blocked, each.lifted)
        yield f"{each.name:<24}{each.cases:>6}  {harmed:<27}{blocked:<34}{loss:6.1f}"
    kinds = [t for t in kinds if not t.beside]
    total, lifted = sum(t.cases for t in kinds), sum(t.lifted for t in kinds)
    harmed, blocked = share(sum(t.harmed for t in kinds), total), share(sum(t.blocked for t in kinds), lifted)
    yield f"{'all honest kinds':<24}{total:>6}  {harmed:<27}{blocked}"
