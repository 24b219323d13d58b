"""A firm, its bank's reports and its guarantor, with sound defaults: tests name only what they are about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.kit.clock import SHANGHAI, start_of
from backend.kit.words import Words
from backend.loans import bank_reports, claiming, compensation, fund_acts, guarantees, interest, pool_money
from backend.loans.day import close_day
from backend.loans.tables import Draw, Facility, Guarantee, Payment
from backend.parties import actions as parties
from backend.parties.tables import Firm
from lender_adapters import port
from products import repayment
from risk_compensation import live as events
from risk_compensation.scheme import terms_on

WAN = 1_000_000
BANK, GUARANTOR, FUND, SCHEME, POOL = "orchard_bank", "yong_guarantee", "ningbo_fund", "ningbo_442", "ningbo"
SIGNED = date(2025, 1, 9)
VALUE = date(2025, 1, 10)
PAPERS = {paper.code: f"{paper.code}.pdf" for paper in terms_on(SCHEME, VALUE).documents.papers}
SAID = Words("经审查同意", "agreed")


def at(day: date) -> datetime:
    return start_of(day).replace(hour=18, tzinfo=SHANGHAI)


def a_firm(session: Session, *, uscc: str = "91330200MA2AAAAAXW", industry: str = "C34") -> Firm:
    return parties.import_firm(
        session, uscc=uscc, name="甬江精工", subject_type="enterprise", source_code=uscc, industry=industry, at=at(VALUE)
    )


def a_contract(**other: Any) -> port.ContractSigned:
    said: dict[str, Any] = {
        "message_id": "m-contract",
        "reference": "app_1",
        "on": SIGNED,
        "contract_no": "HT-1",
        "limit_fen": 100 * WAN,
        "signed_on": SIGNED,
        "expires_on": date(2026, 1, 9),
        "rate_bp": 360,
    }
    return port.ContractSigned(**said | other)


def a_drawn(
    *,
    amount_fen: int = 100 * WAN,
    months: int = 12,
    way: str = "interest_first",
    day_count: str = "act/360",
    value_date: date = VALUE,
    **other: Any,
) -> port.Drawn:
    """A draw whose schedule is what products.repayment makes of it."""
    rows = repayment.schedule(amount_fen, 360, months, way, day_count, value_date)
    said: dict[str, Any] = {
        "message_id": "m-draw",
        "reference": "app_1",
        "on": value_date,
        "contract_no": "HT-1",
        "draw_no": "JJ-1",
        "amount_fen": amount_fen,
        "value_date": value_date,
        "matures_on": rows[-1].due_on,
        "rate_bp": 360,
        "penalty_bp": 540,
        "way": way,
        "day_count": day_count,
        "schedule": tuple(port.DueLine(row.no, row.due_on, row.principal_fen, row.interest_fen) for row in rows),
        "first_loan": True,
    }
    return port.Drawn(**said | other)


def a_repaid(no: int, paid_on: date, *, source: str = "borrower", draw_no: str = "JJ-1", **parts: int) -> port.Repaid:
    """A payment as the bank splits it: penalty, interest, principal, expenses (fen)."""
    split = {f"{name}_fen": parts.get(name, 0) for name in ("expenses", "penalty", "interest", "principal")}
    return port.Repaid(
        message_id=f"m-{draw_no}-{no}",
        reference="app_1",
        on=paid_on,
        draw_no=draw_no,
        payment_no=f"{draw_no}-HK-{no}",
        paid_on=paid_on,
        amount_fen=sum(split.values()),
        source=source,  # type: ignore[arg-type]
        **split,
    )


def take(session: Session, *messages: port.Message, bank: str = BANK, scheme: str | None = None) -> None:
    """What the inbox does: hand each message to its action."""
    for message in messages:
        if isinstance(message, port.ContractSigned):
            firm = a_firm(session)
            bank_reports.take_contract(
                session,
                application_id=message.reference,
                firm_id=firm.id,
                bank=bank,
                product="guaranteed_micro_loan",
                message=message,
                at=at(message.on),
                scheme=scheme,
            )
        elif isinstance(message, port.Drawn):
            bank_reports.take_draw(session, bank=bank, message=message, at=at(message.on))
        elif isinstance(message, port.Repaid):
            bank_reports.take_repayment(session, bank=bank, message=message, at=at(message.on))


def the_draw(session: Session, draw_no: str = "JJ-1") -> Draw:
    return session.scalars(select(Draw).where(Draw.draw_no == draw_no)).one()


def the_facility(session: Session) -> Facility:
    return session.scalars(select(Facility)).one()


def the_guarantee(session: Session) -> Guarantee:
    return session.scalars(select(Guarantee)).one()


def paid_up_to(session: Session, day: date, draw_no: str = "JJ-1") -> None:
    """The borrower pays what is due on each due day, up to and including that day."""
    from backend.loans import account

    draw = the_draw(session, draw_no)
    while True:
        number = len(account.payments_of(session, draw.id)) + 1
        state = account.refresh(session, draw, date.min)
        coming: interest.Line | None = state.next_due()
        if coming is None or coming.due_on > day:
            return
        take(
            session,
            a_repaid(number, coming.due_on, draw_no=draw_no, interest=coming.interest_left, principal=coming.principal_left),
        )


def told(payment: Payment) -> tuple[int, int, int, int]:
    return payment.our_expenses_fen, payment.our_penalty_fen, payment.our_interest_fen, payment.our_principal_fen


# ---------------------------------------------------------------- the guaranteed road


def people(session: Session) -> dict[str, Actor]:
    """The officers: guarantor, bank, fund maker and checker; and another guarantor and fund."""
    found = {}
    for name, kind, code, role in (
        ("guarantor", "guarantor", GUARANTOR, "guarantor_officer"),
        ("bank", "bank", BANK, "bank_officer"),
        ("maker", "fund", FUND, "fund_maker"),
        ("checker", "fund", FUND, "fund_checker"),
        ("other_guarantor", "guarantor", "other_guarantee", "guarantor_officer"),
        ("other_maker", "fund", "other_fund", "fund_maker"),
        ("other_bank", "bank", "bell_tower_bank", "bank_officer"),
    ):
        party = parties.add_party(session, kind=kind, code=code, name=code)
        found[name] = Actor(f"user_{name}", role, party.id)
    return found


def a_pool(session: Session, cash_fen: int = 7_000 * WAN) -> None:
    events.open_pool(
        session, code=POOL, scheme=SCHEME, guarantor=GUARANTOR, fund=FUND, custodian="custody_bank", on=date(2025, 1, 1)
    )
    events.contribute(session, POOL, FUND, cash_fen, "first", date(2025, 1, 1))


def asked(session: Session, amount_fen: int = 100 * WAN) -> Guarantee:
    """The firm accepted an offer: headroom is held, the guarantor is asked."""
    return guarantees.ask_guarantor(
        session,
        application_id="app_1",
        firm_id=a_firm(session).id,
        bank=BANK,
        product="guaranteed_micro_loan",
        scheme=SCHEME,
        amount_fen=amount_fen,
        months=12,
        at=at(date(2025, 1, 6)),
    )


def a_covered_draw(session: Session) -> Draw:
    """From acceptance to a draw that the pool covers."""
    who = people(session)
    a_pool(session)
    guarantee = asked(session)
    guarantees.decide_guarantee(session, who["guarantor"], guarantee_id=guarantee.id, granted=True, words=SAID, at=at(SIGNED))
    take(session, a_contract(), scheme=SCHEME)
    guarantees.register_at_pool(session, facility_id=the_facility(session).id, at=at(SIGNED))
    take(session, a_drawn())
    return the_draw(session)


def a_paid_guarantee(session: Session) -> Guarantee:
    """… then three months paid, a default, the bank's demand, the guarantor's payment as guarantor and bank report it."""
    who = people(session)
    draw = a_covered_draw(session)
    paid_up_to(session, date(2025, 3, 20))
    day = date(2025, 6, 30)
    close_day(session, day)
    guarantee = compensation.demand_on_guarantor(session, who["bank"], draw_id=draw.id, at=at(day))
    compensation.guarantor_paid(
        session, who["guarantor"], guarantee_id=guarantee.id, amount_fen=80 * WAN, receipt_no="DC-1", paid_on=day, at=at(day)
    )
    take(session, a_repaid(99, day, source="guarantor", principal=80 * WAN))
    return guarantee


def a_claim(session: Session, **other: Any) -> Any:
    said: dict[str, Any] = {
        "claim_no": "C-1",
        "judgment_no": "(2025)浙02民初1号",
        "judged_on": date(2025, 9, 1),
        "documents": PAPERS,
        "at": at(date(2025, 9, 10)),
    }
    guarantor = people(session)["guarantor"]
    return claiming.file_claim(session, guarantor, guarantee_id=the_guarantee(session).id, **said | other)


def a_paid_claim(session: Session) -> None:
    who, day = people(session), date(2025, 9, 20)
    a_claim(session)
    fund_acts.review_claim(session, who["maker"], claim_no="C-1", opinion="approve", words=SAID, at=at(day))
    fund_acts.approve_claim(session, who["checker"], claim_no="C-1", words=SAID, at=at(day))
    fund_acts.instruct_payment(session, who["checker"], claim_no="C-1", at=at(day))
    said = pool_money.propose_payment(
        session, who["maker"], claim_no="C-1", receipt_no="TG-1", amount_fen=40 * WAN, on=day, at=at(day)
    )
    pool_money.confirm(session, who["checker"], proposal=said.id, words=SAID, at=at(day))
