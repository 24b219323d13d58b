"""What the platform knows that a firm owes, or may still draw, by bank: what counts against a bank group's limit (domain §4.4).

Of a signed facility counts what is outstanding, and the undrawn part while it lives and either nothing was drawn yet or it
revolves. Of an accepted offer that is not signed yet counts the whole amount.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BindParameter, bindparam, case, func, select
from sqlalchemy.orm import Session

from backend.applications import views as applications
from backend.loans.tables import Draw, Facility

_FIRM: BindParameter[str] = bindparam("firm")
_REVOLVES = func.coalesce(func.max(case((Draw.way == "revolving", 1), else_=0)), 0)
# Asked for every match: made once.
_SIGNED = (
    select(
        *(Facility.application_id, Facility.bank, Facility.limit_fen, Facility.frozen_fen, Facility.expires_on),
        *(func.coalesce(func.sum(Draw.outstanding_fen), 0), func.count(Draw.id), _REVOLVES),
    )
    .outerjoin(Draw, Draw.facility_id == Facility.id)
    .where(Facility.firm_id == _FIRM)
    .group_by(Facility.id)
)


def owed_by_bank(session: Session, firm_id: str, day: date) -> dict[str, int]:
    """Fen by bank, only banks where there is something."""
    session.flush()
    signed, found = set[str](), dict[str, int]()
    rows = session.connection().execute(_SIGNED, {"firm": firm_id})
    for application, bank, limit, frozen, expires_on, outstanding, draws, again in rows:
        signed.add(application)
        open_ = expires_on >= day and (not draws or again)
        found[bank] = found.get(bank, 0) + max(int(outstanding), limit - frozen if open_ else 0)
    for application, bank, amount in applications.accepted(session, firm_id):
        if application not in signed:
            found[bank] = found.get(bank, 0) + amount
    return {bank: fen for bank, fen in found.items() if fen}
