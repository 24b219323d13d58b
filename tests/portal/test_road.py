"""The road walked through the forms alone: sign up, authorise, credit file, matches, apply, documents, offer, accept."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from backend.kit.database import Database
from tests.portal.visitor import INVOICES, PASSWORD, Visitor, a_firm, authorise, know, open_house

PRODUCT = "invoice_credit_loan"


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def ready(app: FastAPI, database: Database) -> Visitor:
    """A firm that has authorised the platform and a bank, and whose invoices are known."""
    firm = a_firm(app)
    authorise(firm, "firm", items=["TAX04"], recipients=["platform", "harbour_bank"])
    authorise(firm, "bank_query", recipients=["harbour_bank"])
    know(database, "li", INVOICES)
    return firm


def applied(app: FastAPI, database: Database) -> Visitor:
    firm = ready(app, database)
    firm.get("/matches")
    firm.get("/apply").send("/apply", amount="50", months="12", products=[PRODUCT], told=["yes"])
    assert firm.path == "/applications", firm.text
    return firm


def test_a_firm_walks_the_road_without_javascript(app: FastAPI, database: Database) -> None:
    firm = a_firm(app)
    assert "下一步：授权" in firm.text
    authorise(firm, "firm", items=["TAX04"], recipients=["platform", "harbour_bank"])
    assert "授权书已签署" in firm.text
    know(database, "li", INVOICES)

    firm.get("/credit-file")
    assert firm.status == 200
    assert "800.00 万元" in firm.text
    assert "只给您自己看" in firm.text or "grade" not in firm.text

    firm.get("/matches")
    assert "可以申请" in firm.text
    firm.get(f"/matches/{PRODUCT}")
    assert "80.00 万元" in firm.text
    assert "融资成本清单" in firm.text
    assert "企业征信" in firm.text

    firm.get("/apply")
    assert "先签署" in firm.text, "the bank's query document is still missing"
    authorise(firm, "bank_query", recipients=["harbour_bank"])
    firm.get("/apply").send("/apply", amount="50", months="12", products=[PRODUCT], told=["yes"])
    assert firm.path == "/applications", firm.text
    assert "2025年6月5日" in firm.text
    assert "000-0000-0101" in firm.text

    officer = Visitor(app).sign_in("harbour_bank_officer")
    assert officer.path == "/desk/bank"
    (case,) = officer.links("/desk/bank/")
    officer.get(case)
    assert "800.00 万元" in officer.text
    assert "评级" not in officer.text
    officer.send(f"{case}/ask", documents="2024 年购销合同\n对账单", ask_words="请补充最大三笔合同")
    assert officer.status == 200

    (mine,) = firm.get("/applications").links("/applications/")
    firm.get(mine)
    assert "请补充最大三笔合同" in firm.text
    assert "请在 2025年6月12日 之前送到" in firm.text
    firm.send(f"{mine}/documents", files={"document_0": ("contract.pdf", b"%PDF-")})
    assert "材料已送出" in firm.text

    (paper,) = officer.get(case).links(f"{case}/documents/")
    answer = officer.client.get(paper)
    assert answer.content == b"%PDF-"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert Visitor(app).sign_in("orchard_bank_officer").get(paper).status == 404

    officer.get(case).send(f"{case}/visit", note="现场有三台机床在运转")
    officer.send(f"{case}/decide", outcome="approve", words="同意，随借随还", amount="45", rate="3.85")
    assert officer.status == 200, officer.text
    assert "三台机床" not in firm.get(mine).text, "a visit's note is the bank's own"
    assert "同意，随借随还" in firm.text

    firm.get("/offers")
    assert "45.00 万元" in firm.text
    assert "3.85%" in firm.text
    (offer,) = firm.offers()
    firm.get(offer).send(f"{offer}/accept", sure=["yes"])
    assert firm.path == "/applications"
    assert "已接受" in firm.text
    assert firm.get("/loans").status == 200
    assert "准备合同" in firm.text

    firm.get("/readers")
    assert "港湾银行" in firm.text
    assert "读取了记录" in firm.text


def test_a_decline_shows_the_banks_reasons_and_what_else_there_is(app: FastAPI, database: Database) -> None:
    firm = applied(app, database)
    officer = Visitor(app).sign_in("harbour_bank_officer")
    (case,) = officer.links("/desk/bank/")
    officer.get(case).send(f"{case}/decide", outcome="decline", words="暂不同意", reasons="成立时间较短，满两年后可再申请")
    (mine,) = firm.get("/applications").links("/applications/")
    firm.get(mine)
    assert "成立时间较短，满两年后可再申请" in firm.text
    assert firm.links("/matches")


def test_a_wrong_form_comes_back_with_the_sentence_and_what_was_typed(app: FastAPI, database: Database) -> None:
    visitor = Visitor(app).get("/sign-up")
    visitor.send("/sign-up", uscc="914", name="云梯", legal_rep="李", login="li", password=PASSWORD)
    assert visitor.status == 422
    assert "18 位" in visitor.text
    assert visitor.page.xpath("//input[@id='name']/@value") == ["云梯"]
    assert visitor.page.xpath("//input[@id='uscc']/@aria-invalid") == ["true"]
    assert visitor.page.xpath("//input[@id='password']/@value") == [""]

    firm = ready(app, database)
    firm.get("/matches")
    firm.get("/apply").send("/apply", amount="很多", months="12", products=[PRODUCT], told=["yes"])
    assert firm.status == 422
    assert "不是金额" in firm.text
    assert firm.page.xpath(f"//input[@value='{PRODUCT}']/@checked")
    firm.send("/apply", amount="50000", told=["yes"])
    assert "不在该产品的范围内" in firm.text


def test_withdrawing_a_consent_stops_the_next_reading(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    assert "可以申请" in firm.get("/matches").text
    firm.get("/authorise")
    action = next(each for each in firm.page.xpath("//form/@action") if each.startswith("/authorise/revoke/"))
    for _ in range(2):
        firm.get("/authorise")
        for each in firm.page.xpath("//form/@action"):
            if each.startswith("/authorise/revoke/"):
                firm.send(each)
                break
    assert action
    assert "档案还是空的" in firm.get("/credit-file").text
    assert "还没有结果" in firm.get("/matches").text


def test_an_agent_signs_with_a_stored_power_of_attorney(app: FastAPI, database: Database) -> None:
    firm = a_firm(app)
    firm.get("/authorise").send(
        "/authorise/powers",
        agent_name="王磊",
        power_items=["TAX04"],
        valid_from="2025-06-01",
        valid_to="2025-12-31",
        files={"document": ("power.pdf", b"%PDF-")},
    )
    assert "授权委托书已保存" in firm.text
    firm.get("/authorise/new/firm").send("/authorise/new/firm", recipients=["platform"], items=["TAX04"])
    power = firm.page.xpath("//input[@name='power' and @value!='']/@value")
    firm.send(firm.path, power=power, signer_name="别人", agree=["yes"])
    assert firm.status == 403
    assert "没有该代理人" in firm.text
    firm.send(firm.path, power=power, signer_name="王磊", agree=["yes"])
    assert "经授权的代理人" in firm.text


def test_another_firms_things_and_missing_ones_look_the_same(app: FastAPI, database: Database) -> None:
    firm = applied(app, database)
    (mine,) = firm.get("/applications").links("/applications/")
    other = a_firm(app, login="wang", number=2, name="另一家公司")
    missing = other.get("/applications/app_none")
    seen = missing.text
    assert missing.status == 404
    assert other.get(mine).status == 404
    assert other.text == seen
    stranger = Visitor(app).sign_in("bell_tower_bank_officer")
    assert stranger.get(f"/desk/bank/{mine.rsplit('/', 1)[1]}").status == 404
    assert stranger.get("/matches").status == 404
    assert firm.get("/desk/bank").status == 404
