"""What a bank's own claim on the pool would come to and from when until when it may be put, before anybody files it (政银).

Written in: domain §6.1 (triggers, shares, limits), §6.2 (deadline), §6.4. An estimate by today's figures: approval fixes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.loans.claiming import classed_since, unpaid_interest
from backend.loans.compensation import covered_draws, unpaid_principal_fen
from backend.loans.tables import Guarantee
from backend.loans.values import SignedFacility
from risk_compensation.live import LoanCase, State, estimate
from risk_compensation.live import views as pool_views
from risk_compensation.scheme import Award, covered_fen


@dataclass(frozen=True, slots=True)
class Outlook:
    """`days`: each thing that the trigger names -> its day (None: not known yet, or nothing is past due). `starts_on`: the first
    day of a claim; `ends_on`: its last (None: not known yet). `may_file`: today, if the judgment that is asked for is there."""

    case: LoanCase
    overdue_since: date | None
    days: Mapping[str, date | None]
    starts_on: date | None
    ends_on: date | None
    may_file: bool
    loss_fen: int
    award: Award


def claimed_by_bank(session: Session, facility: SignedFacility) -> LoanCase | None:
    """The loan, if the facility stands in a pool from which its bank claims itself."""
    case = pool_views.loan_case(session, facility.id) if facility.registered_on is not None else None
    return case if case is not None and case.terms.claimant == "bank" else None


def outlook(session: Session, facility: SignedFacility, case: LoanCase, day: date) -> Outlook:
    """How a claim of the bank on this covered facility stands on that day."""
    loan, terms, draws = case.loan, case.terms, covered_draws(session, facility.id)
    guarantee = session.scalar(select(Guarantee).where(Guarantee.application_id == facility.application_id))
    paid_on = guarantee.paid_on if guarantee else None
    since = loan.overdue_since if loan.state in (State.OVERDUE, State.CLAIMABLE) else None
    missed = min((each.unpaid_since for each in draws if each.unpaid_since is not None), default=None)
    since = since or (missed if missed is not None and missed < day else None)
    loss = covered_fen(
        terms, unpaid_principal_fen(session, facility.id), sum(unpaid_interest(session, each, day) for each in draws)
    )
    found = estimate(session, case.pool, terms, loan, max(0, loss), day)
    named = terms.trigger.days(since or day, classed=classed_since(session, draws), guarantor_paid_on=paid_on)
    days = named if since else dict.fromkeys(named)
    starts = terms.trigger.met_on(days)
    # A judgment may be brought with the claim itself: it counts here as if it had come at the earliest.
    at_best = {**days, "judgment": since + timedelta(days=1)} if since and terms.trigger.judgment else days
    first = terms.trigger.met_on(at_best)
    ends = starts + timedelta(days=terms.deadlines.claim_within_days) if starts else None
    in_time = ends is None or day <= ends
    may = first is not None and first <= day and in_time and loss > 0
    return Outlook(case, since, days, starts, ends, may, max(0, loss), found)
