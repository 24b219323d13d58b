"""This room's steps, all of them local, and which of them return by the calendar."""

from __future__ import annotations

from functools import partial

from backend.audit.model import SYSTEM
from backend.consents.model import SigningPort
from backend.kit.crypto import Sealer
from backend.loans import certainty, clearance, intake, mornings, renewal, retention, uplifted
from backend.steps.model import Handler, Local

RETURN = (mornings.MORNINGS, intake.CLOSES, retention.SWEEPS)


def handlers(sealer: Sealer, port: SigningPort) -> dict[str, Handler]:
    """Every kind of step of this room."""
    return {
        intake.DAY: Local(intake.close),
        mornings.KIND: Local(mornings.each_morning),
        clearance.KIND: Local(partial(clearance.ask_again, sealer=sealer)),
        uplifted.KIND: Local(lambda session, told, at: uplifted.look(session, told["facility"], sealer=sealer, at=at)),
        certainty.KIND: Local(lambda session, told, at: certainty.sign(session, reference=told["loan"], port=port, at=at)),
        renewal.KIND: Local(lambda session, told, at: renewal.ask(session, told["draw"], at)),
        retention.KIND: Local(lambda session, _, at: retention.sweep(session, SYSTEM, at=at)),
    }
