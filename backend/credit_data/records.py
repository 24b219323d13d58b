"""What each kind of record holds, and which item opens it: the table of `sources/README.md` as data.

`read` turns one payload into cleaned values and a list of faults. A field that cannot be read is left out; a record
without its key is set aside whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend.credit_data import clean
from backend.credit_data.clean import Reader, Unclean


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of record: its item, the fields that name it, and how each field is read."""

    item: str
    key: tuple[str, ...]
    fields: Mapping[str, Reader]


SHAPES: dict[tuple[str, str], Shape] = {
    ("registry_office", "registration"): Shape(
        "REG01",
        (),
        {
            "name": clean.text,
            "registered_on": clean.day,
            "region": clean.text,
            "industry": clean.text,
            "capital": clean.amount,
            "is_branch": clean.yes,
            "legal_rep": clean.text,
            "legal_rep_changed_on": clean.day,
            "subject_type": clean.text,
        },
    ),
    ("registry_office", "shareholding"): Shape(
        "REG02",
        ("uscc", "name", "direction"),
        {"uscc": clean.text, "name": clean.text, "share": clean.share, "direction": clean.text, "changed_on": clean.day},
    ),
    ("registry_office", "guarantee"): Shape(
        "REG05", ("uscc", "direction"), {"uscc": clean.text, "amount": clean.amount, "direction": clean.text}
    ),
    ("tax", "grade"): Shape("TAX01", ("year",), {"year": clean.whole, "grade": clean.text}),
    ("tax", "arrears"): Shape("TAX02", ("as_of",), {"as_of": clean.day, "amount": clean.amount}),
    ("tax", "filing"): Shape(
        "TAX03",
        ("period",),
        {"period": clean.period, "sales": clean.amount, "tax_paid": clean.amount, "zero": clean.yes, "filed_on": clean.day},
    ),
    ("invoices", "month"): Shape("TAX04", ("period",), {"period": clean.period, "rows": lambda rows: rows}),
    ("social_insurance", "month"): Shape("SOC01", ("period",), {"period": clean.period, "headcount": clean.whole}),
    ("social_insurance", "payment"): Shape("SOC02", ("period",), {"period": clean.period, "state": clean.text}),
    ("social_insurance", "fund"): Shape("HPF01", ("period",), {"period": clean.period, "headcount": clean.whole}),
    ("court", "lawsuit"): Shape(
        "JUD01",
        ("case_no",),
        {"case_no": clean.text, "role": clean.text, "filed_on": clean.day, "amount": clean.amount},
    ),
    ("court", "enforcement"): Shape(
        "JUD02", ("case_no",), {"case_no": clean.text, "listed_on": clean.day, "closed_on": clean.day}
    ),
    ("court", "dishonest"): Shape(
        "JUD03", ("case_no",), {"case_no": clean.text, "listed_on": clean.day, "removed_on": clean.day}
    ),
    ("court", "equity_freeze"): Shape(
        "JUD04", ("case_no",), {"case_no": clean.text, "frozen_on": clean.day, "lifted_on": clean.day}
    ),
    ("penalties", "penalty"): Shape(
        "PEN01",
        ("document_no",),
        {"document_no": clean.text, "decided_on": clean.day, "fine": clean.amount, "category": clean.text},
    ),
    ("penalties", "abnormal"): Shape(
        "LST01", ("listed_on",), {"listed_on": clean.day, "removed_on": clean.day, "cause": clean.text}
    ),
    ("penalties", "serious"): Shape(
        "LST02", ("listed_on",), {"listed_on": clean.day, "removed_on": clean.day, "cause": clean.text}
    ),
    ("utilities", "power"): Shape(
        "ELE01", ("period",), {"period": clean.period, "kwh": clean.whole, "due_on": clean.day, "paid_on": clean.day}
    ),
    ("utilities", "water"): Shape("WAT01", ("period",), {"period": clean.period, "fee": clean.amount}),
    ("property", "title"): Shape("REA01", ("parcel",), {"parcel": clean.text, "value": clean.amount, "held": clean.yes}),
    ("property", "burden"): Shape("REA02", ("parcel",), {"parcel": clean.text, "mortgaged": clean.yes, "seized": clean.yes}),
    ("data_registry", "certificate"): Shape(
        "DAT01",
        ("certificate_no",),
        {
            "certificate_no": clean.text,
            "category": clean.text,
            "product": clean.text,
            "registered_on": clean.day,
            "expires_on": clean.day,
            "status": clean.text,
            "registration": clean.text,
            "content": clean.text,
        },
    ),
    ("data_registry", "declaration"): Shape("DAT01", (), {"products": clean.whole}),
    ("data_registry", "booked"): Shape(
        "DAT03",
        ("as_of",),
        {"as_of": clean.day, "items": clean.whole, "cost": clean.amount, "audited": clean.yes},
    ),
    ("data_exchange", "trade"): Shape(
        "DAT02",
        ("trade_no",),
        {
            "trade_no": clean.text,
            "traded_on": clean.day,
            "settled_on": clean.day,
            "counterparty": clean.text,
            "amount": clean.amount,
            "product": clean.text,
            "status": clean.text,
            "direction": clean.text,
            "payer": clean.text,
            "refunded": clean.amount,
            "counterparty_since": clean.day,
        },
    ),
}


SHAPES |= {
    ("supply_chain", "order"): Shape(
        "SUP01",
        ("order_no",),
        {
            "order_no": clean.text,
            "buyer": clean.text,
            "ordered_on": clean.day,
            "due_on": clean.day,
            "delivered_on": clean.day,
            "amount": clean.amount,
        },
    ),
    ("supply_chain", "payable"): Shape(
        "SUP01",
        ("paper_no",),
        {"paper_no": clean.text, "buyer": clean.text, "amount": clean.amount, "due_on": clean.day, "paid_on": clean.day},
    ),
    ("customs", "export"): Shape(
        "CUS02",
        ("declaration_no",),
        {
            "declaration_no": clean.text,
            "exported_on": clean.day,
            "place": clean.text,
            "amount": clean.amount,
            "returned": clean.yes,
        },
    ),
    ("foreign_exchange", "receipt"): Shape(
        "FXR01",
        ("declaration_no",),
        {"declaration_no": clean.text, "received_on": clean.day, "amount": clean.amount},
    ),
}


for _source, _kind in list(SHAPES):
    if _source in ("court", "penalties"):
        # A firm's objection is marked at the source until it is answered; a repaired record says since when (domain §3.5, §7.1).
        _shape = SHAPES[_source, _kind]
        SHAPES[_source, _kind] = replace(_shape, fields={**_shape.fields, "objection": clean.yes, "repaired_on": clean.day})


def read(source: str, kind: str, payload: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[str]]:
    """Cleaned fields of one record and its faults; None if the record cannot be placed at all."""
    shape = SHAPES.get((source, kind))
    if shape is None:
        return None, [f"{source} has no records of kind “{kind}”"]
    found: dict[str, Any] = {}
    faults = []
    for name, reader in shape.fields.items():
        try:
            found[name] = reader(payload.get(name, ""))
        except Unclean as error:
            faults.append(f"{kind}.{name}: {error}")
    if shape.key and not any(found.get(name) for name in shape.key):
        return None, [*faults, f"{kind}: no {' or '.join(shape.key)}"]
    return found, faults


def key_of(source: str, kind: str, found: Mapping[str, Any]) -> tuple[Any, ...]:
    """What names a record: a later delivery with the same name replaces it."""
    return (source, kind, *(str(found.get(name) or "") for name in SHAPES[source, kind].key))
