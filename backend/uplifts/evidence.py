"""Evidence for an uplift, read from registry and exchange facts only (domain §4.4): what a firm says of itself counts nothing.

Each certificate, trade and the booked items as a whole is one piece of evidence with a name of its own, so that the same piece
is noticed when it would lift two live facilities.

>>> piece = Evidence("certificate", "certificate:C1", "valid", on=date(2025, 1, 2))
>>> piece.kind, piece.related
('certificate', False)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

Kind = Literal["certificate", "trade", "booked"]
CODES = ("data_certificates", "data_trades", "data_booked_items", "data_booked_cost_fen")
TRANSFER = ("转移", "transfer")


class Known(Protocol):
    """The part of a fact that evidence needs: a value, the day it was so, who says so and under which consent."""

    @property
    def value(self) -> Any: ...
    @property
    def as_of(self) -> date: ...
    @property
    def source(self) -> str: ...
    @property
    def consent_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece. `amount_fen` is a trade's price or the booked cost; `quantity` the number of booked items; `payer` who
    paid, where the exchange says so; `buyer_since` when the buyer was registered; `content` the registry's digest of the data."""

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
    form: str = ""
    product: str = ""
    payer: str = ""
    own_money: bool = False
    refunded_fen: int = 0
    buyer_since: date | None = None
    content: str = ""
    transferred: bool = False
    consent_id: str | None = None

    @property
    def behind(self) -> str:
        """Whose money it is: several buyers behind one payer are one counterparty."""
        return self.payer or self.counterparty


@dataclass(frozen=True, slots=True)
class Deal:
    """A trade that is known and is not one of the firm's own sales: who sold to whom, when, for how much."""

    seller: str
    buyer: str
    on: date
    amount_fen: int


@dataclass(frozen=True)
class Surroundings:
    """What else is lawfully known when evidence is looked at: deals (the firm's purchases, others' sales), usual prices of
    products on the market, contents that lift another firm's facility, and what a person has decided of single pieces."""

    own: str = ""
    deals: tuple[Deal, ...] = ()
    usual_fen: Mapping[str, int] = field(default_factory=dict)
    contents_elsewhere: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()


NOTHING_ELSE = Surroundings()


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
    consent = _consent(facts, "data_certificates")
    for row in _rows(facts, "data_certificates"):
        number = str(row.get("certificate_no") or "")
        on = _day(row.get("registered_on"))
        if number and (on is None or on <= day):
            name = f"certificate:{number}"
            pieces[name] = Evidence(
                "certificate",
                name,
                str(row.get("status")),
                on=on,
                ends_on=_day(row.get("expires_on")),
                form=str(row.get("kind") or ""),
                product=str(row.get("product") or ""),
                content=str(row.get("content") or ""),
                transferred=row.get("registration") in TRANSFER,
                consent_id=consent,
            )
    trades, consent = _rows(facts, "data_trades"), _consent(facts, "data_trades")
    sold_to_us = set(reciprocal) | {str(row.get("counterparty_uscc")) for row in trades if row.get("direction") == "bought"}
    for row in trades:
        number, on = str(row.get("trade_no") or ""), _day(row.get("traded_on"))
        if not number or row.get("direction") == "bought" or (on is not None and on > day):
            continue
        other, payer = str(row.get("counterparty_uscc") or ""), str(row.get("payer_uscc") or "")
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
            product=str(row.get("product") or ""),
            payer=payer,
            own_money=payer in close,
            refunded_fen=int(row.get("refunded_fen") or 0),
            buyer_since=_day(row.get("counterparty_since")),
            consent_id=consent,
        )
    booked = facts.get("data_booked_items")
    if booked is not None and booked.value:
        cost = facts.get("data_booked_cost_fen")
        amount = int(cost.value) if cost is not None and cost.value is not None else 0
        name = f"booked:{own_uscc}"
        pieces[name] = Evidence(
            "booked",
            name,
            "audited" if amount > 0 else "no_cost",
            on=booked.as_of,
            amount_fen=amount,
            quantity=int(booked.value),
            consent_id=booked.consent_id,
        )
    return tuple(pieces[name] for name in sorted(pieces))


def deals_of(facts: Mapping[str, Known], uscc: str, day: date) -> tuple[Deal, ...]:
    """A firm's own trade records as deals, sales and purchases, without what was cancelled; in a fixed order."""
    return tuple(sorted(_deals(_rows(facts, "data_trades"), uscc, day), key=lambda deal: (deal.on, deal.seller, deal.buyer)))


def purchases_of(facts: Mapping[str, Known], uscc: str, day: date) -> tuple[Deal, ...]:
    """Only what the firm bought."""
    return tuple(deal for deal in deals_of(facts, uscc, day) if deal.buyer == uscc)


def _deals(rows: Iterable[Mapping[str, Any]], uscc: str, day: date) -> Iterable[Deal]:
    for row in rows:
        on, other = _day(row.get("traded_on")), str(row.get("counterparty_uscc") or "")
        if on is None or on > day or not other or row.get("status") == "cancelled":
            continue
        bought = row.get("direction") == "bought"
        yield Deal(other if bought else uscc, uscc if bought else other, on, int(row.get("amount_fen") or 0))


def _rows(facts: Mapping[str, Known], code: str) -> list[Mapping[str, Any]]:
    fact = facts.get(code)
    return list(fact.value) if fact is not None and fact.value else []


def _consent(facts: Mapping[str, Known], code: str) -> str | None:
    fact = facts.get(code)
    return fact.consent_id if fact is not None else None


def _day(value: Any) -> date | None:
    if not value or isinstance(value, date):
        return value or None
    return date.fromisoformat(str(value))
