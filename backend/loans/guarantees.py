"""Before the draw: headroom held at acceptance, the guarantor's decision, the registration at the pool.

Written in: domain §6.4 (a guarantee decision precedes the draw), §6.3 (registration locks the reserve; a paused pool takes no new
entry). The order: the firm accepts -> headroom is reserved and the guarantor asked -> the guarantor decides -> the bank signs ->
the loan is registered -> the bank draws. A scheme without a guarantor goes the same way without asking one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import SYSTEM, Actor
from backend.credit_data import views as credit_data
from backend.kit import rules
from backend.kit.clock import day_of
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.ids import new_id
from backend.kit.policy import canonical
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.loans import certainty
from backend.loans.interest import months_between
from backend.loans.rules import GUARANTEE_DECIDED
from backend.loans.tables import Facility, Guarantee
from backend.loans.values import GuaranteeView
from backend.parties import views as parties
from backend.parties.actions import hold_firm, under_firm
from products import catalogue
from products import size as sizes
from risk_compensation import live as pool_events
from risk_compensation.live import PoolView, RegisteredLoan, statements
from risk_compensation.live import views as pool_views
from risk_compensation.scheme import SchemeTerms, terms_on


def party_code(session: Session, actor: Actor) -> str:
    """The public name of the party an actor speaks for; NotFound for nobody's actor."""
    party = parties.party_by_id(session, actor.party_id)
    if party is None:
        raise NotFound()
    return party.code


def pool_of_scheme(session: Session, scheme: str, on: date) -> PoolView:
    """The pool with most headroom under a scheme; a paused one only if there is no other. NotFound: none was opened."""
    found = [pool for pool in statements.pools(session) if pool.scheme == scheme]
    if not found:
        raise NotFound(Words("该方案尚未设立资金池", "no pool has been opened under this scheme"), code="pool_unknown")
    return max(found, key=lambda each: (each.state != "paused", statements.headroom(session, each, on).available_fen, each.code))


def described(
    session: Session, *, firm_id: str, bank: str, product: str, months: int, terms: SchemeTerms, at: datetime
) -> pool_events.Described:
    """What the pool may know of the loan: what its product says, and, where the scheme asks for it, the firm’s size and
    revenue out of what the firm has signed over to this bank for the loan. What is not there stays unknown."""
    firm, made = parties.firm(session, firm_id), catalogue.load().get(product, day_of(at))
    size, revenue = "", None
    if terms.asks_of_firm:
        codes = {code for names in sizes.FACTS.values() for code in names}
        found = credit_data.read(session, SYSTEM, firm_id=firm_id, purpose="pre_loan", recipient=bank, at=at, codes=codes)
        values = {code: fact.value for code, fact in found.facts.items()}
        revenue = next((values[code] for code in sizes.FACTS["revenue"] if values.get(code) is not None), None)
        may_be = sizes.possible(firm.industry, values, day_of(at)) if firm.industry else None
        size = may_be[0] if may_be and len(may_be) == 1 else ""
    return pool_events.Described(
        months=months,
        mode="guarantee" if made.guarantor_required else "insurance" if made.insurer_required else "loan",
        size=size,
        industry=firm.industry or "",
        revenue_fen=revenue,
        tags=made.scheme_tags,
    )


def ask_guarantor(
    session: Session,
    *,
    application_id: str,
    firm_id: str,
    bank: str,
    product: str,
    scheme: str,
    amount_fen: int,
    months: int,
    at: datetime,
) -> Guarantee | None:
    """At acceptance: hold headroom in the pool and, where the scheme has one, put the case before its guarantor (None: it has
    not). The second time changes nothing.

    Refused by the pool: pool_paused, headroom, cap_loan, cap_firm.
    """
    hold_firm(session, firm_id)
    known = session.scalar(select(Guarantee).where(Guarantee.application_id == application_id))
    if known is not None:
        return known
    on, terms = day_of(at), terms_on(scheme, day_of(at))
    held = pool_views.reservation(session, application_id)
    pool = pool_views.pool(session, held.pool) if held is not None else None
    pool = pool or pool_of_scheme(session, scheme, on)
    until = on + timedelta(days=terms.deadlines.reservation_days)
    loan = described(session, firm_id=firm_id, bank=bank, product=product, months=months, terms=terms, at=at)
    loan = replace(loan, amount_fen=amount_fen)
    behind = terms.needs_guarantor(loan)
    pool_events.reserve(
        session,
        pool.code,
        reference=application_id,
        bank=bank,
        guarantor=pool.guarantor if behind else "",
        firm=firm_id,
        amount_fen=amount_fen,
        expires_on=until,
        on=on,
        loan=loan,
    )
    if not behind:
        return None
    made = Guarantee(
        id=new_id("gua"),
        application_id=application_id,
        firm_id=firm_id,
        bank=bank,
        product=product,
        scheme=scheme,
        pool=pool.code,
        guarantor=pool.guarantor,
        amount_fen=amount_fen,
        months=months,
        asked_on=on,
        until=until,
        state="waiting",
        words={},
    )
    session.add(made)
    session.flush()
    return made


