"""From cleaned records to facts, as of a day: pure, one short function per source.

Contradictory records have been compared already (`compare.py`): for one name the latest delivery wins, and the fact carries the
doubt.

>>> record = Record("penalties", "abnormal", {"listed_on": date(2025, 1, 1), "removed_on": None}, date(2025, 1, 5))
>>> distil([record], date(2025, 2, 1), delivered={"LST01"})["abnormal_listed"].value
True
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from backend.credit_data import assets, invoices, recent, scenes
from backend.credit_data.cleaned import Found, Record, Value
from backend.credit_data.cleaned import doubts as _doubts
from backend.credit_data.cleaned import latest as _latest
from backend.credit_data.cleaned import months as _months
from backend.credit_data.cleaned import within as _within
from backend.credit_data.link import partner_name
from backend.credit_data.model import DISPUTED

__all__ = ["Record", "Value", "distil"]

_SUBJECTS = {"企业": "enterprise", "个体工商户": "sole_trader", "农民专业合作社": "cooperative"}


# Two sources call their record "month".
_SAME_NAME = {("invoices", "month"): "month_invoices", ("social_insurance", "month"): "month_social"}


def distil(records: Sequence[Record], day: date, *, delivered: Collection[str]) -> Found:
    """Every fact that these records support on that day. `delivered`: the items whose source was asked and answered, so that "no
    record" means "none", not "unknown"."""
    by: dict[str, list[Record]] = {}
    for record in records:
        mended = record.fields.get("repaired_on")
        if record.delivered_on <= day and (mended is None or mended > day):
            kept = replace(record, doubts=(*record.doubts, DISPUTED)) if record.fields.get("objection") else record
            by.setdefault(_SAME_NAME.get((record.source, record.kind), record.kind), []).append(kept)
    found: Found = {}
    for part in _PARTS:
        part(by, day, delivered, found)
    return found


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
        if fields.get("subject_type") in _SUBJECTS:
            found["subject_type"] = Value(_SUBJECTS[fields["subject_type"]], at, entry.doubts)
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
        fined = _within(by.get("penalty", []), "decided_on", day)
        found["penalties_12m"] = Value(len(fined), day, _doubts(fined))
        found["penalty_fine_12m_fen"] = Value(sum(record.fields.get("fine") or 0 for record in fined), day, _doubts(fined))
    if "JUD01" in delivered:
        sued = [record for record in _within(by.get("lawsuit", []), "filed_on", day) if record.fields.get("role") == "被告"]
        found["lawsuits_defendant_12m"] = Value(len(sued), day, _doubts(sued))
        found["lawsuit_claims_12m_fen"] = Value(sum(record.fields.get("amount") or 0 for record in sued), day, _doubts(sued))


def _tax(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    grades = [record for record in by.get("grade", []) if record.fields.get("grade") in ("A", "B", "M", "C", "D")]
    newest = max(grades, key=lambda record: (record.fields.get("year") or 0, record.delivered_on), default=None)
    if newest is not None:
        found["tax_grade"] = Value(newest.fields["grade"], newest.delivered_on, newest.doubts)
        earlier = [record for record in grades if (record.fields.get("year") or 0) == (newest.fields.get("year") or 0) - 1]
        if earlier:
            found["tax_grade_before"] = Value(earlier[-1].fields["grade"], newest.delivered_on, newest.doubts)
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
        _changed(found, "tax_paid_3m_change_bp", by.get("filing", []), "tax_paid", day, floor=recent.FLOOR_FEN // 10)


def _invoices(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    months = by.get("month_invoices", [])
    if not months:
        return
    book, doubtful = invoices.read((row for record in months for row in record.fields.get("rows") or []), day)
    for code, value in invoices.facts(book, day).items():
        found[code] = Value(value, day, _doubts(months) + doubtful)


def _changed(found: Found, code: str, records: list[Record], field: str, day: date, *, floor: int) -> None:
    """The last three months beside the same three a year earlier, where all six were delivered."""
    told = [record for record in records if record.fields.get(field) is not None]
    now, then = _months(told, day, back=recent.MONTHS), _months(told, day, back=recent.MONTHS, skip=12)
    change = recent.sum_change_bp([r.fields[field] for r in now], [r.fields[field] for r in then], floor=floor)
    if change is not None:
        found[code] = Value(change, day, _doubts([*now, *then]))


def _social(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    heads = [r for r in by.get("month_social", []) if r.fields.get("headcount") is not None]
    year = _months(heads, day)
    if year:
        now = year[-1].fields["headcount"]
        found["insured_headcount"] = Value(now, day, year[-1].doubts)
        then = _months(heads, day, back=3, skip=11)
        if then and then[0].fields["headcount"]:
            before = then[0].fields["headcount"]
            found["insured_headcount_change_bp"] = Value((now - before) * 10_000 // before, day, _doubts([year[-1], then[0]]))
        last, quarter = _months(heads, day, back=1), _months(heads, day, back=1, skip=recent.MONTHS)
        if last and quarter and quarter[0].fields["headcount"]:
            lately = recent.change_bp(last[0].fields["headcount"], quarter[0].fields["headcount"])
            found["insured_headcount_3m_change_bp"] = Value(lately, day, _doubts([last[0], quarter[0]]))
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
        found["utility_unpaid_days"] = Value(recent.unpaid_days((r.fields for r in power), day), day, _doubts(power))
        _changed(found, "electricity_3m_change_bp", by.get("power", []), "kwh", day, floor=300)
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
    if "DAT01" in delivered:
        held = [r for r in by.get("certificate", []) if (r.fields.get("registered_on") or day) <= day]
        listed = [assets.certificate(r.fields) for r in held]
        found["data_certificates"] = Value(listed, day, _doubts(by.get("certificate", [])))
        declared = _latest(by.get("declaration", []))
        if declared is not None and declared.fields.get("products") is not None:
            found["declared_data_products"] = Value(declared.fields["products"], declared.delivered_on, declared.doubts)
    if "DAT02" in delivered:
        listed = [assets.trade(r.fields) for r in by.get("trade", []) if (r.fields.get("traded_on") or day) <= day]
        found["data_trades"] = Value(listed, day, _doubts(by.get("trade", [])))
        recent = [r for r in _within(by.get("trade", []), "settled_on", day) if assets.settled_sale(r.fields)]
        found["data_settled_trades_12m"] = Value(len(recent), day, _doubts(recent))
    if "DAT03" in delivered:
        audited = [r for r in by.get("booked", []) if r.fields.get("audited") and (r.fields.get("as_of") or day) <= day]
        last = max(audited, key=lambda record: record.fields.get("as_of") or date.min, default=None)
        found["data_booked_items"] = Value((last.fields.get("items") or 0) if last else 0, day, last.doubts if last else ())
        found["data_booked_cost_fen"] = Value((last.fields.get("cost") or 0) if last else 0, day, last.doubts if last else ())


def _scenes(by: Mapping[str, list[Record]], day: date, delivered: Collection[str], found: Found) -> None:
    fields = {kind: [record.fields for record in by.get(kind, [])] for kind in scenes.KINDS}
    doubts = _doubts(record for kind in scenes.KINDS for record in by.get(kind, []))
    found |= {code: Value(value, day, doubts) for code, value in scenes.values(fields, day, delivered).items()}


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
    _scenes,
)
