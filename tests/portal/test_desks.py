"""Issuer, operator, guarantor and fund do their work through the forms."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from backend.applications.tables import Application
from backend.kit import clock
from backend.kit.database import Database
from backend.kit.words import Words
from backend.loans import bank_reports, clearance
from backend.loans.day import close_day
from backend.loans.tables import Draw, Guarantee
from backend.steps import actions as steps
from backend.steps.tables import Step
from lender_adapters import port
from products import repayment
from risk_compensation import live as pool
from risk_compensation.ledger import locked_pool
from risk_compensation.live import breaker
from tests.portal.visitor import INVOICES, Visitor, a_firm, authorise, confirms, credit_code, know, open_house

SCHEME, POOL, BANK, PRODUCT = "ningbo_442", "city_pool", "orchard_bank", "guaranteed_micro_loan"


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def test_the_issuer_publishes_a_batch_and_removes_a_firm_with_notice(app: FastAPI) -> None:
    a_firm(app)
    issuer = Visitor(app).sign_in("issuer")
    issuer.send("/desk/issuer/publish", batch="2025-1", issued_on="2025-06-02", expires_on="2026-06-01", members="9142 A")
    assert issuer.status == 422
    assert "第 1 行" in issuer.text
    assert issuer.page.xpath("//textarea[@id='members']")[0].text.strip() == "9142 A"
    issuer.send("/desk/issuer/publish", members=f"{credit_code(1)} A\n{credit_code(7)}, B")
    assert "批次已发布" in issuer.text
    assert "襄阳云梯机械有限公司" in issuer.text
    first = issuer.links("/desk/issuer/remove/")[0]
    issuer.get(first).send(first, notice_zh="年度复核未通过", notice_en="The yearly review was not passed")
    assert "已移出名单" in issuer.text
    assert "2025年6月2日 移出" in issuer.text


def test_the_operator_revives_a_dead_letter_and_moves_the_clock_only_forward(app: FastAPI, database: Database) -> None:
    with database.writing() as session:
        said = {"payload": {"secret": "payload"}, "lane": "harbour_bank", "error": "the bank answered nonsense"}
        steps.put_aside(session, kind="lender.submit", key="a", due=clock.now(), **said)
        step = session.scalars(select(Step)).one()
    operator = Visitor(app).sign_in("operator")
    assert "把申请送往银行" in operator.text
    assert "payload" not in operator.text
    operator.send(f"/desk/operator/steps/{step.id}/retry")
    assert "已重新安排" in operator.text
    operator.send("/desk/operator/clock", day="2025-06-09")
    assert "2025年6月9日" in operator.text
    operator.send("/desk/operator/clock", day="2025-06-01")
    assert operator.status == 403
    assert "不能倒退" in operator.text


def guaranteed(app: FastAPI, database: Database) -> Visitor:
    """A firm that has accepted an offer for a loan under the scheme."""
    with database.writing() as session:
        day = date(2025, 6, 2)
        pool.open_pool(
            session, code=POOL, scheme=SCHEME, guarantor="city_guarantor", fund="city_fund", custodian="harbour_bank", on=day
        )
        pool.contribute(session, POOL, "city_fund", 1_000_000_000, "R1", day)
    firm = a_firm(app)
    items = ["TAX01", "TAX04", "SOC01"]
    authorise(firm, "firm", items=items, recipients=["platform", BANK])
    authorise(firm, "bank_query", recipients=[BANK])
    know(database, "li", INVOICES | {"registered_on": "2018-03-01", "industry": "C35", "tax_grade": "B"})
    firm.get("/matches")
    firm.get("/apply").send("/apply", amount="100", months="12", products=[PRODUCT], told=["yes"])
    assert firm.path == "/applications", firm.text
    officer = Visitor(app).sign_in(f"{BANK}_officer")
    (case,) = officer.links("/desk/bank/")
    officer.get(case).send(f"{case}/decide", outcome="approve", words="同意", amount="100", rate="3.60")
    (offer,) = firm.get("/offers").offers()
    assert "担保机构" in firm.get(offer).text
    firm.send(f"{offer}/accept", sure=["yes"])
    assert firm.path == "/applications", firm.text
    return firm


def bank_pays_out(database: Database) -> str:
    """The bank's contract and draw, as its adapter would bring them."""
    day = date(2025, 6, 3)
    rows = repayment.schedule(100_000_000, 360, 12, "interest_first", "act/360", day)
    with database.writing() as session:
        at = clock.business_now(session)
        application = session.scalars(select(Application)).one()
        contract = port.ContractSigned("m1", application.id, day, "C1", 100_000_000, day, day + timedelta(days=365), 360)
        bank_reports.take_contract(
            session,
            application_id=application.id,
            firm_id=application.firm_id,
            bank=BANK,
            product=PRODUCT,
            message=contract,
            at=at,
            scheme=SCHEME,
        )
        assert clearance.clear_to_draw(session, application.id, sealer=_sealer(), at=at)
        lines = tuple(port.DueLine(row.no, row.due_on, row.principal_fen, row.interest_fen) for row in rows)
        drawn = port.Drawn(
            "m2", application.id, day, "C1", "D1", 100_000_000, day, rows[-1].due_on, 360, 540, "interest_first", "act/360", lines
        )
        return bank_reports.take_draw(session, bank=BANK, message=drawn, at=at).id


