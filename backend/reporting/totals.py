"""The road in numbers, counted live: firms, consents, needs, applications … recovered. Money in fen.

Definitions are domain §9's: a need is counted once however many banks it went to; limits and draws are never mixed; default is 90
days past due, ever. The snapshot carries the same and more; this is what the command and the demo print.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.applications.tables import Application, Need
from backend.audit import views as audit
from backend.consents.tables import Consent
from backend.kit.clock import day_of
from backend.loans.tables import Draw, Guarantee, Payment
from backend.parties.tables import Firm
from backend.steps import views as steps
from risk_compensation.live import State
from risk_compensation.tables import Claim

PAID = (
    *(State.PAID, State.RECOVERING, State.PART_RECOVERED, State.RECOVERED),
    *(State.WRITE_OFF_APPLIED, State.WRITTEN_OFF, State.CLAWBACK),
)
APPROVED = ("approved", "accepted", "contracted", "drawn")


def totals(session: Session, at: datetime) -> dict[str, Any]:
    """Counts, and money in fen."""

    def count(column: Any, *where: Any) -> int:
        return int(session.scalar(select(func.count(column)).where(*where)) or 0)

    def total(column: Any, *where: Any) -> int:
        return int(session.scalar(select(func.sum(column)).where(*where)) or 0)

    states = {row[0]: row[1] for row in session.execute(select(Application.state, func.count()).group_by(Application.state))}
    return {
        "day": day_of(at).isoformat(),
        "firms": count(Firm.id),
        "consents": count(Consent.id, Consent.state.in_(("signed", "revoked"))),
        "needs": count(Need.id),
        "applications": sum(states.values()),
        "states": states,
        "approved": count(Application.id, Application.decided_at.is_not(None), Application.state != "declined"),
        "declined": states.get("declined", 0),
        "drawn": count(Draw.id),
        "drawn_fen": total(Draw.amount_fen),
        "repaid": count(Draw.id, Draw.state == "repaid"),
        "repaid_fen": total(Payment.our_principal_fen, Payment.source == "borrower"),
        "defaulted": count(Draw.id, Draw.defaulted_on.is_not(None)),
        "defaulted_fen": total(Draw.amount_fen, Draw.defaulted_on.is_not(None)),
        "guaranteed": count(Guarantee.id, Guarantee.state == "granted"),
        "claimed": count(Claim.claim_no),
        "claimed_fen": total(Claim.payout_fen),
        "compensated": count(Claim.claim_no, Claim.state.in_(PAID)),
        "compensated_fen": total(Claim.payout_fen, Claim.state.in_(PAID)),
        "recovered_fen": total(Payment.our_principal_fen, Payment.source == "recovery"),
        "steps": steps.by_state(session),
        "log": "whole" if not audit.faults(session) else "broken",
    }
