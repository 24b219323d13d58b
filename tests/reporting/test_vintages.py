"""A loan renewed without repayment is one loan, of the month in which it was first lent; told through the published snapshot."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.reporting import snapshot
from tests.reporting.makers import AT, BELL, DAY, a_draw, a_firm, a_party, a_payment, a_renewal

FIRST, AGAIN, ENDS = date(2025, 1, 5), date(2025, 7, 5), date(2025, 10, 5)
MILLION = 1_000_000


def a_repaid(session: Session, name: str, firm: str, on: date, due: date, fen: int = MILLION) -> None:
    """Lent and paid back on its day: alone it is as good as a loan can be."""
    interest = (fen * 400 * (due - on).days * 2 + 3_600_000) // 7_200_000
    a_draw(session, name, firm, BELL, fen, on, due, 400, outstanding_fen=0, unpaid_since=None, repaid_on=due, state="repaid")
    a_payment(session, name, BELL, due, fen, interest)


def a_town(session: Session, *, renewing: int, failing: int = 1, fresh: int = 5) -> None:
    """Six firms borrow in January and pay in July; `renewing` of them by a renewal, of which `failing` is never paid. Besides,
    `fresh` others borrow in July for the first time."""
    a_party(session, BELL)
    for number in range(1, 7):
        a_firm(session, f"old{number}")
        a_repaid(session, f"j{number}", f"old{number}", FIRST, AGAIN)
        if number <= failing:
            a_draw(session, f"r{number}", f"old{number}", BELL, MILLION, AGAIN, ENDS, 400, max_dpd=177)
        elif number <= renewing:
            a_repaid(session, f"r{number}", f"old{number}", AGAIN, ENDS)
        if number <= renewing:
            a_renewal(session, f"j{number}", f"r{number}")
    for number in range(1, fresh + 1):
        a_firm(session, f"new{number}")
        a_repaid(session, f"n{number}", f"new{number}", AGAIN, date(2026, 3, 5))


def published(database: Database, folder: Path, table: str, **where: str) -> list[dict[str, Any]]:
    """What the file says."""
    with closing(sqlite3.connect(snapshot.build(database, folder, AT))) as file:
        file.row_factory = sqlite3.Row
        condition = " AND ".join(f"{name} = ?" for name in where) or "1"
        found = [dict(row) for row in file.execute(f"SELECT * FROM {table} WHERE {condition}", tuple(where.values()))]
    return sorted(found, key=lambda row: int(row.get("mob") or 0))


def test_a_renewal_that_fails_counts_in_the_cohort_in_which_the_loan_was_first_lent(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        a_town(session, renewing=5)
    january = published(database, tmp_path, "vintages", cohort="2025-01")
    assert {(each["draws"], each["drawn_fen"]) for each in january} == {(6, 6 * MILLION)}, "six loans, not eleven"
    late30, late90 = ([each["mob"] for each in january if each[name]] for name in ("ever30_fen", "ever90_fen"))
    assert late30[0] == 10, "31 days late on 5 November 2025, ten months old to the day"
    assert late90[0] == 12, "91 days late on 4 January 2026, a day before it is one year old"
    assert january[-1]["ever90_fen"] == MILLION, "the ancestor was paid back with the renewal's money: it is not repaid well"
    july = published(database, tmp_path, "vintages", cohort="2025-07")
    assert {(each["draws"], each["drawn_fen"], each["ever90_fen"]) for each in july} == {(5, 5 * MILLION, 0)}
    (drawn,) = published(database, tmp_path, "book_monthly", month="2025-07")
    assert drawn["drawn_fen"] == 10 * MILLION, "the book still tells what was paid out in the month"
    (said,) = published(database, tmp_path, "definitions", code="vintages")
    assert "无还本续贷不另计一笔" in said["formula_zh"]
    assert "first lent" in said["formula_en"]


def test_without_the_banks_word_a_draw_is_a_loan_of_its_own(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        a_town(session, renewing=0, failing=1)
    january, july = (published(database, tmp_path, "vintages", cohort=month) for month in ("2025-01", "2025-07"))
    assert {(each["draws"], each["ever90_fen"]) for each in january} == {(6, 0)}
    assert july[-1]["draws"] == 6
    assert july[-1]["ever90_fen"] == MILLION


def test_what_few_firms_renewed_does_not_follow_from_a_month_and_its_cohort(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        a_town(session, renewing=1, fresh=6)
    (month,) = published(database, tmp_path, "book_monthly", month="2025-07")
    cohort = published(database, tmp_path, "vintages", cohort="2025-07")
    assert cohort[0]["draws"] == 6
    assert None in (month["drawn_fen"], cohort[0]["drawn_fen"]), "their difference is one firm's renewal"


def test_a_loan_renewed_twice_is_still_the_first(database: Database, tmp_path: Path) -> None:
    """Whatever cohort the second renewal carries: the chain of draws says where it began."""
    with database.writing() as session:
        a_town(session, renewing=5, failing=0)
        a_draw(session, "rr1", "old1", BELL, MILLION, ENDS, date(2025, 11, 5), 400, max_dpd=146)
        for number in range(2, 6):
            a_repaid(session, f"rr{number}", f"old{number}", ENDS, date(2025, 12, 5))
        for number in range(1, 6):
            a_renewal(session, f"r{number}", f"rr{number}")
    january = published(database, tmp_path, "vintages", cohort="2025-01")
    assert published(database, tmp_path, "vintages", cohort="2025-10") == []
    assert january[-1]["draws"] == 6
    assert next(each["mob"] for each in january if each["ever90_fen"] == MILLION) == 13, "91 days late on 4 February 2026"


def test_a_loan_is_followed_for_years_while_it_is_renewed(database: Database) -> None:
    """Five one-year loans, each renewed three times, that fail in the fourth year: a curve that ended earlier would hide them."""
    with database.writing() as session:
        a_party(session, BELL)
        for number in range(5):
            a_firm(session, f"f{number}")
            for year in range(3):
                a_repaid(session, f"d{number}{year}", f"f{number}", date(2022 + year, 1, 5), date(2023 + year, 1, 5))
            a_draw(session, f"d{number}3", f"f{number}", BELL, MILLION, date(2025, 1, 5), date(2025, 7, 5), 400, max_dpd=269)
            for year in range(3):
                a_renewal(session, f"d{number}{year}", f"d{number}{year + 1}")
    with database.reading() as session:
        found = snapshot.figures(session, DAY)["vintages"]
    assert {(each["cohort"], each["draws"]) for each in found} == {("2022-01", 5)}
    assert next(each["mob"] for each in found if each["ever90_fen"]) == 45, "91 days late on 4 October 2025"
