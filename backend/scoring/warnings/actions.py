"""What people may do about a warning: answer their task. Only people lift what an event has set to red.

An alert is lifted when every bank that was given a task has answered and none of them confirms it. A lifted alert stays aside
until the indicator says worse, or says it anew after having been gone. Nothing here touches a loan, a match or an application.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import clock, locks, rules
from backend.kit.errors import Conflict, Invalid, NotFound
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.parties.actions import under_firm
from backend.scoring.rules import TASK_ANSWERED
from backend.scoring.warnings import model, records
from backend.scoring.warnings.sweeping import standing_row
from backend.scoring.warnings.tables import WarningAlert, WarningStanding, WarningTask
from backend.scoring.warnings.views import BankTask

Outcome = Literal["confirmed", "false_alarm", "resolved"]
OUTCOMES: dict[str, Words] = {
    "confirmed": Words("情况属实，继续关注", "true; we keep watching"),
    "false_alarm": Words("误报", "a false alarm"),
    "resolved": Words("已化解", "settled"),
}


def answer(session: Session, actor: Actor, *, party: str, task_id: str, outcome: str, words: str, at: datetime) -> BankTask:
    """The bank says what it found. Another's task is as good as missing; an ended one is a conflict.

    A confirmed one may be answered again, once it is settled.
    """
    task = under_firm(session, WarningTask, task_id)
    if task is None or task.party != party:
        raise NotFound()
    if outcome not in OUTCOMES:
        raise Invalid("outcome", Words("请选择核查结果", "say what you found"))
    if len(words.strip()) < 4:
        raise Invalid("words", Words("请写明核查情况", "write down what you found"))
    again = task.state == "answered" and task.outcome == "confirmed"
    alert = locks.fresh(session, WarningAlert, task.alert_id)
    assert alert is not None, "a task hangs under its alert"
    if alert.state != "open" or not (task.state == "open" or again):
        raise Conflict(Words("该任务已结束", "this task has ended"), code="task_ended")
    day = clock.day_of(at)
    rules.put(session, task, "state", "answered", rule=TASK_ANSWERED)
    task.outcome, task.words = outcome, words.strip()[:2000]
    task.answered_on, task.answered_by = day, actor.id
    session.flush()
    records.note(session, alert, "answered", day, actor.id)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="warning.answered",
        object_kind="warning",
        object_id=alert.id,
        firm_id=alert.firm_id,
        details={"task": task.id, "outcome": outcome, "indicator": alert.indicator},
    )
    given = select(WarningTask).where(WarningTask.alert_id == alert.id, WarningTask.state != "ended")
    tasks = list(session.scalars(given.execution_options(populate_existing=True)))
    if all(each.state == "answered" and each.outcome != "confirmed" for each in tasks):
        _lift(session, actor, alert, at)
    return seen(BankTask, task)


def _lift(session: Session, actor: Actor, alert: WarningAlert, at: datetime) -> None:
    day = clock.day_of(at)
    row = locks.fresh(session, WarningStanding, (alert.firm_id, alert.indicator))
    if row is not None:
        lifted = model.lift(records.standing(row), day)
        session.delete(row)
        session.flush()
        session.add(standing_row((alert.firm_id, alert.indicator), lifted))
    records.close(session, alert, "lifted", day, actor.id)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="warning.lifted",
        object_kind="warning",
        object_id=alert.id,
        firm_id=alert.firm_id,
        details={"indicator": alert.indicator, "colour": alert.colour},
    )
