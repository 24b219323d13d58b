"""Facts as people read them: title, value with its unit, source, day and doubts, in groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from backend.credit_data.model import Fact
from backend.kit.words import Language, Words
from backend.portal import language, speak
from backend.portal.pages.firm import FactGroup, FactLine
from backend.vocabulary import codes
from backend.vocabulary.facts import definitions

# Facts that are said by their entries, and what of an entry is said.
LISTS: dict[str, tuple[str, ...]] = {
    "equity_links": ("name", "share_bp"),
    "guarantee_links": ("amount_fen",),
    "data_certificates": ("product", "expires_on"),
    "data_trades": ("product", "traded_on"),
}
# Places that a firm may choose when it signs up: those that banks here lend in.
_CHOICES = ("420600", "420100", "330200", "330683", "440300", "440700", "360200", "130300")


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
    whole = code.removesuffix("00") if len(code) == 6 else code
    return codes.PLACES.get(whole) or codes.PLACES.get(code[:2]) or speak.both("region.other")


def industry(code: str | None) -> Words:
    """The section of the national industry classification."""
    if not code:
        return speak.both("none")
    found = codes.INDUSTRIES.get(codes.section_of(code) or "")
    return language.headed(found) if found else speak.both("industry.other")


def industries() -> list[tuple[str, Words]]:
    """Every section of the national industry classification."""
    return [(letter, industry(letter)) for letter in codes.INDUSTRIES]


def regions() -> list[tuple[str, Words]]:
    """The places that may be chosen."""
    return [(code, region(code)) for code in _CHOICES]


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
