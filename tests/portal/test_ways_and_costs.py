"""The way to yes with what to press, the cost list that adds up, offers beside each other: as a firm meets them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from fastapi import FastAPI

from backend.kit.database import Database
from backend.kit.rates import percent
from backend.kit.words import Words
from backend.matching.changes import Step, Way
from backend.portal import costs, ways
from products import pricing
from products.catalogue import load
from products.scope import CALL
from tests.portal.test_road import PRODUCT, applied, ready
from tests.portal.visitor import DAY, Visitor, open_house


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def fen(text: str) -> int:
    return int(Decimal(text.replace(",", "")) * 100)


def test_every_no_and_unknown_says_the_way_or_why_there_is_none(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    firm.get("/matches")
    cards = firm.page.xpath("//section[@id='nearly']//article | //section[@id='far']//article")
    assert len(cards) >= 5
    for card in cards:
        assert card.xpath(".//ol[@class='path']/li | .//p[@class='noway']"), card.text_content()
    assert "没有办法：因为" in firm.text


def test_records_to_authorise_are_one_press_and_come_ticked(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    firm.get("/matches/tax_credit_loan")
    (href,) = [link for link in firm.links("/authorise/new/firm?items=") if "recipient" not in link]
    assert href.endswith("items=TAX01,TAX03")
    assert "记录须显示" in firm.text
    assert "TAX01" not in firm.text
    firm.get(href)
    assert set(firm.page.xpath("//input[@name='items' and @checked]/@value")) == {"TAX01", "TAX03"}


def test_the_need_is_worked_out_and_kept_until_it_is_changed(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    firm.get("/matches").send("/matches/renew", amount="100")
    assert firm.path == "/matches"
    assert "您要 100.00 万元，这里最多 " in firm.text
    assert firm.page.xpath("//input[@id='amount']/@value") == ["100"]
    firm.send("/matches/renew", amount="-3")
    assert firm.status == 422
    assert "大于零" in firm.text
    firm.get("/matches").send("/matches/renew", amount="")
    assert "您要" not in firm.text
    assert firm.get("/matches?amount=30").page.xpath("//input[@id='amount']/@value") == ["30"]
    assert firm.get("/matches?amount=<b>").page.xpath("//input[@id='amount']/@value") == [""]


def test_asking_less_than_the_least_leads_to_the_amount_that_would_do(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    firm.get("/matches").send("/matches/renew", amount="1")
    found = [card for card in firm.page.xpath("//section[@id='nearly']//article") if PRODUCT in "".join(card.xpath(".//@href"))]
    assert len(found) == 1
    (link,) = found[0].xpath(".//a[starts-with(@href, '/matches?amount=')]/@href")
    assert firm.get(link.split("#")[0]).page.xpath("//input[@id='amount']/@value") == ["5"]
    firm.send("/matches/renew", amount="5")
    assert PRODUCT in "".join(firm.page.xpath("//section[@id='can']//@href"))


def test_products_of_other_regions_say_where_and_nothing_else(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    lines = firm.get("/matches").page.xpath("//section[@id='elsewhere']//li")
    assert len(lines) >= 10
    for line in lines:
        assert "面向：" in line.text_content()
        assert not re.search(r"\d{2,}", line.text_content()), "a place's code is printed"


def test_a_condition_the_bank_keeps_is_never_a_step() -> None:
    shown = ways.shown(Way((), (CALL,)), "any")
    assert (shown.steps, shown.blocked, shown.call) == ((), None, True)
    blocked = ways.shown(Way((), (Words("所属行业不能由企业改变", "industry"),)), "any")
    assert (blocked.call, blocked.blocked) == (False, Words("所属行业不能由企业改变", "industry"))


def test_each_kind_of_step_says_its_day_in_words_and_leads_where_it_is_done() -> None:
    steps = (
        Step("ask", 1, Words("申请不超过 30.50 万元", "ask for at most 30.50 万元"), amount_fen=30_500_000),
        Step("wait", 4, Words("x", "x"), fact="registered_on", until=date(2025, 8, 1)),
        Step("guarantee", 5, Words("由担保机构出具担保", "bring a guarantor's letter")),
        Step("repair", 6, Words("修复记录", "repair the record"), fact="tax_arrears_fen"),
        Step("repay", 12, Words("先偿还", "first repay"), amount_fen=1),
    )
    shown = ways.shown(Way(steps), "some_product")
    assert [(step.kind, step.href) for step in shown.steps] == [
        ("ask", "/matches?amount=30.5#need"),
        ("wait", None),
        ("guarantee", "/apply?product=some_product"),
        ("repair", "/credit-file"),
        ("repay", "/loans"),
    ]
    assert "2025年8月1日" in shown.steps[1].words.zh
    assert "1 Aug 2025" in shown.steps[1].words.en
    assert not shown.short
    assert ways.shown(Way(steps[:1]), "some_product").short
    assert ways.shown(Way(steps[2:3]), "p", at_the_bank=True).steps[0].href is None


def test_the_cost_list_adds_up_and_can_be_tried_with_another_loan(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    firm.get("/matches")
    firm.get(f"/matches/{PRODUCT}/costs")
    assert firm.status == 200
    firm.send(f"/matches/{PRODUCT}/costs", amount="50", months="12")
    rows = [[cell.text_content() for cell in row] for row in firm.page.xpath("//table[@class='plan']/tbody/tr")]
    assert sum(fen(row[1]) for row in rows) == 50_000_000
    foot = [cell.text_content() for cell in firm.page.xpath("//table[@class='plan']/tfoot/tr/*")]
    assert sum(fen(row[2]) for row in rows) == fen(foot[2])
    assert fen(rows[-1][4]) == 0
    listed = firm.page.xpath("//table[@class='cards']/tbody/tr/td[@data-label='金额']/text()")
    total = firm.page.xpath("//table[@class='cards']/tfoot/tr/td[@data-label='金额']/text()")
    assert sum(fen(text.removesuffix(" 元")) for text in listed) == fen(total[0].removesuffix(" 元")) == fen(foot[2])
    adds = firm.page.xpath("//table[@class='cards']//td[@data-label='计入年化']/text()")
    assert adds[0] == adds[-1] == firm.page.xpath("//dd[@class='big']/text()")[0], "interest alone is the whole cost here"
    assert firm.send(f"/matches/{PRODUCT}/costs", amount="9000").status == 422
    assert "之间的金额" in firm.text
    assert firm.get("/matches/no_such_product/costs").status == 404


def test_what_each_cost_adds_is_printed_so_that_it_adds_up() -> None:
    terms = load().get("guaranteed_micro_loan", date(2025, 6, 2))
    for amount in (10_000_000, 33_333_300, 87_000_000):
        for months, way in ((month, way) for month in terms.months for way in terms.ways):
            page = costs.page_of(
                terms.title, terms.title, 380, terms.day_count, pricing.fees_of(terms), DAY, (amount, months, way)
            )
            assert len(page.ours) == 2
            printed = [percent(item.adds_bp or Decimal(0)) for item in page.ours]
            assert sum(Decimal(each.rstrip("%")) for each in printed) == Decimal(percent(page.by_days_bp).rstrip("%"))
            assert page.total_fen == sum(row.interest_fen for row in page.plan) + page.ours[1].amount_fen
            assert sum(row.principal_fen for row in page.plan) == amount


def test_an_offers_cost_list_is_the_banks_and_nobody_elses_to_see(app: FastAPI, database: Database) -> None:
    firm = applied(app, database)
    officer = Visitor(app).sign_in("harbour_bank_officer")
    (case,) = officer.links("/desk/bank/")
    officer.get(case).send(f"{case}/decide", outcome="approve", words="同意", amount="45", rate="3.85")
    (offer,) = firm.get("/offers").offers()
    firm.get(f"{offer}/costs")
    assert firm.status == 200
    assert "银行报价" in firm.text
    assert "45.00 万元" in firm.text
    assert not firm.page.xpath("//main//form")
    assert officer.get(f"{offer}/costs").status == 404


def test_the_order_of_matches_is_told_with_its_weights(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    assert "任何银行都不能付费改变排序" in firm.get("/matches").text
    firm.get(f"/matches/{PRODUCT}")
    parts = firm.page.xpath("//table[@class='scores']/tbody/tr")
    total = firm.page.xpath("//table[@class='scores']/tfoot/tr/td/text()")
    assert abs(sum(fen(part[3].text_content()) for part in parts) - fen(total[0])) <= len(parts)
    assert "不估算通过率" in firm.text or "未同意公布通过率" in firm.text
