"""What is known of many firms, a column for each fact: whole numbers, the least of the type standing for `not known`.

Words are numbered; a column keeps its words. A column may be narrower than 64 bits, so that many millions of firms fit in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.matching.conditions import SUBJECT, listing, number
from products.rules import FirmView
from products.vocabulary import fact

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of every firm. With `words`, each value is the place of its word."""

    values: Numbers
    words: tuple[str, ...] | None = None

    @property
    def none(self) -> int:
        """What stands for `not known`."""
        return int(np.iinfo(self.values.dtype).min)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of equal length; a fact without a column is known of nobody."""

    firms: int
    columns: Mapping[str, Column]

    @staticmethod
    def text(values: Sequence[str | None]) -> Column:
        """A column of words."""
        places: dict[str, int] = {}
        none = int(np.iinfo(np.int32).min)
        codes = [none if value is None else places.setdefault(value, len(places)) for value in values]
        return Column(np.array(codes, dtype=np.int32), tuple(places))

    @staticmethod
    def numbers(values: Sequence[Any]) -> Column:
        """A column of whole numbers, days, truths or lists."""
        none = int(np.iinfo(np.int64).min)
        return Column(np.array([none if value is None else number(value) for value in values], dtype=np.int64))

    @classmethod
    def of(
        cls,
        firms: Sequence[FirmView],
        values: Sequence[Mapping[str, Any]],
        *,
        codes: Collection[str],
        grades: Mapping[str, Sequence[str | None]] | None = None,
    ) -> Columns:
        """Columns of firms whose facts are at hand; `grades` by programme, None for who is not recognised."""
        found = {SUBJECT: cls.text([firm.subject_type for firm in firms])}
        own: dict[str, list[str | None]] = {
            "region": [firm.region for firm in firms],
            "industry": [firm.industry for firm in firms],
            "subject_type": [firm.subject_type for firm in firms],
        }
        for code in {*codes, *own}:
            known: list[Any] = [each.get(code) for each in values]
            if code in own:
                known = [mine if mine is not None else theirs for mine, theirs in zip(known, own[code], strict=True)]
            found[code] = cls.text(known) if fact(code).kind == "text" else cls.numbers(known)
        for programme, row in (grades or {}).items():
            found[listing(programme)] = cls.text([grade or "" for grade in row])
        return cls(len(firms), found)
