"""How much money a pool's book needs: the distribution of what it pays, before it has to. Plain arrays in, figures out; no I/O.

Written in: domain §6.3-§6.4 (leverage, breaker, liability limited to the balance). The model is the one-factor Gaussian one of
Vasicek and Basel: firm i fails when sqrt(ρ) Z + sqrt(1-ρ) e_i < Φ⁻¹(PD_i); what a failed loan loses varies around its mean. All
loans of one firm fail together. Floats are statistics here; whatever is money goes out in whole fen.

The pool pays its part of the principal of a failed loan, and gets its part of recoveries back later: `paid` is what stays paid,
`before` what must be paid before anything has come back. Correlation and loss given default are assumptions that the caller
names (`stress.yaml`); nothing is fitted to the book that is judged.

>>> round(vasicek(np.array([0.02]), np.array([1.0]), 0.12, 0.999), 4)
0.1473
>>> book = Book.equal(loans=1000, amount_fen=100_000_000, pd=0.02, lgd=0.5, share_bp=4000)
>>> found = stress(book, Assumptions(draws=2_000), cash_fen=10_000_000_000, entered_fen=100_000_000_000)
>>> found.expected_fen == round(1000 * 0.02 * 0.5 * 0.4 * 100_000_000)
True
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

LEVELS = (0.95, 0.999)
BINS = 48
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Book:
    """One row a loan. `amount_fen` is what is still owed, `pd` over the horizon, `lgd` the mean part lost, `share_bp` the pool's
    part of a loss, `firm` a number that loans of one firm share: the worst of their PDs is the firm's."""

    amount_fen: NDArray[np.int64]
    pd: Floats
    lgd: Floats
    share_bp: NDArray[np.int64]
    firm: NDArray[np.int64]

    def __post_init__(self) -> None:
        sizes = {len(each) for each in (self.amount_fen, self.pd, self.lgd, self.share_bp, self.firm)}
        if sizes == {0} or len(sizes) > 1:
            raise ValueError("a book has at least one loan, and every column has one value for each")
        if (self.amount_fen <= 0).any() or ((self.pd < 0) | (self.pd > 1) | (self.lgd < 0) | (self.lgd > 1)).any():
            raise ValueError("amounts are positive; probabilities and loss rates lie between 0 and 1")

    @classmethod
    def equal(cls, *, loans: int, amount_fen: int, pd: float, lgd: float, share_bp: int) -> Book:
        """Many equal loans to as many firms: what the closed form is for."""
        ones = np.ones(loans)
        whole = np.ones(loans, dtype=np.int64)
        return cls(whole * amount_fen, ones * pd, ones * lgd, whole * share_bp, np.arange(loans))

    @property
    def exposure(self) -> Floats:
        """What the pool would pay for each loan if it failed and lost its mean part."""
        found: Floats = self.amount_fen * self.share_bp / 10_000 * self.lgd
        return found


@dataclass(frozen=True, slots=True)
class Assumptions:
    """`correlation`: 12 to 24 % is Basel's range for firms, the low end for small ones. `lgd_sd`: how much the loss of a failed
    loan varies around its mean. `draws` and `seed` make a run repeatable."""

    correlation: float = 0.12
    lgd_sd: float = 0.25
    draws: int = 50_000
    seed: int = 20250101


@dataclass(frozen=True, slots=True)
class Need:
    """Money needed so that it suffices in `level` of all cases, with the simulation's standard error, beside the closed form;
    and what is needed before any recovery has come back."""

    level: float
    simulated_fen: int
    error_fen: int
    closed_form_fen: int
    before_fen: int