def own_guarantee(session: Session, actor: Actor, guarantee_id: str) -> Guarantee:
    """A case of the actor's own guarantor, its firm held until the transaction ends; another's is as good as missing."""
    found = under_firm(session, Guarantee, guarantee_id)
    if found is None or actor.role != "guarantor_officer" or found.guarantor != party_code(session, actor):
        raise NotFound()
    return found


def decide_guarantee(
    session: Session, actor: Actor, *, guarantee_id: str, granted: bool, words: Words, at: datetime
) -> GuaranteeView:
    """The guarantor's yes or no, in its words. The same decision again changes nothing; another is a Conflict."""
    guarantee = own_guarantee(session, actor, guarantee_id)
    if not words.zh.strip():
        raise Invalid("words", Words("请写明理由", "please give the reason"))
    state = "granted" if granted else "declined"
    if guarantee.state == state:
        return seen(GuaranteeView, guarantee)
    if guarantee.state != "waiting":
        raise Conflict(Words("担保机构已作出决定", "the guarantor has already decided"), code="decided")
    rules.put(session, guarantee, "state", state, rule=GUARANTEE_DECIDED)
    guarantee.decided_on, guarantee.decided_by = day_of(at), actor.id
    guarantee.words = words.as_dict()
    if granted:
        guarantee.guarantee_no = f"DB-{guarantee.application_id}"
    else:
        pool_events.cancel_reservation(session, reference=guarantee.application_id, on=day_of(at))
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"guarantee.{state}",
        object_kind="guarantee",
        object_id=guarantee.id,
        firm_id=guarantee.firm_id,
        details={"amount_fen": guarantee.amount_fen},
    )
    return seen(GuaranteeView, guarantee)


def register_at_pool(session: Session, *, facility_id: str, at: datetime, amount_fen: int | None = None) -> RegisteredLoan:
    """Take the signed facility into the pool, before its draw, for `amount_fen` (its whole limit by default).

    Uses up the reservation made at acceptance. The terms in force are kept under their digest. The second time changes nothing.
    Refused: no_guarantee_decision, pool_paused, bank_paused, headroom, cap_loan, cap_firm, industry_out_of_scope; the refusal is
    kept on the facility, and whatever the bank then draws is not covered.
    """
    facility = under_firm(session, Facility, facility_id)
    if facility is None:
        raise NotFound()
    if facility.scheme is None:
        raise Refused(Words("该产品不在风险补偿范围内", "this product belongs to no scheme"), code="no_scheme")
    on = day_of(at)
    asked = select(Guarantee).where(Guarantee.application_id == facility.application_id)
    guarantee = session.scalar(asked.execution_options(populate_existing=True))
    granted = guarantee if guarantee is not None and guarantee.state == "granted" else None
    held = pool_views.reservation(session, facility.application_id)
    pool = held.pool if held is not None else pool_of_scheme(session, facility.scheme, on).code
    checks = pool_events.Checks(
        bank=facility.bank,
        guarantor=guarantee.guarantor if guarantee else "",
        firm=facility.firm_id,
        guarantee_no=granted.guarantee_no if granted else None,
        guaranteed_on=granted.decided_on if granted else None,
        loan=described(
            session,
            firm_id=facility.firm_id,
            bank=facility.bank,
            product=facility.product,
            months=months_between(facility.signed_on, facility.expires_on),
            terms=terms_on(facility.scheme, on),
            at=at,
        ),
    )
    amount = facility.limit_fen if amount_fen is None else amount_fen
    try:
        made = pool_events.register(
            session, pool, reference=facility.id, amount_fen=amount, on=on, checks=checks, reservation=facility.application_id
        )
    except Refused as no:
        facility.pool_refusal = {"code": no.code, "on": on.isoformat(), **no.words.as_dict()}
        session.flush()
        raise
    terms = terms_on(facility.scheme, made.registered_on)
    said = terms.model_dump(mode="json", exclude_unset=True, exclude={"worked"})
    audit.keep_policy(session, kind="scheme", name=facility.scheme, body=canonical({"valid_to": None} | said))
    if facility.registered_on is None:
        facility.pool, facility.guarantor = pool, checks.guarantor
        facility.registered_fen, facility.registered_on, facility.pool_refusal = amount, made.registered_on, None
        session.flush()
        audit.record(
            session,
            at=at,
            actor=Actor(checks.guarantor, "guarantor_officer", None) if checks.guarantor else SYSTEM,
            action="loan.registered",
            object_kind="facility",
            object_id=facility.id,
            firm_id=facility.firm_id,
            details={"pool": pool, "amount_fen": amount},
        )
        certainty.ask_signature(session, made.reference, at)
    return made


def registration_certificate(session: Session, facility_id: str) -> bytes:
    """The pool-entry confirmation for the bank (supplement kind `pool_registration`), as canonical JSON."""
    return statements.certificate(session, facility_id)


def guarantee_letter(guarantee: GuaranteeView) -> bytes:
    """The guarantee letter for the bank (supplement kind `guarantee`), as canonical JSON."""
    return canonical(
        {
            "kind": "guarantee",
            "guarantee_no": guarantee.guarantee_no,
            "guarantor": guarantee.guarantor,
            "reference": guarantee.application_id,
            "bank": guarantee.bank,
            "product": guarantee.product,
            "amount_fen": guarantee.amount_fen,
            "months": guarantee.months,
            "granted_on": guarantee.decided_on,
        }
    )
