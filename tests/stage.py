"""A whole platform on a stage: real rooms, real sandbox banks behind their own dialects, doors spoken to over HTTP, no sockets.

`stage.day(…)` moves business time for the platform and the banks and lets the worker do what is due. People act through the JSON
doors, with their own sessions. Nothing of ours is patched.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient

from backend.app import begin, create_app, create_platform
from backend.doors import Platform
from backend.kit import clock
from backend.kit.database import Database
from backend.settings import Settings, with_secrets
from lender_adapters import registry
from lender_adapters.sandbox.bank import SandboxBank

BANKS = ("harbour_bank", "bell_tower_bank", "orchard_bank")
PASSWORD = "correct horse battery"  # one for all of the stage's people
ITEMS = [
    "TAX01",
    "TAX03",
    "TAX04",
    "SOC01",
    "SOC02",
    "HPF01",
    "ELE01",
    "WAT01",
    "REA01",
    "REA02",
    "REG05",
    "DAT01",
    "DAT02",
    "DAT03",
]


@dataclass
class Person:
    """Someone signed in."""

    client: TestClient
    token: str
    about: dict[str, Any] = field(default_factory=dict)
    scheme: str = "Bearer"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """One call: (status, body)."""
        answer = self.client.request(
            method,
            path,
            json=body,
            headers={"authorization": f"{self.scheme} {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}},
        )
        return answer.status_code, answer.json() if answer.content else None

    def do(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One call that must succeed."""
        status, answer = self.ask(method, path, body, **headers)
        assert status < 400, f"{method} {path}: {status} {answer}"
        return answer


