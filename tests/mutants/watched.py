"""What coverage wrote down: which tests run the lines of a change, the room's own and the stories apart."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutants.sites import Site


@dataclass(frozen=True)
class Watched:
    """One run of tests with their lines. Tests that were not green by themselves cannot notice anything and are left out."""

    seconds: dict[str, float]
    cpu: dict[str, float]
    lines: dict[str, dict[int, frozenset[str]]]
    not_green: tuple[str, ...] = ()
    modules: tuple[str, ...] = field(default=(), repr=False)

    def running(self, site: Site) -> list[str]:
        """The tests that run the change, those of the quickest file first, in a file as they stand.

        What runs once in a process runs under whichever test came first, or under none while modules are imported: then whoever
        runs anything of the file is asked, and all of them where the file is nothing but names.
        """
        here = self.lines.get(site.file, {})
        ran = [line for line in site.lines if line in here]
        once = site.once or (bool(ran) and not any(here[line] for line in ran))
        found = {test for line in (here if once else ran) for test in here[line]}
        if once and here and not found:
            found = set(self.seconds)
        cost: dict[str, float] = {}
        for test in found:
            cost[_file(test)] = cost.get(_file(test), 0.0) + self.cpu[test]
        place = {test: number for number, test in enumerate(self.seconds)}
        return sorted(found, key=lambda test: (cost[_file(test)], _file(test), place[test]))

    def limits(self, tests: Iterable[str]) -> tuple[float, int]:
        """How long these may take by the clock and by the processor: many times what they took, watched, so that only what never
        ends is late, on a busy machine too."""
        some = list(tests)
        return 180 + 20 * sum(self.seconds[test] for test in some), int(30 + 5 * sum(self.cpu[test] for test in some))


def _file(test: str) -> str:
    return test.partition("::")[0]


def read(path: Path) -> Watched:
    """What the plugin wrote."""
    said = json.loads(path.read_text())
    names = list(said["tests"])
    green = {name: each for name, each in said["tests"].items() if each["outcome"] == "passed"}
    red = tuple(name for name, each in said["tests"].items() if each["outcome"] == "failed")
    lines = {
        file: {int(line): frozenset(names[number] for number in tests) & green.keys() for line, tests in each.items()}
        for file, each in said["lines"].items()
    }
    seconds, cpu = ({name: float(each[what]) for name, each in green.items()} for what in ("seconds", "cpu"))
    return Watched(seconds, cpu, lines, red, tuple(said["modules"]))
