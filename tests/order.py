"""Which tests begin first when several processes share a run: the long ones.

A long test that begins last leaves every other core idle until it ends. And a file whose tests share a scene of half a minute
should stay with one process: xdist takes from the end of another's share, so what stands first in a share stays where it is.
Each share keeps the order that chance gave it; alone (`-n 0`) nothing is moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
# Files and folders, the longest first. Whole files: their tests share what is costly to make.
LONG = (
    "tests/proofs/test_servers_killed_under_load.py",
    "tests/concurrency/test_two_at_once.py",
    "tests/proofs",
    "tests/browser",
    "tests/doors/test_rules_and_doors.py",
    "tests/stories/test_a_loan_is_repaid.py",
    "tests/uplifts/test_a_lifted_loan.py",
    "tests/town",
    "tests/uplifts/test_gaming_in_town.py",
    "tests/stories/test_a_bank_with_its_own_system.py",
    "tests/scoring/test_monitoring_a_town_that_turns.py",
    "tests/scoring/test_training.py",
    "tests/scoring/test_training_bins.py",
)


def rank(file: str) -> int | None:
    """Where a file stands among the long ones, if it does."""
    return next((place for place, name in enumerate(LONG) if file == name or file.startswith(f"{name}/")), None)


def long_first(items: Sequence[T], file_of: Callable[[T], str], processes: int) -> list[T]:
    """The same items. xdist gives each process an equal share in a row; each share begins with its part of the long files.

    >>> long_first(["tests/a", "tests/b", "tests/town/c", "tests/d", "tests/browser/e", "tests/f"], str, 2)
    ['tests/browser/e', 'tests/a', 'tests/b', 'tests/town/c', 'tests/d', 'tests/f']
    """
    ranks = {file: rank(file) for file in map(file_of, items)}
    long = sorted((place, file) for file, place in ranks.items() if place is not None)
    owner = {file: turn % processes for turn, (_, file) in enumerate(long)}
    others = [item for item in items if file_of(item) not in owner]
    ordered: list[T] = []
    for process in range(processes):
        share = (len(items) - len(ordered)) // (processes - process)
        first = [item for item in items if owner.get(file_of(item)) == process]
        room = max(0, share - len(first))
        ordered += first + others[:room]
        others = others[room:]
    return ordered + others
