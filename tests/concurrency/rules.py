"""All rules that are played."""

from __future__ import annotations

from tests.concurrency import (
    rules_banks,
    rules_claims,
    rules_consents,
    rules_desks,
    rules_guarantees,
    rules_hands,
    rules_lists,
    rules_loans,
    rules_money,
    rules_needs,
    rules_offers,
    rules_parties,
    rules_pool,
    rules_steps,
)
from tests.concurrency.play import Rule

RULES: tuple[Rule, ...] = (
    *rules_needs.RULES,
    *rules_offers.RULES,
    *rules_banks.RULES,
    *rules_consents.RULES,
    *rules_parties.RULES,
    *rules_lists.RULES,
    *rules_desks.RULES,
    *rules_guarantees.RULES,
    *rules_pool.RULES,
    *rules_loans.RULES,
    *rules_hands.RULES,
    *rules_money.RULES,
    *rules_claims.RULES,
    *rules_steps.RULES,
)
