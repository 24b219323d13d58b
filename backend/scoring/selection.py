"""Which card a firm is looked up in, and which of its facts may be used. One path for the assessment, the match and the sweep.

Cards are asked from the most specific to the least; the first whose population holds the firm is taken. A firm outside every
population is answered by the general card: not assessed, why, and the way. Facts under objection, facts that have been repaired
and old counts are not used: they count as not known (domain §3.5: a marked item waits; §7.1: a repaired one is dropped at once).

>>> choose({"sales_12m_fen": 5_000_000_00, "invoice_history_months": 24}, date(2025, 6, 30)).code
'invoices'
>>> ask_in_order(date(2025, 6, 30))[-1].code
'general'
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from backend.credit_data.model import DISPUTED, REPAIRED, Fact
from backend.scoring import scorecard
from backend.scoring.card import Card
from backend.scoring.scorecard import Assessed
from backend.scoring.whatif import Proposal, proposals
from backend.vocabulary.facts import definitions

RECOUNTED = ("INV", "SOC", "UTL", "SUP", "CUS")
"""Groups of facts that are counted anew at every gathering, so that an old count says little."""
SET_ASIDE = frozenset({DISPUTED, REPAIRED})
"""Doubts with which a fact is not used at all."""


def ask_in_order(day: date) -> list[Card]:
    """The cards in force on that day, the most specific first."""
    cards = [scorecard.current(day, code) for code in scorecard.CODES]
    return sorted(cards, key=lambda card: -card.population.specific)


def choose(values: Mapping[str, Any], day: date) -> Card:
    """The card for these values; the general one, which will say why not, when no population holds the firm."""
    return next((card for card in ask_in_order(day) if _meant_for(card, values)), scorecard.current(day))


def _meant_for(card: Card, values: Mapping[str, Any]) -> bool:
    known = any(values.get(code) is not None for code in card.population.chosen_without)
    return not known and scorecard.outside(card.population, values) is None


def fair(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Without what is under objection or has been repaired."""
    return {code: fact for code, fact in facts.items() if not SET_ASIDE.intersection(fact.doubts)}


def usable(card: Card, facts: Mapping[str, Fact], day: date) -> dict[str, Any]:
    """Bare values of the fair facts; what is recounted every month and is older than the card's window counts as not known."""
    oldest = day - timedelta(days=card.as_of_window_days)
    return {
        code: fact.value
        for code, fact in fair(facts).items()
        if definitions()[code].group not in RECOUNTED or fact.as_of >= oldest
    }


def card_for(facts: Mapping[str, Fact], facts_on: date, policy_on: date) -> Card:
    """The card of the policy day for these facts; what may not be used has no say in it either."""
    return choose(usable(scorecard.current(policy_on), facts, facts_on), policy_on)


def look_up(card: Card, facts: Mapping[str, Fact], facts_on: date) -> Assessed:
    """The card's answer for these facts: what may be used of them, with the day and the source of each."""
    return scorecard.assess(card, usable(card, facts, facts_on), facts_on, fair(facts))


def what_if(facts: Mapping[str, Fact], day: date) -> tuple[Proposal, ...]:
    """What would help this firm most, on the card that it is looked up in."""
    card = card_for(facts, day, day)
    return proposals(card, usable(card, facts, day), day)
