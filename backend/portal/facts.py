"""Facts as people read them: title, value with its unit, source, day and doubts, in groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from backend.credit_data.model import Fact, definitions
from backend.kit.words import Language, Words
from backend.portal import language, speak
from backend.portal.pages.firm import FactGroup, FactLine

# Facts that are said by their entries, and what of an entry is said.
LISTS: dict[str, tuple[str, ...]] = {
    "equity_links": ("name", "share_bp"),
    "guarantee_links": ("amount_fen",),
    "data_certificates": ("product", "expires_on"),
    "data_trades": ("product", "traded_on"),
}
# Sections of GB/T 4754 by their first division (domain §2.3).
_SECTIONS: tuple[tuple[int, str], ...] = (
    (1, "A"),
    (6, "B"),
    (13, "C"),
    (44, "D"),
    (47, "E"),
    (51, "F"),
    (53, "G"),
    (61, "H"),
    (63, "I"),
    (66, "J"),
    (70, "K"),
)
_SECTIONS += ((71, "L"), (73, "M"), (76, "N"), (80, "O"), (83, "P"), (84, "Q"), (86, "R"), (91, "S"), (97, "T"))


def groups(facts: Mapping[str, Fact], spoken: Language) -> tuple[FactGroup, ...]:
    """Every fact under its group, in the order of the fact list."""
    found: dict[str, list[FactLine]] = {}
    for code, definition in definitions().items():
        if code in facts:
            found.setdefault(definition.group, []).append(_line(facts[code], spoken))
    return tuple(FactGroup(speak.known(f"fact_group.{name}", "fact_group.other"), tuple(lines)) for name, lines in found.items())


def region(code: str | None) -> Words:
    """Where a firm is registered, as far as we have the name: the place, else its province."""
    if not code:
        return speak.both("none")
    return speak.known(
        f"region.r{code}", f"region.r{code[:2]}" if f"region.r{code[:2]}" in language.sentences("zh") else "region.other"
    )


def industry(code: str | None) -> Words:
    """The section of the national industry classification."""
    if not code:
        return speak.both("none")
    letter = code[0].upper()
    if letter.isdigit():
        division = int(code[:2]) if code[:2].isdigit() else 0
        letter = next((name for first, name in reversed(_SECTIONS) if division >= first), "")
    return speak.known(f"industry.{letter}", "industry.other")


def industries() -> list[tuple[str, Words]]:
    """Every section of the national industry classification."""
    return [(letter, industry(letter)) for _, letter in _SECTIONS]


def regions() -> list[tuple[str, Words]]:
    """The places we have names for."""
    named = [key.removeprefix("region.r") for key in language.sentences("zh") if key.startswith("region.r")]
    return [(code, region(code)) for code in named if len(code) == 6]


def value(code: str, found: Any) -> Words:
    """A value with its unit."""
    if code == "region":
        return region(str(found))
    if code == "industry":
        return industry(str(found))
    unit = definitions()[code].unit if code in definitions() else ""
    if isinstance(found, int) and not isinstance(found, bool) and unit in ("days", "months", "people"):
        return speak.both(f"unit_of.{unit}", n=found)
    if isinstance(found, (list, tuple)):
        return speak.both("unit_of.list", n=len(found)) if found else speak.both("unit_of.none")
    return speak.value(code, found)


def _line(fact: Fact, spoken: Language) -> FactLine:
    title = definitions()[fact.code].title
    return FactLine(
        title=title,
        value=value(fact.code, fact.value).say(spoken),
        as_of=fact.as_of,
        source=speak.known(f"source.{fact.source}", "source.other"),
        doubts=tuple(speak.known(f"doubt.{each.replace(' ', '_')}", "doubt.other") for each in fact.doubts),
        lines=tuple(_entries(fact, spoken)),
    )


def _entries(fact: Fact, spoken: Language) -> Iterable[str]:
    if fact.code not in LISTS or not isinstance(fact.value, (list, tuple)):
        return
    for entry in fact.value[:20]:
        said = [_part(name, entry.get(name), spoken) for name in LISTS[fact.code] if entry.get(name) not in (None, "")]
        if said:
            yield " · ".join(said)


def _part(name: str, found: Any, spoken: Language) -> str:
    if name.endswith("_fen"):
        return language.money(int(found), spoken)
    if name.endswith("_bp"):
        return language.rate(int(found), spoken)
    if name.endswith("_on"):
        day = found if isinstance(found, date) else date.fromisoformat(str(found))
        return speak.both(f"entry.{name}", day=Words(language.day(day, "zh"), language.day(day, "en"))).say(spoken)
    return str(found)
