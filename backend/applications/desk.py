"""A bank officer's desk: for a bank without an API the officer asks, visits, decides, and reports contract, draws and repayments.

Each becomes the port's own message and is taken in by `reports.report`, as a bank system's call is. For a bank whose adapter
speaks to us, the desk shows and notes; its reports come from its own system only: one voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import reports
from backend.applications.actions import note
from backend.applications.messages import Onward
from backend.applications.model import LoanApplication
from backend.applications.standing import of_bank_held
from backend.applications.tables import ApplicationEvent
from backend.applications.views import of_application, of_bank
from backend.audit.model import Actor
from backend.kit.clock import day_of
from backend.kit.errors import Invalid
from backend.kit.ids import new_id
from backend.kit.policy import canonical
from backend.kit.words import Words
from lender_adapters import port
from products.repayment import schedule
from products.schema import ProductTerms

OFFER_DAYS = 15
# Within so long the same words again are the same tap.
TWO_TAPS = timedelta(minutes=2)
ANSWER_DAYS = 10


@dataclass(frozen=True, slots=True)
class Officer:
    """Who sits at the desk, of which bank, about which application, on what terms; `speaks` where an adapter speaks for it."""

    actor: Actor
    bank: str
    application_id: str
    terms: ProductTerms
    speaks: bool
    onward: Onward
    at: datetime

    @property
    def today(self) -> date:
        return day_of(self.at)


def ask(session: Session, officer: Officer, *, documents: Sequence[str], words: str) -> LoanApplication:
    """Ask the firm for documents; it has ten days. The same question while it is open changes nothing."""
    until = officer.today + timedelta(days=ANSWER_DAYS)
    asked = tuple(each.strip() for each in documents if each.strip())
    now = of_application(of_bank_held(session, officer.bank, officer.application_id))
    if now.state == "documents_asked" and (now.documents_words, now.documents_asked) == (words.strip(), asked):
        return now  # the button was tapped twice: one question
    return _say(session, officer, port.DocumentsAsked(*_head(officer), asked, words.strip(), until))


def visit(session: Session, actor: Actor, *, bank: str, application_id: str, words: str, at: datetime) -> LoanApplication:
    """Note a visit to the firm: the firm sees that there was one, the words are the bank's file (尽职)."""
    if not words.strip():
        of_bank(session, bank, application_id)
        raise Invalid("words", Words("请写下走访情况", "say what the visit found"))
    application = of_application(of_bank_held(session, bank, application_id))
    query = select(ApplicationEvent.verbatim).where(
        ApplicationEvent.application_id == application_id,
        ApplicationEvent.event == "bank_visited",
        ApplicationEvent.actor_id == actor.id,
        ApplicationEvent.at > at - TWO_TAPS,
    )
    if words.strip()[:2000] in session.scalars(query).all():
        return application  # the button was tapped twice: one visit
    note(session, application, "bank_visited", actor, at, Words("银行已上门走访", "the bank has visited"), words.strip())
    return application


def approve(
    session: Session,
    officer: Officer,
    *,
    words: str,
    amount_fen: int | None,
    rate_bp: int | None,
    fees: Sequence[port.OfferFee] = (),
    conditions: Sequence[str] = (),
) -> LoanApplication:
    """Approve with binding terms. Every fee the firm bears counts in the all-in cost that offers are compared by."""
    application = of_bank(session, officer.bank, officer.application_id)
    offer = port.OfferTerms(
        offer_no=new_id("offer"),
        amount_fen=amount_fen or 0,
        rate_bp=rate_bp or 0,
        months=application.months,
        way=application.way,  # type: ignore[arg-type]  # checked when it was applied for
        day_count=officer.terms.day_count,  # type: ignore[arg-type]  # comes from the product's file
        fees=tuple(fees),
        valid_until=officer.today + timedelta(days=OFFER_DAYS),
        conditions=tuple(each.strip() for each in conditions if each.strip()),
    )
    return _say(session, officer, port.Decided(*_head(officer), True, words.strip(), (), offer))


def decline(session: Session, officer: Officer, *, words: str, reasons: Sequence[str]) -> LoanApplication:
    """Decline with at least one reason; the firm reads the bank's words as they were typed."""
    said = tuple(each.strip() for each in reasons if each.strip())
    return _say(session, officer, port.Decided(*_head(officer), False, words.strip(), said, None))


def close(session: Session, officer: Officer, *, state: Literal["withdrawn", "expired"], words: str) -> LoanApplication:
    """Confirm a withdrawal, or say that the application has lapsed."""
    return _say(session, officer, port.Closed(*_head(officer), state, words.strip()))


def contract(
    session: Session, officer: Officer, *, contract_no: str, limit_fen: int, signed_on: date, expires_on: date, rate_bp: int
) -> LoanApplication:
    """The contract is signed: this makes the facility."""
    number = _number(contract_no, "contract_no")
    return _say(session, officer, port.ContractSigned(*_head(officer), number, limit_fen, signed_on, expires_on, rate_bp))


def draw(
    session: Session,
    officer: Officer,
    *,
    contract_no: str,
    draw_no: str,
    amount_fen: int,
    value_date: date,
    months: int,
    rate_bp: int,
    first_loan: bool | None = None,
) -> LoanApplication:
    """The money is paid out. Schedule and penalty rate are worked out on the product's terms; the officer signs for them."""
    application, terms = of_bank(session, officer.bank, officer.application_id), officer.terms
    rows = schedule(amount_fen, rate_bp, months, application.way, terms.day_count, value_date)
    told: dict[str, Any] = {
        "contract_no": contract_no,
        "draw_no": _number(draw_no, "draw_no"),
        "amount_fen": amount_fen,
        "value_date": value_date,
        "matures_on": rows[-1].due_on,
        "rate_bp": rate_bp,
        "penalty_bp": rate_bp + rate_bp * terms.late_surcharge_bp // 10_000,
        "way": application.way,
        "day_count": terms.day_count,
        "schedule": tuple(port.DueLine(row.no, row.due_on, row.principal_fen, row.interest_fen) for row in rows),
        "first_loan": first_loan,
    }
    return _say(session, officer, port.Drawn(*_head(officer), **told))


def repayment(
    session: Session,
    officer: Officer,
    *,
    draw_no: str,
    payment_no: str,
    paid_on: date,
    parts: tuple[int, int, int, int],
    source: port.PaidFrom,
) -> LoanApplication:
    """Money came back. `parts`: expenses, penalty interest, interest, principal, in fen."""
    number = _number(payment_no, "payment_no")
    return _say(session, officer, port.Repaid(*_head(officer), draw_no, number, paid_on, sum(parts), *parts, source))


def _head(officer: Officer) -> tuple[str, str, date]:
    return new_id("desk"), officer.application_id, officer.today


def _number(text: str, place: str) -> str:
    if not text.strip() or len(text.strip()) > 80:
        raise Invalid(place, Words("请填写行内编号(不超过 80 字)", "give the bank's own number (at most 80 characters)"))
    return text.strip()


def _say(session: Session, officer: Officer, message: port.Message) -> LoanApplication:
    _, now = reports.report(
        session,
        officer.actor,
        bank=officer.bank,
        message=message,
        terms=officer.terms,
        verb="desk",
        body=canonical(port.pack(message)),
        speaks=officer.speaks,
        onward=officer.onward,
        at=officer.at,
    )
    return now
