"""From a table's row to what others may see of it: a frozen dataclass whose fields are the row's columns of the same name."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, TypeVar, cast

View = TypeVar("View")


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(kind))


def seen(kind: type[View], row: object, **instead: Any) -> View:
    """A `kind` made of what `row` has under the same names; `instead` wins, and says what the row does not have.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Point:
    ...     x: int
    ...     label: str
    >>> seen(Point, 3 + 0j, x=3, label="three")
    Point(x=3, label='three')
    """
    names = _names(cast(Any, kind))  # a class is hashable, which its type here does not say
    return kind(**{name: instead[name] if name in instead else getattr(row, name) for name in names})
