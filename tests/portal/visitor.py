"""A person with a browser and no JavaScript: follows links, fills in the forms that a page really shows, and sends them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import html
from stdnum.cn import uscc as national

from backend.app import create_app
from backend.consents.model import SandboxSigner
from backend.credit_data import actions as credit_data
from backend.credit_data.distil import Value
from backend.doors import Platform
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.parties import actions as parties
from backend.parties import passwords
from backend.parties.model import organisation_check
from backend.worker import Worker
from products import catalogue

DAY = date(2025, 6, 2)
PASSWORD = "correct horse battery"
HASH = passwords.hashed(PASSWORD, "cheapest")
BANKS = {
    "harbour_bank": ("港湾银行", "Harbour Bank"),
    "bell_tower_bank": ("钟楼银行", "Bell Tower Bank"),
    "orchard_bank": ("果园农商银行", "Orchard Rural Bank"),
}
# What an ordinary trader's invoices say.
INVOICES: dict[str, Any] = {
    "sales_12m_fen": 800_000_000,
    "sales_prev_12m_fen": 700_000_000,
    "invoice_months_12m": 12,
    "invoice_gap_days": 21,
    "void_share_bp": 300,
    "negative_share_bp": 100,
    "top_customer_share_bp": 3500,
    "customers_12m": 40,
    "invoice_history_months": 30,
    "last_invoice_on": "2025-05-20",
}


def platform(database: Database) -> Platform:
    """A platform whose banks have no system of their own: their officers decide at the desk."""
    return Platform(
        database=database,
        sandbox=True,
        password_cost="cheapest",
        secure_cookies=False,
        operator_capacity="public_platform",
        dashboard_url="http://dashboard.test",
        signing=SandboxSigner(bytes(32)),
        sealer=Sealer(bytes(32)),
        catalogue=catalogue.load(),
        lenders={},
        worker=Worker(database, {}),
    )


def application(house: Platform) -> FastAPI:
    return create_app(house, work=False)


def open_house(database: Database) -> FastAPI:
    """The doors, three banks, a guarantor, a fund, an issuer and an operator, on a morning in June."""
    house = platform(database)
    with database.writing() as session:
        clock.set_offset(session, datetime(2025, 6, 2, 9, tzinfo=clock.SHANGHAI))
        people: list[tuple[str, str, str, str, str, str]] = [
            ("bank", code, zh, en, "bank_officer", f"{code}_officer") for code, (zh, en) in BANKS.items()
        ]
        people += [
            ("guarantor", "city_guarantor", "市担保公司", "City Guarantee", "guarantor_officer", "guarantor"),
            ("fund", "city_fund", "市代偿基金", "City Fund", "fund_maker", "maker"),
            ("fund", "city_fund", "市代偿基金", "City Fund", "fund_checker", "checker"),
            ("issuer", "data_bureau", "市数据局", "City Data Bureau", "whitelist_issuer", "issuer"),
            ("operator", "operator", "信桥运营", "Operations", "operator", "operator"),
        ]
        for kind, code, name, name_en, role, login in people:
            party = parties.add_party(session, kind=kind, code=code, name=name, name_en=name_en)
            parties.add_user(session, party=party, login=login, password_hash=HASH, role=role, name="陈一")
    return application(house)


def credit_code(number: int) -> str:
    """A fictional, valid credit code."""
    first = f"{number:08d}"
    body = f"91420600{first}{organisation_check(first)}"
    return body + national.calc_check_digit(body)


class Visitor:
    """One browser."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(app, base_url="http://portal.test", follow_redirects=True)
        self.status = 0
        self.path = ""
        self.page: html.HtmlElement = html.document_fromstring("<html></html>")

    @property
    def text(self) -> str:
        return " ".join(self.page.text_content().split())

    def _seen(self, answer: Any) -> Visitor:
        self.status, self.path = answer.status_code, answer.url.path
        self.page = html.document_fromstring(answer.text) if answer.text else html.document_fromstring("<html></html>")
        return self

    def get(self, path: str) -> Visitor:
        return self._seen(self.client.get(path))

    def links(self, starting: str) -> list[str]:
        return [href for href in self.page.xpath("//main//a/@href") if href.startswith(starting)]

    def offers(self) -> list[str]:
        """Where each offer on this page is accepted."""
        return [href for href in self.links("/offers/") if not href.endswith("/costs")]

    def send(self, action: str, files: dict[str, tuple[str, bytes]] | None = None, **typed: Any) -> Visitor:
        """Fill in the form on this page that goes to `action`, and send it."""
        return self._seen(self.client.post(action, data=self.filled(action, **typed), files=files))

    def filled(self, action: str, **typed: Any) -> dict[str, Any]:
        """What the form that goes to `action` sends. A list ticks boxes. A field that is not there is a mistake."""
        form = next((each for each in self.page.xpath("//form") if each.get("action") == action), None)
        assert form is not None, f"{self.path} has no form for {action}: {self.page.xpath('//form/@action')}"
        data: dict[str, Any] = {}
        for field in form.xpath(".//input | .//select | .//textarea"):
            name, kind = field.get("name"), field.get("type")
            if field.tag == "select":
                chosen = field.xpath("./option[@selected]/@value") or field.xpath("./option/@value")
                data[name] = chosen[0] if chosen else ""
            elif field.tag == "textarea":
                data[name] = field.text or ""
            elif kind in ("checkbox", "radio"):
                if field.get("checked") is not None:
                    data.setdefault(name, []).append(field.get("value"))
            elif kind != "file" and name:
                data[name] = field.get("value") or ""
        known = set(form.xpath(".//@name"))
        for name, value in typed.items():
            assert name in known, f"the form for {action} has no field {name}: {sorted(known)}"
            if isinstance(value, list):
                offered = form.xpath(f".//input[@name='{name}' and not(@disabled)]/@value")
                assert set(value) <= set(offered), f"{name} offers {offered}"
            data[name] = value
        return data

    def sign_in(self, login: str) -> Visitor:
        self.get("/sign-in").send("/sign-in", login=login, password=PASSWORD)
        assert self.status == 200, self.text
        return self


