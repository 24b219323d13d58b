"""Scoring 1,000,000 firms on 20 facts: ours, the limit (a bare numba loop of bins and points), and optbinning's scorecard.

    make bench            or            .venv/bin/python benchmarks/scorecard.py [--firms N] [--rounds N]

optbinning (in a process of its own) fits a scorecard on made-up data; its bins and points become one of our cards, so that all
score the same firms by the same table and the scores must be equal. They run in turn (A B C D A B C D …); medians and ratios are
printed. Aims: ours at least 0.5 of the limit (the faster of two numba loops), and at least 30 times optbinning. Preparing
columns is outside the clock for all; for one firm a plain Python loop stands beside the whole answer with reasons and capacity.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

FACTS = 20
DAY = date(2025, 9, 15)
TRAIN = 20_000


def made_up(firms: int, seed: int) -> Any:
    """Whole numbers in columns, one in twelve not known (NaN), as float64 the way optbinning takes them."""
    rng = np.random.default_rng(seed)
    values = np.rint(rng.normal(5_000, 2_000, (firms, FACTS)))
    values[rng.random((firms, FACTS)) < 1 / 12] = np.nan
    return np.asfortranarray(values)


def peer(folder: Path) -> None:
    """The other process: fit once, tell the table, then score the same firms each time a line comes in."""
    import pandas as pd
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    names = [f"fact_{n:02d}" for n in range(FACTS)]
    seen = pd.DataFrame(made_up(TRAIN, 1), columns=names)
    pull = seen.fillna(4_000).to_numpy() @ np.linspace(-0.0004, 0.0004, FACTS)
    bad = (np.random.default_rng(2).random(TRAIN) < 1 / (1 + np.exp(2 - pull))).astype(int)
    process = BinningProcess(names, max_n_bins=5)
    card = Scorecard(process, LogisticRegression(max_iter=500), scaling_method="pdo_odds", rounding=True, scaling_method_params={
        "pdo": 40, "odds": 10, "scorecard_points": 600,
    })  # fmt: skip
    card.fit(seen, bad, metric_missing="empirical")
    table = {}
    for name in names:
        splits = card.binning_process_.get_binned_variable(name).splits
        rows = card.table(style="detailed").query("Variable == @name")
        points = [int(p) for p in rows["Points"]]
        table[name] = {"below": [float(s) for s in splits], "points": points[: len(splits) + 1], "missing": points[-1]}
    (folder / "table.json").write_text(json.dumps(table))
    firms = pd.DataFrame(np.load(folder / "firms.npy"), columns=names)
    print("ready", flush=True)
    for _ in sys.stdin:
        begin = perf_counter()
        score = card.score(firms)
        print(perf_counter() - begin, flush=True)
        np.save(folder / "peer.npy", np.asarray(score))


def our_card(table: dict[str, Any]) -> Any:
    """One of our cards with those bins and points; the rest is the general card's."""
    from backend.kit.words import Words
    from backend.scoring import scorecard
    from backend.scoring.card import Bin, Characteristic, Scale

    said = Words(zh="测速", en="benchmark")
    common = {"share_bp": 0, "bad_rate_bp": 0}

    def characteristic(name: str, row: dict[str, Any]) -> Characteristic:
        edges = [Decimal(repr(edge)) for edge in row["below"]] + [None]
        bins = tuple(Bin(below=edge, points=p, **common) for edge, p in zip(edges, row["points"], strict=True))
        return Characteristic(
            fact=name, unit="count", title=said, monotone="none", coefficient=Decimal(1), average_points=0, bins=bins,
            missing=Bin(points=row["missing"], **common),
        )  # fmt: skip

    scale = Scale(base_points=0, anchor_score=600, anchor_odds=10, doubling=40, least=-10_000, most=10_000)
    facts = tuple(characteristic(name, row) for name, row in table.items())
    return scorecard.current(DAY).model_copy(update={"characteristics": facts, "scale": scale})


