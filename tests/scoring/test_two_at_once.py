"""Sweeps and looks at once: one a day, one a month."""

from __future__ import annotations

from functools import partial

from sqlalchemy import func, select

from backend.kit.database import Database
from backend.scoring import scorecard
from backend.scoring.monitoring import actions as monitoring
from backend.scoring.monitoring.tables import MonitorResult
from backend.scoring.warnings import sweeping
from backend.scoring.warnings.tables import WarningAlert, WarningSweep
from tests.at_once import at_once
from tests.scoring.watched import FIRST, HARBOUR, at, watched


def test_one_sweep_a_day(database: Database) -> None:
    with database.writing() as session:
        firm = watched(session)
        firm.owes(session, FIRST, {HARBOUR: 0})
        firm.tell(session, FIRST, judgment_debtor=True)
    at_once(database, *[partial(sweeping.sweep, at=at(FIRST))] * 4)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(WarningSweep)) == 1
        names = session.scalars(select(WarningAlert.indicator)).all()
        assert names
        assert len(names) == len(set(names)), "an indicator is told once"


def test_one_look_at_a_card_a_month(database: Database) -> None:
    at_once(database, *[partial(monitoring.monitor, at=at(FIRST))] * 3)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(MonitorResult)) == len(scorecard.CODES)
