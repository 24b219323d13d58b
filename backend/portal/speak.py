"""Codes into words: parties, items, facts, purposes. What has no words yet is said by its source, never by its code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.consents import model as consents
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.parties import views as parties
from backend.portal import language
from backend.vocabulary.facts import definitions, items
from products import directory, vocabulary
from products.catalogue import Catalogue

PLATFORM = Words("信桥平台", "CreditBridge")
UNKNOWN = Words("其他记录", "another record")
GROUPS: dict[str, tuple[str, ...]] = {
    "TAX": ("TAX",),
    "SOC": ("SOC",),
    "HPF": ("HPF",),
    "UTL": ("ELE", "WAT", "GAS"),
    "REA": ("REA",),
    "DAT": ("DAT",),
    "REG": ("REG",),
}


def both(key: str, **values: Any) -> Words:
    """A sentence of ours in both languages; a value that is itself Words is said in each."""
    said = []
    for spoken in language.LANGUAGES:
        given = {name: each.say(spoken) if isinstance(each, Words) else each for name, each in values.items()}
        said.append(language.Speaker(spoken).t(key, **given))
    return Words(*said)


def known(key: str, otherwise: str) -> Words:
    """A sentence of ours if there is one of that name."""
    return both(key if key in language.sentences("zh") else otherwise)


def joined(many: Sequence[Words]) -> Words:
    """Several names in a row."""
    return Words("、".join(each.zh for each in many), ", ".join(each.en for each in many))


def party(session: Session, code: str) -> Words:
    """A party's name; `platform` is ourselves. A bank that only has products here is called as they call it."""
    if code == consents.PLATFORM:
        return PLATFORM
    found = parties.find_party(session, code)
    if found is not None:
        return found.title
    elsewhere = directory.bank(code)
    if elsewhere is None:
        raise NotFound()
    return elsewhere


def party_or(session: Session, code: str) -> Words:
    """A party's name, or a general word for one that has no entry here (a treasury that only pays in)."""
    found = parties.find_party(session, code)
    return found.title if found is not None else both("party.other")


def firm(session: Session, name: str) -> str:
    """A firm's name; a registration names its firm by id or by credit code."""
    found = parties.firm_named(session, name)
    return found.name if found else "—"


def item(code: str) -> Words:
    """An item of the catalogue; the bureau query is a paper, not a record."""
    if code == consents.BUREAU_ITEM:
        return both("power.bureau")
    found = items().get(code)
    return found.title if found else UNKNOWN


def fact(code: str) -> Words:
    """What a fact is called."""
    found = definitions().get(code)
    return found.title if found else UNKNOWN


def value(code: str, found: Any) -> Words:
    """A fact's value as people read it."""
    if isinstance(found, (date, datetime)):
        return Words(language.day(found, "zh"), language.day(found, "en"))
    if code in vocabulary.askable() and found is not None:
        return vocabulary.show(code, found)
    return Words(str(found), str(found))


def consent_items(kind: str) -> list[str]:
    """The items that a firm's, or a person's, document may open."""
    return sorted({each.item for each in definitions().values() if each.consent == kind})


def group_of(code: str) -> str:
    """Under which heading an item stands."""
    return next((name for name, letters in GROUPS.items() if code.startswith(letters)), "OTHER")


def explain_item(code: str, catalogue: Catalogue, day: date) -> Words:
    """What an item holds, and which products ask for it."""
    titles = [each.title for each in definitions().values() if each.item == code]
    wanted: list[Words] = [terms.title for terms in catalogue.on(day) if code in terms.items_needed and not terms.at_the_bank]
    said = both("item.facts", titles=joined(titles[:5]))
    if not wanted:
        return said
    products = both("item.for_products", titles=joined(wanted))
    return Words(f"{said.zh}；{products.zh}", f"{said.en}; {products.en}")
