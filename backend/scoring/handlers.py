"""This room's steps, all of them local, and which of them return by the calendar everywhere (`sweeping.FETCHES` does not)."""

from __future__ import annotations

from backend.scoring.monitoring import actions as monitoring
from backend.scoring.warnings import sweeping
from backend.steps.model import Handler, Local

RETURN = (sweeping.SWEEPS, monitoring.LOOKS)


def handlers() -> dict[str, Handler]:
    """Every kind of step of this room."""
    return {
        sweeping.KIND: Local(lambda session, _, at: sweeping.sweep(session, at=at)),
        sweeping.FETCH: Local(sweeping.fetch),
        monitoring.KIND: Local(lambda session, _, at: monitoring.monitor(session, at=at)),
    }