def limits_of(table: dict[str, Any], columns: dict[str, Any], none: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A bare compiled loop, on one core and on all: a bin by counting edges, points by a table."""
    import numba

    rows = list(table.values())
    edges = np.full((FACTS, max(len(row["below"]) for row in rows)), np.iinfo(np.int64).max, dtype=np.int64)
    points = np.zeros((FACTS, edges.shape[1] + 2), dtype=np.int64)
    for n, row in enumerate(rows):
        edges[n, : len(row["below"])] = np.ceil(row["below"])
        points[n, : len(row["points"])], points[n, -1] = row["points"], row["missing"]
    values = np.stack(list(columns.values()))

    def loop(values: Any, edges: Any, points: Any, none: int) -> Any:
        total = np.zeros(values.shape[1], dtype=np.int64)
        last, size = points.shape[1] - 1, 4096
        for block in numba.prange((values.shape[1] + size - 1) // size):
            for f in range(values.shape[0]):
                for i in range(block * size, min(values.shape[1], (block + 1) * size)):
                    value = values[f, i]
                    place = 0
                    for e in range(edges.shape[1]):
                        place += value >= edges[f, e]
                    total[i] += points[f, last if value == none else place]
        return total

    alone, together = numba.njit(loop), numba.njit(loop, parallel=True)
    return (lambda: alone(values, edges, points, none)), (lambda: together(values, edges, points, none))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and the answer."""
    begin = perf_counter()
    answer = work()
    return perf_counter() - begin, answer


def one_firm(card: Any, table: dict[str, Any], times: int = 2_000) -> tuple[float, float, float]:
    """Microseconds: the whole answer with reasons and capacity, its score alone, and a plain loop over the same table."""
    from backend.scoring import scorecard

    values = {name: 5_000 + 37 * n for n, name in enumerate(table)} | {"sales_12m_fen": 10**8, "invoice_history_months": 24}

    def plain() -> int:
        total = 0
        for name, row in table.items():
            value, place = values[name], 0
            while place < len(row["below"]) and value >= row["below"][place]:
                place += 1
            total += row["points"][place]
        return total

    def looked_up() -> int:
        return sum(scorecard.bin_of(c, values[c.fact], DAY).points for c in card.characteristics)

    assert plain() == looked_up() == scorecard.assess(card, values, DAY).score
    ways = (lambda: scorecard.assess(card, values, DAY), looked_up, plain)

    def many(way: Callable[[], Any]) -> None:
        for _ in range(times // 10):
            way()

    seconds = [[timed(partial(many, way))[0] for way in ways] for _ in range(10)]
    return tuple(median(round_[n] for round_ in seconds) / (times // 10) * 1e6 for n in range(3))  # type: ignore[return-value]


def main() -> None:
    """Run in turn and print the table; a difference in any score ends it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peer:
        return peer(asked.peer)
    from backend.scoring import bulk

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        firms = made_up(asked.firms, 3)
        np.save(folder / "firms.npy", firms)
        command = [sys.executable, __file__, "--peer", str(folder)]
        other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # ourselves
        assert other.stdin is not None
        assert other.stdout is not None
        line = other.stdout.readline()
        while line.strip() != "ready":
            if not line:
                sys.exit("optbinning's process ended before it was ready")
            line = other.stdout.readline()
        table = json.loads((folder / "table.json").read_text())
        card = our_card(table)
        book = bulk.compiled(card)
        whole = np.where(np.isnan(firms), bulk.NONE, np.nan_to_num(firms)).astype(np.int64)
        columns = {fact: np.ascontiguousarray(whole[:, n]) for n, fact in enumerate(table)}
        alone, together = limits_of(table, columns, bulk.NONE)
        ours = lambda: book.score(columns, asked.firms).score  # noqa: E731  # three ways of one shape
        ours(), alone(), together()
        seconds: dict[str, list[float]] = {"ours": [], "alone": [], "together": [], "optbinning": []}
        for _ in range(asked.rounds):
            taken, mine = timed(ours)
            seconds["ours"].append(taken)
            taken, bare = timed(alone)
            seconds["alone"].append(taken)
            taken, shared = timed(together)
            seconds["together"].append(taken)
            other.stdin.write("go\n")
            other.stdin.flush()
            seconds["optbinning"].append(float(other.stdout.readline()))
        other.stdin.close()
        other.wait()
        theirs = np.load(folder / "peer.npy")
    assert np.array_equal(mine, bare), "the limit's scores differ from ours"
    assert np.array_equal(mine, shared), "the limit's scores differ from ours"
    assert np.array_equal(mine, theirs.astype(np.int64)), "optbinning's scores differ from ours"
    report(seconds, asked.firms, one_firm(card, table))


def report(seconds: dict[str, list[float]], firms: int, single: tuple[float, float, float]) -> None:
    """The table, misses included."""
    middle = {name: median(taken) for name, taken in seconds.items()}
    print(f"{firms:,} firms x {FACTS} facts, {len(seconds['ours'])} rounds in turn; all scores equal")
    print(f"{'':<38}{'median s':>10}{'rows/s':>14}{'ours is':>10}")
    names = {
        "ours": "backend.scoring.bulk, one core",
        "alone": "numba bins and points, one core",
        "together": "numba bins and points, all cores",
        "optbinning": "optbinning Scorecard.score",
    }
    for name, words in names.items():
        ratio = middle[name] / middle["ours"]
        print(f"{words:<38}{middle[name]:>10.4f}{firms / middle[name]:>14,.0f}{ratio:>9.2f}x")
    limit, other = min(middle["alone"], middle["together"]) / middle["ours"], middle["optbinning"] / middle["ours"]
    print(f"aim >= 0.5 of the limit (the faster numba loop): {'met' if limit >= 0.5 else 'MISSED'} ({limit:.2f}); ", end="")
    print(f"aim >= 30 x optbinning: {'met' if other >= 30 else 'MISSED'} ({other:.0f})")
    whole, score, plain = single
    print(f"one firm: whole answer {whole:.1f} us, its points alone {score:.1f} us, plain Python loop {plain:.1f} us")


if __name__ == "__main__":
    main()
