"""From the port's words to a tree of plain leaves and back; each bank's `Style` says how it writes money, rates, days and codes.

A tree is `dict[str, leaf | tree | list]`; a bank's wire.py turns trees into its bytes. What kind of leaf a field is follows from
the port: `_fen` is money, `_bp` a rate, `date` a day, a `Literal` a code. Whatever does not fit on reading is `Garbled`
with its place; whatever cannot be said in the dialect is `Refused` with code `unsayable`.

>>> from lender_adapters.port import Closed
>>> from_tree(Closed, to_tree(Closed("m", "a", date(2025, 1, 3), "expired", "过期"), Style()), Style()).words
'过期'
>>> from_tree(Closed, {"message_id": "m", "reference": "a", "on": "2025-02-30", "state": "expired", "words": ""}, Style())
Traceback (most recent call last):
backend.kit.errors.Garbled: on: day is out of range for month
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from backend.kit.errors import Garbled
from lender_adapters.packing import plain_hint
from lender_adapters.port import KINDS, Document, HandedFact, Message
from lender_adapters.soundness import sound
from lender_adapters.style import Style, match, text_of, unsayable

T = TypeVar("T")
Tree = dict[str, Any]


# ---------------------------------------------------------------- requests that the port passes as plain arguments


@dataclass(frozen=True, slots=True)
class Question:
    reference: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    reference: str
    offer_no: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Supplement:
    reference: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A bank's lawful no to a request: a code for machines, its words verbatim."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class WireFact:
    """A handed fact with its value written as text beside the kind of value it is."""

    code: str
    value_kind: Literal["money", "number", "decimal", "flag", "day", "text", "list"]
    value: str
    unit: str
    as_of: date
    source: str


# ---------------------------------------------------------------- writing


def hints_of(kind: Any) -> dict[str, Any]:
    """Field -> annotation, in the order of the dataclass."""
    return _hints(kind)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    return {name: hints[name] for name in names}


def to_tree(thing: Any, style: Style) -> Tree:
    """A port object as a tree in the bank's names and leaves; fields that are None are left out."""
    thing = _wire_fact(thing, style) if isinstance(thing, HandedFact) else thing
    tree: Tree = {}
    for attr, hint in hints_of(type(thing)).items():
        value = getattr(thing, attr)
        if value is not None:
            tree[style.name(attr)] = _write(plain_hint(hint), attr, value, style)
    return tree


def _write(hint: Any, attr: str, value: Any, style: Style) -> Any:
    if isinstance(value, tuple):
        return [_write(_item(hint), attr, each, style) for each in value]
    if dataclasses.is_dataclass(value):
        return to_tree(value, style)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return style.flag(value)
    if isinstance(value, int):
        if not 0 <= value < 10**15:
            raise unsayable(f"{attr} = {value}")
        return style.money(value) if attr.endswith("_fen") else style.rate(value) if attr.endswith("_bp") else style.number(value)
    if isinstance(value, date):
        return style.day(value)
    return style.code(attr, value) if get_origin(hint) is Literal else str(value)


