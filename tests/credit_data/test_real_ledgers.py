"""The public ledgers of 425 firms (CUMCM 2020 C): our totals are the published ones, invoice by invoice."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from backend.credit_data import ledger_files, ledgers, views
from backend.credit_data.distil import Record, distil
from backend.credit_data.invoices import EPOCH
from backend.credit_data.ledger_report import sheets
from backend.kit.database import Database
from backend.parties import views as parties
from tests.credit_data.ledgers import AT, CLERK, SEALER, imported

DATA = Path(os.environ.get("CREDITBRIDGE_DATA", Path(__file__).parents[3] / "shared" / "data")) / "cumcm2020c"
LAST = date(2020, 2, 21)
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the shared data folder is not here (../shared/data or CREDITBRIDGE_DATA)"),
]

# rows, void, void with a space, negative, net 0, VAT 0, repeated, net + VAT is not gross, partners, net of the valid in fen
PUBLISHED = {
    ("123", "input"): (210_947, 7_608, 0, 1_881, 0, 9_198, 803, 2, 13_961, 925_402_352_571),
    ("123", "output"): (162_484, 11_206, 47, 8_556, 1_679, 5_454, 4_436, 1, 24_449, 1_324_903_523_135),
    ("302", "input"): (395_175, 17_236, 0, 3_630, 0, 11_340, 4_681, 2, 31_160, 850_066_791_828),
    ("302", "output"): (330_835, 27_555, 48, 5_697, 2_340, 36_340, 1_745, 0, 40_891, 1_533_158_019_418),
}


@pytest.fixture(scope="module")
def parts() -> dict[str, ledger_files.Part]:
    return {part.name: part for part in ledger_files.read_parts(DATA, "all", AT.date(), lambda *told: None)}


def test_the_totals_are_the_published_ones(parts: dict[str, ledger_files.Part]) -> None:
    found = {
        (sheet.part, sheet.side): (
            sheet.rows, sheet.void, sheet.void_with_space, sheet.negative, sheet.zero_net, sheet.zero_vat,
            sheet.repeated, sheet.unequal, sheet.partners, sheet.valid_net_fen,
        )
        for part in parts.values()
        for sheet in sheets(part)
    }  # fmt: skip
    assert found == PUBLISHED
    assert {name: len(part.firms) for name, part in parts.items()} == {"123": 123, "302": 302}


def test_the_thinnest_firms_get_the_few_facts_they_support(parts: dict[str, ledger_files.Part]) -> None:
    rows = parts["123"].rows
    for code, sides in {"E69": 1, "E104": 1, "E115": 2, "E123": 3}.items():
        thin = rows[rows["code"] == code]
        assert int((~thin["out"]).sum()) == sides
        found = ledgers.facts_of(thin, LAST)
        assert all(isinstance(value.value, int | date) for value in found.values())


def test_a_departments_months_and_a_ledger_of_the_same_rows_make_the_same_facts(parts: dict[str, ledger_files.Part]) -> None:
    every = parts["302"].rows
    for code in ("E124", "E200", "E300", "E425"):
        rows = every[every["code"] == code]
        for day in (LAST, date(2018, 12, 31)):
            by_ledger = ledgers.facts_of(rows, day)
            by_months = distil(_as_months(rows), day, delivered={"TAX04"})
            assert by_ledger == by_months, f"{code} on {day}"
            assert by_ledger["sales_12m_fen"].value != 0


def _as_months(rows: pd.DataFrame) -> list[Record]:
    """The rows as a department writes them: one record a month, every value a text."""
    by_month: dict[str, list[list[str]]] = {}
    for row in rows.itertuples():
        day = EPOCH + pd.Timedelta(days=int(row.day)).to_pytimedelta()
        side = "销项" if row.out else "进项"
        money = [f"{int(fen) / 100:,.2f}" for fen in (row.net, row.vat, row.gross)]  # type: ignore[arg-type]  # pandas does not say
        by_month.setdefault(f"{day:%Y-%m}", []).append([row.number, f"{day:%Y%m%d}", row.partner, side, *money, row.state])  # type: ignore[list-item]  # as above
    return [
        Record("invoices", "month", {"period": period, "rows": listed}, date(2017, 1, 1)) for period, listed in by_month.items()
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_302_firms_are_imported_whole_and_known_on_their_last_day(database: Database) -> None:
    report = imported(database, DATA)
    assert (report.firms, report.new_ledgers, report.facts_on) == (302, 302, LAST)
    with database.writing() as session:
        swept = dict(views.sweep(session, CLERK, purpose="pre_loan", at=AT, codes=["sales_12m_fen"], facts_on=LAST))
        assert len(swept) == 302
        firm = parties.firm_by_uscc(session, ledgers.fictional_uscc("E124", "sole_trader"))
        assert firm is not None
        assert len(views.faults(session, firm.id)) > 0 or not swept[firm.id]["sales_12m_fen"].doubts
    again = ledgers.distil_ledgers(database, day=LAST, sealer=SEALER)
    assert again == 0
