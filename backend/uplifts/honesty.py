"""Do firms that a programme lifted default more than firms like them? Bands, matched firms, intervals, and an alert that may be
looked at as often as one likes.

A loan counts once its whole quarter is twelve months old; default is ever more than 90 days past due within twelve months (domain
§9). Loans without uplift are matched on grade, size of the base limit, product and quarter of the draw.

The alert is an *e-process*, a sequential test. Given how many loans of a stratum defaulted in all, the number of lifted ones
among them is hypergeometric if the uplift does no harm, and tilted by an odds ratio if it does. The likelihood ratio, averaged
over a few odds ratios and multiplied over strata as whole quarters ripen (disjoint blocks), passes 1/alpha with chance at most
alpha however often one looks (Ville's inequality; Grünwald, de Heide, Koolen, Safe testing, 2024). No normal approximation.

>>> even = [Loan(f"F{n}", "p", 1500 if n % 2 else 0, "rights", "B", "small", "x", "2025H1", n % 20 < 2) for n in range(400)]
>>> e_value(even) < 1
True
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import comb, exp, log
from typing import Any

from backend.uplifts.intervals import newcombe, wilson

BANDS = ((0, 999, "0"), (1000, 1499, "10–15%"), (1500, 1999, "15–20%"), (2000, 2499, "20–25%"), (2500, 3000, "25–30%"))
ODDS = (1.25, 1.5, 2.0, 3.0)
ALPHA = 0.05
COEFFICIENTS = ("all", "rights", "trades", "booked")


@dataclass(frozen=True, slots=True)
class Loan:
    """A facility that is old enough: whose, lifted by how much (0: not), mostly by which indicator; whether it defaulted."""

    firm: str
    programme: str
    uplift_bp: int
    indicator: str
    grade: str
    size: str
    product: str
    cohort: str
    defaulted: bool
    policy_digest: str = ""

    @property
    def stratum(self) -> tuple[str, str, str, str]:
        """What it is matched on."""
        return self.grade, self.size, self.product, self.cohort

    @property
    def lifted(self) -> bool:
        return self.uplift_bp > 0


@dataclass(frozen=True, slots=True)
class Band:
    """Default among lifted loans of a band and among their matched partners; intervals 95 %; `left_out` found no partner."""

    band: str
    loans: int
    defaults: int
    rate_low: float
    rate_high: float
    matched: int
    matched_defaults: int
    partners_defaults: int
    difference: float | None
    difference_low: float
    difference_high: float
    left_out: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def band_of(uplift_bp: int) -> str:
    """The band's name.

    >>> band_of(0), band_of(1080), band_of(3000)
    ('0', '10–15%', '25–30%')
    """
    return next(name for low, high, name in BANDS if low <= uplift_bp <= high)


def pairs(loans: Sequence[Loan]) -> list[tuple[Loan, Loan]]:
    """Each lifted loan with one unlifted loan of its stratum, none used twice; by a fixed shuffle, never by outcome."""
    pool: dict[tuple[str, str, str, str], list[Loan]] = defaultdict(list)
    for loan in sorted((x for x in loans if not x.lifted), key=lambda x: (x.firm, x.programme)):
        pool[loan.stratum].append(loan)
    for stratum, rest in pool.items():
        random.Random("|".join(stratum)).shuffle(rest)
    found = []
    for loan in sorted((x for x in loans if x.lifted), key=lambda x: (x.firm, x.programme)):
        if pool.get(loan.stratum):
            found.append((loan, pool[loan.stratum].pop()))
    return found


def bands(loans: Sequence[Loan]) -> list[Band]:
    """One line per band that has loans: Wilson for the rate, Newcombe for the difference to matched loans without uplift."""
    matched = pairs(loans)
    found = []
    for _, _, name in BANDS:
        here = [loan for loan in loans if band_of(loan.uplift_bp) == name]
        if not here:
            continue
        bad = sum(loan.defaulted for loan in here)
        low, high = wilson(bad, len(here))
        mine = [pair for pair in matched if band_of(pair[0].uplift_bp) == name]
        one, two, n = sum(a.defaulted for a, _ in mine), sum(b.defaulted for _, b in mine), len(mine)
        apart = newcombe(one, n, two, n)
        left_out = 0 if name == "0" else len(here) - n
        found.append(Band(name, len(here), bad, low, high, n, one, two, (one - two) / n if n else None, *apart, left_out))
    return found


def e_value(loans: Iterable[Loan]) -> float:
    """How much more likely this is if the uplift makes default more likely: 1/alpha or more is an alert."""
    tables: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for loan in loans:
        cell = tables[loan.stratum]
        cell[0 if loan.lifted else 1] += 1
        cell[2 if loan.lifted else 3] += loan.defaulted
    logs = [0.0] * len(ODDS)
    for lifted, others, bad, bad_others in tables.values():
        for place, odds in enumerate(ODDS):
            logs[place] += _log_ratio(lifted, others, bad, bad + bad_others, odds)
    return sum(exp(min(700.0, each)) for each in logs) / len(ODDS)


def _log_ratio(lifted: int, others: int, bad: int, all_bad: int, odds: float) -> float:
    """log of P(bad | odds) / P(bad | 1), given the margins: Fisher's noncentral hypergeometric against the central one."""
    low, high = max(0, all_bad - others), min(lifted, all_bad)
    ways = [comb(lifted, x) * comb(others, all_bad - x) for x in range(low, high + 1)]
    total = sum(ways)
    tilted = sum(way / total * odds**x for x, way in enumerate(ways, low))
    return bad * log(odds) - log(tilted)


@dataclass(frozen=True, slots=True)
class Finding:
    """One coefficient of one programme's terms: `alert` when its e-value reaches the line; `coefficient` all means the whole."""

    programme: str
    policy_digest: str
    coefficient: str
    e_value: float
    line: float
    lifted: int
    lifted_defaults: int
    others: int
    others_defaults: int

    @property
    def alert(self) -> bool:
        return self.e_value >= self.line

    def as_dict(self) -> dict[str, Any]:
        kept = asdict(self)
        return kept | {"e_value": f"{self.e_value:.4g}", "line": f"{self.line:.4g}"}


def findings(loans: Sequence[Loan], alpha: float = ALPHA) -> list[Finding]:
    """Every coefficient of every terms that lifted somebody; the four coefficients of one programme share alpha."""
    line = len(COEFFICIENTS) / alpha
    plain = [loan for loan in loans if not loan.lifted]
    found = []
    for programme, digest in sorted({(x.programme, x.policy_digest) for x in loans if x.lifted}):
        mine = [x for x in loans if x.lifted and (x.programme, x.policy_digest) == (programme, digest)]
        for name in COEFFICIENTS:
            lifted = [loan for loan in mine if name in ("all", loan.indicator)]
            if not lifted:
                continue
            strata = {loan.stratum for loan in lifted}
            like = [loan for loan in plain if loan.stratum in strata]
            bad, bad_like = sum(x.defaulted for x in lifted), sum(x.defaulted for x in like)
            value = e_value([*lifted, *like])
            found.append(Finding(programme, digest, name, value, line, len(lifted), bad, len(like), bad_like))
    return found