def _wire_fact(fact: HandedFact, style: Style) -> WireFact:
    value = fact.value
    kind: Any
    if isinstance(value, bool):
        kind, text = "flag", "true" if value else "false"
    elif isinstance(value, int):
        kind, text = ("money", str(style.money(value))) if fact.unit == "fen" else ("number", str(value))
    elif isinstance(value, Decimal):
        kind, text = "decimal", str(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        kind, text = "day", str(style.day(value))
    elif isinstance(value, str):
        kind, text = "text", value
    elif isinstance(value, (list, tuple)):
        kind, text = "list", json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    else:
        raise unsayable(f"the fact {fact.code} is a {type(value).__name__}")
    return WireFact(fact.code, kind, text, fact.unit, fact.as_of, fact.source)


# ---------------------------------------------------------------- reading


def from_tree(kind: type[T], tree: Any, style: Style, place: str = "") -> T:
    """The port object a tree says; unknown names are left alone (banks add fields), missing ones are `Garbled`."""
    if not isinstance(tree, dict):
        raise Garbled(f"{place or kind.__name__}: a group of fields was expected")
    if kind is HandedFact:
        return cast(T, _handed(from_tree(WireFact, tree, style, place), style, place))
    values: dict[str, Any] = {}
    for attr, hint in hints_of(kind).items():
        tag = style.name(attr)
        where = f"{place}.{tag}" if place else tag
        values[attr] = _read_field(hint, attr, tree.get(tag), style, where)
    return kind(**values)


def _read_field(hint: Any, attr: str, leaf: Any, style: Style, place: str) -> Any:
    bare = plain_hint(hint)
    if leaf is None:
        if bare is not hint:
            return None
        if get_origin(bare) is tuple:
            return ()
        raise Garbled(f"{place}: missing")
    try:
        return _read(bare, attr, leaf, style, place)
    except (ValueError, KeyError, ArithmeticError, binascii.Error) as error:
        raise Garbled(f"{place}: {error}") from error


def _read(hint: Any, attr: str, leaf: Any, style: Style, place: str) -> Any:
    if get_origin(hint) is tuple:
        return _read_list(hint, attr, leaf, style, place)
    if dataclasses.is_dataclass(hint):
        return from_tree(cast(type[Any], hint), leaf, style, place)
    if hint is bytes:
        return base64.b64decode(text_of(leaf), validate=True)
    if hint is bool:
        return style.truth(leaf)
    if hint is int:
        return style.fen(leaf) if attr.endswith("_fen") else style.bp(leaf) if attr.endswith("_bp") else style.whole(leaf)
    if hint is date:
        return style.read_day(leaf)
    if get_origin(hint) is Literal:
        ours = style.ours(attr, text_of(leaf))
        if ours not in get_args(hint):
            raise ValueError(f"“{leaf}” is not a known code")
        return ours
    return text_of(leaf)


def _read_list(hint: Any, attr: str, leaf: Any, style: Style, place: str) -> tuple[Any, ...]:
    items = leaf if isinstance(leaf, list) else [leaf]
    fixed = get_args(hint)
    if fixed[-1] is not Ellipsis and len(items) != len(fixed):
        raise ValueError(f"{len(fixed)} values were expected, not {len(items)}")
    return tuple(_read_field(_item(hint), attr, each, style, f"{place}[{at}]") for at, each in enumerate(items))


def _handed(fact: WireFact, style: Style, place: str) -> HandedFact:
    readers: dict[str, Any] = {
        "money": lambda text: -style.fen(text[1:]) if text.startswith("-") else style.fen(text),
        "number": lambda text: int(match(r"(-?\d{1,18})", text)[0]),
        "decimal": lambda text: Decimal(match(r"(-?\d{1,30}(?:\.\d{1,30})?(?:E[+-]?\d{1,3})?)", text)[0]),
        "flag": lambda text: {"true": True, "false": False}[text],
        "day": style.read_day,
        "list": json.loads,
    }
    try:
        value = readers.get(fact.value_kind, str)(fact.value)
    except (ValueError, KeyError, RecursionError) as error:
        raise Garbled(f"{place}: the fact {fact.code} cannot be read") from error
    return HandedFact(fact.code, value, fact.unit, fact.as_of, fact.source)


def _item(hint: Any) -> Any:
    return get_args(hint)[0]


# ---------------------------------------------------------------- messages


def message_tree(message: Message, style: Style) -> Tree:
    """A message as a tree that also says its kind."""
    return {style.name("kind"): style.code("kind", type(message).__name__)} | to_tree(message, style)


def message_from(tree: Any, style: Style, place: str = "") -> Message:
    """The message a tree says, or Garbled; also if it contradicts itself."""
    try:
        kind = KINDS[style.ours("kind", text_of(tree[style.name("kind")]))]
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled(f"{place}: no message of this kind is known") from error
    message = from_tree(kind, tree, style, place)
    if faults := sound(message):
        raise Garbled(f"{place}: {faults[0]}", code="unsound")
    return message
