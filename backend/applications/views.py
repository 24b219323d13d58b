"""What a firm, a bank or another room may see of needs, applications and offers. Nothing that is answered here can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from backend.applications.model import (
    ApplicationChange,
    FundingNeed,
    LoanApplication,
    LoanOffer,
    NeedInFull,
    SuppliedDocument,
    TimelineEntry,
)
from backend.applications.tables import Application, ApplicationDocument, ApplicationEvent, Need, Offer, TakenMessage
from backend.kit.errors import NotFound
from backend.kit.rows import seen
from backend.kit.words import Words
from lender_adapters.port import OfferFee


def of_need(row: Need) -> FundingNeed:
    """What may be seen of a need."""
    return seen(FundingNeed, row)


def of_application(row: Application) -> LoanApplication:
    """What may be seen of an application."""
    texts = {name: tuple(str(each) for each in getattr(row, name)) for name in ("decision_reasons", "documents_asked")}
    return seen(LoanApplication, row, **texts)


def of_offer(row: Offer) -> LoanOffer:
    """What may be seen of an offer."""
    fees = tuple(_fee(each) for each in row.fees)
    costs = {name: Decimal(getattr(row, name)) for name in ("nominal_bp", "effective_bp", "by_days_bp")}
    return seen(LoanOffer, row, fees=fees, conditions=tuple(str(each) for each in row.conditions), **costs)


def _fee(packed: dict[str, Any]) -> OfferFee:
    return OfferFee(str(packed["title"]), str(packed["payer"]), int(packed["amount_fen"]), str(packed.get("due") or ""))


def needs(session: Session, firm_id: str) -> list[FundingNeed]:
    """A firm's needs, newest first."""
    query = select(Need).where(Need.firm_id == firm_id).order_by(Need.submitted_at.desc())
    return [of_need(each) for each in session.scalars(query)]


def needs_in_full(session: Session, firm_id: str) -> list[NeedInFull]:
    """A firm's needs, newest first, each with everything that belongs to it: three statements, however many there are."""
    asked, mine = needs(session, firm_id), applications(session, firm_id=firm_id)
    query = select(Offer).join(Application, Application.id == Offer.application_id).where(Application.firm_id == firm_id)
    made = sorted((of_offer(each) for each in session.scalars(query)), key=_price) if mine else []
    need_of = {each.id: each.need_id for each in mine}
    return [
        seen(
            NeedInFull,
            each,
            applications=tuple(one for one in mine if one.need_id == each.id),
            offers=tuple(one for one in made if need_of[one.application_id] == each.id),
        )
        for each in asked
    ]


def _price(offer: LoanOffer) -> tuple[Decimal, str]:
    """The order of offers is the price's: nobody can pay for a place."""
    return offer.by_days_bp, offer.id


def applications(session: Session, *, firm_id: str | None = None, need_id: str | None = None) -> list[LoanApplication]:
    """Applications of a firm or a need, newest first."""
    query = select(Application).order_by(Application.submitted_at.desc(), Application.id)
    if firm_id is not None:
        query = query.where(Application.firm_id == firm_id)
    if need_id is not None:
        query = query.where(Application.need_id == need_id)
    return [of_application(each) for each in session.scalars(query)]


def at_bank(session: Session, bank: str, states: Sequence[str] | None = None, limit: int = 200) -> list[LoanApplication]:
    """Applications at one bank, oldest waiting first."""
    query = select(Application).where(Application.bank == bank).order_by(Application.submitted_at).limit(limit)
    query = query.where(Application.state.in_(states)) if states else query
    return [of_application(each) for each in session.scalars(query)]


def page_at_bank(
    session: Session, bank: str, *, state: str | None = None, after: str | None = None, limit: int = 50
) -> list[LoanApplication]:
    """One page of a bank's applications by their names, which sort by the moment they were made."""
    query = select(Application).where(Application.bank == bank).order_by(Application.id).limit(limit)
    query = query.where(Application.state == state) if state is not None else query
    query = query.where(Application.id > after) if after is not None else query
    return [of_application(each) for each in session.scalars(query)]


