"""A bank without an API: its officer's fees count in the true cost, and contract, draw and repayment are reported by forms."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from backend.applications.tables import Application, ApplicationEvent, Offer
from backend.kit.database import Database
from backend.loans.tables import Draw, Facility, Payment
from backend.steps.tables import InboxMessage
from tests.portal.visitor import INVOICES, Visitor, a_firm, authorise, know, open_house

BANK = "harbour_bank"
PRODUCT = "invoice_credit_loan"
REPORT = "/desk/bank/"


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def applied(app: FastAPI, database: Database) -> tuple[Visitor, Visitor, str]:
    firm = a_firm(app)
    authorise(firm, "firm", items=["TAX01", "TAX04"], recipients=["platform", BANK])
    authorise(firm, "bank_query", recipients=[BANK])
    know(database, "li", INVOICES | {"registered_on": "2018-03-01", "industry": "C35", "tax_grade": "B"})
    firm.get("/matches")
    firm.get("/apply").send("/apply", amount="30", months="12", products=[PRODUCT], told=["yes"])
    assert firm.path == "/applications", firm.text
    officer = Visitor(app).sign_in(f"{BANK}_officer")
    (case,) = officer.links("/desk/bank/")
    return firm, officer.get(case), case


def test_fees_the_firm_bears_count_in_the_all_in_cost(app: FastAPI, database: Database) -> None:
    firm, officer, case = applied(app, database)
    typed = {"outcome": "approve", "words": "同意", "amount": "30", "rate": "4.00"}
    fee = {"fee_title_0": "担保费", "fee_amount_0": "3000", "fee_payer_0": "firm"}
    officer.send(f"{case}/decide", **typed, **fee, fee_title_1="评估费", fee_amount_1="800", fee_payer_1="bank")
    assert "决定已记录" in officer.text, officer.text
    with database.reading() as session:
        offer = session.scalars(select(Offer)).one()
    assert offer.fees_fen == 300_000, "the bank bears the other"
    assert Decimal(offer.by_days_bp) > 500, "4 % and a fee of 1 % up front"
    (link,) = firm.get("/offers").offers()
    text = firm.get(link).text
    assert "担保费" in text
    assert "3,000.00 元" in text
    assert "评估费" in text, "who bears what is told, also what the bank bears"


def test_a_fee_without_a_name_or_too_dear_an_offer_comes_back(app: FastAPI, database: Database) -> None:
    _, officer, case = applied(app, database)
    typed = {"outcome": "approve", "words": "同意", "amount": "30", "rate": "4.00"}
    officer.send(f"{case}/decide", **typed, fee_amount_0="3000")
    assert officer.status == 422
    assert "请写明费用名称" in officer.text
    officer.send(f"{case}/decide", **typed, fee_title_0="服务费", fee_amount_0="100000")
    assert officer.status == 403
    assert "超过上限" in officer.text
    officer.send(f"{case}/decide", outcome="decline", words="本次不能批准", reasons="  ")
    assert officer.status == 422
    assert "不同意须写明原因" in officer.text


def test_a_no_is_read_word_for_word_with_whom_to_ask(app: FastAPI, database: Database) -> None:
    firm, officer, case = applied(app, database)
    officer.send(
        f"{case}/decide", outcome="decline", words="本次未能批准，抱歉。", reasons="成立以来流水不连续\n近半年客户过于集中"
    )
    assert "成立以来流水不连续" in officer.text, "the officer sees what the firm reads"
    (link,) = firm.get("/applications").links("/applications/")
    text = firm.get(link).text
    for said in (
        "本次未能批准，抱歉。",
        "成立以来流水不连续",
        "近半年客户过于集中",
        "请人复核",
        "提出异议",
        "0571-0000-0110",
        "港湾银行",
    ):
        assert said in text, said


def test_contract_draw_and_repayment_are_reported_by_forms(app: FastAPI, database: Database) -> None:
    firm, officer, case = applied(app, database)
    officer.send(f"{case}/decide", outcome="approve", words="同意", amount="30", rate="4.00")
    (link,) = firm.get("/offers").offers()
    firm.get(link).send(f"{link}/accept", sure=["yes"])
    officer.get(case)
    assert officer.page.xpath(f"//form[@action='{case}/draw']") == [], "no draw before its contract"
    contract = {"contract_no": "HT-1", "limit": "30", "contract_rate": "4.00", "signed_on": "2025-06-02"}
    officer.send(f"{case}/contract", **contract, expires_on="2025-06-01")
    assert officer.status == 422
    assert "到期日不晚于签约日" in officer.text
    officer.send(f"{case}/contract", **contract, expires_on="2026-06-02")
    assert "合同已记录" in officer.text, officer.text

    draw = {"draw_no": "JJ-1", "draw_amount": "30", "draw_rate": "4.00", "value_date": "2025-06-02", "draw_months": "12"}
    officer.send(f"{case}/draw", **draw)
    assert officer.status == 422, "the schedule is the bank's word: the officer says so"
    officer.send(f"{case}/draw", **draw, sure_schedule=["yes"])
    assert "放款已记录" in officer.text, officer.text
    officer.send(f"{case}/repayment", payment_no="LS-1", paid_on="2025-06-02", source="borrower", principal="1000", interest="-1")
    assert officer.status == 422
    officer.send(f"{case}/repayment", payment_no="LS-1", paid_on="2025-06-02", source="borrower", principal="1000", interest="0")
    assert "还款已记录" in officer.text, officer.text
    assert "299,000.00 元" in officer.text
    with database.reading() as session:
        assert session.scalars(select(Application)).one().state == "drawn"
        assert session.scalars(select(Facility)).one().contract_no == "HT-1"
        drawn = session.scalars(select(Draw)).one()
        assert (drawn.penalty_bp, drawn.outstanding_fen) == (600, 29_900_000)
        assert session.scalars(select(Payment)).one().our_principal_fen == 100_000
        told = session.scalars(select(InboxMessage).where(InboxMessage.source == BANK)).all()
        assert len(told) == 4, "decision, contract, draw, repayment: in the same inbox as every bank's words"
        by = {each.actor_id for each in session.scalars(select(ApplicationEvent).where(ApplicationEvent.event == "bank_drew"))}
    assert all(each.startswith("user_") for each in by), "the officer, not a machine, said so"
    assert firm.get("/loans").status == 200
    assert "29.90 万元" in firm.text or "299,000.00" in firm.text
    other = Visitor(app).sign_in("orchard_bank_officer")
    token = other.get("/desk/bank").page.xpath("//input[@name='csrf']/@value")[0]
    for act in ("contract", "draw", "repayment", "close", "decide"):
        data = {"csrf": token, "outcome": "decline", "words": "不", "reasons": "不", "sure_schedule": "yes", **contract, **draw}
        assert other.client.post(f"{case}/{act}", data=data | {"source": "borrower"}).status_code == 404, act
    with database.reading() as session:
        assert len(session.scalars(select(InboxMessage).where(InboxMessage.source == "orchard_bank")).all()) == 0
