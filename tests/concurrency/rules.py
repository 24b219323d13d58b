"""All rules that are played."""

from __future__ import annotations

from tests.concurrency import rules_parties
from tests.concurrency.play import Rule

RULES: tuple[Rule, ...] = (*rules_parties.RULES,)