@dataclass(frozen=True, slots=True)
class Found:
    """Everything a page or a plot needs; money in fen."""

    loans: int
    firms: int
    exposure_fen: int
    expected_fen: int
    needs: tuple[Need, ...]
    months_of_cover: float | None
    chance_of_nothing: float
    chance_of_running_out: float
    chance_of_warning: float
    chance_of_pausing: float
    effective_firms: float
    ten_largest_bp: int
    histogram: tuple[tuple[int, ...], tuple[int, ...]]
    draws: int

    def figures(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def vasicek(pd: Floats, exposure: Floats, correlation: float, level: float) -> float:
    """The quantile of what an infinitely granular book pays (Vasicek 2002): the expected payment given a bad year."""
    given = ndtr((ndtri(pd) + np.sqrt(correlation) * ndtri(level)) / np.sqrt(1 - correlation))
    return float((given * exposure).sum())


def by_firm(book: Book) -> tuple[Floats, Floats, Floats, Floats]:
    """Each firm: its chance of failing, what stays paid then on average, the pool's whole part, its loans' parts squared."""
    _, firm = np.unique(book.firm, return_inverse=True)
    worst, payment, whole, squares = (np.zeros(int(firm.max()) + 1) for _ in range(4))
    part = book.amount_fen * book.share_bp / 10_000
    np.maximum.at(worst, firm, book.pd)
    np.add.at(payment, firm, book.exposure)
    np.add.at(whole, firm, part)
    np.add.at(squares, firm, part**2)
    return worst, payment, whole, squares


def simulate(book: Book, assumed: Assumptions) -> tuple[Floats, Floats]:
    """What stays paid in each draw, and what is paid before recoveries. Equal firms are drawn together, by how many fail."""
    rng = np.random.default_rng(assumed.seed)
    factor = rng.standard_normal(assumed.draws) * np.sqrt(assumed.correlation)
    paid, before = np.zeros(assumed.draws), np.zeros(assumed.draws)
    kinds, number = np.unique(np.stack(by_firm(book)), axis=1, return_counts=True)
    last, given = -1.0, factor
    for (pd, payment, whole, squares), count in zip(kinds.T, number, strict=True):
        if pd == 0 or whole == 0:
            continue
        if pd != last:  # kinds come sorted by their probability
            last, given = pd, ndtr((ndtri(pd) - factor) / np.sqrt(1 - assumed.correlation))
        failed = rng.binomial(count, given) if count > 1 else (rng.random(assumed.draws) < given).astype(np.int64)
        hit = np.flatnonzero(failed)
        many = failed[hit]
        before[hit] += many * whole
        paid[hit] += many * payment
        if assumed.lgd_sd:
            moved = rng.standard_normal(len(hit)) * assumed.lgd_sd * np.sqrt(squares * many)
            paid[hit] += _between(moved, many * payment, many * whole)
    return paid, before


def _between(moved: Floats, mean: Floats, whole: Floats) -> Floats:
    """A symmetric move of the loss that never takes it below nothing nor above the whole: the mean stays what it is."""
    most = np.maximum(np.minimum(mean, whole - mean), 0)
    found: Floats = np.clip(moved, -most, most)
    return found


def quantile(paid: Floats, level: float) -> tuple[float, float]:
    """The least amount that suffices in `level` of the draws, and its standard error: the order statistics one binomial
    deviation to either side."""
    ordered = np.sort(paid)
    count = len(ordered)
    wide = np.sqrt(count * level * (1 - level))
    at = [int(np.clip(np.ceil(count * level - 1e-6 + way * wide) - 1, 0, count - 1)) for way in (-1, 0, 1)]
    return float(ordered[at[1]]), float(ordered[at[2]] - ordered[at[0]]) / 2


def stress(
    book: Book,
    assumed: Assumptions,
    *,
    cash_fen: int,
    entered_fen: int,
    warn_bp: int = 300,
    pause_bp: int = 500,
    years: float = 1.0,
) -> Found:
    """The distribution of the pool's payments over the horizon of the PDs (`years`). The breaker's ratio is paid over entered."""
    paid, before = simulate(book, assumed)
    worst, payment, *_ = by_firm(book)
    expected = float((worst * payment).sum())
    needs = []
    for level in LEVELS:
        value, error = quantile(paid, level)
        closed = vasicek(worst, payment, assumed.correlation, level)
        needs.append(Need(level, round(value), round(error), round(closed), round(quantile(before, level)[0])))
    parts = payment[payment > 0] / payment.sum() if payment.sum() else np.array([1.0])
    some = paid[paid > 0]
    # Beyond 99.95 % there are single cases: they would make the picture as wide as its emptiest part.
    counts, edges = np.histogram(some, bins=BINS, range=(0, max(float(np.quantile(paid, 0.9995)), 1.0)))
    ratio = paid * 10_000 / max(entered_fen, 1)
    return Found(
        loans=len(book.pd),
        firms=len(worst),
        exposure_fen=int(book.amount_fen.sum()),
        expected_fen=round(expected),
        needs=tuple(needs),
        months_of_cover=round(cash_fen / expected * 12 * years, 1) if expected else None,
        chance_of_nothing=float((paid == 0).mean()),
        chance_of_running_out=float((paid > cash_fen).mean()),
        chance_of_warning=float((ratio >= warn_bp).mean()),
        chance_of_pausing=float((ratio >= pause_bp).mean()),
        effective_firms=round(float(1 / (parts**2).sum()), 1),
        ten_largest_bp=round(float(np.sort(parts)[-10:].sum()) * 10_000),
        histogram=(tuple(round(each) for each in edges), tuple(int(each) for each in counts)),
        draws=assumed.draws,
    )


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One other world: the pool's share, leverage (book over cash) and PDs multiplied; what is needed there, what is missing."""

    share_times: float
    leverage_times: float
    pd_times: float
    expected_fen: int
    needed_fen: tuple[int, ...]
    missing_fen: tuple[int, ...]


World = tuple[float, float, float]
WORLDS: tuple[World, ...] = (
    *((1.0, 1.0, 1.0), (0.75, 1.0, 1.0), (1.25, 1.0, 1.0), (1.0, 1.5, 1.0), (1.0, 2.0, 1.0)),
    *((1.0, 1.0, 1.5), (1.0, 1.0, 2.0), (1.0, 1.0, 3.0), (1.25, 1.5, 2.0)),
)
"""Share, leverage and PDs, each times so much."""


def what_if(
    book: Book,
    assumed: Assumptions,
    *,
    cash_fen: int,
    worlds: tuple[World, ...] = WORLDS,
) -> list[WhatIf]:
    """The same draws in other worlds. More leverage is more of the same book on the same cash; a larger share is a larger part of
    each payment, up to the whole. Only other probabilities are drawn anew."""
    drawn: dict[tuple[float, float], Floats] = {}
    found = []
    for share, leverage, worse in worlds:
        within = share * int(book.share_bp.max()) <= 10_000
        other = replace(
            book,
            share_bp=book.share_bp if within else np.minimum(np.rint(book.share_bp * share), 10_000).astype(np.int64),
            pd=np.minimum(book.pd * worse, 1.0),
        )
        times, key = leverage * (share if within else 1.0), (worse, 1.0 if within else share)
        if key not in drawn:
            drawn[key] = simulate(other, assumed)[0]
        failing, payment, *_ = by_firm(other)
        needed = tuple(round(quantile(drawn[key], level)[0] * times) for level in LEVELS)
        missing = tuple(max(0, each - cash_fen) for each in needed)
        found.append(WhatIf(share, leverage, worse, round(float((failing * payment).sum()) * times), needed, missing))
    return found
