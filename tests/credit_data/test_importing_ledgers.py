"""A ledger is imported whole or not at all; twice is once; what is doubtful is kept and flagged."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import func, select

from backend.audit import views as audit
from backend.consents import views as consents
from backend.consents.tables import Consent
from backend.credit_data import ledger_files, ledgers, views
from backend.credit_data.ledger_files import UnreadableLedger
from backend.credit_data.tables import DataFault, FactRow, RawRecordRow
from backend.kit.database import Database
from backend.kit.errors import Invalid
from backend.parties import views as parties
from backend.parties.model import uscc
from backend.parties.tables import Firm
from tests.credit_data.ledgers import AT, CLERK, FOLDER, SOUND, imported

BAD = [
    ("column_missing", "invoices_302_output.csv", 0, "价税合计", "missing"),
    ("sides_swapped", "invoices_302_input.csv", 0, "销方单位代号", "missing"),
    ("not_utf8", "enterprises_302.csv", 0, "encoding", "not UTF-8"),
    ("impossible_day", "invoices_302_input.csv", 2, "开票日期", "2019-02-30"),
    ("day_in_the_future", "invoices_302_output.csv", 4, "开票日期", "impossible"),
    ("amount_is_a_word", "invoices_302_input.csv", 2, "金额", "五百"),
    ("amount_too_fine", "invoices_302_input.csv", 1, "金额", "two decimals"),
    ("state_unknown", "invoices_302_output.csv", 2, "发票状态", "退回"),
    ("firm_not_listed", "invoices_302_output.csv", 4, "企业代号", "E999"),
    ("firm_said_twice", "enterprises_302.csv", 2, "企业代号", "twice"),
    ("no_partner", "invoices_302_output.csv", 4, "购方单位代号", "not a name"),
    ("row_number_is_a_word", "invoices_302_input.csv", 2, "行序号", "一"),
    ("ragged", "invoices_302_input.csv", 0, "table", "not a table"),
    ("file_missing", "invoices_302_output.parquet", 0, "file", "missing"),
    ("empty_file", "invoices_302_input.csv", 0, "table", "not a table"),
]


def test_every_bad_folder_is_in_the_table() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {row[0] for row in BAD} | {"sound"}


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        tables = (Firm, Consent, RawRecordRow, FactRow, DataFault)
        return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.mark.parametrize(("folder", "file", "row", "column", "what"), BAD, ids=[row[0] for row in BAD])
def test_an_unreadable_ledger_is_refused_by_file_row_and_column(folder: str, file: str, row: int, column: str, what: str) -> None:
    with pytest.raises(UnreadableLedger) as refused:
        ledger_files.read_parts(FOLDER / folder, "302", AT.date(), lambda *told: None)
    fault = refused.value.faults[0]
    assert (fault.file, fault.row, fault.column) == (file, row, column)
    assert what in fault.what
    assert file in refused.value.words.en
    assert column in refused.value.words.zh


def test_a_refused_ledger_leaves_what_was_there_and_a_line_in_the_log(database: Database) -> None:
    imported(database)
    before = counts(database)
    with pytest.raises(UnreadableLedger):
        imported(database, FOLDER / "impossible_day")
    assert counts(database) == before
    with database.reading() as session:
        assert audit.trail(session)[0].action == "ledgers.refused"


def test_of_many_faults_the_first_twenty_are_named_and_all_are_counted(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SOUND, tmp_path / "many"))
    file = folder / "invoices_302_input.csv"
    head, first, *_ = file.read_text().splitlines()
    file.write_text("\n".join([head, *[first.replace("2019-03-05", "2019-13-05")] * 57]))
    (folder / "enterprises_302.csv").write_text("企业代号,企业名称\nE901,甲\nE902,\n")
    with pytest.raises(UnreadableLedger, match="58 faults, the first 20") as refused:
        ledger_files.read_parts(folder, "302", AT.date(), lambda *told: None)
    assert len(refused.value.faults) == 20
    assert [fault.row for fault in refused.value.faults[1:]] == list(range(1, 20))


@pytest.mark.parametrize(
    ("column", "values", "named"),
    [
        ("开票日期", [1.5, 2.5, 3.5], "开票日期"),
        ("金额", [float("nan"), 1.0, 2.0], "金额"),
        ("金额", [True, False, True], "金额"),
        ("税额", [0.001, 1.0, 2.0], "税额"),
        ("价税合计", [float("inf"), 1.0, 2.0], "价税合计"),
        ("发票号码", [1.5, 2.0, 3.0], "发票号码"),
    ],
    ids=["a day of a float", "no amount", "a truth for an amount", "a tenth of a fen", "endless", "half a number"],
)
def test_a_column_of_another_type_is_refused(tmp_path: Path, column: str, values: list[object], named: str) -> None:
    folder = Path(shutil.copytree(SOUND, tmp_path / "typed"))
    frame = pd.read_csv(folder / "invoices_302_input.csv")
    frame[column] = values
    frame.to_parquet(folder / "invoices_302_input.parquet")
    with pytest.raises(UnreadableLedger) as refused:
        ledger_files.read_parts(folder, "302", AT.date(), lambda *told: None)
    assert refused.value.faults[0].column == named


def test_what_is_no_parquet_file_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SOUND, tmp_path / "fake"))
    (folder / "invoices_302_input.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(UnreadableLedger, match="not a parquet file"):
        ledger_files.read_parts(folder, "302", AT.date(), lambda *told: None)


@pytest.mark.parametrize(("said", "place"), [({"basis": "  "}, "basis"), ({"part": "303"}, "part")])
def test_an_import_names_its_part_and_its_basis(database: Database, said: dict[str, str], place: str) -> None:
    with pytest.raises(Invalid) as wrong:
        imported(database, **said)
    assert wrong.value.place == place
    with pytest.raises(Invalid, match="not a folder"):
        imported(database, SOUND / "enterprises_302.csv")


def test_a_sound_ledger_becomes_firms_a_basis_a_sealed_record_and_facts(database: Database) -> None:
    report = imported(database)
    assert (report.firms, report.new_ledgers, report.facts_on) == (2, 2, date(2019, 8, 15))
    sales = report.sheets[1]
    assert (sales.rows, sales.void, sales.void_with_space, sales.negative, sales.valid_net_fen) == (4, 1, 1, 1, 2_100_00)
    with database.writing() as session:
        firm = parties.firm_by_uscc(session, ledgers.fictional_uscc("E901", "enterprise"))
        assert firm is not None
        assert (firm.source_code, firm.imported, uscc(firm.uscc)[1]) == ("E901", True, "valid")
        trader = parties.firm_by_uscc(session, ledgers.fictional_uscc("E902", "sole_trader"))
        assert trader is not None
        assert trader.subject_type == "sole_trader"
        [paper] = consents.of_firm(session, firm.id, AT)
        assert paper.kind == "imported"
        assert paper.signature == report.digests["302"]
        swept = dict(
            views.sweep(
                session, CLERK, purpose="pre_loan", at=AT, codes=["sales_12m_fen", "void_share_bp"], facts_on=report.facts_on
            )
        )
        assert swept[firm.id]["sales_12m_fen"].value == 1_800_00
        assert swept[firm.id]["void_share_bp"].value == 3_333
        assert swept[firm.id]["sales_12m_fen"].consent_id == paper.id
        sealed = session.scalars(select(RawRecordRow)).first()
        assert sealed is not None
        assert b"E901" not in sealed.sealed
        assert "有效".encode() not in sealed.sealed


def test_importing_the_same_folder_twice_changes_nothing(database: Database) -> None:
    imported(database)
    before = counts(database)
    again = imported(database, at=AT + timedelta(days=3))
    assert (again.new_ledgers, again.facts) == (0, 0)
    assert counts(database) == before


def test_a_longer_ledger_of_the_same_firm_is_another_record_and_the_last_one_counts(database: Database, tmp_path: Path) -> None:
    imported(database)
    folder = Path(shutil.copytree(SOUND, tmp_path / "longer"))
    with (folder / "invoices_302_output.csv").open("a") as file:
        file.write("4,E901,2004,2019-08-16,B009,1000.00,130.00,1130.00,有效发票\n")
    assert imported(database, folder, at=AT + timedelta(days=3)).new_ledgers == 1
    from tests.credit_data.ledgers import SEALER

    assert ledgers.distil_ledgers(database, day=date(2019, 8, 20), sealer=SEALER) == 0, "its facts were made as it came in"
    with database.reading() as session:
        firm = parties.firm_by_uscc(session, ledgers.fictional_uscc("E901", "enterprise"))
        assert firm is not None
        known = {row.code: row.value for row in views.latest_rows(session, firm.id, date(2019, 8, 20))}
        assert known["sales_12m_fen"] == 2_800_00


def test_facts_of_another_day_are_made_from_what_is_kept_and_look_no_further(database: Database) -> None:
    from tests.credit_data.ledgers import SEALER

    imported(database)
    day = date(2019, 7, 31)
    assert ledgers.distil_ledgers(database, day=day, sealer=SEALER) > 0
    assert ledgers.distil_ledgers(database, day=day, sealer=SEALER) == 0
    with database.writing() as session:
        swept = dict(
            views.sweep(session, CLERK, purpose="pre_loan", at=AT, codes=["sales_12m_fen", "purchases_12m_fen"], facts_on=day)
        )
        firm = parties.firm_by_uscc(session, ledgers.fictional_uscc("E901", "enterprise"))
        assert firm is not None
        assert swept[firm.id]["sales_12m_fen"].value == 2_000_00, "the return of August is not known in July"
        assert swept[firm.id]["sales_12m_fen"].as_of == day


def test_a_ledger_says_nothing_of_days_after_its_last(database: Database) -> None:
    from tests.credit_data.ledgers import SEALER

    report = imported(database)
    assert ledgers.distil_ledgers(database, day=date(2025, 6, 1), sealer=SEALER) == 0
    with database.writing() as session:
        swept = dict(views.sweep(session, CLERK, purpose="pre_loan", at=AT, codes=["sales_12m_fen"]))
        assert {facts["sales_12m_fen"].as_of for facts in swept.values()} == {report.facts_on}
        assert all(facts["sales_12m_fen"].value > 0 for facts in swept.values()), "unknown is not nothing"


def test_doubtful_rows_are_kept_counted_and_flagged(database: Database, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SOUND, tmp_path / "doubtful"))
    with (folder / "invoices_302_output.csv").open("a") as file:
        file.write("4,E901,2000,2019-04-05,B000,2000.00,260.00,2260.00,有效发票\n")
        file.write("5,E901,2005,2019-04-06,B001,100.00,13.00,113.03,有效发票\n")
        file.write("6,E901,2006,2019-04-06,B001,100.00,13.00,113.02,有效发票\n")
    report = imported(database, folder)
    assert (report.sheets[1].repeated, report.sheets[1].unequal) == (1, 1)
    with database.writing() as session:
        firm = parties.firm_by_uscc(session, ledgers.fictional_uscc("E901", "enterprise"))
        assert firm is not None
        flags = sorted(fault.what for fault in views.faults(session, firm.id))
        assert flags == [
            "销项 row 4, invoice 2000: said before",
            "销项 row 5, invoice 2005: net + VAT differs from the gross by -0.03 yuan",
        ]
        swept = dict(views.sweep(session, CLERK, purpose="pre_loan", at=AT, codes=["sales_12m_fen"], facts_on=report.facts_on))
        fact = swept[firm.id]["sales_12m_fen"]
        assert fact.value == 4_000_00
        assert fact.doubts == ("1 invoices are said twice", "net and VAT do not make the gross on 1 invoices")


def test_an_imported_ledger_reaches_no_bank(database: Database) -> None:
    imported(database)
    with database.writing() as session:
        firm = parties.firm_by_uscc(session, ledgers.fictional_uscc("E901", "enterprise"))
        assert firm is not None
        file = views.read(session, CLERK, firm_id=firm.id, purpose="pre_loan", recipient="harbour_bank", at=AT)
        assert not [code for code in file.facts if code.startswith("sales")]
        assert file.withheld["sales_12m_fen"] == "TAX04"


@pytest.mark.parametrize("code", ["E1", "E425", "F1", "企业一", "E12345678"])
def test_a_fictional_code_is_valid_always_the_same_and_of_no_authority(code: str) -> None:
    made = ledgers.fictional_uscc(code, "enterprise")
    assert uscc(made) == (made, "valid")
    assert made[2:8] == "000000"
    assert made == ledgers.fictional_uscc(code, "enterprise")


def test_a_firm_without_any_invoice_is_imported_without_facts(database: Database, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SOUND, tmp_path / "thin"))
    with (folder / "enterprises_302.csv").open("a") as file:
        file.write("E903,***空有限公司\n")
    assert imported(database, folder).new_ledgers == 3
    before = counts(database)
    imported(database, folder)
    assert counts(database) == before
