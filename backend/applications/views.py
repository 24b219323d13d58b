"""What a firm, a bank or the reporting room may see of needs, applications and offers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications.tables import Application, ApplicationDocument, ApplicationEvent, Need, Offer
from backend.kit.errors import NotFound


def needs(session: Session, firm_id: str) -> list[Need]:
    """A firm's needs, newest first."""
    return list(session.scalars(select(Need).where(Need.firm_id == firm_id).order_by(Need.submitted_at.desc())))


def applications(session: Session, *, firm_id: str | None = None, need_id: str | None = None) -> list[Application]:
    """Applications of a firm or a need, newest first."""
    query = select(Application).order_by(Application.submitted_at.desc(), Application.id)
    if firm_id is not None:
        query = query.where(Application.firm_id == firm_id)
    if need_id is not None:
        query = query.where(Application.need_id == need_id)
    return list(session.scalars(query))


def at_bank(session: Session, bank: str, states: Sequence[str] | None = None, limit: int = 200) -> list[Application]:
    """Applications at one bank, oldest waiting first."""
    query = select(Application).where(Application.bank == bank).order_by(Application.submitted_at).limit(limit)
    return list(session.scalars(query.where(Application.state.in_(states)) if states else query))


def page_at_bank(
    session: Session, bank: str, *, state: str | None = None, after: str | None = None, limit: int = 50
) -> list[Application]:
    """One page of a bank's applications by their names, which sort by the moment they were made."""
    query = select(Application).where(Application.bank == bank).order_by(Application.id).limit(limit)
    query = query.where(Application.state == state) if state is not None else query
    return list(session.scalars(query.where(Application.id > after) if after is not None else query))


def need(session: Session, need_id: str) -> Need:
    """One need."""
    return session.get_one(Need, need_id)


def accepted_offer_no(session: Session, application_id: str) -> str | None:
    """The bank's number of the offer that the firm accepted."""
    return session.scalar(select(Offer.offer_no).where(Offer.application_id == application_id, Offer.state == "accepted"))


def application(session: Session, application_id: str) -> Application:
    """One application, whoever's it is: callers check whose it is, or use `actions.own`."""
    found = session.get(Application, application_id)
    if found is None:
        raise NotFound()
    return found


def timeline(session: Session, application_id: str) -> list[ApplicationEvent]:
    """What happened, in order."""
    query = select(ApplicationEvent).where(ApplicationEvent.application_id == application_id)
    return list(session.scalars(query.order_by(ApplicationEvent.id)))


def documents(session: Session, application_id: str) -> list[ApplicationDocument]:
    """The documents handed in, without their content."""
    return list(session.scalars(select(ApplicationDocument).where(ApplicationDocument.application_id == application_id)))


def offers(session: Session, need_id: str) -> list[tuple[Application, Offer]]:
    """All offers for a need, the cheapest all-in first: the order is the price's, nobody can pay for a place."""
    rows = session.execute(
        select(Application, Offer).join(Offer, Offer.application_id == Application.id).where(Application.need_id == need_id)
    )
    return sorted(((a, o) for a, o in rows), key=lambda pair: (Decimal(pair[1].by_days_bp), pair[1].id))


def offer(session: Session, offer_id: str) -> Offer:
    """One offer."""
    found = session.get(Offer, offer_id)
    if found is None:
        raise NotFound()
    return found