def _sealer():  # type: ignore[no-untyped-def]  # a test's helper
    from backend.kit.crypto import Sealer

    return Sealer(bytes(32))


def it_becomes(database: Database, day: date) -> None:
    with database.writing() as session:
        clock.move_to(session, datetime(day.year, day.month, day.day, 9, tzinfo=clock.SHANGHAI))
        close_day(session, day)


def test_a_guaranteed_loan_defaults_and_the_fund_pays_only_on_the_receipt(app: FastAPI, database: Database) -> None:
    firm = guaranteed(app, database)
    guarantor = Visitor(app).sign_in("guarantor")
    assert "放款前待决定（1）" in guarantor.text
    (case,) = guarantor.links("/desk/guarantor/")
    guarantor.get(case).send(f"{case}/decide", outcome="grant", words="同意担保")
    assert guarantor.status == 200, guarantor.text
    it_becomes(database, date(2025, 6, 3))
    draw = bank_pays_out(database)
    assert "1,000,000.00 元" in firm.get("/loans").text
    assert firm.get(f"/loans/{draw}").status == 200
    assert "风险补偿资金池" in firm.text

    it_becomes(database, date(2025, 10, 10))
    assert "已逾期 112 天" in firm.get(f"/loans/{draw}").text
    assert "次级" in firm.text
    officer = Visitor(app).sign_in(f"{BANK}_officer")
    officer.send(f"/desk/bank/draws/{draw}/demand")
    assert "已要求担保机构代偿" in officer.text

    guarantor.get(case).send(f"{case}/pay", amount="1", paid_on="2025-10-10", receipt_no="P1")
    assert guarantor.status == 403
    assert "应代偿 800,000.00 元" in guarantor.text
    guarantor.send(f"{case}/pay", amount="800000", paid_on="2025-10-10", receipt_no="P1")
    assert guarantor.status == 200, guarantor.text
    with database.writing() as session:
        at, of = clock.business_now(session), session.get_one(Draw, draw)
        reference = session.scalars(select(Guarantee)).one().application_id
        paid = port.Repaid("m3", reference, at.date(), of.draw_no, "Z1", at.date(), 80_000_000, 0, 0, 0, 80_000_000, "guarantor")
        bank_reports.take_repayment(session, bank=BANK, message=paid, at=at)

    guarantor.get(case)
    papers = guarantor.page.xpath("//input[@name='documents']/@value")
    guarantor.send(f"{case}/claim", judgment_no="（2025）浙0203民初812号", judged_on="2025-10-08", documents=papers[:1])
    assert guarantor.status == 403
    assert "缺少" in guarantor.text
    guarantor.send(f"{case}/claim", documents=papers)
    assert "代偿申请已提交" in guarantor.text

    maker, checker = Visitor(app).sign_in("maker"), Visitor(app).sign_in("checker")
    (claim,) = maker.links("/desk/fund/claims/")
    maker.get(claim)
    assert "400,000.00 元" in maker.text
    assert checker.get(claim).page.xpath("//main//form[@method='post']") == [], "the checker waits for the maker"
    for visitor, page, href in ((checker, claim, "/api/fund/loans/"), (officer, f"/desk/bank/{reference}", "/api/desk/draws/")):
        (form,) = visitor.get(page).page.xpath("//main//form[@method='get']")
        assert form.get("action").startswith(href)
        assert form.get("action").endswith("/duty")
        assert form.xpath(".//input[@name='purpose']/@required"), "the due-diligence file is read for a stated purpose"
    maker.send(f"{claim}/review", outcome="accept", words="材料齐全")
    checker.get(claim).send(f"{claim}/approve", outcome="approve", words="同意支付")
    checker.get(claim).send(f"{claim}/instruct", sure=["yes"])
    checker.get("/desk/fund/pool")
    assert "1,000.00 万元" in checker.text, "nothing is booked before the receipt"
    maker.get(claim).send(f"{claim}/pay", receipt_no="CUST-1", paid_on="2025-10-11")
    assert (maker.status, "晚于今天" in maker.text) == (422, True)
    maker.get(claim).send(f"{claim}/pay", receipt_no="CUST-1", paid_on="2025-10-10")
    assert "待复核人确认后入账" in maker.text
    assert maker.page.xpath(f"//form[@action='{claim}/pay']") == [], "it is said once"
    assert "1,000.00 万元" in maker.get("/desk/fund/pool").text, "nothing is booked on one person's word"
    confirms(checker)
    assert "已支付" in maker.get(claim).text
    assert "960.00 万元" in maker.get("/desk/fund/pool").text

    guarantor.get(case).send(f"{case}/recover", amount="300000", costs="20000", paid_on="2025-10-10", receipt_no="B1")
    assert guarantor.status == 200, guarantor.text
    assert "等待代偿基金确认" in guarantor.text
    guarantor.send(f"{case}/take_back")
    assert "等待代偿基金确认" not in guarantor.text
    guarantor.send(f"{case}/recover", amount="300000", costs="20000", paid_on="2025-10-10", receipt_no="B1")
    confirms(checker)
    assert "11.20 万元" in maker.get("/desk/fund/pool").text


