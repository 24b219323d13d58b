"""What a bank's officer sees of an application's loan: the offer, the contract, the draws, what may be reported next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications import views
from backend.applications.model import LoanApplication
from backend.kit.clock import day_of
from backend.loans import views as loans
from backend.loans.values import SignedFacility
from backend.portal import speak
from backend.portal.offers import fee_line
from backend.portal.pages import desk as pages
from backend.portal.pages.shared import Choice

SOURCES = ("borrower", "guarantor", "recovery")


def loan_of(session: Session, application: LoanApplication, at: datetime) -> pages.BankLoan:
    """From the offer to the last repayment."""
    offer = next((found for of, found in views.offers(session, application.need_id) if of.id == application.id), None)
    facility = loans.facility_of_application(session, application.id)
    draws = loans.draw_rows(session, facility_id=facility.id) if facility else []
    drawn = sum(draw.amount_fen for draw in draws)
    return pages.BankLoan(
        offer=pages.OfferSaid(
            offer.amount_fen,
            offer.rate_bp,
            offer.by_days_bp,
            offer.months,
            offer.valid_until,
            offer.state,
            tuple(fee_line(fee) for fee in offer.fees),
        )
        if offer
        else None,
        contract=pages.ContractSaid(
            facility.contract_no, facility.limit_fen, facility.signed_on, facility.expires_on, facility.rate_bp, drawn
        )
        if facility
        else None,
        draws=tuple(
            pages.DrawSaid(
                draw.draw_no,
                draw.amount_fen,
                draw.outstanding_fen,
                draw.value_date,
                draw.matures_on,
                draw.dpd,
                draw.state,
                tuple((each.paid_on, each.amount_fen, each.source) for each in loans.payments(session, draw.id)),
            )
            for draw in draws
        ),
        covered=_covered(facility),
        may_contract=application.may("bank_contracted"),
        may_draw=facility is not None and application.state in ("contracted", "drawn"),
        may_repay=any(draw.repaid_on is None for draw in draws),
        may_close=application.state in ("approved", "accepted", "withdrawing", "contracted") and not draws,
        withdrawing=application.state == "withdrawing",
        sources=tuple(Choice(code, speak.both(f"desk_payer.{code}")) for code in SOURCES),
        today=day_of(at),
    )


def refusal_of(application: LoanApplication) -> tuple[str, tuple[str, ...]] | None:
    """What the firm was told when the bank said no."""
    if application.state != "declined":
        return None
    return application.decision_words, application.decision_reasons


def _covered(facility: SignedFacility | None) -> str:
    if facility is None or facility.scheme is None:
        return "none"
    return "registered" if facility.registered_on is not None else "waiting"
