"""How one bank writes its leaves: money, rates, days, numbers, truth and codes; and what no dialect can carry.

A bank's wire.py overrides what differs; often `names` and `codes` are all there is to change.

>>> Style().money(123456), Style().fen("1234.56"), Style().rate(345)
('1234.56', 123456, '3.45')
>>> Style().fen("1234.5")
Traceback (most recent call last):
ValueError: “1234.5” is not written as this bank writes it
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from backend.kit.errors import Refused
from backend.kit.words import Words

REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Style:
    """ISO days, yuan with two decimals, percentages with two decimals, our own names. Banks override what differs."""

    names: ClassVar[Mapping[str, str]] = {}
    codes: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def name(self, attr: str) -> str:
        return self.names.get(attr, attr)

    def money(self, fen: int) -> Any:
        return f"{fen // 100}.{fen % 100:02d}" if fen >= 0 else f"-{self.money(-fen)}"

    def fen(self, leaf: Any) -> int:
        whole, cents = match(r"(\d{1,13})\.(\d{2})", leaf)
        return int(whole) * 100 + int(cents)

    def rate(self, bp: int) -> Any:
        return f"{bp // 100}.{bp % 100:02d}"

    def bp(self, leaf: Any) -> int:
        whole, hundredths = match(r"(\d{1,3})\.(\d{2})", leaf)
        return int(whole) * 100 + int(hundredths)

    def day(self, day: date) -> Any:
        return day.isoformat()

    def read_day(self, leaf: Any) -> date:
        year, month, day = match(r"(\d{4})-(\d{2})-(\d{2})", leaf)
        return date(int(year), int(month), int(day))

    def number(self, number: int) -> Any:
        return str(number)

    def whole(self, leaf: Any) -> int:
        return int(match(r"(\d{1,9})", leaf)[0])

    def flag(self, flag: bool) -> Any:
        return "true" if flag else "false"

    def truth(self, leaf: Any) -> bool:
        return {"true": True, "false": False}[text_of(leaf)]

    def code(self, attr: str, ours: str) -> str:
        return self.codes.get(attr, {}).get(ours, ours)

    def ours(self, attr: str, theirs: str) -> str:
        table = self.codes.get(attr)
        return theirs if table is None else {value: key for key, value in table.items()}[theirs]


def match(pattern: str, leaf: Any) -> tuple[str, ...]:
    """The groups of a leaf that is written exactly so, or ValueError."""
    found = re.fullmatch(pattern, text_of(leaf), re.ASCII)
    if not found:
        raise ValueError(f"“{leaf[:40]}” is not written as this bank writes it")
    return found.groups()


def text_of(leaf: Any) -> str:
    if not isinstance(leaf, str):
        raise ValueError(f"a text was expected, not {type(leaf).__name__}")
    return leaf


def unsayable(what: str) -> Refused:
    """What we were asked to send cannot be written in this bank's dialect."""
    return Refused(
        Words(f"该内容无法按银行报文规范发送：{what}", f"this cannot be said in the bank's dialect: {what}"), code="unsayable"
    )


def encoded(text: str, encoding: str) -> bytes:
    """The text in the bank's encoding; a character that it does not have is `unsayable`."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise unsayable(f"{encoding} has no character for {text[error.start : error.end]!a}") from error


def checked(reference: str) -> str:
    """A reference that every dialect can carry in a path, a file name and a column."""
    if not REFERENCE.fullmatch(reference):
        raise unsayable("a reference has 1–64 letters, digits, “_” or “-”")
    return reference
