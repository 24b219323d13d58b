"""What 临江's departments write into their exchange database, with the fields of `backend/credit_data/sources/README.md`.

Monthly and yearly records follow the economy: sales, tax, insured people, electricity, arrears. They come late, twice, in
contradiction and full-width. A shock is written nowhere: only what followed from it.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from backend.town.city import Town
from backend.town.economy import START, first_day, month_of
from backend.town.invoicing import invoice_months
from backend.town.lists import listed
from backend.town.market import data_records
from backend.town.mess import Mess
from backend.town.scene_records import scene_records

Row = tuple[str, str, str, date, dict[str, Any]]
"""Source, key as written, kind, day of delivery, fields."""

_TABLE = """
CREATE TABLE records (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, uscc TEXT NOT NULL,
  delivered_on TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL
);
"""
_KINDS = {"enterprise": "企业", "sole_trader": "个体工商户", "cooperative": "农民专业合作社"}
_INDEX = "CREATE INDEX ix_records ON records (uscc, delivered_on);"


def write(town: Town, path: Path, *, until: date, since: date = START) -> int:
    """Write every record delivered from `since` to `until` into a new SQLite file; answers how many."""
    path.unlink(missing_ok=True)
    rows = [
        (source, key, day.isoformat(), kind, json.dumps(fields, ensure_ascii=False, separators=(",", ":")))
        for source, key, kind, day, fields in records(town, until)
        if since <= day
    ]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(_TABLE)
        connection.executemany("INSERT INTO records (source, uscc, delivered_on, kind, payload) VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute(_INDEX)
        connection.commit()
    return len(rows)


def records(town: Town, until: date) -> Iterator[Row]:
    """Every record of every firm delivered by `until`, firm by firm, in order of delivery."""
    for firm in town.firms:
        yield from of_firm(town, firm.number, until)


def of_firm(town: Town, number: int, until: date) -> list[Row]:
    """One firm's records delivered by `until`, in order of delivery."""
    firm = town.firms[number]
    found: list[Row] = []
    last = min(month_of(until), town.economy.sales_fen.shape[1] - 1)
    found += _registry(town, number)
    found += invoice_months(town, number, last)
    found += _monthly(town, number, last)
    found += _yearly(town, number, until)
    found += listed(town, number, last)
    found += data_records(town.market, firm, until)
    found += scene_records(town, number, last)
    found = [row for row in _twice(town, number, found) if row[3] <= until]
    return sorted(found, key=lambda row: (row[3], row[0], row[2]))


def _registry(town: Town, number: int) -> list[Row]:
    firm, mess = town.firms[number], Mess(f"{town.seed}:{number}:registry", 0.15)
    dice = mess.dice
    delivered = max(START + timedelta(days=4), firm.founded_on + timedelta(days=6))
    changed = date(2023, 6, 1) + timedelta(days=dice.randrange(1100)) if dice.random() < 0.12 else None
    capital = dice.choice((10, 30, 50, 100, 200, 500)) * 1_000_000
    fields = {
        "name": firm.name,
        "registered_on": mess.day(firm.founded_on),
        "region": firm.region,
        "industry": firm.industry,
        "capital": mess.money(capital),
        "is_branch": mess.yes(firm.subject_type == "enterprise" and dice.random() < 0.012),
        "legal_rep": firm.legal_rep,
        "legal_rep_changed_on": "",
        "subject_type": _KINDS[firm.subject_type],
    }
    rows: list[Row] = [("registry_office", firm.uscc, "registration", delivered, fields)]
    if changed is not None and changed > delivered:
        rows.append(
            (
                "registry_office",
                firm.uscc,
                "registration",
                changed + timedelta(days=5),
                fields | {"legal_rep_changed_on": mess.day(changed)},
            )
        )
    holder = {
        "uscc": "",
        "name": firm.legal_rep,
        "share": dice.choice(("100%", "60%", "51%", "７０％")),
        "direction": "holder",
        "changed_on": "",
    }
    rows.append(("registry_office", firm.uscc, "shareholding", delivered, holder))
    for other, share, direction in town.ties.get(number, ()):
        link = {
            "uscc": town.firms[other].uscc,
            "name": town.firms[other].name,
            "share": f"{share}%",
            "direction": direction,
            "changed_on": "",
        }
        rows.append(("registry_office", firm.uscc, "shareholding", delivered, link))
    for other, amount_fen, direction in town.guarantees.get(number, ()):
        given = {"uscc": town.firms[other].uscc, "amount": mess.money(amount_fen), "direction": direction}
        rows.append(("registry_office", firm.uscc, "guarantee", delivered + timedelta(days=30), given))
    return rows


