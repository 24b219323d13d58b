"""Rows of the facts `data_certificates` and `data_trades`, made of what the data registry and the exchange deliver.

What a department does not say is not in the row: no direction means a sale.

>>> trade({"trade_no": "T1", "counterparty": "B", "amount": 100, "status": "已结算", "direction": "买入"})["direction"]
'bought'
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.credit_data.link import partner_name

STATES = {
    "有效": "valid",
    "注销": "cancelled",
    "争议": "disputed",
    "已结算": "settled",
    "未结算": "open",
    "已撤销": "cancelled",
}
FORMS = {"首次": "first", "转移": "transfer", "变更": "change", "续展": "renewal"}
BOUGHT = ("买入", "采购", "bought")


def certificate(fields: Mapping[str, Any]) -> dict[str, Any]:
    """One certificate of data rights."""
    return {
        "certificate_no": fields["certificate_no"],
        "kind": fields.get("category", ""),
        "registered_on": _iso(fields.get("registered_on")),
        "expires_on": _iso(fields.get("expires_on")),
        "status": STATES.get(fields.get("status", ""), "unknown"),
        "product": fields.get("product", ""),
    } | _said(registration=FORMS.get(fields.get("registration", "")), content=fields.get("content"))


def trade(fields: Mapping[str, Any]) -> dict[str, Any]:
    """One trade on the exchange, sold or bought."""
    return {
        "trade_no": fields["trade_no"],
        "traded_on": _iso(fields.get("traded_on")),
        "settled_on": _iso(fields.get("settled_on")),
        "counterparty_uscc": partner_name(fields.get("counterparty", "")),
        "amount_fen": fields.get("amount") or 0,
        "product": fields.get("product", ""),
        "status": STATES.get(fields.get("status", ""), "unknown"),
    } | _said(
        direction="bought" if fields.get("direction") in BOUGHT else None,
        payer_uscc=partner_name(fields.get("payer") or ""),
        refunded_fen=fields.get("refunded"),
        counterparty_since=_iso(fields.get("counterparty_since")),
    )


def settled_sale(fields: Mapping[str, Any]) -> bool:
    """A sale that was paid."""
    return fields.get("status") == "已结算" and fields.get("direction") not in BOUGHT


def _said(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", 0)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
