"""Loans and claims as they stood before a play: made by the rooms' own actions, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.kit.clock import SHANGHAI, start_of
from backend.kit.words import Words
from backend.loans import bank_reports, guarantees
from backend.loans.tables import Draw, Facility, Guarantee
from lender_adapters import port
from products import repayment
from risk_compensation import live as events
from risk_compensation.scheme import terms_on
from tests.concurrency.callers import Login
from tests.concurrency.stand import DAY, Stand

WAN = 1_000_000
BANK, PRODUCT = "orchard_bank", "guaranteed_micro_loan"
SCHEME, GUARANTOR, FUND, CUSTODIAN = "ningbo_442", "yong_guarantee", "ningbo_fund", "harbour_bank"
PAPERS = {paper.code: f"{paper.code}.pdf" for paper in terms_on(SCHEME, DAY).documents.papers}
SIGNED, DRAWN = DAY - timedelta(days=145), DAY - timedelta(days=144)
LOSS = 10 * WAN
PART = 4 * WAN  # the fund's part of that loss


def at(day: date) -> datetime:
    return start_of(day).replace(hour=9, tzinfo=SHANGHAI)


def one_by_one(stand: Stand, *acts: Callable[[Session], Any]) -> None:
    """Each act in a transaction of its own: locks are let go between them."""
    for act in acts:
        with stand.database.writing() as session:
            act(session)


def a_pool(stand: Stand, cash_fen: int, guarantor: str = GUARANTOR) -> str:
    """A pool of its own, with so much money in its account."""
    code = f"pool_{stand.town.number()}"
    on = DAY - timedelta(days=150)
    one_by_one(
        stand,
        lambda s: events.open_pool(s, code=code, scheme=SCHEME, guarantor=guarantor, fund=FUND, custodian=CUSTODIAN, on=on),
        lambda s: events.contribute(s, code, FUND, cash_fen, f"paid-in-{code}", on),
    )
    return code


def a_claim(stand: Stand, pool: str) -> str:
    """A claim on that pool, which its maker has advised to pay."""
    number = stand.town.number()
    (owner,) = stand.town.firms(1)
    reference, name = f"loan_{number:06d}", f"C-{number}"
    since, judged = DRAWN + timedelta(days=31), DAY - timedelta(days=8)
    checks = events.Checks(
        bank=BANK, guarantor=GUARANTOR, firm=owner.firm, guarantee_no=f"DB-{number}", guaranteed_on=SIGNED,
        loan=events.Described(industry="C34"),
    )  # fmt: skip
    maker = stand.town[f"{FUND}/maker"].user
    one_by_one(
        stand,
        lambda s: events.register(s, pool, reference=reference, amount_fen=LOSS, on=SIGNED, checks=checks),
        lambda s: events.activate(s, reference=reference, on=DRAWN),
        lambda s: events.overdue(s, reference=reference, since=since, on=since + timedelta(days=1)),
        lambda s: events.file_claim(
            s, pool, reference=reference, claim_no=name, guarantor_paid_fen=LOSS * 8 // 10 + 1,
            guarantor_paid_on=DAY - timedelta(days=20), unpaid_principal_fen=LOSS, judgment_no="(2025)浙02民初1号",
            judged_on=judged, documents=PAPERS, by="guarantor", on=DAY - timedelta(days=2),
        ),
        lambda s: events.review(s, claim_no=name, by=maker, opinion="approve", on=DAY - timedelta(days=1)),
    )  # fmt: skip
    return name


@dataclass(frozen=True)
class Lent:
    """A guaranteed application on its way to a draw, with its case before the guarantor."""

    owner: Login
    application: str
    guarantee: str = ""
    facility: str = ""
    draw: str = ""
    number: int = 0


def asked(stand: Stand) -> Lent:
    """The firm accepted: headroom is held, and the guarantor is asked."""
    with stand.database.writing() as session:
        owner = stand.town.firm(session)
        _, (application,) = stand.town.need(session, owner, [(BANK, PRODUCT)], state="accepted", amount_fen=LOSS, scheme=SCHEME)
        offer = stand.town.offer(session, application)
        offer.state, offer.accepted_at = "accepted", at(DAY)
        name = application.id
    with stand.database.writing() as session:
        guarantee = _ask(session, name, owner, DAY)
        return Lent(owner, name, guarantee.id, number=stand.town.number())


def _ask(session: Session, application: str, owner: Login, on: date) -> Guarantee:
    made = guarantees.ask_guarantor(
        session, application_id=application, firm_id=owner.firm, bank=BANK, product=PRODUCT, scheme=SCHEME, amount_fen=LOSS,
        months=12, at=at(on),
    )  # fmt: skip
    assert made is not None
    return made


def contract(lent: Lent, signed: date, **more: Any) -> dict[str, Any]:
    """What the bank says of the contract."""
    return {
        "contract_no": f"HT-{lent.number}", "limit_fen": LOSS, "signed_on": signed.isoformat(),
        "expires_on": (signed + timedelta(days=365)).isoformat(), "rate_bp": 360,
    } | more  # fmt: skip


def drawn(stand: Stand, *, bank: str = BANK, product: str = PRODUCT, scheme: str | None = SCHEME) -> Lent:
    """A loan drawn months ago of which nothing was repaid; covered by a pool if it has a scheme."""
    with stand.database.writing() as session:
        owner = stand.town.firm(session)
        _, (application,) = stand.town.need(session, owner, [(bank, product)], state="drawn", amount_fen=LOSS, scheme=scheme)
        name = application.id
    number = stand.town.number()
    head = {"reference": name, "contract_no": f"HT-{number}", "rate_bp": 360}
    signed = port.ContractSigned(
        message_id=f"contract-{number}",
        on=SIGNED,
        limit_fen=LOSS,
        signed_on=SIGNED,
        expires_on=SIGNED + timedelta(days=365),
        **head,
    )
    rows = repayment.schedule(LOSS, 360, 12, "interest_first", "act/360", DRAWN)
    paid_out = port.Drawn(
        message_id=f"draw-{number}", on=DRAWN, draw_no=f"JJ-{number}", amount_fen=LOSS, value_date=DRAWN,
        matures_on=rows[-1].due_on, penalty_bp=540, way="interest_first", day_count="act/360",
        schedule=tuple(port.DueLine(row.no, row.due_on, row.principal_fen, row.interest_fen) for row in rows), 
        first_loan=True, **head,
    )  # fmt: skip
    guarantee = ""
    if scheme is not None:
        with stand.database.writing() as session:
            guarantee = _ask(session, name, owner, SIGNED).id
        with stand.database.writing() as session:
            officer = Actor(
                stand.town[f"{GUARANTOR}/officer"].user, "guarantor_officer", stand.town[f"{GUARANTOR}/officer"].party
            )
            words = Words("同意担保", "agreed")
            guarantees.decide_guarantee(session, officer, guarantee_id=guarantee, granted=True, words=words, at=at(SIGNED))
    with stand.database.writing() as session:
        bank_reports.take_contract(
            session,
            application_id=name,
            firm_id=owner.firm,
            bank=bank,
            product=product,
            message=signed,
            at=at(SIGNED),
            scheme=scheme,
        )
    with stand.database.writing() as session:
        facility = session.scalars(select(Facility).where(Facility.application_id == name)).one().id
        if scheme is not None:
            guarantees.register_at_pool(session, facility_id=facility, at=at(SIGNED))
    with stand.database.writing() as session:
        bank_reports.take_draw(session, bank=bank, message=paid_out, at=at(DRAWN))
        draw = session.scalars(select(Draw).where(Draw.facility_id == facility)).one().id
    return Lent(owner, name, guarantee, facility, draw, number)
