"""What is drawn by lot before a town is played: each firm's nature and its luck, month by month. Only the economy may look.

Each purpose has a random stream of its own, so that taking the shocks away changes nothing but the shocks.

>>> from backend.town.people import settle
>>> firms = settle(np.random.default_rng(1), 5)
>>> calm = draw_fortune(firms, 1, 78, date(2023, 1, 1), shocks=False)
>>> bool((calm.loss == 0).all())
True
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from backend.town.industries import industry_of
from backend.town.people import Firm

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fortune:
    """By firm, or by firm and month; money in fen. Nothing here is ever written into a record as such."""

    sales: Floats
    margin: Floats
    fixed: Floats
    tax_rate: Floats
    headcount: Floats
    meter: Floats
    collected: Floats
    loss: Floats
    hidden_debt: Floats
    lag: Floats
    first_cash: Floats
    reserve: Floats
    habit: Floats
    takes_out: Floats
    yield_on_loan: Floats
    walks_away: Floats
    care: Floats
    top_share: Floats

    def of(self, number: int) -> Fortune:
        """The fortune of one firm, arrays of one row."""
        return Fortune(**{f.name: getattr(self, f.name)[number : number + 1] for f in fields(self)})


def stream(seed: int, purpose: str, *subject: object) -> np.random.Generator:
    """A random stream for one purpose of one town; with a subject, of that one alone, in whatever order the subjects come."""
    names = [zlib.crc32(str(each).encode()) for each in (purpose, *subject)]
    return np.random.default_rng([seed, *names])


def draw_fortune(firms: Sequence[Firm], seed: int, months: int, start: date, *, shocks: bool) -> Fortune:
    """Every firm's nature and luck for `months` months from `start`."""
    count = len(firms)
    trades = [industry_of(f.industry) for f in firms]
    nature, path = stream(seed, "nature"), stream(seed, "path")
    sole = np.array([f.subject_type == "sole_trader" for f in firms])
    skill = nature.normal(0, 1, count)
    care = np.clip(nature.beta(4, 2, count) + 0.06 * skill, 0.02, 0.99)
    yearly = np.exp(nature.normal(np.where(sole, np.log(1.1e6), np.log(5.5e6)), np.where(sole, 0.6, 0.85), count)) * 100
    age = np.array([(start - f.founded_on).days / 365 for f in firms])
    base_margin = np.clip(
        np.array([t.margin for t in trades]) * np.exp(nature.normal(0, 0.16, count)) + 0.012 * skill, 0.04, 0.75
    )
    sales = yearly[:, None] / 12 * _curves(path, nature, trades, months, count, skill, age)
    ratio = np.clip(nature.normal(0.505, 0.11, count) - 0.03 * skill, 0.35, 1.05)
    fixed_level = yearly / 12 * base_margin * ratio
    squeeze = _squeeze(stream(seed, "squeeze"), months, count)
    factor, collected, loss, walks = _luck(stream(seed, "luck"), firms, months, start, fixed_level, nature.beta(1.6, 4.5, count))
    top = nature.beta(1.8, 4.2, count)
    if not shocks:
        factor, collected, loss = np.ones_like(factor), np.ones_like(collected), np.zeros_like(loss)
        walks = np.full(count, 1e9)
    sales = sales * factor
    growth = np.cumprod(1 + path.normal(0.001, 0.005, (count, months)), axis=1)
    people = np.maximum(1, np.rint(fixed_level * 0.55 / 780_000))
    return Fortune(
        sales=sales,
        margin=np.clip(base_margin[:, None] * squeeze, 0.02, 0.8),
        fixed=fixed_level[:, None] * growth,
        tax_rate=np.repeat((base_margin * np.where(sole, 0.04, 0.10) * nature.uniform(0.8, 1.2, count))[:, None], months, axis=1),
        headcount=np.maximum(1, np.rint(people[:, None] * growth)),
        meter=path.normal(1, 0.06, (count, months)).clip(0.7, 1.3),
        collected=collected,
        loss=loss,
        hidden_debt=np.repeat(
            (yearly / 12 * base_margin * np.clip(nature.normal(0.02, 0.07, count), 0, 0.3))[:, None], months, axis=1
        ),
        lag=np.array([t.lag for t in trades]),
        first_cash=fixed_level * np.exp(nature.normal(0.9, 0.5, count)),
        reserve=fixed_level * np.exp(nature.normal(1.3, 0.7, count)),
        habit=np.exp(nature.normal(0.7, 0.45, count)) * (0.6 + care),
        takes_out=np.clip(0.75 - 0.4 * care, 0.2, 0.8),
        yield_on_loan=nature.normal(0.18, 0.18, count),
        walks_away=walks,
        care=care,
        top_share=top,
    )


