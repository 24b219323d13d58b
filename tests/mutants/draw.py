"""Which changes are drawn: so many of each room, by a seed, always the same ones for the same seed and the same text."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutants.rooms import files
from tests.mutants.sites import Site, sites


def all_sites(root: Path, room: str | None = None) -> dict[str, list[Site]]:
    """Every site by room, or of one room."""
    return {
        name: [site for file in each for site in sites(file, (root / file).read_text())]
        for name, each in files(root).items()
        if room in (None, name)
    }


def shares(number: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """So many in proportion to sizes, to the last one: what is left over goes where most was cut off.

    >>> shares(7, {"a": 50, "b": 30, "c": 20})
    {'a': 4, 'b': 2, 'c': 1}
    """
    total = sum(sizes.values())
    number = min(number, total)
    whole = {name: number * size // total for name, size in sizes.items()} if total else dict.fromkeys(sizes, 0)
    left = number - sum(whole.values())
    for name in sorted(sizes, key=lambda each: (-(number * sizes[each] % total), each) if total else (0, each))[:left]:
        whole[name] += 1
    return whole


def order(seed: str, room: str, found: Sequence[Site]) -> list[Site]:
    """The order in which a room's sites are taken: whoever needs one more takes the next."""
    mixed = sorted(found, key=lambda site: site.key)
    random.Random(f"{seed} {room}").shuffle(mixed)
    return mixed
