"""Posting one booking or many: whole or not at all, in the order of their lines, and the same again changes nothing."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.kit.database import Database
from backend.kit.errors import Conflict, Refused
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from risk_compensation import ledger
from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Booking, Line, Reason, periods
from risk_compensation.live import statements
from risk_compensation.tables import Entry
from tests.risk_compensation.pools import DAY, FUND, POOL, a_pool

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "ledger.py"


def paid_in(reference: str, fen: int = 5, on: date = DAY) -> Booking:
    return Booking(reference, on, [Line(A.POOL_CASH, A.CAPITAL, fen, Reason.CONTRIBUTION, FUND)], words=Words("缴款", "paid in"))


def set_aside(reference: str, fen: int) -> Booking:
    return Booking(reference, DAY, [Line(A.OFF_BALANCE, A.APPROVED_CLAIMS, fen, Reason.CLAIM_APPROVED, "g", "loan")])


def test_many_bookings_are_booked_once_whoever_asks_again(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=0)
        assert ledger.post_all(session, POOL, [paid_in("a"), paid_in("b"), paid_in("a")]) == 2
    with database.writing() as session:
        assert ledger.post_all(session, POOL, [paid_in("b"), paid_in("c", 7)]) == 1
        assert ledger.post_all(session, POOL, [paid_in("b"), paid_in("c", 7)]) == 0
        assert ledger.post_all(session, POOL, []) == 0
        for name, other in (("c", [paid_in("d"), paid_in("c", 8)]), ("e", [paid_in("d"), paid_in("e"), paid_in("e", 6)])):
            with pytest.raises(Conflict, match=f"reference {name} already") as caught:
                ledger.post_all(session, POOL, other)
            assert caught.value.code == "reference_reused"
    with database.reading() as session:
        assert ledger.balances(session, POOL)["cash_fen"] == 17
        assert [row.reference for row, _ in statements.journal(session, POOL)] == ["a", "b", "c"]
        assert statements.journal(session, POOL)[0][0].words == {"zh": "缴款", "en": "paid in"}


def test_of_many_bookings_all_are_booked_or_none(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=10)
        with pytest.raises(Refused) as short:
            ledger.post_all(session, POOL, [paid_in("a"), set_aside("b", 16)])
        assert short.value.code == "pool_cash_short"
        registered = Booking("r", DAY, [Line(A.OFF_BALANCE, A.COMMITMENTS, 31, Reason.REGISTERED, None, "loan")])
        with pytest.raises(Refused) as room:
            ledger.post_all(session, POOL, [paid_in("a"), registered], headroom_times_bp=20_000)
        assert room.value.code == "headroom"
        assert ledger.post_all(session, POOL, [paid_in("a"), registered], headroom_times_bp=30_000) == 2
        assert ledger.post_all(session, POOL, [set_aside("b", 15)]) == 1
    with database.reading() as session:
        now = ledger.balances(session, POOL)
        assert now == ledger.replay(session, POOL)
        assert (now["cash_fen"], now["commitments_fen"], now["approved_fen"]) == (15, 31, 15)


def test_one_booking_in_a_closed_period_keeps_all_of_them_out(database: Database) -> None:
    later = date(2025, 7, 1)
    with database.writing() as session:
        a_pool(session, cash_fen=10)
        periods.close_period(session, POOL, until=DAY, by="checker", on=later)
        with pytest.raises(Refused) as closed:
            ledger.post_all(session, POOL, [paid_in("a", on=later), paid_in("b", on=DAY)])
        assert closed.value.code == "period_closed"
        assert ledger.post_all(session, POOL, [paid_in("a", on=later)]) == 1
        assert ledger.balances(session, POOL)["cash_fen"] == 15


def test_a_reference_booked_again_in_a_closed_period_or_without_room_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=10)
        line = Line(A.OFF_BALANCE, A.COMMITMENTS, 20, Reason.REGISTERED, None, "loan")
        said = {"pool": POOL, "reference": "r", "on": DAY, "booked": [line], "headroom_times_bp": 20_000}
        assert ledger.post(session, **said)  # type: ignore[arg-type]
        assert not ledger.post(session, **said)  # type: ignore[arg-type]
        ledger.post(session, pool=POOL, reference="more", on=DAY, booked=paid_in("more", 10).lines)
        assert not ledger.post(session, **said)  # type: ignore[arg-type]
        periods.close_period(session, POOL, until=DAY, by="checker", on=date(2025, 7, 1))
        assert not ledger.post(session, **said)  # type: ignore[arg-type]
        assert ledger.balances(session, POOL) == {
            "cash_fen": 20,
            "commitments_fen": 20,
            "reserved_fen": 0,
            "approved_fen": 0,
        }


def test_a_reversal_is_the_mirror_image_with_its_reason_and_what_it_was_about(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=40)
        first = Line(A.OFF_BALANCE, A.APPROVED_CLAIMS, 12, Reason.CLAIM_APPROVED, "g", "loan")
        second = Line(A.POOL_CASH, A.CAPITAL, 5, Reason.CONTRIBUTION, FUND)
        ledger.post(session, pool=POOL, reference="both", on=DAY, booked=[first, second])
        ledger.reverse(session, reference="both", on=DAY, words=Words("串户", "wrong account"))
    with database.reading() as session:
        ((kept, entries),) = statements.journal(session, POOL, reference="reverse:both")
        assert (kept.reverses, kept.words) == ("both", {"zh": "串户", "en": "wrong account"})
        assert [(each.debit, each.credit, each.amount_fen, each.reason, each.party, each.loan) for each in entries] == [
            (A.APPROVED_CLAIMS, A.OFF_BALANCE, 12, "reversal", "g", "loan"),
            (A.CAPITAL, A.POOL_CASH, 5, "reversal", FUND, None),
        ]
        assert [ledger.why(each).en for each in entries] == ["an earlier entry was reversed"] * 2


def test_entries_stand_in_the_order_of_their_lines(database: Database) -> None:
    amounts = [7, 3, 11, 2, 5]
    with database.writing() as session:
        a_pool(session, cash_fen=0)
        lines = [Line(A.POOL_CASH, A.CAPITAL, fen, Reason.CONTRIBUTION, FUND, f"l{fen}") for fen in amounts]
        ledger.post(session, pool=POOL, reference="five", on=DAY, booked=lines)
        ledger.post_all(session, POOL, [paid_in("x", 1), paid_in("y", 2), Booking("none", DAY, [])])
    with database.reading() as session:
        rows = session.execute(select(Entry.reference, Entry.amount_fen, Entry.loan, Entry.party).order_by(Entry.id)).all()
    assert [tuple(row) for row in rows] == [
        *(("five", fen, f"l{fen}", FUND) for fen in amounts),
        ("x", 1, None, FUND),
        ("y", 2, None, FUND),
    ]


def test_the_content_of_a_booking_is_cited_as_policies_are() -> None:
    """Books written before must know their references again."""
    odd = [
        Line(A.OFF_BALANCE, A.APPROVED_CLAIMS, 12, Reason.CLAIM_APPROVED, "g", "loan"),
        Line(A.POOL_CASH, A.CAPITAL, 10**17, Reason.CONTRIBUTION, '甲"乙\\丙\n\x01\u2028😀/', None),
        Line(A.POOL_CASH, A.CAPITAL, Decimal(7), Reason.CONTRIBUTION, None, ""),  # type: ignore[arg-type]  # a sum out of PostgreSQL
    ]
    for booked in (odd[:1], odd, []):
        content = [[each.debit, each.credit, each.amount_fen, each.reason, each.party, each.loan] for each in booked]
        assert Booking("a", DAY, booked).digest("池") == digest(canonical(["池", content]))


def test_what_the_database_itself_refuses_is_an_error_like_any_other_and_nothing_is_booked(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=10)
    mirror = {"reference": "r", "on": DAY, "reverses": "never booked", "words": Words("冲正", "reversed")}
    with pytest.raises(IntegrityError), database.writing() as session:
        ledger.post(session, pool=POOL, booked=paid_in("r").lines, **mirror)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError), database.writing() as session:
        ledger.post_all(session, POOL, [paid_in("a"), Booking(lines=paid_in("r").lines, **mirror)])  # type: ignore[arg-type]
    with database.writing() as session:
        assert ledger.post(session, pool=POOL, reference="r", on=DAY, booked=paid_in("r").lines)
        assert ledger.balances(session, POOL) == ledger.replay(session, POOL)
        assert ledger.balances(session, POOL)["cash_fen"] == 15


def test_a_refused_batch_leaves_what_the_transaction_did_before_and_after(database: Database) -> None:
    with database.writing() as session:
        a_pool(session, cash_fen=10)
        ledger.post(session, pool=POOL, reference="before", on=DAY, booked=paid_in("before").lines)
        for fresh in (1, 0):
            with pytest.raises(Refused):
                ledger.post_all(session, POOL, [paid_in("a"), set_aside("b", 100)])
            assert ledger.post_all(session, POOL, [paid_in("before"), paid_in("after")]) == fresh
    with database.reading() as session:
        assert [row.reference for row, _ in statements.journal(session, POOL)][-2:] == ["before", "after"]
        assert ledger.balances(session, POOL)["cash_fen"] == 20


def test_the_claim_of_speed_conserves_every_fen_also_when_it_is_short() -> None:
    asked = ["--make", "sqlite", "--transfers", "16", "--rounds", "1", "--book", "1000"]
    done = subprocess.run([sys.executable, str(BENCHMARK), *asked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("conserved") == 3
    assert "trial balance of 1,000 transfers" in done.stdout
