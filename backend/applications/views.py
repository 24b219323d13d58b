"""What a firm, a bank or the reporting room may see of needs, applications and offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications.tables import Application, ApplicationDocument, ApplicationEvent, Need, Offer
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.steps import views as steps


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


@dataclass(frozen=True, slots=True)
class Line:
    """Something of the firm's has not reached the bank yet: since when it should have, and what the firm can do."""

    since: datetime
    words: Words


_NOT_YET = {
    "lender.submit": Words(
        "银行尚未接收，自 {since} 起；您可以撤回并改选其他银行",
        "the bank has not taken it yet, since {since}; you can withdraw it and choose another bank",
    ),
    "lender.supplement": Words(
        "银行尚未收到补充材料，自 {since} 起；我们会继续送达",
        "the bank has not taken your documents yet, since {since}; we go on trying",
    ),
    "lender.accept": Words(
        "银行尚未收到您的接受，自 {since} 起；我们会继续送达",
        "the bank has not taken your acceptance yet, since {since}; we go on trying",
    ),
    "lender.withdraw": Words(
        "银行尚未收到撤回通知，自 {since} 起；我们会继续送达",
        "the bank has not taken your withdrawal yet, since {since}; we go on trying",
    ),
}


def line(session: Session, application: Application, at: datetime) -> Line | None:
    """What of this application has not reached its bank and since when; None where nothing is held up."""
    for kind, key in _on_its_way(session, application):
        held_up = steps.line_state(session, kind, key, at)
        if held_up is not None:
            since = f"{held_up.since:%Y-%m-%d %H:%M}"
            words = _NOT_YET[kind]
            return Line(held_up.since, Words(words.zh.format(since=since), words.en.format(since=since)))
    return None


def _on_its_way(session: Session, application: Application) -> list[tuple[str, str]]:
    """The steps that carry what the firm did last to its bank, by where the application stands."""
    if application.state == "created":
        return [("lender.submit", application.id)]
    if application.state == "submitted" and application.documents_asked:
        return [("lender.supplement", each.id) for each in documents(session, application.id) if not each.sent]
    if application.state == "accepted":
        accepted = select(Offer.id).where(Offer.application_id == application.id, Offer.state == "accepted")
        return [("lender.accept", each) for each in session.scalars(accepted)]
    if application.state == "withdrawing":
        # Asked again after the bank kept it, the step has a number behind: the newest is the one under way.
        return [("lender.withdraw", each) for each in steps.keys(session, "lender.withdraw", application.id)]
    return []
