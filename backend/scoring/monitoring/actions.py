"""Look at every card once a month, and keep what was seen. A kept month is not looked at again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.kit import clock, locks
from backend.kit.calendar import add_months
from backend.kit.words import Words
from backend.scoring import scorecard
from backend.scoring.monitoring import frames, limits, report
from backend.scoring.monitoring.tables import MonitorResult
from backend.steps.calendar import Recurring

KIND = "scoring.monitor"


def monitor(session: Session, *, at: datetime) -> list[MonitorResult]:
    """Look at each card by the day of `at`, for the month that ended before it; the second time answers what is kept."""
    locks.hold_name(session, "party", "scoring.monitor")
    day = clock.day_of(at)
    month = add_months(day.replace(day=1), -1)
    rules, found = limits.on(day), []
    policy = audit.keep_policy(session, kind="monitoring", name="limits", body=rules.body)
    for code in scorecard.CODES:
        kept = session.get(MonitorResult, (code, month))
        if kept is None:
            card = scorecard.current(day, code)
            assessed, outcomes = frames.frames(session, code, rules, at=at)
            seen = report.look(card, assessed, outcomes, rules)
            kept = MonitorResult(
                card=code, month=month, at=at, policy_digest=policy, figures=seen.figures, alerts=list(seen.alerts)
            )
            session.add(kept)
        found.append(kept)
    session.flush()
    return found


LOOKS = Recurring(
    kind=KIND,
    title=Words("评分卡月度监测", "the monthly look at the scorecards"),
    following=lambda day: add_months(day.replace(day=1), 1),
    hour=timedelta(hours=5),
    missed="latest",
)
