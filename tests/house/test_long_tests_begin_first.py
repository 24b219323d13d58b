"""In a run of several processes each share begins with its part of the long files, whole, and no test is lost or doubled."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests import order

ROOT = Path(__file__).parent.parent.parent


def test_what_is_named_long_is_there() -> None:
    assert [name for name in order.LONG if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("processes", [2, 3, 4])
@pytest.mark.parametrize("short", [0, 5, 400])
def test_every_share_begins_with_whole_long_files(processes: int, short: int) -> None:
    long = [name if name.endswith(".py") else f"{name}/test_it.py" for name in order.LONG]
    tests = [(file, number) for file in long for number in range(7)]
    tests += [(f"tests/loans/test_{number}.py", number) for number in range(short)]
    for seed in range(20):
        Random(seed).shuffle(tests)
        ordered = order.long_first(tests, lambda test: test[0], processes)
        assert sorted(ordered) == sorted(tests)
        if short < 400:
            continue
        at, owners = 0, []
        for process in range(processes):  # as xdist divides what was collected
            share = ordered[at : at + (len(tests) - at) // (processes - process)]
            at += len(share)
            is_long = [order.rank(file) is not None for file, _ in share]
            assert is_long == sorted(is_long, reverse=True), "the long ones come first"
            owners.append({file for file, _ in share if order.rank(file) is not None})
        assert sum(map(len, owners)) == len(set(long)), "no file is with two"
        assert max(map(len, owners)) - min(map(len, owners)) <= 1


def test_the_order_that_chance_gave_stays_within_a_share() -> None:
    tests = [("tests/town/test_town.py", 3), ("tests/a.py", 2), ("tests/town/test_town.py", 1), ("tests/a.py", 1)]
    assert order.long_first(tests, lambda test: test[0], 2) == [tests[0], tests[2], tests[1], tests[3]]
