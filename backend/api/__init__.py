"""The JSON door: for firms' apps, banks' systems, guarantors, funds, issuers, regulators. One file per room.

Enters: JSON, refused if it holds a key that is not asked for.
Leaves: JSON, money in fen, rates in bp, sentences in both languages.
Always holds: thin. A route parses, calls the action that the portal's form calls too, and renders.
"""

from __future__ import annotations

from fastapi import APIRouter


def routers(*, sandbox: bool) -> list[APIRouter]:
    """Every file's routes; the sandbox's own only in a sandbox."""
    from backend.api import (
        applications,
        bank_claims,
        bank_system,
        banks,
        claim_files,
        colleagues,
        consents,
        credit,
        duty,
        loans,
        oversight,
        parties,
        pool,
        pools,
        proposals,
        renewals,
        warnings,
        whitelists,
    )
    from backend.api import sandbox as sandbox_only

    found = [
        parties,
        colleagues,
        consents,
        credit,
        applications,
        loans,
        banks,
        bank_system,
        pool,
        pools,
        proposals,
        bank_claims,
        claim_files,
        renewals,
        duty,
        whitelists,
        warnings,
        oversight,
    ]
    return [each.router for each in found] + ([sandbox_only.router] if sandbox else [])
