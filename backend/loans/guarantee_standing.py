"""Where a guarantee stands and what its guarantor may do next: from the guarantee, its loan and its claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from backend.loans import views
from backend.loans.claim_acts import next_of_claimant
from backend.loans.values import GuaranteeView, ReportedDraw, SignedFacility
from risk_compensation.live import CLAIM_ENDED, FiledClaim, progress
from risk_compensation.live import views as pool_views
from risk_compensation.scheme import terms_still


@dataclass(frozen=True, slots=True)
class GuaranteeStanding:
    """`state`: a key under state.guarantee. `act`: decide | pay | claim | supply | recover | nothing. `until`: the last day of
    what is to be done now, where it has one. `late_days`: of the draw that is latest. `claims`: oldest first."""

    state: str
    act: str
    until: date | None
    late_days: int
    facility: SignedFacility | None
    draws: tuple[ReportedDraw, ...]
    claims: tuple[FiledClaim, ...]


def standing(session: Session, guarantee: GuaranteeView, day: date) -> GuaranteeStanding:
    """On that day."""
    facility = views.facility_of_application(session, guarantee.application_id)
    draws = views.draw_rows(session, facility_id=facility.id) if facility is not None else []
    asks = facility is not None and guarantee.paid_on is not None
    claims = pool_views.claims_of_loan(session, facility.id) if facility is not None and asks else []
    case = pool_views.loan_case(session, facility.id) if facility is not None and asks else None
    # Under some schemes the bank claims, though a guarantor pays its own part.
    itself = case is None or case.terms.claimant == "guarantor"
    until = guarantee.until if guarantee.state == "waiting" else None
    if guarantee.paid_on is not None and itself and not claims:
        until = guarantee.paid_on + timedelta(days=terms_still(guarantee.scheme, day).deadlines.claim_within_days)
    return GuaranteeStanding(
        state=_state(guarantee, facility, draws, claims, day),
        act=_act(guarantee, claims, day, itself=itself),
        until=until,
        late_days=max((draw.dpd for draw in draws), default=0),
        facility=facility,
        draws=tuple(draws),
        claims=tuple(claims),
    )


def claims_of(session: Session, guarantee: GuaranteeView) -> list[FiledClaim]:
    """Every claim on the loan that it stands behind, oldest first."""
    facility = views.facility_of_application(session, guarantee.application_id)
    return pool_views.claims_of_loan(session, facility.id) if facility is not None else []


def _act(guarantee: GuaranteeView, claims: Sequence[FiledClaim], day: date, *, itself: bool) -> str:
    if guarantee.state == "waiting":
        return "decide" if day <= guarantee.until else "nothing"
    if guarantee.demanded_on is None:
        return "nothing"
    if guarantee.paid_on is None:
        return "pay"
    if not itself:
        return "nothing"
    return "claim" if not claims or claims[-1].state in CLAIM_ENDED else next_of_claimant(claims[-1])


def _state(
    guarantee: GuaranteeView,
    facility: SignedFacility | None,
    draws: Sequence[ReportedDraw],
    claims: Sequence[FiledClaim],
    day: date,
) -> str:
    if guarantee.state == "waiting":
        return "waiting" if day <= guarantee.until else "expired"
    if guarantee.paid_on is not None:
        state = claims[-1].state if claims else ""
        back = "recovering" if state in progress.COMES_BACK else "claimed" if claims else "paid"
        return "recovered" if state == "recovered" else back
    if guarantee.demanded_on is not None:
        return "defaulted"
    if facility is None:
        return guarantee.state
    if draws and all(draw.state == "repaid" for draw in draws):
        return "released"
    return "registered" if facility.registered_on is not None else guarantee.state
