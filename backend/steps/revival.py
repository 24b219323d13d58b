"""A person sends dead letters on their way again: one, a lane's, a kind's, or all. What they were set aside for is forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import locks
from backend.kit.errors import Invalid, NotFound
from backend.kit.rules import put
from backend.kit.words import Words
from backend.steps import lanes
from backend.steps.rules import LEASED_ONCE
from backend.steps.tables import Step


def revive(session: Session, actor: Actor, *, step_id: str, at: datetime) -> Step:
    """One dead letter; NotFound if there is none of that name."""
    step = session.scalar(select(Step).where(Step.id == step_id, Step.state == "dead").with_for_update())
    if step is None:
        raise NotFound()
    _again(session, step)
    session.flush()
    details = {"kind": step.kind, "lane": step.lane}
    audit.record(session, at=at, actor=actor, action="step.revived", object_kind="step", object_id=step.id, details=details)
    return step


def revive_many(
    session: Session, actor: Actor, *, at: datetime, lane: str | None = None, kind: str | None = None, everything: bool = False
) -> int:
    """All dead letters of a lane, of a kind, of both, or of all; how many. A lane that is left alone is tried at once.

    Invalid `which` unless it is said which: nobody revives everything by leaving a field out.
    """
    if everything == (lane is not None or kind is not None):
        words = Words("请写明银行、种类，或选择全部", "say which: a lane, a kind, or all of them")
        raise Invalid("which", words)
    found = select(Step).where(Step.state == "dead").order_by(Step.id).with_for_update()
    found = found.where(Step.lane == lane) if lane is not None else found
    found = found.where(Step.kind == kind) if kind is not None else found
    count = 0
    for step in session.scalars(found):
        _again(session, step)
        count += 1
    _waiting_now(session, lane, kind)
    session.flush()
    if everything or lane is not None:
        lanes.try_now(session, lane)
    which = {"lane": lane, "kind": kind, "all": everything, "count": count}
    audit.record(
        session, at=at, actor=actor, action="steps.revived", object_kind="steps", object_id=lane or kind or "all", details=which
    )
    return count


def _again(session: Session, step: Step) -> None:
    # Taken in ascending order, before anything else of this transaction.
    locks.note(session, "step", step.id)
    put(session, step, "state", "waiting", rule=LEASED_ONCE)
    # Its tries stay counted: an earlier one may have reached whom it speaks to, and each try's exchanges carry its number.
    step.deaths, step.stumbles = 0, 0
    step.not_before, step.lease_until, step.since, step.nonsense = None, None, None, False


def _waiting_now(session: Session, lane: str | None, kind: str | None) -> None:
    """What waits for its next try need not wait any longer; since when it has failed stays written."""
    failing = select(Step).where(Step.state == "waiting", Step.since.is_not(None)).order_by(Step.id)
    failing = failing.where(Step.lane == lane) if lane is not None else failing
    failing = failing.where(Step.kind == kind) if kind is not None else failing
    for step in session.scalars(failing.with_for_update(skip_locked=True)):
        step.not_before = None