def need(session: Session, need_id: str) -> FundingNeed:
    """One need."""
    return of_need(session.get_one(Need, need_id))


def accepted_offer_no(session: Session, application_id: str) -> str | None:
    """The bank's number of the offer that the firm accepted."""
    return session.scalar(select(Offer.offer_no).where(Offer.application_id == application_id, Offer.state == "accepted"))


def application(session: Session, application_id: str) -> LoanApplication:
    """One application, whoever's it is: callers check whose it is, or use `own` or `of_bank`."""
    found = session.get(Application, application_id)
    if found is None:
        raise NotFound()
    return of_application(found)


def own(session: Session, firm_id: str, application_id: str) -> LoanApplication:
    """The firm's own application, to look at; another's is as good as missing."""
    found = application(session, application_id)
    if found.firm_id != firm_id:
        raise NotFound()
    return found


def of_bank(session: Session, bank: str, application_id: str) -> LoanApplication:
    """An application at this bank; another bank's is as good as missing."""
    found = application(session, application_id)
    if found.bank != bank:
        raise NotFound()
    return found


def timeline(session: Session, application_id: str) -> list[TimelineEntry]:
    """What happened, in order."""
    return [entry for entry, _ in timeline_by(session, application_id)]


def timeline_by(session: Session, application_id: str) -> list[tuple[TimelineEntry, str]]:
    """What happened, in order, and the id of who did it: for files that say so, never for the firm."""
    query = select(ApplicationEvent).where(ApplicationEvent.application_id == application_id).order_by(ApplicationEvent.id)
    return [(seen(TimelineEntry, each, words=Words.of(each.words)), each.actor_id) for each in session.scalars(query)]


def documents(session: Session, application_id: str) -> list[SuppliedDocument]:
    """The documents handed in, without their content."""
    kept = ApplicationDocument
    columns = kept.id, kept.application_id, kept.kind, kept.name, kept.digest, kept.at, kept.sent
    return [seen(SuppliedDocument, row) for row in session.execute(select(*columns).where(kept.application_id == application_id))]


def offers(session: Session, need_id: str) -> list[tuple[LoanApplication, LoanOffer]]:
    """All offers for a need, the cheapest all-in first."""
    rows = session.execute(
        select(Application, Offer).join(Offer, Offer.application_id == Application.id).where(Application.need_id == need_id)
    )
    return sorted(((of_application(a), of_offer(o)) for a, o in rows), key=lambda pair: _price(pair[1]))


def offer(session: Session, offer_id: str) -> LoanOffer:
    """One offer."""
    found = session.get(Offer, offer_id)
    if found is None:
        raise NotFound()
    return of_offer(found)


def message_ids(session: Session, application_id: str) -> list[str]:
    """The bank's messages that had their effect on an application."""
    return list(session.scalars(select(TakenMessage.message_id).where(TakenMessage.reference == application_id)))


_FIRM: BindParameter[str] = bindparam("firm")
# Asked for every match: made once.
_ACCEPTED = (
    select(Application.id, Application.bank, Offer.amount_fen)
    .join(Offer, Offer.application_id == Application.id)
    .where(Application.firm_id == _FIRM, Application.state.in_(("accepted", "withdrawing")), Offer.state == "accepted")
)


def accepted(session: Session, firm_id: str) -> list[tuple[str, str, int]]:
    """A firm's accepted offers whose applications wait for the bank's contract: application, bank, amount in fen."""
    return [(row[0], row[1], row[2]) for row in session.connection().execute(_ACCEPTED, {"firm": firm_id})]


_CHANGES = (
    select(
        ApplicationEvent.id,
        ApplicationEvent.event,
        ApplicationEvent.application_id,
        Application.firm_id,
        Application.state,
    )
    .join(Application, Application.id == ApplicationEvent.application_id)
    .where(ApplicationEvent.id > bindparam("after"))
    .order_by(ApplicationEvent.id)
)


def changes(session: Session, after: int) -> list[ApplicationChange]:
    """What happened to all applications since a number, in order."""
    return [ApplicationChange(*row) for row in session.connection().execute(_CHANGES, {"after": after})]
