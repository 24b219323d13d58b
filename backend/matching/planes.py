"""Bit planes of one block of firms: each distinct comparison made once, kept while the block is at work.

A plane is packed, eight firms to a byte, the first firm in the highest bit. `missing` is never a no.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from backend.matching.columns import Column, Columns, Numbers
from backend.matching.conditions import SUBJECT, Enough, Part, Question, Sizes, reaches
from products import industry, size

_SAFE = 2**62


def _holds(form: str, want: Any, word: str) -> bool:
    if form == "within":
        return industry.within(word, want)
    return word.startswith(want) if form == "prefix" else word in want


class Planes:
    """The planes of firms `start` to `stop`."""

    def __init__(self, columns: Columns, start: int, stop: int) -> None:
        self.columns, self.start, self.stop = columns.columns, start, stop
        self._kept: dict[Any, Numbers] = {}
        self._none = np.zeros(-(-(stop - start) // 8), dtype=np.uint8)
        self._all = ~self._none

    def _values(self, column: Column) -> Numbers:
        return column.values[self.start : self.stop]

    def known(self, code: str) -> Numbers:
        """Of whom the fact is known."""
        found = self._kept.get(code)
        if found is None:
            column = self.columns.get(code)
            found = self._none if column is None else np.packbits(self._values(column) != column.none)
            self._kept[code] = found
        return found

    def unknown(self, code: str) -> Numbers:
        """Of whom it is not."""
        found = self._kept.get(("unknown", code))
        if found is None:
            found = self._kept["unknown", code] = ~self.known(code)
        return found

    def at_least(self, code: str, least: int) -> Numbers:
        """Whose fact is known and at least so much. `at most` is the rest of the known, so both share one comparison."""
        key = (code, least)
        found = self._kept.get(key)
        if found is None:
            column = self.columns.get(code)
            if column is None or least > np.iinfo(column.values.dtype).max:
                found = self._none
            elif least <= column.none:
                found = self.known(code)
            else:
                found = np.packbits(self._values(column) >= column.values.dtype.type(least))
            self._kept[key] = found
        return found

    def _picked(self, code: str, form: str, want: Any) -> Numbers:
        """Whose fact is known and among what is wanted."""
        key = (code, form, want)
        found = self._kept.get(key)
        if found is not None:
            return found
        column = self.columns.get(code)
        if column is None:
            found = self._none
        elif column.words is None:
            values = self._values(column)
            bits = np.zeros(values.shape, dtype=bool)
            for one in want:
                bits |= values == one
            found = np.packbits(bits)
        else:
            table = np.array([*(_holds(form, want, word) for word in column.words), False])
            # The number for `not known` lies outside the words: it is sent to the last place, which holds for nobody.
            values = self._values(column)
            found = np.packbits(table[np.where(values == column.none, len(column.words), values)])
        self._kept[key] = found
        return found

    def no(self, question: Question) -> Numbers:
        """Whose known fact says no. Whom the question does not concern is spared."""
        found = self._kept.get(question)
        if found is not None:
            return found
        code, form, want = question.fact, question.form, question.want
        if form == "ge":
            found = self.known(code) & ~self.at_least(code, want)
        elif form == "le":
            found = self.at_least(code, want + 1)
        elif form == "out":
            found = self._picked(code, "in", want)
        elif form == "not_within":
            found = self._picked(code, "within", want)
        else:
            found = self.known(code) & ~self._picked(code, form, want)
        if question.only_for:
            found = found & self._picked("industry", "within", question.only_for)
        self._kept[question] = found
        return found

    def not_known(self, question: Question) -> Numbers:
        """Of whom a question for some industries cannot be answered: the industry is not known, or the fact within them."""
        found = self.unknown("industry")
        if question.counts:
            found = found | (self._picked("industry", "within", question.only_for) & self.unknown(question.fact))
        return found

    def enough(self, wanted: Enough) -> tuple[Numbers, Numbers]:
        """(no, unknown) of the base limit."""
        key = ("enough", wanted)
        kept = self._kept.get(key)
        if kept is not None:
            return kept, self._kept["open", wanted]
        open_ = self._none
        for code in wanted.needs:
            open_ = open_ | self.unknown(code)
        if wanted.always is not None:
            short = self._none if wanted.always else ~open_
        elif wanted.take == "least":
            short = self._none
            for part in wanted.parts:
                short = short | ~self._reached(part, wanted.least_fen)
            short = short & ~open_
        else:
            short = self._sum(wanted) & ~open_
        self._kept[key], self._kept["open", wanted] = short, open_
        return short, open_

    def _reached(self, part: Part, least_fen: int) -> Numbers:
        if part.table is not None:
            grades = frozenset(grade for grade, amount in part.table if amount >= least_fen)
            return self._picked(part.fact, "in", grades)
        least = reaches(part, least_fen)
        return self._none if least is None else self.at_least(part.fact, least)

    def _sum(self, wanted: Enough) -> Numbers:
        """Whose parts add up to less: exact, in whole numbers over a common denominator."""
        common = lcm(*(part.factor.denominator for part in wanted.parts))
        total: Any = np.zeros(self.stop - self.start, dtype=np.int64)
        for part in wanted.parts:
            column = self.columns.get(part.fact)
            if column is None:
                continue
            values: Any = self._values(column)
            if part.table is not None:
                of = dict(part.table)
                amounts = np.array([*(of.get(word, 0) for word in column.words or ()), 0], dtype=np.int64)
                values, factor = amounts[np.where(values == column.none, len(amounts) - 1, values)], Fraction(1)
            else:
                values, factor = np.where(values == column.none, 0, values).astype(np.int64), part.factor
            times = int(factor * common)
            largest = int(np.abs(values).max(initial=0)) * abs(times) * len(wanted.parts)
            if largest > _SAFE:
                values, total = values.astype(object), total.astype(object)
            total = total + np.maximum(values * times, 0)
        return np.packbits((total < wanted.least_fen * common).astype(bool))

    def sizes(self, wanted: Sizes) -> tuple[Numbers, Numbers]:
        """(no, unknown) of the size of firm. A size that nobody can class is the bank's to say: neither."""
        sole = self._picked(SUBJECT, "in", frozenset({"sole_trader"}))
        short = self._none if {"micro", "small"} & wanted.wanted else sole
        open_ = self._none
        column = self.columns.get("industry")
        classes: dict[Any, set[str]] = {}
        for word in column.words or () if column is not None else ():
            of = size.class_of(word, wanted.day)
            if of is not None:
                classes.setdefault(of.name, set()).add(word)
        for words in classes.values():
            of = size.class_of(next(iter(words)), wanted.day)
            here = self._picked("industry", "in", frozenset(words)) & ~sole
            inside, outside = self._tiers(of, wanted.wanted)
            short = short | (here & ~inside)
            open_ = open_ | (here & inside & outside)
        return short, open_

    def _tiers(self, of: Any, wanted: frozenset[str]) -> tuple[Numbers, Numbers]:
        """Whose possible sizes hold a wanted one, and whose hold another."""
        going, inside, outside = self._all, self._none, self._none
        for tier in (*size.TIERS, "micro"):
            may, settled = going, self._all
            for name, limit in getattr(of, tier).named.items() if tier != "micro" else ():
                known, reached = self._first(size.FACTS[name], limit)
                may, settled = may & (reached | ~known), settled & known
            if tier in wanted:
                inside = inside | may
            else:
                outside = outside | may
            going = going & ~(may & settled)
        return inside, outside

    def _first(self, codes: tuple[str, ...], limit: int) -> tuple[Numbers, Numbers]:
        """Known at all, and reached by the first of these facts that is known."""
        known, reached = self._none, self._none
        for code in codes:
            mine = self.known(code)
            reached = reached | (mine & ~known & self.at_least(code, limit))
            known = known | mine
        return known, reached