def confirms(checker: Visitor) -> Visitor:
    """The fund's checker confirms whatever waits for it on the desk."""
    for page in checker.get("/desk/fund").links("/desk/fund/proposals/"):
        checker.get(page).send(f"{page}/confirm", sure=["yes"])
        assert "已确认入账" in checker.text, checker.text
    return checker


def a_firm(app: FastAPI, *, login: str = "li", number: int = 1, name: str = "襄阳云梯机械有限公司") -> Visitor:
    """A firm that has just signed up."""
    visitor = Visitor(app)
    visitor.get("/sign-up").send(
        "/sign-up",
        uscc=credit_code(number),
        name=name,
        legal_rep="李文静",
        login=login,
        password=PASSWORD,
        industry="C",
        region="420600",
    )
    assert visitor.status == 200, visitor.text
    assert visitor.path == "/"
    return visitor


def authorise(visitor: Visitor, kind: str, *, items: list[str] | None = None, recipients: list[str]) -> Visitor:
    """Draft and sign one document."""
    visitor.get(f"/authorise/new/{kind}")
    typed: dict[str, Any] = {"recipients": recipients, "purpose": "pre_loan"}
    visitor.send(f"/authorise/new/{kind}", **typed, **({"items": items} if items else {}))
    assert visitor.path.startswith("/authorise/sign/"), visitor.text
    return visitor.send(visitor.path, signer_name="李文静", agree=["yes"])


def know(database: Database, login: str, facts: dict[str, Any]) -> None:
    """Let the platform know these facts of the firm of that login, as if departments had delivered them."""
    from sqlalchemy import select

    from backend.parties.tables import Firm, User

    with database.writing() as session:
        user = session.scalars(select(User).where(User.login == login)).one()
        firm = session.scalars(select(Firm).where(Firm.party_id == user.party_id)).one()
        found = {code: Value(value, DAY) for code, value in facts.items()}
        credit_data.keep_facts(session, firm_id=firm.id, found=found, day=DAY, consents={})
