"""Dataclasses as plain JSON values and back, led by their annotations. Days become ISO texts, tuples lists.

>>> from lender_adapters.port import DueLine
>>> to_plain(DueLine(1, date(2025, 2, 20), 90, 1))
{'no': 1, 'due_on': '2025-02-20', 'principal_fen': 90, 'interest_fen': 1}
>>> of_plain(DueLine, to_plain(DueLine(1, date(2025, 2, 20), 90, 1))).due_on
datetime.date(2025, 2, 20)
"""

from __future__ import annotations

import dataclasses
import types
from datetime import date
from typing import Any, Union, cast, get_args, get_origin, get_type_hints


def to_plain(thing: Any) -> Any:
    """A dataclass (or whatever one holds) as JSON can carry it."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {each.name: to_plain(getattr(thing, each.name)) for each in dataclasses.fields(thing)}
    if isinstance(thing, (tuple, list)):
        return [to_plain(each) for each in thing]
    return thing.isoformat() if isinstance(thing, date) else thing


def of_plain(kind: Any, value: Any) -> Any:
    """What `to_plain` wrote, as the annotation says it was."""
    if value is None:
        return None
    kind = plain_hint(kind)
    if get_origin(kind) is tuple:
        return tuple(of_plain(get_args(kind)[0], each) for each in value)
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [each.name for each in dataclasses.fields(kind)]
        return cast(Any, kind)(**{name: of_plain(hints[name], value[name]) for name in names})
    return date.fromisoformat(value) if kind is date else value


def plain_hint(hint: Any) -> Any:
    """`X | None` -> X; anything else as it is."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(each for each in get_args(hint) if each is not type(None))
    return hint
