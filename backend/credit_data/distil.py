"""From cleaned records to facts, as of a day: pure, one short function per source.

Contradictory records have been compared already (`compare.py`): for one name the latest delivery wins, and the fact carries the
doubt.

>>> record = Record("penalties", "abnormal", {"listed_on": date(2025, 1, 1), "removed_on": None}, date(2025, 1, 5))
>>> distil([record], date(2025, 2, 1), delivered={"LST01"})["abnormal_listed"].value
True
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from backend.credit_data import invoices
from backend.credit_data.link import partner_name

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Record:
    """One cleaned record."""

    source: str
    kind: str
    fields: Mapping[str, Any]
    delivered_on: date
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """What distilling says of one fact."""

    value: Any
    as_of: date
    doubts: tuple[str, ...] = ()


Found = dict[str, Value]
# Two sources call their record "month".
_SAME_NAME = {("invoices", "month"): "month_invoices", ("social_insurance", "month"): "month_social"}


def distil(records: Sequence[Record], day: date, *, delivered: Collection[str]) -> Found:
    """Every fact that these records support on that day. `delivered`: the items whose source was asked and answered, so that "no
    record" means "none", not "unknown"."""
    by: dict[str, list[Record]] = {}
    for record in records:
        if record.delivered_on <= day:
            by.setdefault(_SAME_NAME.get((record.source, record.kind), record.kind), []).append(record)
    found: Found = {}
    for part in _PARTS:
        part(by, day, delivered, found)
    return found


def _latest(records: Iterable[Record]) -> Record | None:
    return max(records, key=lambda record: record.delivered_on, default=None)


def _doubts(records: Iterable[Record]) -> tuple[str, ...]:
    return tuple(sorted({doubt for record in records for doubt in record.doubts}))


