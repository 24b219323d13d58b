"""JSON as this platform takes it: what other readers would understand differently, or no database could keep, is refused.

RFC 8259 §4 leaves it open what a name that stands twice means, and §8.2 what half a surrogate pair means; RFC 7493 (I-JSON)
forbids both. NUL cannot be kept by PostgreSQL; a number beyond 64 bits by neither make.

>>> check(b'{"a": [1, "x"]}')
>>> check(b'{"a": {"b": "\\\\u0000"}}')
Traceback (most recent call last):
backend.kit.errors.Invalid: a.b: holds a character that cannot be kept (NUL or half a surrogate pair)
"""

from __future__ import annotations

import json
import re
from typing import Any

from backend.kit.bounds import MOST_WHOLE, TOO_LARGE, UNFIT, UNFIT_WORDS
from backend.kit.errors import Invalid
from backend.kit.words import Words

DEEPEST = 40
# What makes it worth while to look at every value: an escape that may be unfit, many digits, a great exponent, many brackets.
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|\d{19}|\d[eE]\+?\d{3}")
_BRACKET = re.compile(r"[\[{]")


class NotJson(Exception):
    """The bytes are not JSON in UTF-8; the words say from which character on."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def check(raw: bytes) -> None:
    """Nothing, if it is sound. `Invalid` names the place of the first thing that is not; `NotJson` where it is no JSON at all."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise NotJson(Words("请求内容不是 UTF-8", "the body is not UTF-8")) from error
    # Deeper than this is an attack on the reader; the count of opening brackets is an upper bound that costs next to nothing.
    deep = len(_BRACKET.findall(text)) > DEEPEST and _depth(text) > DEEPEST
    if deep:
        raise Invalid("body", Words(f"嵌套超过 {DEEPEST} 层", f"nested deeper than {DEEPEST}"), code="too_deep")
    try:
        found = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except json.JSONDecodeError as error:
        words = Words(f"第 {error.pos} 个字符处不是有效的 JSON", f"not sound JSON at character {error.pos}")
        raise NotJson(words) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise Invalid("body", TOO_LARGE, code="too_large") from error
    if _SUSPECT.search(text):
        _walk(found, "")


def _depth(text: str) -> int:
    deepest = now = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        sign = found[0]
        if sign in "[{":
            now += 1
            deepest = max(deepest, now)
        elif sign in "]}":
            now -= 1
    return deepest


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # None goes on
        raise Invalid(_shown(name), Words("同一项出现了两次", "stands there twice"), code="twice")
    return found


def _constant(name: str) -> Any:
    raise Invalid("body", Words(f"{name} 不是 JSON 数字", f"{name} is not a JSON number"), code="not_a_number")


def _walk(value: Any, place: str) -> None:
    if isinstance(value, str):
        if UNFIT.search(value):
            raise Invalid(place or "body", UNFIT_WORDS, code="unfit_character")
    elif isinstance(value, dict):
        for name, item in value.items():
            inside = f"{place}.{_shown(name)}" if place else _shown(name)
            _walk(name, inside)
            _walk(item, inside)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _walk(item, f"{place}.{number}" if place else str(number))
    elif isinstance(value, (int, float)) and not -MOST_WHOLE - 1 <= value <= MOST_WHOLE:
        raise Invalid(place or "body", TOO_LARGE, code="too_large")


def _shown(name: str) -> str:
    """A caller's own key as an answer may carry it."""
    return UNFIT.sub("\ufffd", name)[:80]