class Stage:
    """The platform, three banks, the departments' exchange database, and the people."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *,
        first_day: date = date(2025, 5, 6),
        capacity: str = "public_platform",
        dashboard_url: str = "http://127.0.0.1:8501",
    ) -> None:
        self.folder = folder
        self.today = first_day
        settings = with_secrets(
            Settings(
                mode="sandbox",
                var=folder / "var",
                database_url=database_url,
                department_url=f"sqlite:///{folder / 'departments.db'}",
                password_cost="cheapest",
                public_url="http://platform",
                dashboard_url=dashboard_url,
                lenders={bank: f"http://{bank}" for bank in BANKS},
                sandbox_day=first_day,
                operator_capacity=capacity,
            )
        )
        self.settings = settings
        self._departments = sqlite3.connect(folder / "departments.db", isolation_level=None, check_same_thread=False)
        self._departments.execute(
            "CREATE TABLE IF NOT EXISTS records"
            " (id INTEGER PRIMARY KEY, source TEXT, uscc TEXT, delivered_on TEXT, kind TEXT, payload TEXT)"
        )
        key = bytes.fromhex(settings.signing_key)
        self.banks: dict[str, SandboxBank] = {
            bank: registry.sandbox(
                bank,
                path=folder / f"{bank}.db",
                secrets=registry.sandbox_secrets(bank, key).bank,
                callback_url=f"http://platform/api/banks/{bank}/callbacks",
                callback_transport=httpx.MockTransport(self._callback),
                first_day=first_day,
            )
            for bank in BANKS
        }
        self.house: Platform = create_platform(
            settings, bank_transports={bank: httpx.MockTransport(each) for bank, each in self.banks.items()}
        )
        begin(self.house, settings)
        self.client = TestClient(create_app(self.house, work=False), base_url="http://platform")
        self.operator = self.sign_in("operator", (folder / "var/secrets/operator_password").read_text().strip())
        self.people: dict[str, Person] = {}

    @property
    def database(self) -> Database:
        return self.house.database

    def _callback(self, request: httpx.Request) -> httpx.Response:
        answer = self.client.post(str(request.url), content=request.content, headers=dict(request.headers))
        return httpx.Response(answer.status_code, content=answer.content, headers={"content-type": "application/json"})

    # ------------------------------------------------------------ time

    def settle(self) -> int:
        """Let the worker do all that is due."""
        return self.house.worker.run_all()

    def day(self, day: date) -> None:
        """It becomes that day, for banks and platform; each day on which anybody has something to do is lived through."""
        while self.today < day:
            self.today = min(day, max(self.today + timedelta(days=1), self._next_day(day)))
            self._clock(9)
            for bank in self.banks:
                self.control(bank, "POST", "day", {"day": self.today.isoformat()})
            self.settle()
            self._clock(21)
            self.settle()

    def _next_day(self, until: date) -> date:
        clock_said = self.operator.do("GET", "/api/sandbox/clock")["next"]
        said = [self.control(bank, "GET", "next")["day"] for bank in self.banks] + [clock_said]
        return min([date.fromisoformat(each) for each in said if each] + [until])

    def days(self, count: int) -> None:
        """So many days pass."""
        self.day(self.today + timedelta(days=count))

    def _clock(self, hour: int) -> None:
        with self.database.writing() as session:
            clock.move_to(session, datetime(self.today.year, self.today.month, self.today.day, hour, tzinfo=clock.SHANGHAI))

    @property
    def now(self) -> datetime:
        with self.database.reading() as session:
            return clock.business_now(session)

    def control(self, bank: str, method: str, what: str, body: Any = None) -> Any:
        """A sandbox bank's control route."""
        request = httpx.Request(method, f"http://{bank}/_sandbox/{what}", json=body)
        answer = self.banks[bank](request)
        assert answer.status_code < 400, answer.text
        return answer.json()

    def fate(self, bank: str, uscc: str, **what: Any) -> None:
        """Tell a bank what will become of a firm: decision, payments, what its bureau query finds."""
        self.control(bank, "POST", "plan", {"uscc": uscc} | what)

    def book(self, bank: str) -> Any:
        """The bank's own book, not through the adapter."""
        return self.control(bank, "GET", "book")

    # ------------------------------------------------------------ people

    def sign_in(self, login: str, password: str = PASSWORD) -> Person:
        answer = self.client.post("/api/session", json={"login": login, "password": password})
        assert answer.status_code == 201, answer.text
        return Person(self.client, answer.json()["token"])

    def take_part(self, kind: str, code: str, name: str, people: Mapping[str, str]) -> None:
        """A party with its people (login -> role)."""
        self.operator.do(
            "POST",
            "/api/operator/parties",
            {
                "kind": kind,
                "code": code,
                "name": name,
                "people": [{"login": login, "password": PASSWORD, "role": role, "name": login} for login, role in people.items()],
            },
        )
        for login in people:
            self.people[login] = self.sign_in(login)

    def system(self, bank: str) -> Person:
        """A bank's own system, with the secret the operator was shown."""
        given = self.operator.do("POST", f"/api/operator/banks/{bank}/secret")
        pair = base64.b64encode(f"{given['client_id']}:{given['secret']}".encode()).decode()
        return Person(self.client, pair, {"secret": given["secret"]}, "Basic")

    def guarantor_and_fund(self) -> None:
        """The people behind a guaranteed loan: guarantor, the fund's maker and checker, the bank's officer."""
        self.take_part("guarantor", "yong_guarantee", "甬信融资担保有限公司", {"guarantor": "guarantor_officer"})
        self.take_part("fund", "ningbo_fund", "融资担保代偿基金", {"maker": "fund_maker", "checker": "fund_checker"})
        self.take_part("bank", "orchard_bank", "果园农商银行", {"officer": "bank_officer"})

    def open_pool(
        self, cash_fen: int, code: str = "ningbo", scheme: str = "ningbo_442", guarantor: str = "yong_guarantee"
    ) -> None:
        """A pool under the scheme, with the fund's money in its special account."""
        names = {"guarantor": guarantor, "custodian": "harbour_bank"}
        self.people["checker"].do("POST", "/api/fund/pools", {"code": code, "scheme": scheme} | names)
        paid_in = {"amount_fen": cash_fen, "receipt_no": f"paid-in-{code}", "on": self.today.isoformat()}
        self.confirmed("maker", f"/api/fund/pools/{code}/contribution", paid_in)

    def confirmed(self, login: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """One person proposes what moves a pool's money, the fund's checker confirms it: the proposal as it then stands."""
        made = self.people[login].do("POST", path, body)
        return dict(self.people["checker"].do("POST", f"/api/fund/proposals/{made['id']}/confirm", {}))

    def pool(self, code: str = "ningbo") -> dict[str, Any]:
        """How the pool stands today."""
        return dict(self.people["checker"].do("GET", f"/api/fund/pools/{code}"))

    def firm(self, uscc: str = "91420100000000000U", name: str = "临江精工机械有限公司", **more: Any) -> Person:
        """A firm signs up and signs in."""
        body = {
            "uscc": uscc,
            "name": name,
            "legal_rep": "林海",
            "person": "林海",
            "login": f"owner-{uscc[-6:].lower()}",
            "password": PASSWORD,
            "region": "330299",
            "industry": "C34",
            "founded_on": "2018-03-01",
        } | more
        answer = self.client.post("/api/firms", json=body)
        assert answer.status_code == 201, answer.text
        person = self.sign_in(body["login"])
        person.about = answer.json() | {"legal_rep": body["legal_rep"]}
        return person

    def consent(
        self, firm: Person, recipients: list[str], *, items: list[str] | None = None, kind: str = "firm", days: int = 300
    ) -> str:
        """Draft and sign one consent."""
        draft = firm.do(
            "POST",
            "/api/me/consents",
            {
                "kind": kind,
                "items": items or ITEMS,
                "purpose": "pre_loan",
                "recipients": recipients,
                "valid_from": self.now.isoformat(),
                "valid_to": (self.now + timedelta(days=days)).isoformat(),
            },
        )
        firm.do("POST", f"/api/me/consents/{draft['id']}/sign", {"name": firm.about["legal_rep"]})
        return str(draft["id"])

    def authorise(self, firm: Person, banks: tuple[str, ...] = BANKS) -> None:
        """Everything a firm signs before it applies: for the platform, for the banks, and each bank's bureau query."""
        self.consent(firm, ["platform"])
        self.consent(firm, list(banks))
        for bank in banks:
            self.consent(firm, [bank], items=["BUREAU"], kind="bank_query")

    def gather(self, firm: Person) -> dict[str, Any]:
        """Fetch the firm's records; its credit file."""
        firm.do("POST", "/api/me/gather")
        self.settle()
        return dict(firm.do("GET", "/api/me/credit-file"))

    def apply(self, firm: Person, *products: tuple[str, str], amount_fen: int = 30_000_000, months: int = 12) -> dict[str, Any]:
        """One need, at one to three banks: (product, way) each."""
        body = {
            "amount_fen": amount_fen,
            "months": months,
            "purpose": "working_capital",
            "choices": [{"product": product, "way": way} for product, way in products],
        }
        return dict(firm.do("POST", "/api/me/needs", body))

    def need(self, firm: Person) -> dict[str, Any]:
        """The firm's newest need, with applications and offers."""
        return dict(firm.do("GET", "/api/me/needs")[0])

    # ------------------------------------------------------------ departments

    def delivered(self, uscc: str, source: str, kind: str, payload: dict[str, Any], on: date | None = None) -> None:
        """A department delivers one record."""
        day = (on or self.today).isoformat()
        self._departments.execute(
            "INSERT INTO records (source, uscc, delivered_on, kind, payload) VALUES (?, ?, ?, ?, ?)",
            (source, uscc, day, kind, json.dumps(payload, ensure_ascii=False)),
        )

    def sound_firm(self, uscc: str, *, monthly_yuan: int = 500_000, industry: str = "C34") -> None:
        """The departments hold what a sound small workshop leaves behind in two years."""
        say = self.delivered
        say(uscc, "registry_office", "registration", {
            "name": "临江精工机械有限公司", "registered_on": "2018年3月1日", "region": "330299", "industry": industry,
            "capital": "300万元", "is_branch": "否", "legal_rep": "林海", "legal_rep_changed_on": "",
        })  # fmt: skip
        say(uscc, "tax", "grade", {"year": "2024", "grade": " Ｂ"})
        for back in range(1, 25):
            month = self.today.year * 12 + self.today.month - 1 - back
            period = f"{month // 12}-{month % 12 + 1:02d}"
            rows = []
            for number, part in enumerate((4, 3, 3)):
                net = monthly_yuan * part // 10
                rows.append(
                    [
                        f"{back}{number}",
                        f"{period}-{5 + number * 9:02d}",
                        f"B{number}",
                        "销项",
                        str(net),
                        "0",
                        str(net),
                        "有效发票",
                    ]
                )
            bought = monthly_yuan * 6 // 10
            rows.append([f"{back}9", f"{period}-20", "A1", "进项", f"{bought:,}", "0", f"{bought:,}", " 有效发票"])
            say(uscc, "invoices", "month", {"period": period, "rows": rows})
            say(
                uscc,
                "tax",
                "filing",
                {"period": period, "sales": str(monthly_yuan), "tax_paid": str(monthly_yuan * 3 // 100), "zero": "否"},
            )
            say(uscc, "social_insurance", "month", {"period": period, "headcount": "18人"})
            say(uscc, "social_insurance", "payment", {"period": period, "state": "已缴"})
            say(
                uscc,
                "utilities",
                "power",
                {"period": period, "kwh": "12,000", "due_on": f"{period}-15", "paid_on": f"{period}-12"},
            )
            say(uscc, "utilities", "water", {"period": period, "fee": "800"})

    def close(self) -> None:
        """Let go of files."""
        self.house.database.dispose()
        for bank in self.banks.values():
            bank.close()
        self._departments.close()
