"""Terms that hold from a day until another: the shape of every policy.

`valid_from` is the first day, `valid_to` the last (both included); no `valid_to` means until further notice.
A change of terms is a new block, never an edit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Protocol, TypeVar

from backend.kit.errors import Misconfigured


class Dated(Protocol):
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


D = TypeVar("D", bound=Dated)


def holds_on(block: Dated, day: date) -> bool:
    """Whether the block is in force on that day."""
    return block.valid_from <= day and (block.valid_to is None or day <= block.valid_to)


def in_force(blocks: Iterable[D], day: date) -> D | None:
    """The one block in force on that day, or None. Two at once is a fault of the file."""
    found = [block for block in blocks if holds_on(block, day)]
    if len(found) > 1:
        raise Misconfigured(f"two blocks are in force on {day}: from {found[0].valid_from} and from {found[1].valid_from}")
    return found[0] if found else None


def overlaps(blocks: Iterable[D]) -> list[tuple[D, D]]:
    """Pairs of neighbouring blocks that are in force on a common day."""
    ordered = sorted(blocks, key=lambda block: block.valid_from)
    return [(a, b) for a, b in pairwise(ordered) if a.valid_to is None or a.valid_to >= b.valid_from]
