"""At the end of a day every way leads to the same figure of a pool; where two differ nothing is closed and nothing published."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.audit.model import Actor
from backend.kit import clock
from backend.kit.database import Database
from backend.kit.errors import Invalid
from backend.loans import intake
from backend.loans.day import close_day
from backend.reporting import snapshot
from backend.steps import actions as steps
from backend.steps import revival
from backend.steps import views as step_views
from backend.steps.model import Local
from backend.worker import Worker
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.live import evening, statements
from tests.risk_compensation.pools import DAY, FUND, POOL, WAN, a_default, a_pool, file, paid, said


def it_is(session: Session, day: date, hour: int = 9) -> None:
    clock.set_offset(session, datetime(day.year, day.month, day.day, hour, tzinfo=clock.SHANGHAI))


def test_a_sound_book_says_the_same_whichever_way_it_is_asked(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        paid(session)
        events.recover(session, reference="loan_1", gross_fen=30 * WAN, costs_fen=2 * WAN, receipt_no="R2", on=date(2025, 9, 1))
        for day in (DAY, date(2025, 7, 22), date(2025, 8, 31), date(2025, 9, 1), date(2026, 1, 1)):
            assert evening.differences(session, day) == [], day


@pytest.mark.parametrize("figure", ["cash_fen", "commitments_fen", "reserved_fen", "approved_fen"])
def test_a_balance_that_was_tampered_with_stops_the_close_and_is_named(database: Database, figure: str) -> None:
    with database.writing() as session:
        a_pool(session)
        a_pool(session, code="other")
        session.execute(text(f"UPDATE pool_balances SET {figure} = {figure} + 7 WHERE pool = 'other'"))  # a column's name
        with pytest.raises(evening.Unbalanced) as caught:
            close_day(session, DAY)
        assert {(each.pool, each.figure, each.found_fen - each.row_fen) for each in caught.value.found} == {("other", figure, -7)}
        assert "other" in caught.value.words.en
        assert "-0.07" in caught.value.words.en


def test_an_entry_that_moved_no_balance_is_found(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        row = "(reference, pool, debit, credit, amount_fen, reason, effective_on, party, loan)"
        told = (
            f"SELECT reference, pool, debit, credit, 5, reason, effective_on, party, loan FROM pool_entries WHERE pool = '{POOL}'"
        )
        session.execute(text(f"INSERT INTO pool_entries {row} {told}"))  # the test's own words
        found = {(each.way, each.figure, each.found_fen - each.row_fen) for each in evening.differences(session, DAY)}
        assert found == {("journal", "cash_fen", 5), ("statement", "cash_fen", 5)}


def test_nothing_is_booked_ahead_and_what_an_old_book_holds_ahead_is_named_until_undone(
    database: Database,
) -> None:
    ahead = date(2030, 1, 1)
    with database.writing() as session:
        it_is(session, ahead)  # an older release took any day: so it is written, and written down as of today
        a_pool(session)
        events.contribute(session, POOL, FUND, 9 * WAN, "ahead", ahead)
        session.execute(text("DROP TRIGGER IF EXISTS pool_journal_no_update" + ("" if _lite(session) else " ON pool_journal")))
        _backdate(session)
        it_is(session, DAY)
    with database.writing() as session:
        with pytest.raises(Invalid) as refused:
            events.contribute(session, POOL, FUND, WAN, "too soon", DAY + timedelta(days=1))
        assert (refused.value.place, refused.value.code) == ("on", "future_day")
        found = {(each.way, each.figure, each.found_fen - each.row_fen) for each in evening.differences(session, DAY)}
        assert found == {("not_come", "cash_fen", -9 * WAN)}
        assert statements.headroom(session, POOL, DAY).cash_fen - statements.cash_on(session, POOL, DAY) == 9 * WAN
        assert ledger.reverse(session, reference="receipt:ahead", on=DAY, words=said("误记"))
        assert evening.differences(session, DAY) == []
        assert statements.headroom(session, POOL, DAY).cash_fen == statements.cash_on(session, POOL, DAY)


def _lite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _backdate(session: Session) -> None:
    """The journal says that it was written today."""
    if not _lite(session):
        session.execute(text("ALTER TABLE pool_journal DISABLE TRIGGER USER"))
    session.execute(text(f"UPDATE pool_journal SET written_on = '{DAY}'"))  # the test's own words


def test_the_worker_sets_the_close_aside_with_a_line_in_the_log_and_publishes_nothing(database: Database, tmp_path: Path) -> None:
    worker = Worker(database, {"loans.day": Local(intake.close)})
    with database.writing() as session:
        it_is(session, DAY, 21)
        a_pool(session)
        steps.enqueue(
            session, kind="loans.day", key=DAY.isoformat(), payload={"day": DAY.isoformat()}, due=clock.business_now(session)
        )
        session.execute(text("UPDATE pool_balances SET cash_fen = cash_fen - 3"))
    worker.run_all()
    with database.reading() as session:
        (dead,) = step_views.dead(session)
        assert POOL in str(dead.last_error)
        assert "0.03" in str(dead.last_error)
        lines = audit.trail(session, object_id=POOL, actions=["pool.unbalanced"])
        assert {line.details["way"] for line in lines} == {"journal", "statement"}
        assert {line.details["found_fen"] - line.details["row_fen"] for line in lines} == {3}
        at = clock.business_now(session)
    with pytest.raises(evening.Unbalanced):
        snapshot.build(database, tmp_path / "published", at)
    assert not list((tmp_path / "published").glob("*"))
    with database.writing() as session:
        session.execute(text("UPDATE pool_balances SET cash_fen = cash_fen + 3"))
        revival.revive(session, Actor("op", "operator"), step_id=dead.id, at=at)
    worker.run_all()
    with database.reading() as session:
        assert step_views.dead(session) == []
