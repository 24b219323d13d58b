"""Made-up view-models, full and empty: what the page tests render and the gallery photographs. One file for each desk;
a new page goes into the file of the desk that sees it, a new desk also into the sum below."""

from __future__ import annotations

from tests.portal.examples import bank, firm, fund, guarantor, issuer, lending, matches, operator, renewals, warnings
from tests.portal.examples.shared import TODAY, WHO, Case

DESKS = (firm, matches, lending, bank, guarantor, fund, issuer, operator, warnings, renewals)
CASES: dict[str, Case] = {name: case for desk in DESKS for name, case in desk.CASES.items()}

__all__ = ["CASES", "TODAY", "WHO"]
