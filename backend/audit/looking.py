"""A look at what is not one's own: for a purpose in words, and with its line in the log, whichever door it comes through.

Written in: domain §5.5 (whoever looks at single firms says why); the same question and the same answer for page, API and command.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.audit import actions, views
from backend.audit.model import Actor
from backend.audit.views import LogLine
from backend.kit.errors import NotFound
from backend.kit.plausible import purpose as stated

COMMAND = Actor("command", "operator")  # whoever sits at the machine


def looked(
    session: Session,
    actor: Actor,
    *,
    action: str,
    object_kind: str,
    object_id: str,
    purpose: str,
    at: datetime,
    firm_id: str | None = None,
    **details: Any,
) -> None:
    """One line in the log for a look, with what it is for. Invalid `purpose` without one."""
    actions.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        firm_id=firm_id,
        details={"purpose": stated(purpose), **details},
    )


def trail(session: Session, actor: Actor, *, object_id: str, purpose: str, at: datetime) -> list[LogLine]:
    """Who did what with one object, newest first; this look stands there too. The regulator's, or of whoever has the machine."""
    if actor.role != "regulator" and actor != COMMAND:
        raise NotFound()
    looked(session, actor, action="regulator.read_trail", object_kind="trail", object_id=object_id, purpose=purpose, at=at)
    return views.trail(session, object_id=object_id)
