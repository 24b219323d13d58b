"""A pool, its people and its papers, with sound defaults: tests name only what they are about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.words import Words
from risk_compensation import live as events
from risk_compensation.scheme import terms_on
from risk_compensation.tables import Claim, Registration

POOL, SCHEME = "ningbo", "ningbo_442"
GUARANTOR, FUND, BANK, CUSTODIAN = "yong_guarantee", "ningbo_fund", "harbour_bank", "custody_bank"
DAY = date(2025, 1, 6)
WAN = 1_000_000
PAPERS = {paper.code: f"{paper.code}.pdf" for paper in terms_on(SCHEME, DAY).documents.papers}


def a_pool(session: Session, *, cash_fen: int = 7_000 * WAN, code: str = POOL, **other: Any) -> str:
    parties = {"guarantor": GUARANTOR, "fund": FUND, "custodian": CUSTODIAN} | other
    events.open_pool(session, code=code, scheme=SCHEME, on=DAY, **parties)
    if cash_fen:
        events.contribute(session, code, FUND, cash_fen, f"receipt-{code}-1", DAY)
    return code


def checks(**other: Any) -> events.Checks:
    return events.Checks(
        **{
            "bank": BANK,
            "guarantor": GUARANTOR,
            "firm": "firm_1",
            "guarantee_no": "DB-2025-1",
            "guaranteed_on": DAY,
        }
        | {"loan": events.Described(industry=other.pop("industry", "C34") or "")}
        | other
    )


def a_loan(
    session: Session, *, reference: str = "loan_1", amount_fen: int = 100 * WAN, on: date = DAY, **other: Any
) -> Registration:
    return events.register(session, POOL, reference=reference, amount_fen=amount_fen, on=on, checks=checks(**other))


def a_default(session: Session, *, reference: str = "loan_1", amount_fen: int = 100 * WAN, **other: Any) -> Registration:
    loan = a_loan(session, reference=reference, amount_fen=amount_fen, **other)
    events.activate(session, reference=reference, on=DAY)
    events.overdue(session, reference=reference, since=date(2025, 3, 20), on=date(2025, 3, 21))
    return loan


def file(session: Session, *, reference: str = "loan_1", claim_no: str = "C1", loss_fen: int = 100 * WAN, **other: Any) -> Claim:
    said: dict[str, Any] = {
        "guarantor_paid_fen": loss_fen * 8 // 10 + 1,
        "guarantor_paid_on": date(2025, 6, 2),
        "unpaid_principal_fen": loss_fen,
        "judgment_no": "(2025)浙02民初1号",
        "judged_on": date(2025, 7, 1),
        "documents": PAPERS,
        "by": "guarantor_officer",
        "on": date(2025, 7, 10),
    } | other
    return events.file_claim(session, POOL, reference=reference, claim_no=claim_no, **said)


def approved(session: Session, claim_no: str = "C1") -> Claim:
    events.review(session, claim_no=claim_no, by="maker", opinion="approve", on=date(2025, 7, 15))
    return events.approve(session, claim_no=claim_no, by="checker", on=date(2025, 7, 20))


def paid(session: Session, claim_no: str = "C1", receipt_no: str | None = None) -> Claim:
    claim = approved(session, claim_no)
    events.instruct(session, claim_no=claim_no, by="checker", on=date(2025, 7, 21))
    return events.pay(
        session, claim_no=claim_no, receipt_no=receipt_no or f"R-{claim_no}", amount_fen=claim.payout_fen, on=date(2025, 7, 22)
    )


def said(text: str = "因") -> Words:
    return Words(text, "because")


def after_all(session: Session) -> None:
    """Outside it is long after every day that is played here: nothing is booked before its day has come."""
    clock.set_offset(session, datetime(2200, 1, 1, tzinfo=clock.SHANGHAI))
