"""Where an application stands: read under its firm's lock, and moved only as the table of lawful moves says.

Everything of one firm's (its needs, applications, offers, consents) is changed by one caller at a time: two banks, the firm and
a worker that come at once stand in a queue. This is the one place that writes the state of an application or an offer.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.applications import model, rules
from backend.applications.tables import Application, Offer
from backend.kit import locks
from backend.kit.errors import NotFound
from backend.kit.rules import put
from backend.parties import actions as parties


def held(session: Session, application_id: str) -> Application | None:
    """The application as it is now, its firm held until the transaction ends; None where there is none."""
    return _held(session, Application.id == application_id)


def own_held(session: Session, firm_id: str, application_id: str) -> Application:
    """The firm's own application, to change: as it is now, and held. Another's is as good as missing."""
    found = _held(session, Application.id == application_id, Application.firm_id == firm_id)
    if found is None:
        raise NotFound()
    return found


def of_bank_held(session: Session, bank: str, application_id: str) -> Application:
    """An application at this bank, to change: as it is now, and held. Another bank's is as good as missing."""
    found = _held(session, Application.id == application_id, Application.bank == bank)
    if found is None:
        raise NotFound()
    return found


def _held(session: Session, *which: ColumnElement[bool]) -> Application | None:
    names = session.execute(select(Application.id, Application.firm_id).where(*which)).first()
    if names is None:
        return None
    parties.hold_firm(session, names.firm_id)
    return locks.fresh(session, Application, names.id)


def hold_firms(session: Session, application_ids: Iterable[str]) -> None:
    """Hold the firms of several applications, in the one order, before the first of them is looked at."""
    names = sorted(set(application_ids))
    if names:
        firms = session.scalars(select(Application.firm_id).where(Application.id.in_(names)).distinct())
        parties.hold_firms(session, firms)


def advance(session: Session, application: Application, event: str) -> str | None:
    """Move an application that is held; the new state, or None where the event changes nothing."""
    state = model.move(application.state, event)
    if state is not None and state != application.state:
        put(session, application, "state", state, rule=rules.LAWFUL_MOVES)
    return state


def end_offers(session: Session, application: Application, state: str) -> None:
    """What the bank still offered ends with the application: `withdrawn` by the firm, `lapsed` by the bank."""
    for offer in session.scalars(select(Offer).where(Offer.application_id == application.id, Offer.state == "open")):
        put(session, offer, "state", state, rule=rules.ONE_ACCEPTED_OFFER)
