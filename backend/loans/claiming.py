"""A claim on the pool, put by whoever the scheme names: the bank itself (政银), or the guarantor that has paid it (政担).

Written in: domain §6.4. What is claimed is what our own book, made of the bank's reports, says is unpaid; nobody types it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.kit.clock import day_of
from backend.kit.errors import NotFound, Refused
from backend.kit.plausible import within
from backend.kit.words import Words
from backend.loans import account as accounts
from backend.loans.compensation import covered_draws, facility_of, log, own_facility, paid_by, unpaid_principal_fen
from backend.loans.fund_acts import decided
from backend.loans.guarantees import own_guarantee, party_code
from backend.loans.model import CLASSES
from backend.loans.tables import ClassEvent, Draw, Facility, Guarantee
from risk_compensation import live as pool_events
from risk_compensation.live import ClaimCase, FiledClaim, State
from risk_compensation.live import views as pool_views

# What schemes call a class where this room has another word for it.
_IN_SCHEMES = {"watch": "special_mention"}


def file_claim(
    session: Session,
    actor: Actor,
    *,
    guarantee_id: str,
    claim_no: str,
    documents: Mapping[str, str],
    at: datetime,
    judgment_no: str = "",
    judged_on: date | None = None,
) -> FiledClaim:
    """The guarantor claims the fund's part, after judgment. `documents`: code of the scheme's checklist -> digest or name.

    Refused: bank_claims (under this scheme it does), payout_not_confirmed (the bank has not reported the guarantor's payment),
    claim_checks (with every failed check).
    """
    guarantee = own_guarantee(session, actor, guarantee_id)
    facility = facility_of(session, guarantee)
    case = pool_views.loan_case(session, facility.id)
    if case is not None and case.terms.claimant != "guarantor":
        raise Refused(Words("该方案由银行申请代偿", "under this scheme the bank claims"), code="bank_claims")
    confirmed = paid_by(session, facility.id, "guarantor")
    if guarantee.paid_on is None or confirmed < guarantee.paid_fen:
        raise Refused(
            Words("银行尚未确认收到担保机构的代偿款", "the bank has not yet reported the guarantor’s payment"),
            code="payout_not_confirmed",
        )
    claim = _file(
        session,
        actor,
        facility,
        guarantee,
        claim_no=claim_no,
        judgment_no=judgment_no,
        judged_on=judged_on,
        documents=documents,
        at=at,
    )
    log(session, actor, "claim.filed", guarantee, at, {"claim_no": claim_no, "payout_fen": claim.payout_fen})
    return claim


def file_bank_claim(
    session: Session,
    actor: Actor,
    *,
    draw_id: str,
    claim_no: str,
    documents: Mapping[str, str],
    at: datetime,
    judgment_no: str = "",
    judged_on: date | None = None,
) -> FiledClaim:
    """The bank claims the pool's part of a covered loan, where the scheme has the bank claim (政银). The loss is what our own
    book, made of the bank's reports, says is unpaid. `documents`: code of the scheme's checklist -> digest or name.

    Refused: guarantor_claims (under this scheme it does), claim_checks (with every failed check).
    """
    facility = own_facility(session, actor, draw_id)
    case = pool_views.loan_case(session, facility.id)
    if case is None:
        raise NotFound()
    if case.terms.claimant != "bank":
        raise Refused(Words("该方案由担保机构申请代偿", "under this scheme the guarantor claims"), code="guarantor_claims")
    asked = select(Guarantee).where(Guarantee.application_id == facility.application_id)
    guarantee = session.scalar(asked.execution_options(populate_existing=True))
    claim = _file(
        session,
        actor,
        facility,
        guarantee,
        claim_no=claim_no,
        judgment_no=judgment_no,
        judged_on=judged_on,
        documents=documents,
        at=at,
    )
    return decided(session, actor, claim, facility.firm_id, "claim.filed", at)


def _file(
    session: Session,
    actor: Actor,
    facility: Facility,
    guarantee: Guarantee | None,
    *,
    claim_no: str,
    judgment_no: str,
    judged_on: date | None,
    documents: Mapping[str, str],
    at: datetime,
) -> FiledClaim:
    """Put a claim before the fund, on what our own book says of the loan."""
    loan, day = pool_views.hold_loan(session, facility.id), day_of(at)
    if loan is None:
        raise NotFound()
    if judged_on is not None:
        within(judged_on, loan.registered_on, day, "judged_on")
    draws = covered_draws(session, facility.id)
    since = min((each.unpaid_since for each in draws if each.unpaid_since is not None), default=None)
    if loan.state == State.ACTIVE and since is not None and since < day:
        pool_events.overdue(session, reference=facility.id, since=since, on=day)
    return pool_events.file_claim(
        session,
        loan.pool,
        reference=facility.id,
        claim_no=claim_no,
        guarantor_paid_fen=guarantee.paid_fen if guarantee else 0,
        guarantor_paid_on=guarantee.paid_on if guarantee else None,
        unpaid_principal_fen=unpaid_principal_fen(session, facility.id),
        unpaid_interest_fen=sum(unpaid_interest(session, each, day) for each in draws),
        judgment_no=judgment_no,
        judged_on=judged_on,
        classed=classed_since(session, draws),
        documents=documents,
        by=actor.id,
        on=day,
    )


def unpaid_interest(session: Session, draw: Draw, day: date) -> int:
    """Interest of a draw that has fallen due and is not paid (fen); penalty is never pooled (domain §5.5)."""
    account = accounts.play(session, draw, accounts.payments_of(session, draw.id), day)
    return sum(line.interest_left for line in account.lines if line.due_on <= day)


def classed_since(session: Session, draws: Sequence[Draw]) -> dict[str, date]:
    """For each class at or below which the loan stands now: the day it fell there (the bank's reports and the day rules)."""
    found: dict[str, date] = {}
    ranks = [str(each) for each in CLASSES]
    events = select(ClassEvent).where(ClassEvent.draw_id.in_([each.id for each in draws])).order_by(ClassEvent.id)
    for event in session.scalars(events):
        worst = ranks[1 : ranks.index(event.became) + 1]
        found = {name: found.get(name, event.day) for name in worst}
    return {_IN_SCHEMES.get(name, name): day for name, day in found.items()}


def supply_documents(session: Session, actor: Actor, *, claim_no: str, documents: Mapping[str, str], at: datetime) -> FiledClaim:
    """The claimant brings what the maker asked for."""
    case = _own_claim(session, actor, claim_no)
    claim = pool_events.supply(session, claim_no=claim_no, by=actor.id, documents=documents, on=day_of(at))
    return decided(session, actor, claim, case.loan.firm, "claim.supplied", at)


def withdraw_claim(session: Session, actor: Actor, *, claim_no: str, words: Words, at: datetime) -> FiledClaim:
    """The claimant takes its claim back, before it is paid."""
    case = _own_claim(session, actor, claim_no)
    claim = pool_events.withdraw(session, claim_no=claim_no, by=actor.id, on=day_of(at), words=words)
    return decided(session, actor, claim, case.loan.firm, "claim.withdrawn", at)


def _own_claim(session: Session, actor: Actor, claim_no: str) -> ClaimCase:
    found = pool_views.claim_case(session, claim_no)
    roles = ("guarantor_officer", "bank_officer")
    if found is None or actor.role not in roles or found.claim.claimant != party_code(session, actor):
        raise NotFound()
    return found
