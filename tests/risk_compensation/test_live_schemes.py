"""Every published scheme runs live: the pool's own acts, on both makes of database, end where a book played in memory ends.

The figures of the files are worked by hand. That both ways end alike holds SQL against counters, and the order of the acts; the
rules, which both ask, are held by `test_by_hand` and its like.
"""

from __future__ import annotations

import pytest

from backend.kit.database import Database
from risk_compensation import scheme
from risk_compensation.scheme import SchemeTerms, Worked
from tests.risk_compensation.books import PLENTY, last_day, same

WORKED = [(code, block, each) for code in scheme.codes() for block in scheme.scheme(code).terms for each in block.worked]


@pytest.mark.parametrize(
    ("code", "block", "worked"), WORKED, ids=[f"{code}-{number}" for number, (code, _, _) in enumerate(WORKED, 1)]
)
def test_the_worked_examples_of_every_scheme_come_out_in_the_live_book(
    database: Database, code: str, block: SchemeTerms, worked: Worked
) -> None:
    money = worked.money_fen if worked.money_fen is not None else PLENTY
    same(database, code, block, worked.loans, money, worked.until or last_day(worked.loans))
