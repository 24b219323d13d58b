"""Evidence with sound defaults."""

from datetime import date, timedelta
from typing import Any

from backend.credit_data.model import Fact
from backend.uplifts.evidence import Evidence
from backend.uplifts.programme import Programme, load

DAY = date(2025, 12, 1)


def programme() -> Programme:
    return load("hubei_shuyidai")


def certificate(n: int, **other: Any) -> Evidence:
    return Evidence(
        **{"kind": "certificate", "evidence_id": f"certificate:{n}", "status": "valid", "on": date(2025, 1, 2)} | other  # type: ignore[arg-type]  # as a test wants it
    )


def trade(n: int, **other: Any) -> Evidence:
    """An arm's-length sale half a year old, settled ten days later, to a buyer of its own."""
    on = other.pop("on", DAY - timedelta(days=180))
    usual: dict[str, Any] = {
        "kind": "trade",
        "evidence_id": f"trade:{n}",
        "status": "settled",
        "on": on,
        "settled_on": on + timedelta(days=10),
        "counterparty": f"buyer{n}",
        "amount_fen": 50_000_00,
    }
    return Evidence(**usual | other)


def booked(items: int, **other: Any) -> Evidence:
    usual: dict[str, Any] = {
        "kind": "booked",
        "evidence_id": "booked:us",
        "status": "audited",
        "amount_fen": 900_000_00,
        "quantity": items,
    }
    return Evidence(**usual | other)


def fact(code: str, value: Any) -> Fact:
    return Fact(code, value, "list", DAY, "data_exchange")
