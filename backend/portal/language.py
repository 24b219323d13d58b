"""How the portal speaks: sentences from `locales/*.yaml`, and money, rates, days and moments as people write them.

Both files hold the same keys (a test compares them); a missing key is a fault, never an empty page. Money is 万元 with two
decimals where limits are meant and 元 to the fen where something is paid; a rate has two decimals.

>>> day(date(2025, 3, 1), "zh"), day(date(2025, 3, 1), "en")
('2025年3月1日', '1 Mar 2025')
>>> money(123_456_000_000, "zh"), to_the_fen(8_496_726, "en")
('123,456.00 万元', '84,967.26 元')
>>> Speaker("en").t("state.answer.yes")
'Can apply'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.kit.clock import SHANGHAI, day_of
from backend.kit.errors import Misconfigured
from backend.kit.money import wan, yuan_text
from backend.kit.rates import percent
from backend.kit.words import Language, Words

FOLDER = Path(__file__).parent / "locales"
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOTHING = "—"


@cache
def sentences(language: Language) -> dict[str, str]:
    """Every sentence of one language, keys joined by dots."""
    tree = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    found: dict[str, str] = {}

    def walk(node: Mapping[str, Any], above: str) -> None:
        for key, value in node.items():
            if not isinstance(key, str):
                raise Misconfigured(f"locales/{language}.yaml: put quotes around the key “{key}” under “{above}”")
            if isinstance(value, Mapping):
                walk(value, f"{above}{key}.")
            else:
                found[f"{above}{key}"] = str(value)

    walk(tree, "")
    return found


def sentence(text: str) -> str:
    """A clause as a sentence of its own: a capital first, a full stop last.

    >>> sentence("no chance is told"), sentence("不估算通过率")
    ('No chance is told.', '不估算通过率。')
    """
    end = "" if text.endswith(("。", ".")) else "." if text.isascii() or text[-1:].isascii() else "。"
    return text[:1].upper() + text[1:] + end


def headed(title: Words) -> Words:
    """A title where it stands by itself: a capital first.

    >>> headed(Words("关注", "special mention")).en
    'Special mention'
    """
    return Words(title.zh, title.en[:1].upper() + title.en[1:])


def chosen(value: str | None) -> Language | None:
    """The language a query or cookie asks for, if we speak it."""
    return "zh" if value == "zh" else "en" if value == "en" else None


def money(amount_fen: int | None, language: str = "zh") -> str:
    """Fen as 万元 with two decimals: limits, needs, balances."""
    return NOTHING if amount_fen is None else f"{wan(amount_fen)} 万元"


def plain_wan(amount_fen: int) -> str:
    """Fen as a bare number of 万元, as a form's field holds it.

    >>> plain_wan(30_000_000), plain_wan(30_500_000)
    ('30', '30.5')
    """
    return f"{Decimal(amount_fen) / 1_000_000:.6f}".rstrip("0").rstrip(".")


def to_the_fen(amount_fen: int | None, language: str = "zh") -> str:
    """Fen as 元 with two decimals: whatever is paid."""
    return NOTHING if amount_fen is None else f"{yuan_text(amount_fen)} 元"


def rate(rate_bp: int | Decimal | None, language: str = "zh") -> str:
    """Basis points as a percentage with two decimals."""
    return NOTHING if rate_bp is None else percent(rate_bp)


def day(value: date | datetime | None, language: str = "zh") -> str:
    """A calendar day; of a moment, its day in Shanghai."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = day_of(value)
    if language == "en":
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime | None, language: str = "zh") -> str:
    """A moment in Shanghai, to the minute."""
    if value is None:
        return NOTHING
    local = value.astimezone(SHANGHAI)
    return f"{day(day_of(local), language)} {local:%H:%M}"


def number(value: int | Decimal | None, language: str = "zh") -> str:
    """A count, with thousands separators."""
    return NOTHING if value is None else f"{value:,}"


@dataclass(frozen=True, slots=True)
class Speaker:
    """One language, bound once: what templates call."""

    language: Language

    def t(self, key: str, **values: Any) -> str:
        """The sentence of that key. A key that is not there is a fault of ours."""
        text = sentences(self.language).get(key)
        if text is None:
            raise Misconfigured(f"locales/{self.language}.yaml has no sentence “{key}”; add it to both files")
        return text.format(**values) if values else text

    def say(self, words: Words | str | None) -> str:
        """A sentence that came from a room; a plain string is somebody's own words and stays as it is."""
        if words is None:
            return ""
        return words.say(self.language) if isinstance(words, Words) else words
