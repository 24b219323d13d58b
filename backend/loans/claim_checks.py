"""What the fund's officer sees before a decision: the automatic checks as they stand today, the papers, and the evidence.

Written in: domain §6.2 (registered before default, caps, not double-claimed, ratio, no misuse, deadline). The checks made at
filing are kept with the claim; here each is laid beside what our own book, built from the bank's reports, says now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.kit.money import yuan_text
from backend.kit.words import Words
from backend.loans.compensation import covered_draws, paid_by, unpaid_principal_fen
from backend.loans.tables import ClassSignal, Discrepancy, Draw, Payment
from risk_compensation.live import CLAIM_ENDED, CLAIM_LIVE, ClaimCase, FiledClaim
from risk_compensation.live import views as pool_views
from risk_compensation.scheme import most_public_fen


@dataclass(frozen=True, slots=True)
class Check:
    """One check and how it stands today."""

    code: str
    passed: bool
    words: Words


@dataclass(frozen=True, slots=True)
class Paper:
    """One line of the scheme's checklist; `held` is what the claimant named for it (a digest or a name)."""

    code: str
    title: Words
    required: bool
    held: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A draw of the claimed loan, and what the bank reported on it."""

    draw: Draw
    payments: tuple[Payment, ...]


def today(session: Session, case: ClaimCase, day: date) -> tuple[Check, ...]:
    """The checks that do not rest on what the claimant says."""
    claim, loan, terms = case.claim, case.loan, case.terms
    draws = covered_draws(session, loan.reference)
    others = [each for each in pool_views.claims_of_loan(session, claim.loan) if each.claim_no != claim.claim_no]
    signals = select(ClassSignal.name).where(
        ClassSignal.firm_id == loan.firm,
        ClassSignal.name.in_(("misuse", "evasion")),
        ClassSignal.since <= day,
        or_(ClassSignal.draw_id.is_(None), ClassSignal.draw_id.in_([each.id for each in draws])),
    )
    misused = session.scalar(signals.limit(1)) is not None
    open_differences = len(list(session.scalars(select(Discrepancy.key).where(Discrepancy.facility_id == loan.reference))))
    # Once it is decided or paid, what comes in is a recovery and no longer a difference.
    unpaid = unpaid_principal_fen(session, loan.reference) if claim.state in CLAIM_LIVE else claim.unpaid_principal_fen
    bank_said = paid_by(session, loan.reference, "guarantor")
    at_most = most_public_fen(terms, loan, case.loss_fen)
    first = min((each.value_date for each in draws), default=None)
    found = (
        Check(
            "entered_first",
            first is not None
            and loan.registered_on <= first
            and loan.registered_on <= (loan.overdue_since or loan.registered_on),
            Words(f"{loan.registered_on} 入库，早于放款和逾期", f"entered on {loan.registered_on}, before draw and default"),
        ),
        Check(
            "book_agrees",
            unpaid == claim.unpaid_principal_fen,
            Words(
                f"申请的未还本金 {yuan_text(claim.unpaid_principal_fen)} 元，账上 {yuan_text(unpaid)} 元",
                f"unpaid principal claimed {yuan_text(claim.unpaid_principal_fen)} yuan, in the book {yuan_text(unpaid)}",
            ),
        ),
        Check(
            "bank_confirms",
            bank_said >= claim.guarantor_paid_fen,
            Words(
                f"银行报告收到担保机构代偿 {yuan_text(bank_said)} 元",
                f"the bank reported {yuan_text(bank_said)} yuan from the guarantor",
            ),
        ),
        Check(
            "share_held",
            claim.payout_fen <= at_most,
            Words(
                f"基金应付不超过分担比例 {yuan_text(at_most)} 元",
                f"the fund’s part is within its share, {yuan_text(at_most)} yuan",
            ),
        ),
        Check("no_misuse", not misused, Words("没有资金挪用、逃废债记录", "no misuse or evasion is on record")),
        Check(
            "claimed_once",
            not any(each.state not in CLAIM_ENDED for each in others),
            Words("没有其他在办或已付的申请", "no other claim on this loan runs or was paid"),
        ),
        Check(
            "no_difference",
            open_differences == 0,
            Words(f"与银行账目差异 {open_differences} 项", f"differences with the bank’s book: {open_differences}"),
        ),
    )
    # Where no guarantor pays first there is nothing for the bank to confirm.
    pays_first = terms.trigger.guarantor_paid or claim.guarantor_paid_fen > 0
    return tuple(each for each in found if pays_first or each.code != "bank_confirms")


def papers(case: ClaimCase) -> tuple[Paper, ...]:
    """The scheme's checklist in its order, with what was brought."""
    held = case.claim.documents
    return tuple(
        Paper(each.code, each.title, each.required, str(held[each.code]) if each.code in held else None)
        for each in case.terms.documents.papers
    )


def evidence(session: Session, claim: FiledClaim) -> tuple[Evidence, ...]:
    """The covered draws, each with the payments that the bank reported, in the order of the days."""
    return tuple(
        Evidence(
            draw,
            tuple(session.scalars(select(Payment).where(Payment.draw_id == draw.id).order_by(Payment.paid_on, Payment.seq))),
        )
        for draw in covered_draws(session, claim.loan)
    )
