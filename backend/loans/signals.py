"""Events other than days that lower the class of a draw, raised and lifted (domain §5.4). The close of a day reads them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit.clock import day_of
from backend.kit.errors import Invalid, NotFound
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.loans.model import rules_on
from backend.loans.tables import ClassSignal, Draw
from backend.parties.actions import hold_firm, under_firm


def raise_signal(
    session: Session, actor: Actor, *, firm_id: str, name: str, words: Words, at: datetime, draw_id: str | None = None
) -> ClassSignal:
    """Something other than days lowers the class of a draw, or of all draws of the firm, from the next close of a day on.

    `name` is one of the events in classes.yaml. The second time changes nothing. Invalid: an unknown event.
    """
    if name not in rules_on(day_of(at)).events.become:
        raise Invalid("name", Words("没有这种分类事件", "there is no such event"))
    hold_firm(session, firm_id)
    query = select(ClassSignal).where(ClassSignal.firm_id == firm_id, ClassSignal.name == name, ClassSignal.until.is_(None))
    same_draw = ClassSignal.draw_id.is_(None) if draw_id is None else ClassSignal.draw_id == draw_id
    known = session.scalar(query.where(same_draw))
    if known is not None:
        return known
    made = ClassSignal(id=new_id("sig"), firm_id=firm_id, draw_id=draw_id, name=name, since=day_of(at), words=words.as_dict())
    session.add(made)
    session.flush()
    _log_signal(session, actor, "loan.signal_raised", made, at)
    return made


def lift_signal(session: Session, actor: Actor, *, signal_id: str, at: datetime) -> ClassSignal:
    """The event no longer holds after today; a bad class it made stays until it was observed."""
    signal = under_firm(session, ClassSignal, signal_id)
    if signal is None:
        raise NotFound()
    if signal.until is None:
        signal.until = day_of(at)
        _log_signal(session, actor, "loan.signal_lifted", signal, at)
    live = select(Draw).where(Draw.firm_id == signal.firm_id, Draw.repaid_on.is_(None))
    for draw in session.scalars(live.execution_options(populate_existing=True)):
        if signal.draw_id in (None, draw.id) and draw.dpd == 0:
            draw.cured_on = day_of(at)
    session.flush()
    return signal


def _log_signal(session: Session, actor: Actor, action: str, signal: ClassSignal, at: datetime) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="signal",
        object_id=signal.id,
        firm_id=signal.firm_id,
        details={"name": signal.name, "words": signal.words},
    )