def turned(fortune: Fortune, month: int) -> Fortune:
    """The same town whose economy turns in that month: over half a year every firm loses a quarter of its sales and a tenth
    of its margin, and its customers pay a little less of what they owe. Nothing before that month changes."""
    months = fortune.sales.shape[1]
    depth = np.clip((np.arange(months) - month + 1) / 6, 0, 1)[None, :]
    return replace(
        fortune,
        sales=fortune.sales * (1 - 0.25 * depth),
        margin=np.clip(fortune.margin * (1 - 0.10 * depth), 0.02, 0.8),
        collected=fortune.collected * (1 - 0.04 * depth),
    )


def _curves(
    path: np.random.Generator,
    nature: np.random.Generator,
    trades: Sequence[object],
    months: int,
    count: int,
    skill: Floats,
    age: Floats,
) -> Floats:
    """Trend with one turn, the seasons, and noise that remembers last month; nothing before a firm is founded."""
    t = np.arange(months)
    before, after = nature.normal(0.003, 0.010, count) + 0.003 * skill, nature.normal(0.0015, 0.010, count) + 0.002 * skill
    turn = nature.integers(6, months, count)
    trend = np.where(
        t[None, :] < turn[:, None], before[:, None] * t, before[:, None] * turn[:, None] + after[:, None] * (t - turn[:, None])
    )
    strength = np.array([getattr(x, "season", 0.1) for x in trades])
    best = np.array([getattr(x, "best_month", 6) for x in trades])
    season = strength[:, None] * np.cos(2 * np.pi * (t[None, :] % 12 + 1 - best[:, None]) / 12)
    season = season - np.where(t % 12 == 1, 0.15, 0.0)
    spread = np.exp(nature.normal(-1.9, 0.5, count))
    noise, now = np.zeros((count, months)), np.zeros(count)
    for m in range(months):
        now = 0.6 * now + path.normal(0, 1, count) * spread
        noise[:, m] = now
    open_since = t[None, :] / 12 + age[:, None] > 0
    return np.where(open_since, np.exp(trend + season + noise - spread[:, None] ** 2 / 2), 0.0)


def _squeeze(rng: np.random.Generator, months: int, count: int) -> Floats:
    """Some firms lose a slice of their margin from some month on, when a competitor opens across the street."""
    begins = np.where(rng.random(count) < 0.25, rng.integers(3, months, count), months + 1)
    depth = rng.uniform(0.04, 0.20, count)
    wobble = 1 + rng.normal(0, 0.03, (count, months))
    return np.where(np.arange(months)[None, :] >= begins[:, None], 1 - depth[:, None], 1.0) * wobble


def _luck(
    rng: np.random.Generator, firms: Sequence[Firm], months: int, start: date, fixed: Floats, share: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """A flood, failing customers, an owner's illness, and the rare owner who simply walks away."""
    count = len(firms)
    factor, collected, loss = np.ones((count, months)), np.ones((count, months)), np.zeros((count, months))
    low = rng.random(count) < 0.14
    for flood in (int(rng.integers(5, 10)), int(rng.integers(28, 34)), int(rng.integers(40, 46))):
        for after, left in enumerate((0.45, 0.65, 0.85)):
            factor[low, flood + after] *= left
        loss[low, flood] += fixed[low] * rng.uniform(0.3, 1.6, int(low.sum()))
    for i in range(count):
        for month in np.flatnonzero(rng.random(months) < 0.012 * share[i]):
            span = slice(month, min(months, month + 9))
            factor[i, span] *= 1 - 0.8 * share[i]
            collected[i, month : month + 2] *= 1 - share[i]
        for month in np.flatnonzero(rng.random(months) < 0.0035):
            factor[i, month : month + 5] *= 0.6
            loss[i, month] += fixed[i] * rng.uniform(0.2, 1.0)
    walks = np.where(rng.random(count) < 0.02, rng.integers(24, months, count), months + 1).astype(float)
    return factor, collected, loss, walks
