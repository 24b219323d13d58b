"""The book: closed periods stay closed, past days can be told again, the custody bank's lines are held against it, on paper."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid, Refused
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.ledger import ACCOUNTS, WHY, Account, Booking, Line, Reason, periods, trial
from risk_compensation.live import custody, printing, statements
from tests.risk_compensation.pools import BANK, DAY, FUND, GUARANTOR, POOL, WAN, a_default, a_pool, file, paid, said

LATER = date(2025, 7, 30)
CLOSED = date(2025, 7, 31)


def a_year(database: Database) -> None:
    """A pool, one loss of 100 万 paid on 22 July, 30 万 recovered in September at a cost of 2 万."""
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        paid(session)
        events.recover(session, reference="loan_1", gross_fen=30 * WAN, costs_fen=2 * WAN, receipt_no="R2", on=date(2025, 9, 1))


def cash(amount_fen: int, reason: Reason = Reason.CONTRIBUTION) -> Line:
    return Line(Account.POOL_CASH, Account.CAPITAL, amount_fen, reason, FUND)


def test_accounts_and_reasons_are_closed_lists_with_a_sentence_each_in_two_languages() -> None:
    for words in (*(each.words for each in ACCOUNTS.values()), *WHY.values()):
        assert words.zh.strip()
        assert words.en.strip()
    assert set(ACCOUNTS) == set(Account)
    assert set(WHY) == set(Reason)


def test_nothing_takes_effect_in_a_closed_period_any_more(database: Database) -> None:
    a_year(database)
    with database.writing() as session:
        made = periods.close_period(session, POOL, until=CLOSED, by="fund_checker", on=date(2025, 8, 5))
        assert periods.close_period(session, POOL, until=CLOSED, by="another", on=date(2025, 8, 6)) is made
    with pytest.raises(Refused) as caught, database.writing() as session:
        events.contribute(session, POOL, FUND, 5, "late", CLOSED)
    assert caught.value.code == "period_closed"
    assert "2025-07-31" in caught.value.words.en
    with database.writing() as session:
        events.contribute(session, POOL, FUND, 5, "late", CLOSED + timedelta(days=1))
        assert not events.contribute(session, POOL, FUND, 7_000 * WAN, f"receipt-{POOL}-1", DAY), "told again, not booked again"
        with pytest.raises(Conflict) as early:
            periods.close_period(session, POOL, until=DAY, by="fund_checker", on=LATER)
        assert early.value.code == "already_closed"
        with pytest.raises(Refused) as soon:
            periods.close_period(session, POOL, until=date(2026, 1, 1), by="fund_checker", on=date(2026, 1, 1))
        assert soon.value.code == "day_not_over"
        assert [each.until for each in periods.closings(session, POOL)] == [CLOSED]
        assert statements.faults(session) == []


def test_a_mistake_in_a_closed_period_is_reversed_in_an_open_one_with_its_reason(database: Database) -> None:
    a_year(database)
    with database.writing() as session:
        events.contribute(session, POOL, FUND, 500, "wrong", LATER)
        periods.close_period(session, POOL, until=CLOSED, by="fund_checker", on=date(2025, 8, 5))
        with pytest.raises(Refused):
            ledger.reverse(session, reference="receipt:wrong", on=CLOSED, words=said("串户"))
        with pytest.raises(Invalid):
            ledger.reverse(session, reference="receipt:wrong", on=date(2025, 8, 6), words=said(" "))
        assert ledger.reverse(session, reference="receipt:wrong", on=date(2025, 8, 6), words=said("串户"))
        assert trial.cash_on(session, POOL, CLOSED) - trial.cash_on(session, POOL, date(2025, 8, 6)) == 500
        assert statements.faults(session) == []


def test_a_closed_period_that_no_longer_adds_up_is_named(database: Database) -> None:
    a_year(database)
    with database.writing() as session:
        periods.close_period(session, POOL, until=CLOSED, by="fund_checker", on=date(2025, 8, 5))
        session.execute(text("UPDATE pool_balances SET closed_until = NULL"))
        events.contribute(session, POOL, FUND, 5, "smuggled", LATER)
        assert statements.faults(session) == [f"{POOL}: the period closed until {CLOSED} no longer adds up to what was closed"]


def test_a_past_day_can_be_told_by_effect_and_by_what_had_been_written_by_then(database: Database) -> None:
    with database.writing() as session:
        clock.set_offset(session, clock.start_of(date(2025, 7, 1)) + timedelta(hours=9))
        a_pool(session, cash_fen=100)
        clock.set_offset(session, clock.start_of(date(2025, 8, 10)) + timedelta(hours=9))
        events.contribute(session, POOL, FUND, 11, "late", date(2025, 7, 15))
        when = {"by effect": date(2025, 7, 31), "before": date(2025, 7, 10)}

        def told(on: date, written_by: date | None = None) -> int:
            found = trial.trial_balance(session, POOL, on, written_by=written_by)
            assert sum(each.debit_fen for each in found) == sum(each.credit_fen for each in found)
            return next(each.balance_fen for each in found if each.account == Account.POOL_CASH)

        assert told(when["by effect"]) == 111
        assert told(when["by effect"], written_by=date(2025, 8, 9)) == 100, "as it was reported before the late receipt came"
        assert told(when["by effect"], written_by=date(2025, 8, 10)) == 111
        assert told(when["before"]) == 100


def statement_of(day: date, *rows: tuple[str, int], opening: int) -> str:
    text_ = "day,receipt_no,amount,balance\n"
    for receipt, amount in rows:
        opening += amount
        text_ += f"{day},{receipt},{amount / 100:.2f},{opening / 100:.2f}\n"
    return text_


def test_the_custody_banks_lines_of_a_day_agree_with_the_book(database: Database) -> None:
    a_year(database)
    pays, recovers = date(2025, 7, 22), date(2025, 9, 1)
    with database.writing() as session:
        said_ = statement_of(pays, ("R-C1", -40 * WAN), opening=7_000 * WAN)
        assert custody.reconcile(session, POOL, said_, day=pays, by="fund_maker", on=LATER) == []
        said_ = statement_of(
            recovers, ("R2", 30 * WAN), ("R2", -2 * WAN), ("R2", -11_200_000), ("R2", -5_600_000), opening=6_960 * WAN
        )
        assert custody.reconcile(session, POOL, said_, day=recovers, by="fund_maker", on=recovers) == []
        assert custody.reconcile(session, POOL, "day,receipt_no,amount,balance\n", day=LATER, by="x", on=LATER) == []
        last = custody.last_reconciled(session, POOL)
        assert last is not None
        assert (last.day, last.lines, last.differences) == (recovers, 4, [])


def test_every_difference_from_the_bank_is_named(database: Database) -> None:
    a_year(database)
    with database.writing() as session:
        events.contribute(session, POOL, FUND, 700, "ours", date(2025, 7, 22))
        bank = "day,receipt_no,amount,balance\n2025-07-22,R-C1,-399999.99,69600000.01\n2025-07-22,theirs,5.00,69600005.02\n"
        bank += "2025-07-23,next,1.00,69600006.02\n"
        found = custody.reconcile(session, POOL, bank, day=date(2025, 7, 22), by="fund_maker", on=LATER)
        assert [(each.kind, each.receipt_no, each.bank_fen, each.book_fen) for each in found] == [
            ("balance", "theirs", 6_960_000_502, 6_960_000_501),
            ("other_day", "next", 100, None),
            ("amount", "R-C1", -39_999_999, -40_000_000),
            ("not_at_bank", "ours", None, 700),
            ("not_in_book", "theirs", 500, None),
            ("closing", "", 6_960_000_502, 6_960_000_700),
        ]
        assert all(each.words.zh and each.words.en for each in found)


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ("day,amount\n", "line 1"),
        ("day,receipt_no,amount,balance\n2025-02-30,R,1.00,1.00\n", "line 2: day"),
        ("day,receipt_no,amount,balance\n2025-02-03,R,1.001,1.00\n", "line 2: amount"),
        ("day,receipt_no,amount,balance\n2025-02-03,R,1.00\n", "line 2"),
        ("day,receipt_no,amount,balance\n2025-02-03,,1.00,1.00\n", "line 2"),
        ("day,receipt_no,amount,balance\n2025-02-03,R,0.00,1.00\n", "line 2"),
    ],
)
def test_a_bank_statement_that_cannot_be_read_is_refused_by_line(bad: str, where: str) -> None:
    with pytest.raises(Invalid) as caught:
        custody.lines(bad)
    assert caught.value.place == where


def test_statements_come_as_text_and_csv_in_two_languages_and_add_up(database: Database) -> None:
    a_year(database)
    until = date(2025, 12, 31)
    with database.reading() as session:
        page = printing.trial_page(session, POOL, until, written_by=date(2100, 1, 1))
        assert page.rows[-1][2] == page.rows[-1][3]
        assert "试算平衡表" in page.as_text("zh")
        assert "cash: the pool's money at the custody bank" in page.as_text("en")
        page = printing.pool_page(session, POOL, date(2025, 7, 1), until)
        amounts = [row[1] for row in page.rows]
        assert sum(amounts[:-1]) == amounts[-1] == 6_960 * WAN + 11_200_000  # type: ignore[arg-type]
        assert "closing balance,69712000.00" in page.as_csv("en")
        for party, borne, got in (
            (FUND, 28_800_000, -7_000 * WAN),
            (GUARANTOR, 28_800_000, 53_200_000),
            (BANK, 14_400_000, 5_600_000),
        ):
            page = printing.party_page(session, POOL, party, DAY, until)
            assert page.rows[-1][4:] == (borne, got), party
        page = printing.journal_page(session, POOL, DAY, until)
        assert len(page.rows) == page.as_csv().count("\n") - 1
        assert sum(row[5] for row in page.rows) == trial_debits(session, until)  # type: ignore[misc]


def trial_debits(session: object, until: date) -> int:
    return sum(each.debit_fen for each in trial.trial_balance(session, POOL, until))  # type: ignore[arg-type]


def test_a_cell_that_a_spreadsheet_would_run_is_written_as_text(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=0)
        line = Line(Account.POOL_CASH, Account.CAPITAL, 5, Reason.CONTRIBUTION, "=cmd()")
        ledger.post(session, pool=POOL, reference="@x", on=DAY, booked=[line])
        said_ = printing.journal_page(session, POOL, DAY, DAY).as_csv("en")
        assert ",'@x," in said_
        assert ",'=cmd()," in said_


def test_a_batch_is_booked_whole_or_not_at_all_and_only_once(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=100)
    batch = [Booking(f"b{n}", DAY, [cash(n)]) for n in range(1, 5)]
    with database.writing() as session:
        assert ledger.post_all(session, POOL, [*batch, batch[0]]) == 4
        assert ledger.post_all(session, POOL, [*batch, Booking("b5", DAY, [cash(5)])]) == 1
        assert ledger.post_all(session, POOL, batch) == 0
    out = Line(Account.CAPITAL, Account.POOL_CASH, 200, Reason.REVERSAL, FUND)
    with pytest.raises(Refused) as short, database.writing() as session:
        ledger.post_all(session, POOL, [Booking("b6", DAY, [cash(1)]), Booking("b7", DAY, [out])])
    assert short.value.code == "pool_cash_short"
    with pytest.raises(Conflict) as reused, database.writing() as session:
        ledger.post_all(session, POOL, [Booking("b8", DAY, [cash(1)]), Booking("b1", DAY, [cash(9)])])
    assert reused.value.code == "reference_reused"
    with pytest.raises(Conflict), database.writing() as session:
        ledger.post_all(session, POOL, [Booking("b9", DAY, [cash(1)]), Booking("b9", DAY, [cash(2)])])
    with database.reading() as session:
        assert ledger.balances(session, POOL)["cash_fen"] == 115
        assert statements.faults(session) == []
        assert {row.reference for row, _ in statements.journal(session, POOL)} == {
            f"receipt:receipt-{POOL}-1",
            *(f"b{n}" for n in range(1, 6)),
        }


def test_a_refused_booking_leaves_nothing_behind(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=100)
    for reference, line in (
        ("x", Line(Account.CAPITAL, Account.POOL_CASH, 101, Reason.REVERSAL, FUND)),
        (f"receipt:receipt-{POOL}-1", cash(7)),
    ):
        with pytest.raises((Refused, Conflict)), database.writing() as session:
            ledger.post(session, pool=POOL, reference=reference, on=DAY, booked=[line])
    with database.reading() as session:
        assert ledger.balances(session, POOL)["cash_fen"] == 100
        assert len(statements.journal(session, POOL)) == 1
        assert statements.faults(session) == []
