"""What a match is made of beside the product: the firm's view, its debt capacity on the published card, its uplifts.

Pure over a reading of facts. The capacity is worked out from the very facts that the match uses, so that both can be recomputed
together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.credit_data.model import Fact
from backend.kit.words import Words
from backend.parties.views import RegisteredFirm
from backend.scoring import selection
from backend.scoring.scorecard import Assessed
from backend.uplifts import programme as uplifts
from backend.uplifts.model import Uplift, evaluate, evidence_of
from products.rules import FirmView
from products.schema import ProductTerms


@dataclass(frozen=True, slots=True)
class Standing:
    """What the card says of these facts: the whole answer, and which card it was."""

    assessed: Assessed
    card: str
    card_digest: str

    @property
    def capacity_fen(self) -> int | None:
        """What debt capacity leaves after the debt known here; None when nothing could be worked out."""
        return self.assessed.debt_capacity_fen

    @property
    def capacity_words(self) -> Words:
        return self.assessed.not_assessed or self.assessed.capacity_words


def view_of(firm: RegisteredFirm) -> FirmView:
    """The little of the register entry that products look at."""
    return FirmView(firm.subject_type, firm.region, firm.industry, firm.uscc)


def values_of(facts: Mapping[str, Fact]) -> dict[str, Any]:
    """Bare values by code."""
    return {code: fact.value for code, fact in facts.items()}


def standing(facts: Mapping[str, Fact], *, facts_on: date, policy_on: date) -> Standing:
    """The card in force on the policy day, on facts whose ages count to their own day: the very path of an assessment."""
    card = selection.card_for(facts, facts_on, policy_on)
    return Standing(selection.look_up(card, facts, facts_on), card.code, card.digest)


def linked(facts: Mapping[str, Fact]) -> set[str]:
    """Credit codes one step away by ownership."""
    fact = facts.get("equity_links")
    rows: Iterable[Mapping[str, Any]] = fact.value if fact is not None and fact.value else ()
    return {str(row["uscc"]) for row in rows if row.get("uscc")}


def uplifts_of(
    terms: Iterable[ProductTerms], facts: Mapping[str, Fact], *, uscc: str, related: Collection[str], day: date
) -> dict[str, Uplift]:
    """The uplift of each programme that one of these products names."""
    names = {one.uplift_programme for one in terms if one.uplift_programme is not None}
    if not names:
        return {}
    evidence = evidence_of(facts, uscc, set(related), day)
    return {name: evaluate(uplifts.load(name), evidence, day) for name in sorted(names)}
