"""Terms that hold from a day until another: the shape of every policy.

`valid_from` is the first day, `valid_to` the last (both included); no `valid_to` means until further notice.
A change of terms is a new block, never an edit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

from pydantic import Field, model_validator

from backend.kit.errors import Misconfigured
from backend.kit.policy import Source, Strict, cached, canonical, digest


class Period(Protocol):
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


P = TypeVar("P", bound=Period)


def holds_on(block: Period, day: date) -> bool:
    """Whether the block is in force on that day."""
    return block.valid_from <= day and (block.valid_to is None or day <= block.valid_to)


def in_force(blocks: Iterable[P], day: date) -> P | None:
    """The one block in force on that day, or None. Two at once is a fault of the file."""
    found = [block for block in blocks if holds_on(block, day)]
    if len(found) > 1:
        raise Misconfigured(f"two blocks are in force on {day}: from {found[0].valid_from} and from {found[1].valid_from}")
    return found[0] if found else None


def overlaps(blocks: Iterable[P]) -> list[tuple[P, P]]:
    """Pairs of neighbouring blocks that are in force on a common day."""
    ordered = sorted(blocks, key=lambda block: block.valid_from)
    return [(a, b) for a, b in pairwise(ordered) if a.valid_to is None or a.valid_to >= b.valid_from]


class DatedBlock(Strict):
    """One block of a policy file: the days on which it holds, and where it comes from. Its digest is what others cite."""

    valid_from: date
    valid_to: date | None = None
    source: Source

    @property
    def body(self) -> bytes:
        return canonical(self)

    @property
    def digest(self) -> str:
        return digest(self.body)


B = TypeVar("B", bound=DatedBlock)


class DatedFile(Strict, Generic[B]):
    """A policy file of dated blocks, of which at most one holds on a day. A file that says more is a subclass."""

    blocks: tuple[B, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        for earlier, later in overlaps(self.blocks):
            raise ValueError(f"the block from {later.valid_from} begins while that from {earlier.valid_from} is in force")
        return self

    def on(self, day: date) -> B | None:
        """The block in force on that day, or None."""
        return in_force(self.blocks, day)


@dataclass(frozen=True, slots=True)
class Dated(Generic[B]):
    """One policy file and the block of it that is in force on a day; the file is read when it is first asked."""

    path: Path
    file: type[DatedFile[B]]
    lacking: str
    """What is said of a day on which no block holds, and how to mend it."""
    code: str = ""

    def find(self, day: date) -> B | None:
        """The block in force on that day, or None."""
        return cached(self.path, self.file).on(day)

    def on(self, day: date) -> B:
        """The block in force on that day. Misconfigured where there is none: terms are never guessed."""
        found = self.find(day)
        if found is None:
            raise Misconfigured(self.lacking.format(day=day), code=self.code)
        return found
