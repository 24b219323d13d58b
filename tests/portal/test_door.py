"""The door itself: tokens, cookies, languages, roles, addresses."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from backend.doors import COOKIE
from backend.kit.database import Database
from tests.portal.visitor import PASSWORD, Visitor, a_firm, open_house

HOMES = {
    "harbour_bank_officer": "/desk/bank",
    "guarantor": "/desk/guarantor",
    "maker": "/desk/fund",
    "checker": "/desk/fund",
    "issuer": "/desk/issuer",
    "operator": "/desk/operator",
}


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def test_a_form_without_its_token_changes_nothing(app: FastAPI) -> None:
    firm = a_firm(app)
    for token in ("", "x", "null"):
        answer = firm.client.post("/authorise/new/firm", data={"csrf": token, "items": "TAX04", "recipients": "platform"})
        assert answer.status_code == 403
    assert "没有生效的授权" in firm.get("/authorise").text
    stranger = Visitor(app)
    assert stranger.client.post("/sign-in", data={"login": "li", "password": PASSWORD, "csrf": "x"}).status_code == 403


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(app: FastAPI) -> None:
    firm = a_firm(app)
    firm.get("/authorise").send("/sign-out")
    visitor = Visitor(app).get("/sign-in")
    visitor.client.follow_redirects = False
    visitor.send("/sign-in", login="li", password=PASSWORD)
    assert visitor.status == 303
    (cookie,) = [line for line in visitor.client.cookies.jar if line.name == COOKIE]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert str(cookie.get_nonstandard_attr("SameSite")).lower() == "lax"


def test_after_signing_in_one_is_led_back_but_never_to_another_site(app: FastAPI) -> None:
    a_firm(app)
    visitor = Visitor(app).get("/credit-file")
    assert visitor.path == "/sign-in"
    assert visitor.send("/sign-in", login="li", password=PASSWORD).path == "/credit-file"
    for trap in ("//evil.test/", "https://evil.test/", "/\\evil.test", "\\\\evil.test"):
        visitor = Visitor(app)
        visitor.client.get("/sign-in")
        visitor._seen(visitor.client.get("/sign-in", params={"next": trap}))
        assert visitor.send("/sign-in", login="li", password=PASSWORD).path == "/"


def test_a_wrong_password_says_the_same_as_an_unknown_name(app: FastAPI) -> None:
    a_firm(app)
    wrong = Visitor(app).get("/sign-in").send("/sign-in", login="li", password="not the password")
    unknown = Visitor(app).get("/sign-in").send("/sign-in", login="nobody", password="not the password")
    assert wrong.status == unknown.status == 401
    assert wrong.text == unknown.text


def test_the_language_is_chosen_once_and_kept(app: FastAPI) -> None:
    firm = a_firm(app)
    assert firm.page.get("lang") == "zh-CN"
    firm.get("/matches?lang=en")
    assert firm.page.get("lang") == "en"
    assert "No result yet" in firm.text
    assert firm.get("/").page.get("lang") == "en"
    assert firm.get("/?lang=xx").page.get("lang") == "en"
    assert firm.get("/?lang=zh").page.get("lang") == "zh-CN"


@pytest.mark.parametrize("login", HOMES)
def test_every_role_has_its_own_home_and_nobody_elses(app: FastAPI, login: str) -> None:
    visitor = Visitor(app).sign_in(login)
    assert visitor.path == HOMES[login]
    assert visitor.get("/").path == HOMES[login]
    others = {
        *HOMES.values(),
        "/authorise",
        "/credit-file",
        "/matches",
        "/apply",
        "/applications",
        "/offers",
        "/loans",
        "/readers",
    }
    for path in sorted(others - {HOMES[login]}):
        assert visitor.get(path).status == 404, path


def test_an_unknown_address_is_a_page_that_leads_home(app: FastAPI) -> None:
    firm = a_firm(app)
    assert firm.get("/no/such/page").status == 404
    assert firm.page.xpath("//main//a/@href") == ["/"]
    assert firm.client.get("/static/portal/portal.css").status_code == 200
    assert "default-src 'none'" in firm.client.get("/").headers["content-security-policy"]


def test_a_file_that_is_too_large_is_refused_with_a_sentence(app: FastAPI) -> None:
    firm = a_firm(app)
    firm.get("/authorise").send(
        "/authorise/powers", agent_name="王磊", power_items=["TAX04"], files={"document": ("big.pdf", b"x" * 5_000_001)}
    )
    assert firm.status == 422
    assert "5 MB" in firm.text


def test_signing_out_ends_the_session(app: FastAPI) -> None:
    firm = a_firm(app)
    token = firm.client.cookies[COOKIE]
    firm.get("/authorise").send("/sign-out")
    assert firm.path == "/sign-in"
    firm.client.cookies.set(COOKIE, token)
    assert firm.get("/authorise").path == "/sign-in"