def test_a_paused_pool_says_so_and_refuses_an_acceptance(app: FastAPI, database: Database) -> None:
    with database.writing() as session:
        day = date(2025, 6, 2)
        pool.open_pool(
            session, code=POOL, scheme=SCHEME, guarantor="city_guarantor", fund="city_fund", custodian="harbour_bank", on=day
        )
        pool.contribute(session, POOL, "city_fund", 1_000_000_000, "R1", day)
    checker = Visitor(app).sign_in("checker")
    checker.get(f"/desk/fund/pool/{POOL}").send("/desk/fund/pool/pause", words="代偿率超过百分之五")
    assert "暂停新增" in checker.text
    assert "代偿率超过百分之五" in checker.text
    maker = Visitor(app).sign_in("maker")
    assert "先由经办人提出恢复建议" in checker.text
    assert checker.page.xpath("//form[contains(@action, 'reopen')]") == [], "nobody opens alone what a person stopped"
    maker.get(f"/desk/fund/pool/{POOL}").send("/desk/fund/pool/propose", words="已补充资金")
    assert maker.page.xpath("//main//form[contains(@action, '/propose')]") == [], "the checker decides"
    checker.get(f"/desk/fund/pool/{POOL}").send("/desk/fund/pool/reopen", words="同意恢复")
    assert "已恢复新增" in checker.text


def test_what_a_rule_stopped_opens_again_by_two_people(app: FastAPI, database: Database) -> None:
    with database.writing() as session:
        day = date(2025, 6, 2)
        pool.open_pool(
            session, code=POOL, scheme=SCHEME, guarantor="city_guarantor", fund="city_fund", custodian="harbour_bank", on=day
        )
        pool.contribute(session, POOL, "city_fund", 1_000_000_000, "R1", day)
        row = locked_pool(session, POOL)
        stop = Words("净代偿率 6.00% 达到 5.00%", "the ratio of 6.00% reached 5.00%")
        for party in (None, "city_guarantor"):
            breaker.hold_state(session, row, party)
            breaker.move_pool(session, row, "paused", on=day, by=breaker.RULE, words=stop, party=party)
    maker, checker = Visitor(app).sign_in("maker"), Visitor(app).sign_in("checker")
    page = f"/desk/fund/pool/{POOL}"
    assert checker.get(page).text.count("净代偿率 6.00% 达到 5.00%") >= 2
    assert "先由经办人提出恢复建议" in checker.text
    assert checker.page.xpath("//main//form") == [], "the checker waits, and all that could be paused is"
    maker.get(page).send("/desk/fund/pool/propose", words="已追偿三笔")
    assert "建议已记录" in maker.text
    (left,) = maker.get(page).page.xpath("//main//form//input[@name='party']/@value")
    assert left == "city_guarantor", "the guarantor's stop is still to be proposed"
    assert "已追偿三笔" in checker.get(page).text
    checker.send("/desk/fund/pool/reopen", words="同意恢复")
    assert "已恢复新增" in checker.text
    maker.get(page).send("/desk/fund/pool/propose", words="担保机构已整改")
    checker.get(page).send("/desk/fund/pool/reopen", words="同意")
    assert "达到 5.00%" not in checker.get(page).text, "nothing is stopped any more"
