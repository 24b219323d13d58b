"""Public outcomes through the pool's book: to the cent what the file alone says; made files here, real ones where they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from backend.cli.replaying import scratch
from backend.kit.database import Database
from backend.kit.errors import Invalid
from risk_compensation.play import outcomes, replay

DATA = Path(os.environ.get("CREDITBRIDGE_DATA", Path(__file__).parents[3] / "shared" / "data"))
NAME = outcomes.SBA_FILES[0]


def sba_file(folder: Path, *rows: dict[str, object]) -> Path:
    plain = {
        "LoanNr_ChkDgt": "1",
        "MIS_Status": "P I F",
        "ApprovalDate": pd.Timestamp("2005-01-03"),
        "DisbursementDate": pd.Timestamp("2005-01-31"),
        "ChgOffDate": pd.NaT,
        "ChgOffPrinGr": 0.0,
        "GrAppv": 150_000.0,
        "SBA_Appv": 127_500.0,
        "SampleWeight": 1.0,
    }
    pd.DataFrame([plain | {"LoanNr_ChkDgt": str(n)} | row for n, row in enumerate(rows)]).to_parquet(folder / NAME)
    return folder


@pytest.fixture
def book() -> Iterator[Database]:
    with scratch() as database:
        yield database


BAD = {"MIS_Status": "CHGOFF", "ChgOffDate": pd.Timestamp("2006-06-01")}


def test_the_pool_pays_85_or_75_per_cent_of_the_charge_off_and_never_above_the_guaranteed_amount(
    book: Database, tmp_path: Path
) -> None:
    folder = sba_file(
        tmp_path,
        BAD | {"ChgOffPrinGr": 1000.01},
        BAD | {"ChgOffPrinGr": 1000.01, "GrAppv": 150_000.01},
        BAD | {"ChgOffPrinGr": 100_000.0, "SBA_Appv": 50_000.0},
        BAD | {"ChgOffPrinGr": 200_000.0},
        {},
    )
    found = outcomes.sba(folder, NAME)
    done = replay.sba(book, found.loans, "p")
    assert (done.claims, done.faults) == (4, [])
    assert done.paid_fen == 85_001 + 75_001 + 5_000_000 + 12_750_000
    assert done.bank_fen == 15_000 + 25_000 + 5_000_000 + 2_250_000
    assert done.committed_fen == 15_000_000, "only the loan paid in full still stands"
    assert (done.claims, done.paid_fen) == replay.sba_alone(folder, NAME)


def test_what_a_file_leaves_out_is_counted_and_a_paid_loan_is_no_claim(book: Database, tmp_path: Path) -> None:
    folder = sba_file(
        tmp_path,
        {"ChgOffPrinGr": 500.0},
        BAD | {"ChgOffPrinGr": 0.0},
        BAD | {"ChgOffPrinGr": 10.0, "ChgOffDate": pd.NaT},
        {"MIS_Status": None},
        {"GrAppv": 0.0},
        {"LoanNr_ChkDgt": "0"},
    )
    found = outcomes.sba(folder, NAME)
    assert dict(found.left_out) == {"no outcome": 1, "amount or day missing": 1, "loan number repeated": 1}
    assert {why.split(":")[0]: count for why, count in found.noted.items() if count} == {
        "paid in full, yet a charged-off amount": 1,
        "charged off without an amount": 1,
        "charged off without a day": 1,
    }
    done = replay.sba(book, found.loans, "p")
    assert (done.claims, done.paid_fen) == (2, 850)


def test_a_planted_wrong_payment_shows_as_a_difference(book: Database, tmp_path: Path) -> None:
    folder = sba_file(tmp_path, BAD | {"ChgOffPrinGr": 1000.01})
    (loan,) = outcomes.sba(folder, NAME).loans
    wrong = outcomes.Outcome(loan.reference, loan.amount_fen, loan.guaranteed_fen, loan.drawn_on, loan.charged_off_on, 100_002)
    assert replay.sba(book, [wrong], "p").paid_fen != replay.sba_alone(folder, NAME)[1]


def test_claims_grow_with_age_and_ages_not_yet_reached_are_empty(tmp_path: Path) -> None:
    folder = sba_file(tmp_path, *[BAD | {"ChgOffPrinGr": 1000.0, "SampleWeight": 10.0}, *[{"SampleWeight": 30.0}] * 3])
    (row,) = replay.vintages(outcomes.sba(folder, NAME).loans, 3)
    assert (row.year, row.loans, row.weighted) == (2005, 4, 100)
    assert row.cumulative_curve == (None, None, None), "the file ends in 2006: no loan of 2005 is known for a whole year"
    folder = sba_file(
        tmp_path, BAD | {"ChgOffPrinGr": 1000.0}, BAD | {"ChgOffPrinGr": 1.0, "ChgOffDate": pd.Timestamp("2008-01-02")}
    )
    (row,) = replay.vintages(outcomes.sba(folder, NAME).loans, 3)
    assert [round(each, 2) if each is not None else None for each in row.cumulative_curve] == [0.0, 28.33, None]


def test_days_of_all_three_files_are_read() -> None:
    said = [pd.Timestamp("2005-01-31"), "2/28/1997", "7-Feb-06", 15074.0, pd.NaT, "", float("nan")]
    assert [outcomes.day(each) for each in said] == [
        *(date(2005, 1, 31), date(1997, 2, 28), date(2006, 2, 7), date(2001, 4, 9)),
        *(None, None, None),
    ]
    with pytest.raises(Invalid, match="the folder has no"):
        outcomes.frame_of(Path("/nowhere"), NAME)


def test_public_money_matches_both_premiums_and_exceptions_are_listed(book: Database) -> None:
    rows = [
        outcomes.Premiums(0, "AL", 100_000, 2_000, 3_000, 5_000),
        outcomes.Premiums(1, "AL", 100_000, 2_000, 3_000, 5_100),
        outcomes.Premiums(2, "CA", 100_000, 2_000, 3_000, 5_101),
        outcomes.Premiums(3, "CA", 100_000, 0, 0, 0),
    ]
    done = replay.premiums(book, rows)
    assert (done.agreeing, done.exact, done.public_fen, done.file_fen) == (3, 2, 10_000, 10_100)
    assert [row.row for row in done.exceptions] == [2]
    assert done.replayed.faults == []


real = pytest.mark.skipif(
    not (DATA / "sba7a" / NAME).is_file(), reason="the shared data folder is not here (../shared/data or CREDITBRIDGE_DATA)"
)


@pytest.mark.real_data
@real
def test_on_the_sba_case_the_pool_pays_what_the_file_alone_says_to_the_cent(book: Database) -> None:
    name = outcomes.SBA_FILES[2]
    found = outcomes.sba(DATA / "sba7a", name)
    done = replay.sba(book, found.loans, "p")
    assert (found.rows, done.claims, done.paid_fen, done.faults) == (2_102, 686, 2_826_688_090, [])
    assert replay.sba_alone(DATA / "sba7a", name) == (done.claims, done.paid_fen)


@pytest.mark.real_data
@real
def test_in_all_but_a_few_capital_access_rows_the_public_matches_both_premiums(book: Database) -> None:
    rows, all_rows = outcomes.ssbci(DATA / "ssbci")
    done = replay.premiums(book, rows)
    assert (all_rows, done.rows) == (21_962, 13_965)
    assert done.public_fen == replay.premiums_alone(DATA / "ssbci")
    assert round(done.agreeing / done.rows, 3) == 0.977
    assert len(done.exceptions) == done.rows - done.agreeing
