"""Bank and fund at their desks under a scheme in which the bank claims (政银): from default to the recovery that is shared."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from backend.applications.tables import Application
from backend.kit import clock, locks
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.loans import bank_reports, clearance
from backend.loans.day import close_day
from backend.parties import actions as parties
from lender_adapters import port
from products import repayment
from risk_compensation import live as pool
from risk_compensation import scheme
from risk_compensation.live import statements
from tests.portal.visitor import HASH, INVOICES, Visitor, a_firm, application, authorise, confirms, know, open_house, platform
from tests.risk_compensation.live import Live

SCHEME, POOL, BANK, PRODUCT = "shenzhen_pool", "city_pool", "orchard_bank", "pooled_sales_loan"
AMOUNT = 60_000_000


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def it_becomes(database: Database, day: date) -> None:
    with database.writing() as session:
        clock.move_to(session, datetime(day.year, day.month, day.day, 9, tzinfo=clock.SHANGHAI))
        close_day(session, day)


def lent(app: FastAPI, database: Database) -> tuple[Visitor, str]:
    """A loan of 60 万 in the pool, paid out on 3 June 2025; the officer and the address of its page."""
    with database.writing() as session:
        day = date(2025, 6, 2)
        pool.open_pool(session, code=POOL, scheme=SCHEME, fund="city_fund", custodian="harbour_bank", on=day)
        pool.contribute(session, POOL, "city_fund", 1_000_000_000, "R1", day)
    firm = a_firm(app)
    authorise(firm, "firm", items=["TAX01", "TAX04"], recipients=["platform", BANK])
    authorise(firm, "bank_query", recipients=[BANK])
    clean = dict.fromkeys(("abnormal_listed", "dishonest_debtor", "judgment_debtor", "serious_dishonest_listed"), False)
    know(database, "li", INVOICES | {"registered_on": "2018-03-01", "industry": "C35", "tax_grade": "B"} | clean)
    firm.get("/matches")
    firm.get("/apply").send("/apply", amount="60", months="12", products=[PRODUCT], told=["yes"])
    assert firm.path == "/applications", firm.text
    officer = Visitor(app).sign_in(f"{BANK}_officer")
    (case,) = officer.links("/desk/bank/")
    officer.get(case).send(f"{case}/decide", outcome="approve", words="同意", amount="60", rate="4.30")
    (offer,) = firm.get("/offers").offers()
    firm.get(offer).send(f"{offer}/accept", sure=["yes"])
    assert firm.path == "/applications", firm.text
    it_becomes(database, date(2025, 6, 3))
    _pays_out(database)
    return officer, case


def _pays_out(database: Database) -> None:
    day = date(2025, 6, 3)
    rows = repayment.schedule(AMOUNT, 430, 12, "interest_first", "act/360", day)
    with database.writing() as session:
        at = clock.business_now(session)
        application = session.scalars(select(Application)).one()
        contract = port.ContractSigned("m1", application.id, day, "C1", AMOUNT, day, day + timedelta(days=365), 430)
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
        assert clearance.clear_to_draw(session, application.id, sealer=Sealer(bytes(32)), at=at)
        lines = tuple(port.DueLine(row.no, row.due_on, row.principal_fen, row.interest_fen) for row in rows)
        drawn = port.Drawn(
            "m2", application.id, day, "C1", "D1", AMOUNT, day, rows[-1].due_on, 430, 645, "interest_first", "act/360", lines
        )
        bank_reports.take_draw(session, bank=BANK, message=drawn, at=at)


def test_a_bank_claims_brings_a_paper_is_paid_and_shares_what_comes_back(app: FastAPI, database: Database) -> None:
    officer, case = lent(app, database)
    officer.get(case)
    assert "五级分类为次级或更差" in officer.text
    assert "目前没有逾期，不需要申请" in officer.text
    assert officer.page.xpath(f"//form[@action='{case}/pool/claim']") == []
    it_becomes(database, date(2025, 8, 1))
    assert "最早可于 2025年9月19日 申请" in officer.get(case).text
    assert "180,000.00 元" in officer.text, "what the pool would pay"
    desk = officer.get("/desk/bank")
    assert "要求担保机构代偿" not in desk.text, "nobody guarantees this loan"
    assert f"{case}#pool-claim" in desk.links(case)

    it_becomes(database, date(2025, 10, 10))
    assert "最迟于 2026年3月21日 提出申请" in officer.get(case).text
    assert not officer.page.xpath("//input[@name='judgment_no']"), "the scheme asks for no judgment"
    officer.send(f"{case}/pool/claim", other_papers="借款合同\n放款凭证")
    assert "代偿申请已提交" in officer.text, officer.text
    assert officer.page.xpath(f"//form[@action='{case}/pool/claim']") == [], "a loan is claimed once"
    assert "市代偿基金：初审" in officer.get("/desk/bank").text

    maker, checker = Visitor(app).sign_in("maker"), Visitor(app).sign_in("checker")
    assert "果园农商银行" in maker.text
    (claim,) = maker.links("/desk/fund/claims/")
    maker.get(claim)
    for said in ("申请人：果园农商银行", "基金承担", "180,000.00 元", "银行承担", "420,000.00 元", "放款凭证"):
        assert said in maker.text, said
    for said in ("担保机构", "判决"):
        assert said not in maker.text, said
    maker.send(f"{claim}/review", outcome="supplement", words="请补充催收记录")
    officer.get(case)
    assert "请补充催收记录" in officer.text
    officer.send(f"{case}/pool/supply", other_papers=" ")
    assert officer.status == 422
    assert "请勾选或写明补充的材料" in officer.text
    officer.send(f"{case}/pool/supply", other_papers="三次催收记录")
    assert "材料已补充" in officer.text, officer.text
    assert "三次催收记录" in maker.get(claim).text
    maker.send(f"{claim}/review", outcome="accept", words="材料齐全")
    checker.get(claim).send(f"{claim}/approve", outcome="approve", words="同意支付")
    checker.send(f"{claim}/instruct", sure=["yes"])
    maker.get(claim).send(f"{claim}/pay", receipt_no="CUST-1", paid_on="2025-10-10", amount="1")
    assert maker.status == 403, "only what was instructed is taken"
    assert "指令 180,000.00 不符" in maker.text
    maker.get(claim).send(f"{claim}/pay", receipt_no="CUST-1", paid_on="2025-10-10")
    confirms(checker)
    assert "CUST-1" in maker.get(claim).text
    assert "已支付" in maker.text

    officer.get(case)
    assert "CUST-1" in officer.text
    assert officer.page.xpath(f"//form[@action='{case}/pool/withdraw']") == [], "what is paid is not withdrawn"
    officer.send(f"{case}/pool/recover", gross="100000", costs="200000", receipt_no="B1")
    assert officer.status == 422
    assert "费用不得超过追偿额" in officer.text
    officer.send(f"{case}/pool/recover", gross="100000", costs="", recovered_on="2025-10-10", receipt_no="B1")
    assert "等待代偿基金确认" in officer.text
    confirms(checker)
    assert "30,000.00 元" in officer.get(case).text, officer.text
    assert "70,000.00 元" in officer.text
    assert "3.00 万元" in maker.get("/desk/fund/pool").text
    assert "30,000.00 元" in maker.get(claim).text
    with database.reading() as session:
        assert statements.faults(session) == []


def test_a_claim_is_withdrawn_with_words_and_put_again(app: FastAPI, database: Database) -> None:
    officer, case = lent(app, database)
    it_becomes(database, date(2025, 10, 10))
    officer.get(case).send(f"{case}/pool/claim")
    officer.send(f"{case}/pool/withdraw", withdraw_words=" ")
    assert officer.status == 422
    assert "请写明理由" in officer.text
    officer.send(f"{case}/pool/withdraw", withdraw_words="企业已商定还款")
    assert "代偿申请已撤回" in officer.text, officer.text
    assert "企业已商定还款" in officer.text
    officer.send(f"{case}/pool/claim")
    assert "代偿申请已提交" in officer.text, "it may be claimed again under a new number"


def test_fraud_found_before_payment_ends_an_approved_claim(app: FastAPI, database: Database) -> None:
    officer, case = lent(app, database)
    it_becomes(database, date(2025, 10, 10))
    officer.get(case).send(f"{case}/pool/claim")
    maker, checker = Visitor(app).sign_in("maker"), Visitor(app).sign_in("checker")
    (claim,) = maker.links("/desk/fund/claims/")
    maker.get(claim).send(f"{claim}/review", outcome="accept", words="材料齐全")
    checker.get(claim).send(f"{claim}/approve", outcome="approve", words="同意支付")
    reasons = checker.page.xpath(f"//form[@action='{claim}/reject']//input[@name='reasons']/@value")
    checker.send(f"{claim}/reject", words="贷款系骗取")
    assert checker.status == 422
    assert "至少一项理由" in checker.text
    checker.send(f"{claim}/reject", words="贷款系骗取", reasons=reasons[:1])
    assert "锁定的资金已解锁" in checker.text, checker.text
    assert "贷款系骗取" in officer.get(case).text, "the bank reads why"
    with database.reading() as session:
        assert statements.faults(session) == []


def test_another_bank_finds_nothing_there(app: FastAPI, database: Database) -> None:
    _, case = lent(app, database)
    it_becomes(database, date(2025, 10, 10))
    other = Visitor(app).sign_in("harbour_bank_officer")
    token = other.page.xpath("//input[@name='csrf']/@value")[0]
    typed = {"csrf": token, "withdraw_words": "不", "gross": "1", "recovered_on": "2025-10-10", "receipt_no": "B1"}
    for act in ("claim", "supply", "withdraw", "recover"):
        assert other.client.post(f"{case}/pool/{act}", data=typed).status_code == 404, act
    for login in ("maker", "guarantor"):
        stranger = Visitor(app).sign_in(login)
        token = stranger.page.xpath("//input[@name='csrf']/@value")[0]
        assert stranger.client.post(f"{case}/pool/claim", data=typed | {"csrf": token}).status_code == 404, login


def open_house_at(database: Database, day: date) -> FastAPI:
    """The doors alone, on a day before the book begins."""
    with database.writing() as session:
        clock.set_offset(session, datetime(day.year, day.month, day.day, 9, tzinfo=clock.SHANGHAI))
    return application(platform(database))


def a_book(database: Database, code: str, day: date) -> scheme.Scheme:
    """The first worked example of a scheme, played in the live book until that day, for a fund with two officers."""
    made = scheme.scheme(code)
    block = made.terms[0]
    database.tell(**{locks.MANY_ACTS: True})  # a whole book in one transaction, which no caller writes
    with database.writing() as session:
        for kind, name in (("fund", "the_fund"), ("bank", "bank"), ("guarantor", "the_guarantor"), ("insurer", "the_insurer")):
            party = parties.add_party(session, kind=kind, code=name, name=name, name_en=name)
            roles = ("fund_maker", "fund_checker") if kind == "fund" else ()
            for role in roles:
                parties.add_user(session, party=party, login=role, password_hash=HASH, role=role, name="陈")
        worked = block.worked[0]
        Live(session, made, block, worked.money_fen or 1_000_000_000).play(worked.loans, day)
        after = datetime(day.year + 1, 1, 8, 9, tzinfo=clock.SHANGHAI)
        clock.set_offset(session, after)
    database.tell(**{locks.MANY_ACTS: False})
    return made


def test_a_year_is_settled_in_one_proportion_at_the_funds_desk(database: Database) -> None:
    app = open_house_at(database, date(2024, 1, 2))
    a_book(database, "weidantong", date(2024, 12, 30))
    maker, checker = Visitor(app).sign_in("fund_maker"), Visitor(app).sign_in("fund_checker")
    assert checker.text.count("待资金到位") == 2
    maker.get("/desk/fund/pool/live")
    assert "2024 年按比例清算" in maker.text
    assert "由经办人提出清算" in checker.get("/desk/fund/pool/live").text
    assert "代偿 2 笔，应付合计 900,000.00 元；可用资金 450,000.00 元" in maker.text
    assert "不足的 450,000.00 元 由担保机构承担" in maker.text
    maker.send("/desk/fund/pool/live/settle")
    assert maker.status == 422, "nothing is settled that was not ticked"
    maker.send("/desk/fund/pool/live/settle", sure=["yes"])
    assert "待复核人确认后入账" in maker.text, maker.text
    assert "应付合计 900,000.00 元" in maker.text, "nothing is settled yet"
    assert "共 2 笔450,000.00 元" in checker.get(checker.get("/desk/fund").links("/desk/fund/proposals/")[0]).text
    confirms(checker)
    assert "没有等待 2024 年清算的代偿" in checker.get("/desk/fund/pool/live").text
    claim = checker.get("/desk/fund").links("/desk/fund/claims/")[0]
    checker.get(claim)
    assert "按比例" in checker.text
    assert "元 由担保机构承担" in checker.text
    checker.send(f"{claim}/instruct", sure=["yes"])
    maker.get(claim).send(f"{claim}/pay", receipt_no="CUST-1", paid_on="2025-01-08")
    confirms(checker)
    assert "已支付" in maker.get(claim).text, maker.text


def test_an_insurers_excess_of_a_year_is_booked_on_the_receipt(database: Database) -> None:
    app = open_house_at(database, date(2016, 1, 4))
    a_book(database, "yunnan_small_loan_insurance", date(2016, 12, 30))
    maker, checker = Visitor(app).sign_in("fund_maker"), Visitor(app).sign_in("fund_checker")
    (claim,) = maker.links("/desk/fund/claims/")
    assert "保险公司承担" in maker.get(claim).text
    assert "2016 年应向保险公司支付超赔 534,080.00 元" in checker.get("/desk/fund/pool/live").text
    assert checker.page.xpath("//form[@action='/desk/fund/pool/live/excess']") == [], "the maker books it"
    maker.get("/desk/fund/pool/live").send("/desk/fund/pool/live/excess", receipt_no="E1", amount="1")
    assert maker.status == 403
    assert "应付 534,080.00 不符" in maker.text
    maker.get("/desk/fund/pool/live").send("/desk/fund/pool/live/excess", receipt_no="E1")
    assert "待复核人确认后入账" in maker.text, maker.text
    confirms(checker)
    maker.get("/desk/fund/pool/live")
    assert "2016 年的超赔已入账" in maker.text
    assert "超赔基金承担保险人当年超额赔付" in maker.text
