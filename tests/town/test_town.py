"""The town: the same from the same seed, whole, and honest about what it hides."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from backend.credit_data import records as shapes
from backend.parties.model import subject_type, uscc
from backend.town.city import Town, build
from backend.town.economy import first_day, month_of
from backend.town.plans import FORMS_NUMBERS, GROUPS
from backend.town.records import of_firm, records, write

UNTIL = date(2025, 6, 30)


@pytest.fixture(scope="module")
def town() -> Town:
    return build(seed=42, size=60)


@pytest.fixture(scope="module")
def calm() -> Town:
    return build(seed=42, size=60, shocks=False)


def test_the_same_seed_gives_the_same_town_to_the_byte(town: Town) -> None:
    twin = build(seed=42, size=60)
    assert twin.firms == town.firms
    assert twin.plans == town.plans
    assert twin.market == town.market
    assert of_firm(twin, 7, UNTIL) == of_firm(town, 7, UNTIL)
    assert np.array_equal(twin.economy.cash_fen, town.economy.cash_fen)


def test_another_seed_gives_another_town(town: Town) -> None:
    other = build(seed=43, size=60)
    assert [f.name for f in other.firms] != [f.name for f in town.firms]
    assert not {f.uscc for f in other.firms} & {f.uscc for f in town.firms}
    assert not np.array_equal(other.economy.sales_fen, town.economy.sales_fen)


def test_every_credit_code_is_valid_fictional_and_of_its_kind(town: Town) -> None:
    assert len({firm.uscc for firm in town.firms}) == len(town.firms)
    for firm in town.firms:
        assert uscc(firm.uscc) == (firm.uscc, "valid")
        assert subject_type(firm.uscc) == firm.subject_type
        assert firm.uscc[2:8] == "330299"


def test_a_whole_town_has_its_mix_of_firms() -> None:
    whole = build()
    kinds = Counter(firm.subject_type for firm in whole.firms)
    assert len(whole.firms) == 300
    assert 55 <= kinds["sole_trader"] <= 100
    assert 3 <= kinds["cooperative"] <= 25
    assert 35 <= len(whole.market.active) <= 55
    assert {"A", "C", "E", "F", "G", "H", "I"} <= {firm.industry[0] for firm in whole.firms}
    assert len({firm.name for firm in whole.firms}) == 300


def test_every_record_has_a_kind_and_fields_that_the_platform_knows(town: Town) -> None:
    seen, faults, total = set(), 0, 0
    for source, _, kind, _, fields in records(town, UNTIL):
        seen.add((source, kind))
        assert set(fields) <= set(shapes.SHAPES[source, kind].fields)
        cleaned, wrong = shapes.read(source, kind, fields)
        assert cleaned is not None
        faults, total = faults + len(wrong), total + 1
    assert 0 < faults < total / 100
    assert len(seen) >= 20


def test_departments_are_late_double_contradictory_and_full_width(town: Town) -> None:
    rows = list(records(town, UNTIL))
    bodies = Counter((key, kind, json.dumps(fields, sort_keys=True)) for _, key, kind, _, fields in rows)
    codes = {firm.uscc for firm in town.firms}
    invoices = [row for _, _, kind, _, fields in rows if kind == "month" for row in fields.get("rows", ())]
    assert any(count > 1 for count in bodies.values())
    assert any(key not in codes for _, key, _, _, _ in rows)
    assert any(row[7] == "作废发票" for row in invoices)
    assert any(row[4].startswith(("-", "(")) for row in invoices)
    assert any(any(c in "０１２３４５６７８９" for c in row[4]) for row in invoices)
    assert any(fields.get("sales") == "以申报表为准" for _, _, _, _, fields in rows)


def test_no_record_tells_a_shock_only_what_followed_from_it(town: Town, calm: Town) -> None:
    """Up to the month of a firm's first shock, its records are those of the town without bad luck."""
    struck = 0
    for firm in town.firms:
        differs = np.flatnonzero(town.economy.fortune.sales[firm.number] != calm.economy.fortune.sales[firm.number])
        lost = np.flatnonzero(town.economy.fortune.loss[firm.number])
        slow = np.flatnonzero(town.economy.fortune.collected[firm.number] != 1)
        first = min((int(a[0]) for a in (differs, lost, slow) if a.size), default=None)
        if first is None or first < 3 or first > month_of(UNTIL):
            continue
        struck += 1
        before = first_day(first)
        assert of_firm(town, firm.number, before) == of_firm(calm, firm.number, before), firm
    assert struck > 10


def test_records_before_a_day_do_not_depend_on_what_is_asked_until(town: Town) -> None:
    early = date(2024, 9, 1)
    for number in range(0, 60, 7):
        assert [row for row in of_firm(town, number, UNTIL) if row[3] <= early] == of_firm(town, number, early)


def test_invoices_add_up_to_what_the_economy_sold(town: Town) -> None:
    month = month_of(date(2024, 5, 1))
    for number in range(10):
        sold = int(town.economy.sales_fen[number, month])
        found = []
        for _, _, kind, _, fields in of_firm(town, number, date(2024, 9, 1)):
            cleaned, _ = shapes.read("invoices", kind, fields) if kind == "month" and "rows" in fields else (None, [])
            if cleaned and cleaned["period"] == "2024-05":
                sales = [r for r in cleaned["rows"] if r[3] == "销项" and "作废" not in r[7] and not r[0].endswith("R")]
                found.append(sum(shapes.clean.amount(r[4]) or 0 for r in sales))
        assert sold == 0 or sold in found


def test_the_exchange_database_is_written_as_its_readme_says(town: Town, tmp_path: Path) -> None:
    count = write(town, tmp_path / "departments.db", until=UNTIL)
    with closing(sqlite3.connect(tmp_path / "departments.db")) as connection:
        found = connection.execute("SELECT COUNT(*), MAX(delivered_on), MIN(LENGTH(payload)) FROM records").fetchone()
        columns = [row[1] for row in connection.execute("PRAGMA table_info(records)")]
    assert found[0] == count
    assert found[1] <= UNTIL.isoformat()
    assert columns == ["id", "source", "uscc", "delivered_on", "kind", "payload"]


def test_a_day_at_a_time_delivers_what_the_whole_would(town: Town, tmp_path: Path) -> None:
    whole = write(town, tmp_path / "whole.db", until=UNTIL)
    first = write(town, tmp_path / "first.db", until=date(2024, 12, 31))
    rest = write(town, tmp_path / "rest.db", since=date(2025, 1, 1), until=UNTIL)
    assert first + rest == whole


def test_a_few_firms_game_the_data_market_and_the_others_do_not(town: Town) -> None:
    assert 3 <= len(town.market.tricks) <= 5
    assert set(town.market.tricks) <= set(town.market.active)
    assert town.market.batches[0].issued_on == date(2025, 4, 17)
    members = {code for batch in town.market.batches for code, _ in batch.members}
    assert members <= {town.firms[number].uscc for number in town.market.active}


def test_plans_are_data_that_a_driver_can_follow(town: Town) -> None:
    items = {item for group in GROUPS.values() for item in group}
    for plan in town.plans:
        assert set(plan.items) <= items
        assert (plan.channel == "forms") == (plan.number in FORMS_NUMBERS)
        for need in plan.needs:
            assert need.amount_fen % 1_000_000 == 0
            assert need.amount_fen > 0
            assert need.wanted_on >= plan.authorises_on
    assert sum(plan.channel == "forms" for plan in town.plans) == 10
    assert any(plan.revokes_on for plan in town.plans)
    assert any(plan.agent for plan in town.plans)
