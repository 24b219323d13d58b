"""Asks the cutting process (`optimal.py`) where a fact is best cut. One process for a run, started when first needed."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

from backend.kit.errors import Fault, Misconfigured
from backend.scoring.blueprint import Binning


class Cutter:
    """A line to the cutting process. Usable by one thread."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # our own module, no shell
            [sys.executable, "-m", "backend.scoring.training.optimal"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def edges(self, values: Sequence[float], bad: Sequence[int], monotone: str, rule: Binning) -> list[float]:
        """Where a number is cut; `monotone` is the direction of the points."""
        return [float(edge) for edge in self._ask(list(values), bad, monotone, rule)]

    def reference(
        self, before: list[list[float | None]], after: list[list[float | None]], bad: Sequence[int], words: list[bool]
    ) -> list[float]:
        """Probabilities of default by the library's own scorecard, for comparison."""
        asked = {"before": before, "after": after, "bad": list(bad), "words": words}
        return [float(each) for each in self._told(asked)]

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _ask(self, values: list[Any], bad: Sequence[int], monotone: str, rule: Binning) -> list[Any]:
        asked = {
            "values": values,
            "bad": [int(each) for each in bad],
            "monotone": monotone,
            "most_bins": rule.most_bins,
            "least_share": rule.least_share_bp / 10_000,
            "least_bad": rule.least_bad,
            "fine": rule.fine,
        }
        return self._told(asked)

    def _told(self, asked: dict[str, Any]) -> list[Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise Fault("the cutting process has no line")
        try:
            print(json.dumps(asked, ensure_ascii=False), file=stdin, flush=True)
        except BrokenPipeError as error:
            raise Misconfigured(_MISSING) from error
        line = stdout.readline()
        if not line:
            raise Misconfigured(_MISSING)
        told = json.loads(line)
        if "error" in told:
            raise Misconfigured(_MISSING if "ModuleNotFoundError" in told["error"] else f"cutting failed: {told['error']}")
        return list(told["splits"])


_MISSING = "training needs the extra “train” (optbinning, interpret-core, matplotlib): pip install '.[train]'"


@cache
def cutter() -> Cutter:
    """The run's own cutting process; it ends with us."""
    line = Cutter()
    atexit.register(line.close)
    return line
