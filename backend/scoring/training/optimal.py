"""The process that cuts: reads one question a line, answers one line, and knows nothing of cards.

optbinning brings solvers that cannot share a process with the solver of matching, and takes seconds to import: so it lives here
and nowhere else (`cutter.py` asks). Method: G. Navas-Palencia, Optimal binning: mathematical programming formulation (2020).

    {"values": [1, 2, …], "bad": [0, 1, …], "monotone": "rising", "most_bins": 5, "least_share": 0.05, "least_bad": 3, "fine": 20}
    → {"splits": [1.5]}
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any

TREND = {"rising": "descending", "falling": "ascending", "none": None}


def answer(asked: dict[str, Any]) -> list[float]:
    """Edges of a number; none when no cut is allowed."""
    import numpy as np
    from optbinning import OptimalBinning

    binning = OptimalBinning(
        dtype="numerical",
        solver="cp",
        monotonic_trend=TREND[asked["monotone"]],
        prebinning_method="quantile",
        max_n_prebins=asked["fine"],
        max_n_bins=asked["most_bins"],
        min_bin_size=asked["least_share"],
        min_bin_n_event=asked["least_bad"],
        time_limit=30,
    )
    binning.fit(np.array(asked["values"], dtype=float), np.array(asked["bad"]))
    if binning.status not in ("OPTIMAL", "FEASIBLE"):
        return []
    return [float(edge) for edge in binning.splits]


def reference(asked: dict[str, Any]) -> list[float]:
    """Probabilities of default by optbinning's own scorecard, with its own bins, for comparison."""
    import pandas as pd
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    names = [f"x{n}" for n in range(len(asked["words"]))]
    before, after = (pd.DataFrame(asked[part], columns=names, dtype=float) for part in ("before", "after"))
    texts = [name for name, word in zip(names, asked["words"], strict=True) if word]
    for table in (before, after):
        table[texts] = table[texts].astype(object)
    process = BinningProcess(names, categorical_variables=texts)
    card = Scorecard(binning_process=process, estimator=LogisticRegression(max_iter=2000), scaling_method=None)
    card.fit(before, asked["bad"])
    return [float(each) for each in card.predict_proba(after)[:, 1]]


def main() -> None:
    """Answer until the other side closes. What libraries print goes to the error stream."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        try:
            asked = json.loads(line)
            told: dict[str, Any] = {"splits": reference(asked) if "before" in asked else answer(asked)}
        except Exception as error:  # the asking side raises it again, in its own process
            told = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told, ensure_ascii=False), file=lines, flush=True)


if __name__ == "__main__":
    main()