def _monthly(town: Town, number: int, last: int) -> list[Row]:
    """Filings, insured people, electricity and water."""
    firm, economy = town.firms[number], town.economy
    sales, tax, stress = economy.sales_fen[number], economy.tax_fen[number], economy.stress[number]
    care = float(economy.fortune.care[number])
    mess = Mess(f"{town.seed}:{number}:monthly")
    dice = mess.dice
    funded, rows = dice.random() < 0.35, []
    runs = 0
    for t in range(last + 1):
        month, next_month = first_day(t), first_day(t + 1)
        chance = [dice.random() for _ in range(8)]
        if sales[t] <= 0 and not sales[:t].any():
            continue
        period = mess.period(month.year, month.month)
        level = int(stress[t])
        runs = runs + 1 if level >= 2 else 0
        filed = next_month + timedelta(days=9 + int(chance[0] * 6))
        forgets = chance[1] < 0.015 + 0.05 * (1 - care)
        paid = 0 if sales[t] <= 0 or forgets or level >= 2 else int(tax[t])
        fields = {"period": period, "sales": "0" if forgets else mess.money(int(sales[t])), "tax_paid": mess.money(paid)}
        fields |= {"zero": mess.yes(sales[t] <= 0 or forgets), "filed_on": mess.day(filed)}
        rows.append(("tax", firm.uscc, "filing", filed + timedelta(days=3 + int(chance[2] * 4)), fields))
        people = int(economy.headcount[number, t])
        insured = max(0, people - (1 if level >= 1 and chance[3] < 0.3 else 0))
        sent = next_month + timedelta(days=7 + int(chance[3] * 8))
        rows.append(("social_insurance", firm.uscc, "month", sent, {"period": period, "headcount": mess.number(insured)}))
        behind = runs >= 2 or (level >= 1 and chance[4] < 0.12) or chance[4] < 0.012
        rows.append(("social_insurance", firm.uscc, "payment", sent, {"period": period, "state": "欠缴" if behind else "已缴"}))
        if funded:
            rows.append(
                ("social_insurance", firm.uscc, "fund", sent, {"period": period, "headcount": mess.number(max(0, insured - 2))})
            )
        due = next_month + timedelta(days=14)
        delay = -int(chance[5] * 10) if chance[5] < 0.85 else int(chance[6] * 25 * (1.3 - care))
        delay += (0, 6, 35, 120)[level] if chance[6] < (0, 0.5, 0.8, 1.0)[level] else 0
        bill = {"period": period, "kwh": mess.number(int(economy.kwh[number, t])), "due_on": mess.day(due)}
        paid_on = due + timedelta(days=delay)
        told = next_month + timedelta(days=8)
        rows.append(("utilities", firm.uscc, "power", told, bill | {"paid_on": mess.day(paid_on) if paid_on <= told else ""}))
        if paid_on > told:
            rows.append(("utilities", firm.uscc, "power", paid_on + timedelta(days=2), bill | {"paid_on": mess.day(paid_on)}))
        if t % 3 == 0:
            fee = 300_00 + int(economy.kwh[number, t]) * (3 + int(chance[7] * 4))
            rows.append(("utilities", firm.uscc, "water", told, {"period": period, "fee": mess.money(fee)}))
    return rows


def _yearly(town: Town, number: int, until: date) -> list[Row]:
    """Tax grades each April, quarterly notices of arrears, and what the firm owns."""
    firm, economy = town.firms[number], town.economy
    mess = Mess(f"{town.seed}:{number}:yearly")
    dice, rows = mess.dice, []
    care, owed = float(economy.fortune.care[number]), economy.tax_arrears_fen[number]
    if dice.random() < (0.24 if firm.subject_type != "sole_trader" else 0.10):
        value, parcel = int(dice.uniform(60, 900)) * 1_000_000, f"临江不动产{number:04d}号"
        start = max(START, firm.founded_on) + timedelta(days=40)
        rows.append(("property", firm.uscc, "title", start, {"parcel": parcel, "value": mess.money(value), "held": "是"}))
        shut = next((t for t in range(len(owed)) if economy.stress[number, t] >= 3), None)
        burden = {"parcel": parcel, "mortgaged": mess.yes(dice.random() < 0.45), "seized": "否"}
        rows.append(("property", firm.uscc, "burden", start, burden))
        if shut is not None:
            rows.append(("property", firm.uscc, "burden", first_day(shut) + timedelta(days=75), burden | {"seized": "是"}))
    volunteers = dice.random() < (1.0 if firm.subject_type != "sole_trader" else 0.3)
    for year in range(2022, until.year + 1):
        luck, late = dice.gauss(0, 7), dice.randrange(20)
        if not volunteers or firm.founded_on.year > year:
            continue
        first = max(0, (year - START.year) * 12)
        behind = int((economy.stress[number, first : first + 12] >= 2).sum()) if year >= START.year else 0
        points = 97 - 5 * behind - 22 * (1 - care) + luck
        grade = "A" if points >= 90 else "B" if points >= 70 else "C" if points >= 40 else "D"
        grade = "M" if firm.founded_on.year == year and grade in "AB" else grade
        rows.append(("tax", firm.uscc, "grade", date(year + 1, 4, 8) + timedelta(days=late), {"year": str(year), "grade": grade}))
    told = False
    for t in range(2, len(owed), 3):
        as_of = first_day(t + 1) - timedelta(days=1) if t + 1 < len(owed) else until
        if owed[t] > 0 or told:
            told = owed[t] > 0
            fields = {"as_of": mess.day(as_of), "amount": mess.money(int(owed[t]) // 10_000 * 10_000)}
            rows.append(("tax", firm.uscc, "arrears", as_of + timedelta(days=12), fields))
    return rows


def _twice(town: Town, number: int, rows: list[Row]) -> Iterator[Row]:
    """Some deliveries come again, some under a carelessly keyed code, some first came wrong and are put right later.

    Chance hangs on the record itself, not on how many came before it: asking for a longer time changes nothing earlier.
    """
    for source, key, kind, day, fields in rows:
        name = f"{town.seed}:{number}:{source}:{kind}:{day}:{fields.get('period', '')}"
        lot = zlib.crc32(name.encode()) / 2**32
        yield source, key, kind, day, fields
        if lot < 0.010:
            yield source, key, kind, day + timedelta(days=1 + int(lot * 800)), fields
        elif lot < 0.013:
            yield source, Mess(name).key(key), kind, day + timedelta(days=1), fields
        elif lot < 0.018 and kind == "month" and "headcount" in fields:
            wrong = {**fields, "headcount": str(1 + int(lot * 1e6) % 59)}
            yield source, key, kind, day - timedelta(days=1), wrong
        elif lot < 0.018 and kind == "filing":
            yield source, key, kind, day - timedelta(days=1), {**fields, "sales": "以申报表为准"}