def _registry(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    entry = _latest(by.get("registration", []))
    if entry is not None:
        fields, at = entry.fields, entry.delivered_on
        for code, name in (
            ("registered_on", "registered_on"),
            ("legal_rep_changed_on", "legal_rep_changed_on"),
            ("region", "region"),
            ("industry", "industry"),
            ("registered_capital_fen", "capital"),
            ("is_branch", "is_branch"),
        ):
            if fields.get(name) not in (None, ""):
                found[code] = Value(fields[name], at, entry.doubts)
    if "REG02" in delivered:
        links = by.get("shareholding", [])
        changes = [record.fields["changed_on"] for record in links if record.fields.get("changed_on")]
        listed = [
            {
                "uscc": partner_name(record.fields.get("uscc", "")),
                "name": record.fields.get("name", ""),
                "share_bp": record.fields.get("share") or 0,
                "direction": record.fields.get("direction", ""),
            }
            for record in links
        ]
        found["equity_links"] = Value(listed, day, _doubts(links))
        if changes:
            found["holder_changed_on"] = Value(max(changes), day, _doubts(links))
    if "REG05" in delivered:
        given = by.get("guarantee", [])
        listed = [
            {
                "uscc": partner_name(record.fields.get("uscc", "")),
                "amount_fen": record.fields.get("amount") or 0,
                "direction": record.fields.get("direction", ""),
            }
            for record in given
        ]
        found["guarantee_links"] = Value(listed, day, _doubts(given))


def _lists(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    for item, kind, code, begins, ends in (
        ("LST01", "abnormal", "abnormal_listed", "listed_on", "removed_on"),
        ("LST02", "serious", "serious_dishonest_listed", "listed_on", "removed_on"),
        ("JUD02", "enforcement", "judgment_debtor", "listed_on", "closed_on"),
        ("JUD03", "dishonest", "dishonest_debtor", "listed_on", "removed_on"),
        ("JUD04", "equity_freeze", "equity_frozen", "frozen_on", "lifted_on"),
    ):
        if item in delivered:
            on = [
                record
                for record in by.get(kind, [])
                if (record.fields.get(begins) or day) <= day and (record.fields.get(ends) is None or record.fields[ends] > day)
            ]
            found[code] = Value(bool(on), day, _doubts(by.get(kind, [])))
    if "PEN01" in delivered:
        recent = _within(by.get("penalty", []), "decided_on", day)
        found["penalties_12m"] = Value(len(recent), day, _doubts(recent))
        found["penalty_fine_12m_fen"] = Value(sum(record.fields.get("fine") or 0 for record in recent), day, _doubts(recent))
    if "JUD01" in delivered:
        sued = [record for record in _within(by.get("lawsuit", []), "filed_on", day) if record.fields.get("role") == "被告"]
        found["lawsuits_defendant_12m"] = Value(len(sued), day, _doubts(sued))
        found["lawsuit_claims_12m_fen"] = Value(sum(record.fields.get("amount") or 0 for record in sued), day, _doubts(sued))


def _within(records: Iterable[Record], name: str, day: date) -> list[Record]:
    return [record for record in records if record.fields.get(name) and day - YEAR < record.fields[name] <= day]


def _months(records: Iterable[Record], day: date, *, back: int = 12, skip: int = 0) -> list[Record]:
    """The records of the last `back` whole months before the day's month, `skip` months earlier."""
    last = day.year * 12 + day.month - 1 - skip
    wanted = {
        f"{month // 12 if month % 12 else month // 12 - 1}-{month % 12 or 12:02d}" for month in range(last - back + 1, last + 1)
    }
    return sorted((r for r in records if r.fields.get("period") in wanted), key=lambda record: str(record.fields["period"]))


def _tax(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    grades = [record for record in by.get("grade", []) if record.fields.get("grade") in ("A", "B", "M", "C", "D")]
    newest = max(grades, key=lambda record: (record.fields.get("year") or 0, record.delivered_on), default=None)
    if newest is not None:
        found["tax_grade"] = Value(newest.fields["grade"], newest.delivered_on, newest.doubts)
    if "TAX02" in delivered:
        known = [record for record in by.get("arrears", []) if (record.fields.get("as_of") or day) <= day]
        last = max(known, key=lambda record: record.fields.get("as_of") or date.min, default=None)
        amount = (last.fields.get("amount") or 0) if last else 0
        found["tax_arrears_fen"] = Value(amount, day, last.doubts if last else ())
    filings = _months(by.get("filing", []), day)
    if filings:
        found["tax_paid_12m_fen"] = Value(sum(r.fields.get("tax_paid") or 0 for r in filings), day, _doubts(filings))
        zero = sum(1 for r in filings if r.fields.get("zero") or r.fields.get("sales") == 0)
        found["zero_filings_12m"] = Value(zero, day, _doubts(filings))


def _invoices(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    months = by.get("month_invoices", [])
    if not months:
        return
    book, doubtful = invoices.read((row for record in months for row in record.fields.get("rows") or []), day)
    for code, value in invoices.facts(book, day).items():
        found[code] = Value(value, day, _doubts(months) + doubtful)


def _social(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    heads = [r for r in by.get("month_social", []) if r.fields.get("headcount") is not None]
    recent = _months(heads, day)
    if recent:
        now = recent[-1].fields["headcount"]
        found["insured_headcount"] = Value(now, day, recent[-1].doubts)
        then = _months(heads, day, back=3, skip=11)
        if then and then[0].fields["headcount"]:
            before = then[0].fields["headcount"]
            found["insured_headcount_change_bp"] = Value((now - before) * 10_000 // before, day, _doubts([recent[-1], then[0]]))
    paid = _months(by.get("payment", []), day)
    if paid:
        owed = sum(1 for record in paid if record.fields.get("state") == "欠缴")
        found["social_arrears_months"] = Value(owed, day, _doubts(paid))
    fund = _months([r for r in by.get("fund", []) if r.fields.get("headcount") is not None], day)
    if fund:
        found["housing_fund_headcount"] = Value(fund[-1].fields["headcount"], day, fund[-1].doubts)


def _utilities(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    power = _months([r for r in by.get("power", []) if r.fields.get("kwh") is not None], day)
    if power:
        used = sum(record.fields["kwh"] for record in power)
        found["electricity_12m_kwh"] = Value(used, day, _doubts(power))
        earlier = _months([r for r in by.get("power", []) if r.fields.get("kwh") is not None], day, skip=12)
        if len(earlier) == len(power) == 12 and sum(r.fields["kwh"] for r in earlier) > 0:
            before = sum(record.fields["kwh"] for record in earlier)
            found["electricity_change_bp"] = Value((used - before) * 10_000 // before, day, _doubts([*power, *earlier]))
        late = [
            ((record.fields.get("paid_on") or day) - record.fields["due_on"]).days
            for record in power
            if record.fields.get("due_on") and record.fields["due_on"] <= day
        ]
        found["utility_arrears_days"] = Value(max(0, *late, 0), day, _doubts(power))
    water = _months([r for r in by.get("water", []) if r.fields.get("fee") is not None], day)
    if water:
        found["water_12m_fen"] = Value(sum(record.fields["fee"] for record in water), day, _doubts(water))


def _property(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    if "REA01" in delivered:
        held = [record for record in by.get("title", []) if record.fields.get("held") is not False]
        found["property_value_fen"] = Value(sum(r.fields.get("value") or 0 for r in held), day, _doubts(held))
    if "REA02" in delivered:
        burdens = by.get("burden", [])
        found["property_mortgaged"] = Value(any(r.fields.get("mortgaged") for r in burdens), day, _doubts(burdens))
        found["property_seized"] = Value(any(r.fields.get("seized") for r in burdens), day, _doubts(burdens))


def _data(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    states = {
        "有效": "valid",
        "注销": "cancelled",
        "争议": "disputed",
        "已结算": "settled",
        "未结算": "open",
        "已撤销": "cancelled",
    }
    iso = _iso
    if "DAT01" in delivered:
        listed = [
            {
                "certificate_no": r.fields["certificate_no"],
                "kind": r.fields.get("category", ""),
                "registered_on": iso(r.fields.get("registered_on")),
                "expires_on": iso(r.fields.get("expires_on")),
                "status": states.get(r.fields.get("status", ""), "unknown"),
                "product": r.fields.get("product", ""),
            }
            for r in by.get("certificate", [])
            if (r.fields.get("registered_on") or day) <= day
        ]
        found["data_certificates"] = Value(listed, day, _doubts(by.get("certificate", [])))
        declared = _latest(by.get("declaration", []))
        if declared is not None and declared.fields.get("products") is not None:
            found["declared_data_products"] = Value(declared.fields["products"], declared.delivered_on, declared.doubts)
    if "DAT02" in delivered:
        listed = [
            {
                "trade_no": r.fields["trade_no"],
                "traded_on": iso(r.fields.get("traded_on")),
                "settled_on": iso(r.fields.get("settled_on")),
                "counterparty_uscc": partner_name(r.fields.get("counterparty", "")),
                "amount_fen": r.fields.get("amount") or 0,
                "product": r.fields.get("product", ""),
                "status": states.get(r.fields.get("status", ""), "unknown"),
            }
            for r in by.get("trade", [])
            if (r.fields.get("traded_on") or day) <= day
        ]
        found["data_trades"] = Value(listed, day, _doubts(by.get("trade", [])))
    if "DAT03" in delivered:
        audited = [r for r in by.get("booked", []) if r.fields.get("audited") and (r.fields.get("as_of") or day) <= day]
        last = max(audited, key=lambda record: record.fields.get("as_of") or date.min, default=None)
        found["data_booked_items"] = Value((last.fields.get("items") or 0) if last else 0, day, last.doubts if last else ())
        found["data_booked_cost_fen"] = Value((last.fields.get("cost") or 0) if last else 0, day, last.doubts if last else ())


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_PARTS: tuple[Callable[[Mapping[str, list[Record]], date, Collection[str], Found], None], ...] = (
    _registry,
    _lists,
    _tax,
    _invoices,
    _social,
    _utilities,
    _property,
    _data,
)
