"""Many firms and many products at once: criteria compiled to bit sets, never interpreted firm by firm.

For each product two planes of bits, a bit for a firm: `no` and `unknown` (a no stands above an unknown; neither is a yes). Every
distinct comparison (fact, form, number) is made once over all firms, whichever products ask it, in blocks small enough for the
processor's cache; products then join planes of bits, 64 firms to a machine word. `products.rules.evaluate` is the definition, and
a proof compares the two on a million pairs. For one firm `Book.answer` runs the same questions as closures, without sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from backend.matching.columns import Column, Columns, Numbers
from backend.matching.conditions import Asked, Enough, Question, asked_by
from backend.matching.planes import Planes
from products.schema import ProductTerms

BLOCK = 1 << 17
Answer = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class Swept:
    """The answers: planes of shape (products, bytes), first firm in the highest bit."""

    firms: int
    products: tuple[str, ...]
    no: Numbers
    unknown: Numbers

    def answer(self, product: int, firm: int) -> Answer:
        """One pair's answer, by places."""
        byte, bit = divmod(firm, 8)
        if self.no[product, byte] >> (7 - bit) & 1:
            return "no"
        return "unknown" if self.unknown[product, byte] >> (7 - bit) & 1 else "yes"

    def counts(self) -> list[tuple[str, int, int, int]]:
        """By product: how many yes, no, unknown."""
        rows = []
        for place, code in enumerate(self.products):
            no = int(np.bitwise_count(self.no[place]).sum())
            unknown = int(np.bitwise_count(self.unknown[place] & ~self.no[place]).sum())
            rows.append((code, self.firms - no - unknown, no, unknown))
        return rows

    def table(self) -> Numbers:
        """Every pair: 0 no, 1 unknown, 2 yes; shape (products, firms). For small sweeps."""
        no = np.unpackbits(self.no, axis=1, count=self.firms).astype(bool)
        unknown = np.unpackbits(self.unknown, axis=1, count=self.firms).astype(bool)
        return np.where(no, 0, np.where(unknown, 1, 2)).astype(np.int8)


class Book:
    """A catalogue of a day, compiled once. A changed product is compiled anew alone: what a product asks is kept by its terms."""

    def __init__(self, offered: Sequence[ProductTerms], day: date) -> None:
        self.day = day
        self.asked: tuple[Asked, ...] = tuple(asked_by(terms, day) for terms in offered)
        self.products = tuple(one.product for one in self.asked)

    @property
    def comparisons(self) -> int:
        """How many distinct questions there are."""
        return len({question for one in self.asked for question in one.questions})

    def blocks(self, columns: Columns) -> Iterator[tuple[int, int]]:
        """Where the blocks begin and end."""
        for start in range(0, columns.firms, BLOCK):
            yield start, min(columns.firms, start + BLOCK)

    def sweep(self, columns: Columns) -> Swept:
        """Every firm with every product. Memory: two bits for a pair, and one block at work."""
        width = -(-columns.firms // 8)
        no = np.zeros((len(self.asked), width), dtype=np.uint8)
        unknown = np.zeros_like(no)
        for start, stop in self.blocks(columns):
            planes = Planes(columns, start, stop)
            left, right = start // 8, -(-stop // 8)
            for place, one in enumerate(self.asked):
                self._one(planes, one, no[place, left:right], unknown[place, left:right])
        spare = width * 8 - columns.firms
        if spare:
            no[:, -1] &= 0xFF << spare & 0xFF
            unknown[:, -1] &= 0xFF << spare & 0xFF
        return Swept(columns.firms, self.products, no, unknown)

    def _one(self, planes: Planes, one: Asked, no: Numbers, unknown: Numbers) -> None:
        lacking: set[str] = set()
        for question in one.questions:
            np.bitwise_or(no, planes.no(question), out=no)
            if question.only_for:
                np.bitwise_or(unknown, planes.not_known(question), out=unknown)
            elif question.counts:
                lacking.add(question.fact)
        for bare in one.elsewhere:
            lacking.add(bare.fact)
        for code in lacking:
            np.bitwise_or(unknown, planes.unknown(code), out=unknown)
        if one.sizes is not None:
            short, open_ = planes.sizes(one.sizes)
            np.bitwise_or(no, short, out=no)
            np.bitwise_or(unknown, open_, out=unknown)
        short, open_ = planes.enough(one.enough)
        np.bitwise_or(no, short, out=no)
        np.bitwise_or(unknown, open_, out=unknown)


__all__ = ["Answer", "Book", "Column", "Columns", "Enough", "Question", "Swept"]
