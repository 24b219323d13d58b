"""Two scenes of business beside the ordinary: suppliers of a large buyer's chain, and exporters.

Most firms are in neither scene; the scenes have a random stream of their own, so that the rest of the town is as it would be
without them. What the scenes leave in the departments' records: `scene_records`.

>>> from backend.town.people import settle
>>> from backend.town.fortune import stream
>>> scenes = choose(settle(stream(3, "people"), 40), stream(3, "scenes"))
>>> bool(scenes.chain) and bool(scenes.export)
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.town.people import Firm

_CHAIN = {"C": 0.42, "G": 0.30, "E": 0.25, "F": 0.15, "I": 0.12}
_EXPORT = {"C": 0.34, "F": 0.26}


@dataclass(frozen=True)
class Scenes:
    """Firm number -> the part of its sales that goes that way."""

    chain: Mapping[int, float]
    export: Mapping[int, float]

    def items(self, number: int) -> tuple[str, ...]:
        """The groups of items such a firm could open beside the ordinary ones."""
        return (*(("chain",) if number in self.chain else ()), *(("export",) if number in self.export else ()))


def choose(firms: Sequence[Firm], rng: np.random.Generator) -> Scenes:
    """Who supplies a chain and who exports; some do both."""
    lots, shares = rng.random((len(firms), 2)), rng.uniform(0.25, 0.85, (len(firms), 2))
    fit = [firm for firm in firms if firm.subject_type == "enterprise"]
    return Scenes(
        {f.number: float(shares[f.number, 0]) for f in fit if lots[f.number, 0] < _CHAIN.get(f.industry[0], 0)},
        {f.number: float(shares[f.number, 1]) for f in fit if lots[f.number, 1] < _EXPORT.get(f.industry[0], 0)},
    )
