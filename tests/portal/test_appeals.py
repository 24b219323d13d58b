"""A firm taken off a list reads why, objects in its own words, and the issuer answers once, with reasons."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from backend.kit.database import Database
from tests.portal.visitor import Visitor, a_firm, credit_code, open_house

LINES = "上年数据业务收入占比 41%，审计报告已送。"


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def removed(app: FastAPI) -> tuple[Visitor, Visitor]:
    """A firm that was listed and taken off, and its issuer."""
    firm = a_firm(app)
    assert "没有与您有关的名单" in firm.get("/listings").text
    issuer = Visitor(app).sign_in("issuer")
    typed = {"batch": "2025-1", "issued_on": "2025-06-02", "expires_on": "2026-06-01", "members": f"{credit_code(1)} A"}
    issuer.send("/desk/issuer/publish", **typed)
    assert "在名单上" in firm.get("/listings").text
    assert not firm.page.xpath("//main//form")
    (link,) = issuer.get("/desk/issuer").links("/desk/issuer/remove/")
    issuer.get(link).send(link, notice_zh="年度复核未通过", notice_en="The yearly review was not passed")
    return firm, issuer


def test_an_appeal_is_filed_answered_and_lists_the_firm_again(app: FastAPI) -> None:
    firm, issuer = removed(app)
    assert firm.get("/credit-file").links("/listings")
    firm.get("/listings")
    assert "年度复核未通过" in firm.text
    assert "最迟 2025年8月1日 提出" in firm.text
    firm.send("/listings/data_enterprises/appeal", words="  ")
    assert firm.status == 422
    assert "请写明申诉理由" in firm.text
    firm.send("/listings/data_enterprises/appeal", words=LINES)
    assert "申诉已送交认定部门" in firm.text
    assert "2025年6月22日 答复" in firm.text
    assert not firm.page.xpath("//main//form"), "one appeal against one removal"

    (case,) = issuer.get("/desk/issuer").links("/desk/issuer/appeals/")
    issuer.get(case)
    assert LINES in issuer.text
    issuer.send(case, outcome="upheld", words_zh="复核属实")
    assert issuer.status == 422
    assert issuer.page.xpath("//input[@value='upheld']/@checked")
    issuer.send(case, outcome="upheld", words_zh="复核属实，予以恢复", words_en="Verified; restored")
    assert "已答复" in issuer.text
    assert not issuer.get(case).page.xpath("//main//form")

    firm.get("/listings")
    assert "在名单上" in firm.text
    assert "申诉成立" in firm.text
    assert "复核属实，予以恢复" in firm.text
    assert not firm.get("/credit-file").links("/listings")


def test_a_rejected_appeal_says_why_and_the_removal_stands(app: FastAPI) -> None:
    firm, issuer = removed(app)
    firm.get("/listings").send("/listings/data_enterprises/appeal", words=LINES)
    (case,) = issuer.get("/desk/issuer").links("/desk/issuer/appeals/")
    issuer.get(case).send(case, outcome="rejected", words_zh="收入未经审计", words_en="The revenue was not audited")
    firm.get("/listings")
    assert "维持移出" in firm.text
    assert "收入未经审计" in firm.text
    assert firm.client.get("/listings?lang=en").text.count("The revenue was not audited") == 1


def test_an_appeal_is_nobody_elses(app: FastAPI) -> None:
    firm, issuer = removed(app)
    firm.get("/listings").send("/listings/data_enterprises/appeal", words=LINES)
    (case,) = issuer.get("/desk/issuer").links("/desk/issuer/appeals/")
    other = a_firm(app, login="wang", number=2, name="另一家公司")
    assert LINES not in other.get("/listings").text
    assert other.get(case).status == 404
    assert Visitor(app).sign_in("maker").get(case).status == 404
    assert issuer.get("/desk/issuer/appeals/appeal_none").status == 404
    assert issuer.get("/listings").status == 404
