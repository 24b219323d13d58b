"""The due-diligence file of one loan as a PDF, for its bank, its fund and the regulator, with a stated purpose."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from backend.api.pool import Fund, House, Purpose
from backend.doors import in_role
from backend.loans import duty, duty_pdf
from backend.parties.views import SignedIn

router = APIRouter(prefix="/api", tags=["duty"])
Officer = Annotated[SignedIn, Depends(in_role("bank_officer"))]


@router.get("/desk/draws/{draw_id}/duty", response_class=Response)
def of_bank(draw_id: str, house: House, who: Officer, purpose: Purpose = "") -> Response:
    """The file of the loan that this draw belongs to."""
    return _pdf(house, who, draw_id, purpose)


@router.get("/fund/loans/{reference}/duty", response_class=Response)
def of_fund(reference: str, house: House, who: Fund, purpose: Purpose = "") -> Response:
    """The file of a loan in one of this fund's pools; for the regulator of any."""
    return _pdf(house, who, reference, purpose)


def _pdf(house: House, who: SignedIn, reference: str, purpose: str) -> Response:
    with house.writing() as (session, at):
        made = duty.open_file(session, who.actor, party=who.party.code, reference=reference, purpose=purpose, at=at)
    name = f"duty-{made.facility}.pdf"
    return Response(
        duty_pdf.pdf(made), media_type="application/pdf", headers={"content-disposition": f'attachment; filename="{name}"'}
    )
