"""The facts a product may ask about, of those that `backend/vocabulary` defines, and how their values are written and shown.

A product file writes money as `30万元` or `500元`, shares and rates as `12.5%`, so that no reader counts zeros.

>>> fen("30万元"), fen("500元"), bp("-12.5%")
(30000000, 50000, -1250)
>>> show("sales_12m_fen", 30_000_000).zh
'30.00 万元'
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator

from backend.kit.errors import Misconfigured
from backend.kit.money import wan, yuan_text
from backend.kit.rates import percent
from backend.kit.words import Words
from backend.vocabulary import codes, facts

Kind = Literal["fen", "bp", "int", "bool", "date", "text", "list"]
NEVER_ASKED = frozenset({"equity_links", "guarantee_links"})
"""Facts that name other firms: no product may let its answer hang on who somebody is tied to."""

_MONEY = re.compile(r"^(-?\d+(?:\.\d+)?)(万元|元)$")
_SHARE = re.compile(r"^(-?\d+(?:\.\d+)?)%$")


def fen(text: Any) -> int:
    """Money as a product file writes it, in whole fen; anything else is a ValueError with the remedy."""
    found = _MONEY.match(text.replace(" ", "")) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"“{text}” is not an amount; write it like 30万元 or 500元")
    amount = Decimal(found[1]) * (1_000_000 if found[2] == "万元" else 100)
    if amount != amount.to_integral_value():
        raise ValueError(f"“{text}” is finer than one 分; write at most two decimals of 元")
    return int(amount)


def bp(text: Any) -> int:
    """A share or rate as a product file writes it, in basis points; anything else is a ValueError with the remedy."""
    found = _SHARE.match(text.replace(" ", "")) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"“{text}” is not a share or rate; write it like 12.5%")
    points = Decimal(found[1]) * 100
    if points != points.to_integral_value():
        raise ValueError(f"“{text}” is finer than one basis point; write at most two decimals of a percent")
    return int(points)


MoneyText = Annotated[int, BeforeValidator(fen)]
ShareText = Annotated[int, BeforeValidator(bp)]


@dataclass(frozen=True, slots=True)
class FactWord:
    """One fact a product may ask about: its title, the kind it is written as, the item it comes from, what must be signed."""

    title: Words
    kind: Kind
    unit: str
    item: str
    consent: Literal["none", "firm", "person"]


@cache
def askable() -> dict[str, FactWord]:
    """Every fact a product may ask about, by code. A share is of kind `bp` here, for it is written `12.5%`."""
    found: dict[str, FactWord] = {}
    for code, each in facts.definitions().items():
        if each.consent == "internal" or code in NEVER_ASKED:
            continue
        if each.kind == "decimal":
            raise Misconfigured(f"{code}: a product file has no way to write a decimal yet")
        found[code] = FactWord(each.title, "bp" if each.unit == "bp" else each.kind, each.unit, each.item, each.consent)
    return found


def fact(code: str) -> FactWord:
    """What a fact is called; an unknown code is a ValueError naming near ones."""
    found = askable().get(code)
    if found is None:
        near = get_close_matches(code, askable(), 3, 0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(f"“{code}” is not a fact the platform knows{hint}")
    return found


def _known(code: str) -> str:
    fact(code)
    return code


FactCode = Annotated[str, AfterValidator(_known)]


def items_of(codes: Collection[str]) -> tuple[str, ...]:
    """The items a firm must authorise so that these facts can be read, in alphabetical order."""
    return tuple(sorted({fact(code).item for code in codes if fact(code).consent != "none"}))


def item_title(item: str) -> Words:
    """What an item is called."""
    return facts.items()[item].title


def typed(code: str, value: Any) -> Any:
    """A threshold or an example's value as written in a file, in the fact's own unit; ValueError with the remedy."""
    kind = fact(code).kind
    if kind == "fen":
        return fen(value)
    if kind == "bp":
        return bp(value)
    wanted: dict[str, tuple[type, str]] = {
        "int": (int, "a whole number"),
        "bool": (bool, "true or false"),
        "date": (date, "a day like 2025-04-17"),
        "text": (str, "a text"),
        "list": (list, "a list"),
    }
    expected, remedy = wanted[kind]
    if not isinstance(value, expected) or (kind == "int" and isinstance(value, bool)):
        raise ValueError(f"“{value}” does not fit {code}; write {remedy}")
    return value


def show(code: str, value: Any) -> Words:
    """A value as people read it, with its unit."""
    kind, unit = fact(code).kind, fact(code).unit
    if kind == "fen":
        text = f"{wan(value)} 万元" if abs(value) >= 100_000 else f"{yuan_text(value)} 元"
        return Words(text, text)
    if kind == "bp":
        return Words(percent(value), percent(value))
    if kind == "bool":
        return Words("是", "yes") if value else Words("否", "no")
    if kind == "date":
        return Words(value.isoformat(), value.isoformat())
    if kind == "list":
        return Words(f"{len(value)} 项", f"{len(value)}")
    if code == "subject_type" and value in codes.FIRM_KINDS:
        return codes.FIRM_KINDS[value]
    if unit == "kWh":
        return Words(f"{value} 千瓦时", f"{value} kWh")
    return Words(str(value), str(value))
