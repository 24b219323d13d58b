"""Evidence for an uplift, read from registry and exchange facts only (domain §4.4): what a firm says of itself counts nothing.

Each certificate, trade and the booked items as a whole is one piece of evidence with a name of its own, so that the same piece
is noticed when it would lift two live facilities.

>>> piece = Evidence("certificate", "certificate:C1", "valid", on=date(2025, 1, 2))
>>> piece.kind, piece.related
('certificate', False)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

Kind = Literal["certificate", "trade", "booked"]
CODES = ("data_certificates", "data_trades", "data_booked_items", "data_booked_cost_fen")


class Known(Protocol):
    """The part of a fact that evidence needs: a value and the day it was so."""

    @property
    def value(self) -> Any: ...
    @property
    def as_of(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece. `amount_fen` is a trade's price or the booked cost; `quantity` the number of booked items."""

    kind: Kind
    evidence_id: str
    status: str
    on: date | None = None
    ends_on: date | None = None
    settled_on: date | None = None
    counterparty: str = ""
    amount_fen: int = 0
    quantity: int = 1
    related: bool = False
    reciprocal: bool = False


def evidence_of(
    facts: Mapping[str, Known], own_uscc: str, related: Collection[str], day: date, reciprocal: Collection[str] = ()
) -> tuple[Evidence, ...]:
    """Pieces known on `day`, each once, in a fixed order.

    `related` are the credit codes within two steps of ownership or under the same controller; `own_uscc` itself is always one.
    `reciprocal` are buyers that are known to sell to this firm as well; an exchange that reports both directions of a trade
    (`direction: bought`) makes them known by itself.
    """
    close = set(related) | {own_uscc}
    pieces: dict[str, Evidence] = {}
    for row in _rows(facts, "data_certificates"):
        number = str(row.get("certificate_no") or "")
        on = _day(row.get("registered_on"))
        if number and (on is None or on <= day):
            name = f"certificate:{number}"
            pieces[name] = Evidence("certificate", name, str(row.get("status")), on=on, ends_on=_day(row.get("expires_on")))
    trades = _rows(facts, "data_trades")
    sold_to_us = set(reciprocal) | {str(row.get("counterparty_uscc")) for row in trades if row.get("direction") == "bought"}
    for row in trades:
        number, on = str(row.get("trade_no") or ""), _day(row.get("traded_on"))
        if not number or row.get("direction") == "bought" or (on is not None and on > day):
            continue
        other = str(row.get("counterparty_uscc") or "")
        name = f"trade:{number}"
        pieces[name] = Evidence(
            "trade",
            name,
            str(row.get("status")),
            on=on,
            settled_on=_day(row.get("settled_on")),
            counterparty=other,
            amount_fen=int(row.get("amount_fen") or 0),
            related=other in close or not other,
            reciprocal=other in sold_to_us,
        )
    booked = facts.get("data_booked_items")
    if booked is not None and booked.value:
        cost = facts.get("data_booked_cost_fen")
        amount = int(cost.value) if cost is not None and cost.value is not None else 0
        name = f"booked:{own_uscc}"
        status = "audited" if amount > 0 else "no_cost"
        pieces[name] = Evidence("booked", name, status, on=booked.as_of, amount_fen=amount, quantity=int(booked.value))
    return tuple(pieces[name] for name in sorted(pieces))


def _rows(facts: Mapping[str, Known], code: str) -> list[Mapping[str, Any]]:
    fact = facts.get(code)
    return list(fact.value) if fact is not None and fact.value else []


def _day(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value))
