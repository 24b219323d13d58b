"""From an accepted offer to a cleared draw, where a pool, and under most schemes a guarantor, stands behind the loan.

accept -> headroom held, guarantor asked (where the scheme has one) -> it decides: its letter goes to the bank -> the bank
signs ->
the loan is registered at the pool: the certificate goes to the bank -> the bank may draw. Whichever of decision and contract
comes last clears the draw; a paused or full pool is asked again each morning (`mornings`) while the guarantor's word stands.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.applications import actions as applications
from backend.applications import papers
from backend.applications import views as application_views
from backend.applications.model import LoanOffer
from backend.audit.model import SYSTEM, Actor
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.kit.errors import Refused
from backend.kit.words import Words
from backend.loans import guarantees
from backend.loans.tables import Facility, Guarantee
from backend.loans.values import GuaranteeView
from backend.parties.actions import hold_firm, under_firm
from backend.steps import actions as steps
from risk_compensation.live import views as pool_views

KIND = "loans.register"


def accept_offer(session: Session, actor: Actor, *, firm_id: str, offer_id: str, at: datetime) -> LoanOffer:
    """The firm accepts. Where a scheme stands behind the product, headroom is held first: a paused or full pool refuses here."""
    hold_firm(session, firm_id)
    application, offer = applications.hold_offer(session, firm_id=firm_id, offer_id=offer_id)
    # Both or neither: an offer that no longer stands must not leave headroom held and a guarantor asked.
    with session.begin_nested():
        if application.scheme and offer.state == "open":
            guarantees.ask_guarantor(
                session,
                application_id=application.id,
                firm_id=firm_id,
                bank=application.bank,
                product=application.product,
                scheme=application.scheme,
                amount_fen=offer.amount_fen,
                months=offer.months,
                at=at,
            )
        return applications.accept(session, actor, firm_id=firm_id, offer_id=offer_id, at=at)


def decide_guarantee(
    session: Session, actor: Actor, *, guarantee_id: str, granted: bool, words: Words, sealer: Sealer, at: datetime
) -> GuaranteeView:
    """The guarantor's word: a yes goes to the bank as a letter, a no ends the application."""
    guarantee = guarantees.decide_guarantee(session, actor, guarantee_id=guarantee_id, granted=granted, words=words, at=at)
    application = application_views.application(session, guarantee.application_id)
    if any(each.event == f"guarantee_{guarantee.state}" for each in application_views.timeline(session, application.id)):
        return guarantee  # the same word again: its letter is on its way, its line stands in the timeline
    if granted:
        letter = ("guarantee", "guarantee.json", guarantees.guarantee_letter(guarantee))
        papers.keep_documents(session, application, [letter], sealer, at)
        note = Words("担保机构同意担保", "the guarantor agreed")
        applications.note(session, application, "guarantee_granted", actor, at, note, words.zh)
        clear_to_draw(session, application.id, sealer=sealer, at=at)
    else:
        note = Words("担保机构未同意担保", "the guarantor declined")
        applications.note(session, application, "guarantee_declined", actor, at, note, words.zh)
        applications.give_up(session, SYSTEM, application.id, at, note)
    return guarantee


def clear_to_draw(session: Session, application_id: str, *, sealer: Sealer, at: datetime) -> bool:
    """Register the signed loan at the pool and send the bank the certificate, once both contract and guarantee are there."""
    name = session.scalar(select(Facility.id).where(Facility.application_id == application_id))
    facility = under_firm(session, Facility, name) if name is not None else None
    asked = select(Guarantee).where(Guarantee.application_id == application_id)
    guarantee = session.scalar(asked.execution_options(populate_existing=True))
    if facility is None or facility.scheme is None or not _decided(session, application_id, guarantee):
        return False
    if facility.registered_on is not None:
        return True
    application = application_views.application(session, application_id)
    try:
        guarantees.register_at_pool(session, facility_id=facility.id, at=at)
    except Refused as no:
        applications.note(session, application, "pool_refused", SYSTEM, at, no.words)
        return False
    certificate = ("pool_registration", "registration.json", guarantees.registration_certificate(session, facility.id))
    papers.keep_documents(session, application, [certificate], sealer, at)
    note = Words("已在风险补偿资金池入库", "registered at the compensation pool")
    applications.note(session, application, "pool_registered", SYSTEM, at, note)
    return True


def _decided(session: Session, application_id: str, guarantee: Guarantee | None) -> bool:
    """Whether nobody's word is missing: the guarantor granted, or headroom was held under a scheme that asks no guarantor."""
    if guarantee is not None:
        return guarantee.state == "granted"
    return pool_views.reservation(session, application_id) is not None


def ask_soon(session: Session, application_id: str, at: datetime) -> None:
    """The contract is there: the pool is asked in a transaction of its own. A day's file may tell of many contracts, and whoever
    held the pool for the first could not hold the firm or the loan of the next without coming the wrong way."""
    _ask(session, application_id, "signed", at)


def ask_all(session: Session, day: date) -> None:
    """The pool is asked this morning for every signed loan that it has not taken and for which nobody's word has run out."""
    granted = and_(Guarantee.state == "granted", Guarantee.until >= day)
    standing = or_(granted, and_(Guarantee.id.is_(None), pool_views.reserved_still(Facility.application_id, day)))
    query = (
        select(Facility.application_id)
        .outerjoin(Guarantee, Guarantee.application_id == Facility.application_id)
        .where(Facility.scheme.is_not(None), Facility.registered_on.is_(None), standing)
        .order_by(Facility.application_id)
    )
    for application_id in session.scalars(query):
        _ask(session, application_id, str(day), clock.start_of(day) + timedelta(hours=8))


def _ask(session: Session, application_id: str, when: str, due: datetime) -> None:
    payload = {"application": application_id}
    steps.enqueue(session, kind=KIND, key=f"{application_id}:{when}", payload=payload, due=due)


def ask_again(session: Session, payload: dict[str, Any], at: datetime, *, sealer: Sealer) -> None:
    """The step that asks the pool, until the guarantor's word (or, without one, the reservation) runs out."""
    application_id = str(payload["application"])
    guarantee = session.scalar(select(Guarantee).where(Guarantee.application_id == application_id))
    held = pool_views.reservation(session, application_id)
    until = guarantee.until if guarantee is not None else held.expires_on if held is not None else date.min
    if clock.day_of(at) <= until:
        clear_to_draw(session, application_id, sealer=sealer, at=at)
