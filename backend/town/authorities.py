"""The town's other people: the operator's set-up, the data bureau, the guarantor, the fund's two officers, the banks' desks.

Each works through its own door with its own session. The court and the custody bank stand outside: their papers are numbers
that the guarantor and the fund bring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, Protocol

import numpy as np

from backend.town.city import Town
from backend.town.fortune import stream
from backend.town.hands import Hand
from backend.town.line import Line
from backend.town.lives import PASSWORD, Life
from backend.town.servers import BANKS

# Pool -> its scheme, its guarantor (in the second the bank itself claims), the fund's money in it.
POOLS = {
    "linjiang_442": ("ningbo_442", "east_gate_guarantee", 2_000_000_000),
    "linjiang_70_30": ("shenzhen_pool", "", 2_000_000_000),
}
BAD = ("substandard", "doubtful", "loss")
RECOGNISED_ON = date(2025, 4, 21)
PEOPLE: dict[str, tuple[str, str, str, str, tuple[tuple[str, str, str], ...]]] = {
    "guarantor": (
        "guarantor",
        "east_gate_guarantee",
        "东门融资担保有限公司",
        "East Gate Guarantee",
        (("guarantor", "guarantor_officer", "方敏"),),
    ),
    "fund": (
        "fund",
        "linjiang_fund",
        "临江融资担保代偿基金",
        "Linjiang Compensation Fund",
        (("maker", "fund_maker", "沈宁"), ("checker", "fund_checker", "许静")),
    ),
    "custodian": ("bank", "custody_bank", "临江托管银行", "Linjiang Custody Bank", ()),
    "issuer": ("issuer", "data_bureau", "临江数据局", "Linjiang Data Bureau", (("issuer", "whitelist_issuer", "陆远"),)),
    "regulator": ("regulator", "finance_office", "临江金融办", "Linjiang Finance Office", (("regulator", "regulator", "郑岚"),)),
}
PAPERS = (
    "claim_form pool_entry contract fund_use collection bank_statement judgment guarantor_payout due_diligence recovery_promise"
)


class Calendar(Protocol):
    """What the officials know of the run they live in: the day, the town and its firms, and how to plan a day of their own."""

    town: Town
    today: date
    line: Line
    operator: Hand
    lives: dict[str, Life]
    counts: Counter[str]

    def plan(self, day: date, deed: Callable[[], None]) -> None: ...
    def tell_bank(self, bank: str, what: str, body: Any) -> Any: ...


class Authorities:
    """Everybody who is not a firm."""

    def __init__(self, play: Calendar) -> None:
        self.play = play
        self.hands: dict[str, Hand] = {}
        self.handled: set[str] = set()
        self.next_look = play.today

    def _hand(self, login: str) -> Hand:
        if login not in self.hands:
            self.hands[login] = Hand(self.play.line, login, PASSWORD)
        return self.hands[login]

    def ask(self, login: str, method: str, path: str, body: Any = None) -> Any:
        """One act of one official; a session that ran out is renewed first."""
        return self._hand(login).call(method, path, body)

    def confirmed(self, login: str, where: str, body: dict[str, Any]) -> dict[str, Any]:
        """One official says what moved in a pool; the fund's checker finds it in the custody bank's statement."""
        said = self.ask(login, "POST", where, body)
        return dict(self.ask("checker", "POST", f"/api/fund/proposals/{said['id']}/confirm", {}))

    def take_part(self) -> None:
        """The operator lets everybody in; the fund opens its pools and pays in; the bureau's batch is planned."""
        for kind, code, name, name_en, people in PEOPLE.values():
            self._join(kind, code, name, name_en, people)
        for bank in BANKS:
            self._join("bank", bank, bank, bank, ((f"desk-{bank.split('_')[0]}", "bank_officer", "柜面"),))
        for number, (code, (scheme, guarantor, money_fen)) in enumerate(POOLS.items(), 1):
            pool = {"code": code, "scheme": scheme, "guarantor": guarantor, "custodian": "custody_bank"}
            self.ask("checker", "POST", "/api/fund/pools", pool)
            money = {"amount_fen": money_fen, "receipt_no": f"TG-{number:04d}", "on": self.play.today.isoformat()}
            self.confirmed("maker", f"/api/fund/pools/{code}/contribution", money)
        self.play.plan(RECOGNISED_ON, self.recognise)

    def _join(self, kind: str, code: str, name: str, name_en: str, people: tuple[tuple[str, str, str], ...]) -> None:
        listed = [{"login": login, "password": PASSWORD, "role": role, "name": person} for login, role, person in people]
        body = {"kind": kind, "code": code, "name": name, "name_en": name_en, "people": listed}
        self.play.operator.call("POST", "/api/operator/parties", body)

    def recognise(self) -> None:
        """The data bureau publishes its first batch: data-active firms by their certificates, A with several, B with some."""
        members = []
        for number in sorted(self.play.town.market.active):
            firm = self.play.town.firms[number]
            members.append({"uscc": firm.uscc, "grade": "A" if number % 3 == 0 else "B"})
        if members:
            body = {
                "programme": "data_enterprises",
                "batch": "2025-1",
                "issued_on": self.play.today.isoformat(),
                "expires_on": (self.play.today + timedelta(days=700)).isoformat(),
                "members": members,
            }
            self.ask("issuer", "POST", "/api/issuer/batches", body)

    # ------------------------------------------------------------ loans in a pool

    def look_soon(self) -> None:
        """Something was accepted or drawn: the officers look at their desks tonight."""
        self.next_look = self.play.today

    def make_rounds(self) -> None:
        """The guarantor and the bank look at their desks tonight if there is reason to, and every week."""
        if self.play.today < self.next_look:
            return
        self.next_look = self.play.today + timedelta(days=5)
        cases = self.ask("guarantor", "GET", "/api/guarantor/cases")
        for case in cases:
            if case["state"] == "waiting" and self._once("decide", case["id"]):
                granted = bool(self._luck("guarantee", case, "asked_on").random() < 0.9)
                words = "同意担保" if granted else "行业集中度已满,暂不担保"
                body = {"granted": granted, "words": words}
                self.ask("guarantor", "POST", f"/api/guarantor/cases/{case['id']}/decision", body)
                self.play.counts["guaranteed" if granted else "guarantee declined"] += 1
            if case["demanded_on"] and not case["paid_on"] and self._once("pay", case["id"]):
                self.play.plan(self.play.today + timedelta(days=5), partial(self.pay_the_bank, case))
        guaranteed = {case["application_id"] for case in cases}
        for draw in self.ask("desk-orchard", "GET", "/api/desk/draws"):
            if draw["coverage"] != "registered" or draw["dpd"] <= 60:
                continue
            if draw["application_id"] in guaranteed:
                if self._once("demand", draw["id"]):
                    self.ask("desk-orchard", "POST", f"/api/desk/draws/{draw['id']}/demand")
            elif draw["cls"] in BAD and self._once("claim", draw["id"]):
                self.claim_as_bank(draw)

    def _luck(self, purpose: str, row: dict[str, Any], day: str) -> np.random.Generator:
        """The luck of one firm's loan, by what stays the same in every play: neither its id nor its place in a list."""
        return stream(self.play.town.seed, purpose, self.play.lives[row["firm_id"]].firm.uscc, row[day])

    def _once(self, what: str, which: str) -> bool:
        key = f"{what}:{which}"
        new = key not in self.handled
        self.handled.add(key)
        return new

    def _draw_of(self, case: dict[str, Any]) -> dict[str, Any]:
        draws = self.ask("desk-orchard", "GET", "/api/desk/draws")
        return next(dict(draw) for draw in draws if draw["application_id"] == case["application_id"])

    def pay_the_bank(self, case: dict[str, Any]) -> None:
        """The guarantor pays the bank its own and the fund's part; the bank reports it; the court sits later."""
        today, draw = self.play.today, self._draw_of(case)
        receipt = f"DC-{draw['draw_no']}"
        paid = int(case["demanded_fen"])
        money = {"draw_no": draw["draw_no"], "amount_fen": paid, "paid_on": today.isoformat(), "receipt_no": receipt}
        self.play.tell_bank(case["bank"], "guarantor-payment", money)
        body = {"amount_fen": paid, "receipt_no": receipt, "on": today.isoformat()}
        self.ask("guarantor", "POST", f"/api/guarantor/cases/{case['id']}/payout", body)
        self.play.plan(today + timedelta(days=45), lambda: self.claim(case, today))

    def claim(self, case: dict[str, Any], paid_on: date) -> None:
        """After judgment the guarantor claims; maker and checker look; the custody bank pays; its receipt makes it paid."""
        today, draw_no = self.play.today, self._draw_of(case)["draw_no"]
        number = f"ZC-{draw_no}"
        judged = today - timedelta(days=3)
        body = {
            "claim_no": number,
            "judgment_no": f"(2025)临江民初{draw_no[-4:]}号",
            "judged_on": judged.isoformat(),
            "documents": {paper: f"{paper}.pdf" for paper in PAPERS.split()},
        }
        self.ask("guarantor", "POST", f"/api/guarantor/cases/{case['id']}/claim", body)
        self._decide(number)
        self.play.plan(today + timedelta(days=40), lambda: self.recover(case))

    def claim_as_bank(self, draw: dict[str, Any]) -> None:
        """Where no guarantor stands behind the loan the bank claims as soon as it is classed bad; it sells what it can later."""
        number = f"YH-{draw['draw_no']}"
        self.ask("desk-orchard", "POST", f"/api/desk/draws/{draw['id']}/claim", {"claim_no": number, "documents": {}})
        self._decide(number)
        self.play.plan(self.play.today + timedelta(days=60), lambda: self.recover_as_bank(draw))

    def _decide(self, number: str) -> None:
        """When maker and checker come to a claim."""
        self.play.plan(self.play.today + timedelta(days=4), lambda: self.review(number))
        self.play.plan(self.play.today + timedelta(days=9), lambda: self.approve(number))

    def review(self, number: str) -> None:
        """The fund's maker."""
        self.ask("maker", "POST", f"/api/fund/claims/{number}/review", {"opinion": "approve", "words": "材料齐全,建议补偿"})

    def approve(self, number: str) -> None:
        """The fund's checker says yes and instructs the custody bank."""
        self.ask("checker", "POST", f"/api/fund/claims/{number}/approve", {"words": "同意"})
        instructed = self.ask("checker", "POST", f"/api/fund/claims/{number}/instruct")
        self.play.plan(self.play.today + timedelta(days=2), lambda: self.receipt(number, instructed["payout_fen"]))

    def receipt(self, number: str, amount_fen: int) -> None:
        """The custody bank has paid."""
        body = {"amount_fen": amount_fen, "receipt_no": f"TG-{number}", "on": self.play.today.isoformat()}
        self.confirmed("maker", f"/api/fund/claims/{number}/receipt", body)

    def recover(self, case: dict[str, Any]) -> None:
        """Something comes back to the guarantor: sold machines, less what the sale cost."""
        self._recover(f"/api/guarantor/cases/{case['id']}", "guarantor", self._draw_of(case))

    def recover_as_bank(self, draw: dict[str, Any]) -> None:
        """The same, where the bank had claimed."""
        rows = self.ask("desk-orchard", "GET", "/api/desk/draws")
        now = next(dict(each) for each in rows if each["id"] == draw["id"])
        self._recover(f"/api/desk/draws/{draw['id']}", "desk-orchard", now)

    def _recover(self, where: str, login: str, draw: dict[str, Any]) -> None:
        """Costs first, the rest in the scheme's parts; the bank's part reaches the bank's book."""
        today = self.play.today
        loss = int(draw["amount_fen"]) - int(draw["repaid_by_borrower_fen"])
        gross = loss * int(self._luck("recovery", draw, "value_date").integers(10, 35)) // 100
        if gross <= 0:
            return
        receipt = f"HS-{draw['draw_no']}"
        body = {"gross_fen": gross, "costs_fen": gross // 15, "receipt_no": receipt, "on": today.isoformat()}
        parts = self.confirmed(login, f"{where}/recovery", body)["result"]["fen"]
        if parts.get("bank"):
            money = {"draw_no": draw["draw_no"], "amount_fen": parts["bank"], "paid_on": today.isoformat(), "receipt_no": receipt}
            self.play.tell_bank(draw["bank"], "recovery", money)
