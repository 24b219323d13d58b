"""The bank's book laid open for an auditor: plain numbers from the bank's own tables, never through its adapter."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from lender_adapters.sandbox.account import Account
from lender_adapters.sandbox.book import Book

KINDS = ("amount_fen", "expenses_fen", "penalty_fen", "interest_fen", "principal_fen")


def laid_open(book: Book) -> dict[str, Any]:
    """Everything the bank has booked: applications, contracts, draws with what was repaid by whom, payments, its day."""
    payments = [dict(row) for row in book.all("SELECT * FROM payments ORDER BY payment_no")]
    by_draw: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for payment in payments:
        by_draw[payment["draw_no"]].append(payment)
    return {
        "applications": [_application(dict(row)) for row in book.all("SELECT * FROM applications ORDER BY bank_reference")],
        "contracts": [dict(row) for row in book.all("SELECT * FROM contracts ORDER BY contract_no")],
        "draws": [_draw(dict(row), by_draw[row["draw_no"]]) for row in book.all("SELECT * FROM draws ORDER BY draw_no")],
        "payments": payments,
        "day": book.state("day"),
    }


def _application(row: dict[str, Any]) -> dict[str, Any]:
    asked = json.loads(row["submission"])
    offer = json.loads(row["offer"]) if row["offer"] else None
    names = ("reference", "bank_reference", "uscc", "product", "received_on", "arrivals", "state", "digest")
    wanted = {name: asked[name] for name in ("amount_fen", "months", "way")}
    more = {"firm_name": asked["firm"]["name"], "documents": json.loads(row["kinds"]), "offer": offer}
    return {name: row[name] for name in names} | wanted | more


def _draw(row: dict[str, Any], payments: list[dict[str, Any]]) -> dict[str, Any]:
    account = Account.of(json.loads(row["account"]))
    sources: dict[str, dict[str, int]] = {}
    for payment in payments:
        parts = sources.setdefault(payment["source"], dict.fromkeys(KINDS, 0))
        for kind in KINDS:
            parts[kind] += payment[kind]
    return {
        "reference": row["reference"],
        "draw_no": row["draw_no"],
        "contract_no": row["contract_no"],
        "uscc": row["uscc"],
        "amount_fen": account.amount_fen,
        "value_date": account.value_date.isoformat(),
        "matures_on": account.lines[-1].due_on.isoformat(),
        "rate_bp": account.rate_bp,
        "penalty_bp": account.penalty_bp,
        "way": account.way,
        "day_count": account.day_count,
        "principal_repaid_fen": sum(parts["principal_fen"] for parts in sources.values()),
        "interest_paid_fen": sum(parts["interest_fen"] for parts in sources.values()),
        "penalty_paid_fen": sum(parts["penalty_fen"] for parts in sources.values()),
        "outstanding_fen": account.outstanding_fen,
        "by_source": sources,
    }
