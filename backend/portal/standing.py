"""Where a guarantee stands and what its guarantor may do next, from the guarantee, its loan and its claims."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.loans import views
from backend.loans.tables import Facility, Guarantee
from risk_compensation.live import terms_of
from risk_compensation.tables import Claim, Registration

BACK = ("paid", "recovering", "part_recovered", "write_off_applied", "written_off")  # states of a claim in which money comes back


def facility_of(session: Session, guarantee: Guarantee) -> Facility | None:
    """What the bank signed, if it has."""
    return views.facility_of_application(session, guarantee.application_id)


def claims_of(session: Session, guarantee: Guarantee) -> list[Claim]:
    """Every claim for this loan, oldest first."""
    facility = facility_of(session, guarantee)
    if facility is None:
        return []
    return list(session.scalars(select(Claim).where(Claim.loan == facility.id).order_by(Claim.filed_on, Claim.claim_no)))


def claims_itself(session: Session, guarantee: Guarantee) -> bool:
    """Whether the guarantor claims from the pool; under some schemes the bank does, though a guarantor pays its own part."""
    facility = facility_of(session, guarantee)
    loan = session.get(Registration, facility.id) if facility is not None else None
    return loan is None or terms_of(session, loan).claimant == "guarantor"


def next_act(session: Session, guarantee: Guarantee, day: date) -> str:
    """What may be done now."""
    if guarantee.state == "waiting":
        return "decide" if day <= guarantee.until else "nothing"
    if guarantee.demanded_on is None:
        return "nothing"
    if guarantee.paid_on is None:
        return "pay"
    if not claims_itself(session, guarantee):
        return "nothing"
    filed = claims_of(session, guarantee)
    if not filed or filed[-1].state in ("rejected", "withdrawn"):
        return "claim"
    state = str(filed[-1].state)
    return "supply" if state == "supplement" else "recover" if state in BACK else "nothing"


def state_of(session: Session, guarantee: Guarantee, day: date) -> str:
    """A key under state.guarantee."""
    if guarantee.state == "waiting":
        return "waiting" if day <= guarantee.until else "expired"
    if guarantee.paid_on is not None:
        filed = claims_of(session, guarantee)
        state = str(filed[-1].state) if filed else ""
        return "recovered" if state == "recovered" else "recovering" if state in BACK else "claimed" if filed else "paid"
    if guarantee.demanded_on is not None:
        return "defaulted"
    facility = facility_of(session, guarantee)
    if facility is None:
        return guarantee.state
    draws = views.draw_rows(session, facility_id=facility.id)
    if draws and all(draw.state == "repaid" for draw in draws):
        return "released"
    return "registered" if facility.registered_on is not None else guarantee.state
