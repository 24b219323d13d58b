"""A small book whose every figure can be reckoned by hand: eight firms, five needs, three draws. Rows stand in the tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.applications.tables import Application, ApplicationEvent, Need, Offer
from backend.consents.tables import Consent
from backend.kit.clock import SHANGHAI, start_of
from backend.loans.tables import Draw, DueLine, Facility, Payment, Renewal
from backend.parties.tables import Firm, Party

DAY = date(2026, 3, 31)
AT = datetime(2026, 3, 31, 18, tzinfo=SHANGHAI)
HARBOUR, BELL = "harbour_bank", "bell_tower_bank"


def add(session: Session, *rows: Any) -> None:
    for row in rows:
        session.add(row)
        session.flush()


def a_party(session: Session, code: str, kind: str = "bank") -> None:
    add(session, Party(id=f"party_{code}", kind=kind, code=code, name=f"{code} 行", name_en=code))


def a_firm(session: Session, name: str, **other: Any) -> None:
    a_party(session, f"code_{name}", "firm")
    said: dict[str, Any] = {
        "uscc": f"91330200{name:0>10}",
        "uscc_state": "suspect",
        "name": f"甲乙丙{name}",
        "subject_type": "enterprise",
        "legal_rep": "张三丰",
        "region": "330299",
        "industry": "C34",
        "founded_on": date(2019, 1, 1),
        "created_at": AT,
    }
    add(session, Firm(id=name, party_id=f"party_code_{name}", **said | other))


def a_need(session: Session, name: str, firm: str, on: date, amount_fen: int = 1_000_000) -> None:
    said = {"months": 12, "purpose": "stock", "submitted_at": start_of(on), "submitted_on": on}
    add(session, Need(id=name, firm_id=firm, amount_fen=amount_fen, **said))


def an_application(
    session: Session, name: str, need: str, bank: str, state: str, *, days: int | None = None, **other: Any
) -> None:
    asked = session.get_one(Need, need)
    decided = None if days is None else asked.submitted_on + timedelta(days=days)
    said: dict[str, Any] = {
        "product": "tax_credit_loan",
        "amount_fen": asked.amount_fen,
        "months": 12,
        "way": "bullet",
        "submitted_at": asked.submitted_at,
        "submitted_on": asked.submitted_on,
        "decided_at": decided and start_of(decided),
        "decided_on": decided,
    }
    add(session, Application(id=name, need_id=need, firm_id=asked.firm_id, bank=bank, state=state, **said | other))


def an_offer(session: Session, application: str, state: str = "accepted", by_days_bp: str = "450.0") -> None:
    said: dict[str, Any] = {
        "offer_no": "O",
        "amount_fen": 1_000_000,
        "rate_bp": 400,
        "months": 12,
        "way": "bullet",
        "day_count": "act/360",
        "fees": [],
        "conditions": [],
        "nominal_bp": "400",
        "effective_bp": "400",
        "interest_fen": 0,
        "fees_fen": 0,
        "valid_until": DAY,
        "offered_on": DAY,
        "accepted_at": AT,
    }
    add(session, Offer(id=f"offer_{application}", application_id=application, state=state, by_days_bp=by_days_bp, **said))


def a_draw(
    session: Session, name: str, firm: str, bank: str, amount_fen: int, value_date: date, due_on: date, rate_bp: int, **other: Any
) -> None:
    """One bullet draw under a facility of its own; `application` and `guarantor` are of the facility."""
    facility = {"application_id": other.pop("application", f"app_{name}"), "guarantor": other.pop("guarantor", None)}
    add(
        session,
        Facility(
            id=f"facility_{name}",
            firm_id=firm,
            bank=bank,
            product="tax_credit_loan",
            contract_no=name,
            limit_fen=amount_fen * 2,
            signed_on=value_date,
            expires_on=due_on,
            rate_bp=rate_bp,
            **facility,
        ),
    )
    said: dict[str, Any] = {
        "penalty_bp": 0,
        "way": "bullet",
        "day_count": "act/360",
        "coverage": "none",
        "told_on": value_date,
        "outstanding_fen": amount_fen,
        "unpaid_since": due_on,
    } | other
    row = Draw(id=name, facility_id=f"facility_{name}", firm_id=firm, bank=bank, draw_no=name, amount_fen=amount_fen)
    row.value_date, row.matures_on, row.rate_bp = value_date, due_on, rate_bp
    for key, value in said.items():
        setattr(row, key, value)
    add(session, row)
    interest = (amount_fen * rate_bp * (due_on - value_date).days * 2 + 3_600_000) // 7_200_000
    line = {"principal_fen": amount_fen, "told_interest_fen": interest, "our_interest_fen": interest}
    add(session, DueLine(draw_id=name, no=1, due_on=due_on, **line))


def a_payment(session: Session, draw: str, bank: str, paid_on: date, principal_fen: int, interest_fen: int = 0) -> None:
    split = {"expenses_fen": 0, "penalty_fen": 0, "interest_fen": interest_fen, "principal_fen": principal_fen}
    told = {f"{who}_{name}": fen for who in ("told", "our") for name, fen in split.items()}
    said = {"seq": 1, "paid_on": paid_on, "told_on": paid_on, "source": "borrower", "unapplied_fen": 0}
    amount = principal_fen + interest_fen
    add(session, Payment(bank=bank, payment_no=f"P-{draw}-{paid_on}", draw_id=draw, amount_fen=amount, **said, **told))


def a_renewal(session: Session, old: str, new: str) -> None:
    """The bank has named the draw that renews another without repayment; `old` may itself renew one."""
    before, after = session.get_one(Draw, old), session.get_one(Draw, new)
    said: dict[str, Any] = {"asked_on": before.value_date, "answer_by": before.matures_on, "signed_on": before.matures_on}
    said |= {"state": "renewed", "conditions": [], "cohort": before.value_date, "renewed_by": after.id}
    add(session, Renewal(draw_id=old, firm_id=before.firm_id, bank=before.bank, **said))


def a_consent(firm: str, signed_at: datetime, **other: Any) -> Consent:
    """Signed for 300 days; items and recipients are rows of their own."""
    said: dict[str, Any] = {
        "kind": "firm",
        "purpose": "pre_loan",
        "text": "",
        "digest": "",
        "state": "signed",
        "signed_at": signed_at,
    }
    until = signed_at + timedelta(days=300)
    return Consent(
        **{"id": f"consent_{firm}", "firm_id": firm, "created_at": signed_at, "valid_from": signed_at, "valid_to": until}
        | said
        | other
    )


def the_book(session: Session) -> None:
    """Eight firms: f1 to f6 manufacture, f7 and f8 trade. See test_figures for what must come out."""
    a_party(session, HARBOUR)
    a_party(session, BELL)
    for number in range(1, 9):
        a_firm(session, f"f{number}", **({} if number < 7 else {"industry": "F51"}))
    a_need(session, "n1", "f1", date(2025, 1, 6))
    an_application(session, "a1", "n1", HARBOUR, "drawn", days=2)
    an_offer(session, "a1")
    an_application(session, "a2", "n1", BELL, "withdrawn", days=4)
    an_offer(session, "a2", "withdrawn")
    a_need(session, "n2", "f2", date(2025, 1, 20))
    an_application(session, "a3", "n2", HARBOUR, "declined", days=6, decision_reasons=["经营年限不足"])
    a_need(session, "n3", "f3", date(2025, 2, 3))
    an_application(session, "a4", "n3", HARBOUR, "withdrawn")
    a_need(session, "n4", "f4", date(2025, 2, 4))
    an_application(session, "a5", "n4", BELL, "expired", days=8)
    yes = ApplicationEvent(application_id="a5", at=AT, event="bank_approved", actor_id=BELL, words={"zh": "批准", "en": "yes"})
    add(session, yes)
    a_need(session, "n5", "f5", date(2025, 2, 5))
    an_application(session, "a6", "n5", BELL, "submitted")
    # Due on 10 July, paid in full with its interest on 31 October: 113 days late.
    a_draw(
        session,
        "d1",
        "f1",
        HARBOUR,
        1_000_000,
        date(2025, 1, 10),
        date(2025, 7, 10),
        400,
        application="a1",
        first_loan=True,
        outstanding_fen=0,
        unpaid_since=None,
        max_dpd=113,
        repaid_on=date(2025, 10, 31),
        state="repaid",
    )
    a_payment(session, "d1", HARBOUR, date(2025, 10, 31), 1_000_000, 20_111)
    # Due on 10 February, unpaid: 49 days late on 31 March.
    a_draw(
        session,
        "d2",
        "f2",
        BELL,
        3_000_000,
        date(2025, 2, 10),
        date(2026, 2, 10),
        500,
        guarantor="yong_guarantee",
        first_loan=False,
        cls="watch",
        max_dpd=49,
    )
    # Not due yet; a third came back early.
    a_draw(session, "d3", "f3", HARBOUR, 6_000_000, date(2025, 9, 1), date(2026, 9, 1), 300, outstanding_fen=4_000_000)
    a_payment(session, "d3", HARBOUR, date(2026, 1, 15), 2_000_000)
