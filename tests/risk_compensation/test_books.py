"""A CSV of loans is taken whole or refused whole, each bad row named by line and column."""

from __future__ import annotations

import pytest

from backend.kit.errors import Invalid
from risk_compensation.play import book as books

HEAD = "reference,bank,firm,amount,drawn_on,months,overdue_since,unpaid_principal,judged_on,recovered_on,recovered,costs,mode\n"
GOOD = "L1,b,f,100.00,2025-01-06,12,2025-06-06,60.00,2025-09-01,2026-01-05,30.00,1.00,loan\n"


def test_a_good_row_is_a_loan_in_fen() -> None:
    (loan,) = books.read("\ufeff" + HEAD + GOOD)
    assert (loan.amount_fen, loan.unpaid_principal_fen, loan.recovered_fen, loan.costs_fen) == (10_000, 6_000, 3_000, 100)
    (plain,) = books.read("bank,amount,reference,drawn_on,firm,months\nb,5,L,2025-01-06,f,6\n")
    assert plain.overdue_since is None


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("100.00", "1.001", "line 2: amount: “1.001” has more than two decimals"),
        ("100.00", "-3", "line 2: amount: greater than 0"),
        ("100.00", "ten", "line 2: amount: “ten” is not an amount"),
        ("100.00", "", "line 2: amount: is missing"),
        ("2025-01-06", "2025-02-30", "line 2: drawn_on: “2025-02-30” is not a day"),
        (",12,", ",1.5,", "line 2: months: “1.5” is not a whole number"),
        (",12,", ",0,", "line 2: months: greater than 0"),
        ("60.00", "100.01", "unpaid_principal is not above amount"),
        ("60.00", "", "overdue_since and unpaid_principal or unpaid_interest are given together"),
        ("2025-06-06", "2025-01-06", "overdue_since comes after drawn_on"),
        ("2025-09-01", "2025-06-06", "come after overdue_since"),
        (",1.00,", ",31.00,", "costs are not above what was recovered"),
        ("30.00", "62.00", "nor the rest above what was lost"),
        (",30.00,1.00,", ",,,", "recovered_on and recovered are given together"),
        ("loan\n", "gift\n", "line 2: mode:"),
        ("loan\n", "loan,9\n", "line 2: has another number of cells"),
        ("loan\n", "loan\n" + GOOD, "line 3: reference: “L1” stands in the file twice"),
        ("L1,", '"L1,', "unexpected end of data"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_column(was: str, becomes: str, said: str) -> None:
    assert was in GOOD
    with pytest.raises(Invalid) as caught:
        books.read(HEAD + GOOD.replace(was, becomes))
    assert said in caught.value.words.en


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "the file has no loan"),
        ("", "the column “reference” is missing"),
        (HEAD.replace("mode", "moed") + GOOD, "“moed” is no column"),
        (HEAD.replace("mode", "firm") + GOOD, "a column is named twice"),
        (HEAD + GOOD.replace("L1", "") * 30, "and 10 more"),
    ],
)
def test_a_file_that_is_no_book_is_refused(text: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        books.read(text)
    assert said in caught.value.words.en
