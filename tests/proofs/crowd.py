"""Owners of firms at the JSON doors of a server that may die at any moment, and what each was told.

Every owner signs up, authorises, applies with an idempotency key and then, as its lot falls, accepts an offer or withdraws. A
call whose outcome is unknown (the line broke, or a 5xx came) is made again until there is an answer. What was answered with
success is written down as acknowledged: afterwards all of it must be found.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import httpx

from backend.kit import clock
from tests.portal.visitor import credit_code
from tests.stage import PASSWORD

CHOICES = {
    "harbour_bank": ("invoice_credit_loan", "interest_first"),
    "bell_tower_bank": ("tax_credit_loan", "equal_instalments"),
    "orchard_bank": ("utility_credit_loan", "interest_first"),
}
LOTS = ("accepts", "accepts", "withdraws one", "withdraws all")
PATIENCE = 300.0
ITEMS = ["TAX01", "TAX03", "TAX04", "SOC01", "SOC02", "ELE01", "WAT01", "REG05"]


@dataclass(frozen=True)
class Said:
    """An answer; `again` when an earlier try may have had its effect already."""

    status: int
    body: Any
    again: bool

    @property
    def well(self) -> bool:
        return self.status < 400

    @property
    def code(self) -> str:
        return str(self.body["type"]).rpartition(":")[2]


@dataclass
class Told:
    """What all owners were told, in numbers."""

    acknowledged: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    unknown: int = 0
    odd: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ack(self, what: str) -> None:
        with self.lock:
            self.acknowledged[what] += 1

    def strange(self, what: str) -> None:
        with self.lock:
            self.odd[what] += 1


class Caller:
    """Asks until there is an answer."""

    def __init__(self, base: str, told: Told) -> None:
        self.client, self.told, self.token = httpx.Client(base_url=base, timeout=30), told, ""

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> Said:
        again, until = False, time.monotonic() + PATIENCE
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"idempotency-key": key} if key else {}
        while time.monotonic() < until:
            try:
                answer = self.client.request(method, path, json=body, headers=headers)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                pass  # it was never sent
            except httpx.TransportError:
                again = self._unknown()
            else:
                said = Said(answer.status_code, answer.json() if answer.content else None, again)
                if said.status < 500 and not (said.status == 409 and said.code == "at_once"):
                    self.told.answers += 1  # for the pace alone
                    return said
                # Another call with the same key is still under way: its answer will be this one's.
                if answer.status_code not in (409, 503):
                    self.told.strange(f"{method} {path.rpartition('/')[2]}: {answer.status_code}")
                again = self._unknown()
            time.sleep(0.02)
        raise AssertionError(f"{method} {path}: no answer for {PATIENCE:.0f} seconds")

    def _unknown(self) -> bool:
        with self.told.lock:
            self.told.unknown += 1
        return True


@dataclass
class Owner:
    """One firm's owner: its lot, and what it was told."""

    number: int
    lot: str
    caller: Caller
    lenders: dict[str, str]
    today: date
    signed_up: bool = False
    consents: list[str] = field(default_factory=list)
    need: str = ""
    applications: dict[str, str] = field(default_factory=dict)  # bank -> application
    withdrawn: list[str] = field(default_factory=list)
    accepted: str = ""

    @property
    def uscc(self) -> str:
        return credit_code(self.number)

    @property
    def login(self) -> str:
        return f"owner-{self.number}"

    def done(self, what: str, said: Said) -> bool:
        """Whether it was acknowledged. A refusal after a try of unknown outcome says that the try had its effect."""
        if said.well:
            self.caller.told.ack(what)
        elif not said.again:
            self.caller.told.strange(f"{what}: {said.status} {said.code}")
        return said.well

    def live(self, enough: threading.Event) -> None:
        """From the sign-up to what its lot is, or until it is enough."""
        self.fate()
        said = self.caller.ask("POST", "/api/firms", self.about())
        if not self.done("sign-ups", said) and not said.again:
            return
        said = self.caller.ask("POST", "/api/session", {"login": self.login, "password": PASSWORD})
        if not self.done("sign-ins", said):
            return
        self.signed_up, self.caller.token = True, said.body["token"]
        self.authorise()
        if self.apply():
            self.withdraw()
            self.accept(enough)

    def fate(self) -> None:
        """Each bank will lend to it."""
        for url in self.lenders.values():
            order = {"uscc": self.uscc, "decision": "approve"}
            httpx.post(f"{url}/_sandbox/plan", json=order, timeout=30).raise_for_status()

    def about(self) -> dict[str, Any]:
        names = {"name": f"临江 {self.number} 号机械有限公司", "legal_rep": "林海", "person": "林海"}
        place = {"region": "330299", "industry": "C34", "founded_on": "2018-03-01"}
        return {"uscc": self.uscc, "login": self.login, "password": PASSWORD} | names | place

    def authorise(self) -> None:
        """The banks may see what their products ask for, and query the bureau."""
        papers = [("firm", ITEMS, list(self.lenders))] + [("bank_query", ["BUREAU"], [bank]) for bank in self.lenders]
        today = clock.start_of(self.today)
        period = {"valid_from": today.isoformat(), "valid_to": (today + timedelta(days=360)).isoformat()}
        for number, (kind, items, recipients) in enumerate(papers):
            body = {"kind": kind, "items": items, "purpose": "pre_loan", "recipients": recipients} | period
            said = self.caller.ask("POST", "/api/me/consents", body | {"signer": {"name": "林海"}}, f"paper-{number}")
            if self.done("consents", said):
                self.consents.append(said.body["id"])

    def apply(self) -> bool:
        body = {"amount_fen": 30_000_000, "months": 12, "purpose": "working_capital"}
        body["choices"] = [{"product": product, "way": way} for product, way in CHOICES.values()]
        said = self.caller.ask("POST", "/api/me/needs", body, "the-need")
        if not self.done("needs", said):
            return False
        self.need = said.body["id"]
        self.applications = {each["bank"]: each["id"] for each in said.body["applications"]}
        again = self.caller.ask("POST", "/api/me/needs", body, "the-need")
        if not again.well or again.body["id"] != self.need:
            self.caller.told.strange(f"the same key: {again.status}")
        return True

    def withdraw(self) -> None:
        """As many as the lot says, at whatever stage they are."""
        banks = sorted(self.applications)
        for bank in {"withdraws one": banks[:1], "withdraws all": banks}.get(self.lot, []):
            name = self.applications[bank]
            if self.done("withdrawals", self.caller.ask("POST", f"/api/me/applications/{name}/withdraw")):
                self.withdrawn.append(name)

    def accept(self, enough: threading.Event) -> None:
        """The best offer, when there is one."""
        while self.lot != "withdraws all" and not enough.is_set():
            need = self.caller.ask("GET", "/api/me/needs").body[0]
            best = next((offer for offer in need["offers"] if offer["state"] == "open"), None)
            if best is None:
                enough.wait(0.15)
                continue
            if self.done("acceptances", self.caller.ask("POST", f"/api/me/offers/{best['id']}/accept")):
                self.accepted = best["application_id"]
            return


@dataclass
class Crowd:
    """Owners one after another in several threads, until it is enough."""

    base: str
    lenders: dict[str, str]
    seed: int
    today: date
    told: Told = field(default_factory=Told)
    owners: list[Owner] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, callers: int) -> None:
        for place in range(callers):
            thread = threading.Thread(target=self._one_after_another, args=(place, callers), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _one_after_another(self, place: int, callers: int) -> None:
        number, chance = place, Random(self.seed * 100 + place)
        while not self.enough.is_set():
            owner = Owner(number, chance.choice(LOTS), Caller(self.base, self.told), self.lenders, self.today)
            self.owners.append(owner)
            try:
                owner.live(self.enough)
            except Exception as fault:
                self.faults.append(f"owner {number}: {type(fault).__name__}: {fault}")
            number += callers

    def end(self) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join()
