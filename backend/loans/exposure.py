"""What the platform knows that a firm owes, or may still draw, by bank: what counts against a bank group's limit (domain §4.4).

Of a signed facility counts what is outstanding, and the undrawn part while it lives and either nothing was drawn yet or it
revolves. Of an accepted offer that is not signed yet counts the whole amount.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BindParameter, bindparam, case, func, select
from sqlalchemy.orm import Session

from backend.applications.tables import Application, Offer
from backend.loans.tables import Draw, Facility

UNSIGNED = ("accepted", "withdrawing")


_FIRM: BindParameter[str] = bindparam("firm")
_REVOLVES = func.coalesce(func.max(case((Draw.way == "revolving", 1), else_=0)), 0)
# Asked for every match: made once.
_SIGNED = (
    select(
        *(Facility.bank, Facility.limit_fen, Facility.frozen_fen, Facility.expires_on),
        *(func.coalesce(func.sum(Draw.outstanding_fen), 0), func.count(Draw.id), _REVOLVES),
    )
    .outerjoin(Draw, Draw.facility_id == Facility.id)
    .where(Facility.firm_id == _FIRM)
    .group_by(Facility.id)
)
_UNSIGNED = (
    select(Application.bank, Offer.amount_fen)
    .join(Offer, Offer.application_id == Application.id)
    .outerjoin(Facility, Facility.application_id == Application.id)
    .where(Application.firm_id == _FIRM, Application.state.in_(UNSIGNED), Offer.state == "accepted", Facility.id.is_(None))
)


def owed_by_bank(session: Session, firm_id: str, day: date) -> dict[str, int]:
    """Fen by bank, only banks where there is something."""
    session.flush()
    ask, found = session.connection(), dict[str, int]()
    for bank, limit, frozen, expires_on, outstanding, draws, again in ask.execute(_SIGNED, {"firm": firm_id}):
        open_ = expires_on >= day and (not draws or again)
        found[bank] = found.get(bank, 0) + max(int(outstanding), limit - frozen if open_ else 0)
    for bank, amount in ask.execute(_UNSIGNED, {"firm": firm_id}):
        found[bank] = found.get(bank, 0) + amount
    return {bank: fen for bank, fen in found.items() if fen}
