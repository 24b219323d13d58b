"""Facts of two scenes: deliveries in a buyer's supply chain, and exports with the money that came back. Pure; money in fen.

Only what fell due by the day counts, so that an order of last week is neither late nor on time; a year is 365 days. An export
counts as unpaid once 150 days have passed without money.

>>> one = {"due_on": date(2025, 5, 2), "delivered_on": date(2025, 5, 6), "amount": 100}
>>> chain([one], [], date(2025, 6, 1))["chain_late_days"]
4
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

YEAR = timedelta(days=365)
GRACE = timedelta(days=150)
KINDS = ("order", "payable", "export", "receipt")
"""The kinds of record that these facts are counted from."""
Fields = Mapping[str, Any]


def values(by: Mapping[str, list[Fields]], day: date, delivered: Collection[str]) -> dict[str, int]:
    """Every fact of the two scenes that these records support; a firm without such records is in no such scene."""
    found: dict[str, int] = {}
    if "SUP01" in delivered and by["order"]:
        found |= chain(by["order"], by["payable"], day)
    if "CUS02" in delivered and by["export"]:
        found |= exports(by["export"], day)
    if "FXR01" in delivered and by["export"]:
        found |= received(by["export"], by["receipt"], day)
    return found


def chain(orders: Iterable[Fields], papers: Iterable[Fields], day: date) -> dict[str, int]:
    """Orders due within the year: how many, how punctual; what buyers owe, and how late they pay."""
    due = [order for order in orders if order.get("due_on") and day - YEAR < order["due_on"] <= day]
    late = [max(0, ((order.get("delivered_on") or day) - order["due_on"]).days) for order in due]
    found = {"chain_orders_12m": len(due)}
    if due:
        found["chain_on_time_bp"] = 10_000 * sum(days == 0 for days in late) // len(late)
        found["chain_late_days"] = sum(late) // len(late)
    listed = list(papers)
    unpaid = [paper for paper in listed if paper.get("paid_on") is None or paper["paid_on"] > day]
    found["chain_receivable_fen"] = sum(paper.get("amount") or 0 for paper in unpaid)
    owed = [paper for paper in listed if paper.get("due_on") and day - YEAR < paper["due_on"] <= day]
    if owed:
        slow = [max(0, (min(paper.get("paid_on") or day, day) - paper["due_on"]).days) for paper in owed]
        found["chain_pay_delay_days"] = sum(slow) // len(slow)
    return found


def exports(declared: Iterable[Fields], day: date) -> dict[str, int]:
    """Exports of the year: how much, how steady, how much was sent back."""
    year = [entry for entry in declared if entry.get("exported_on") and day - YEAR < entry["exported_on"] <= day]
    total = sum(entry.get("amount") or 0 for entry in year)
    found = {"export_12m_fen": total, "export_months_12m": len({entry["exported_on"].strftime("%Y-%m") for entry in year})}
    if total > 0:
        found["export_return_bp"] = 10_000 * sum(entry.get("amount") or 0 for entry in year if entry.get("returned")) // total
    return found


def received(declared: Iterable[Fields], receipts: Iterable[Fields], day: date) -> dict[str, int]:
    """How much of what left between 515 and 150 days ago has been paid for."""
    old = [e for e in declared if e.get("exported_on") and day - YEAR - GRACE < e["exported_on"] <= day - GRACE]
    total = sum(entry.get("amount") or 0 for entry in old)
    if total <= 0:
        return {}
    names = {entry["declaration_no"] for entry in old}
    came = sum(entry.get("amount") or 0 for entry in receipts if entry.get("declaration_no") in names)
    return {"export_received_bp": min(10_000, 10_000 * came // total)}
