"""Ten owners of 临江 use the HTML forms: they open a page, fill in what stands there, send it, as a browser without scripts does.

What they read is on the pages; only the plan's bookkeeping (which application went to which bank) is looked up as JSON.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import httpx

from backend.town.hands import DoorError
from backend.town.lives import PASSWORD, PURPOSES, UNTIL, Life
from backend.town.plans import Need

_TOKEN = re.compile(r'name="csrf" value="([^"]*)"')
_PRODUCT = re.compile(r'name="products" value="([^"]+)"([^>]*)>')
_WAYS = re.compile(r'<select id="way_([^"]+)"[^>]*>(.*?)</select>', re.S)
_OPTION = re.compile(r'<option value="([^"]+)"')
_SIGN = re.compile(r"/authorise/sign/([^?]+)")
_POWER = re.compile(r'name="power" value="([^"]+)"')


class FormLife(Life):
    """An owner with a browser."""

    _browser: httpx.Client | None = None

    @property
    def browser(self) -> httpx.Client:
        """The owner's own browser, with its own cookies."""
        if self._browser is None:
            self._browser = httpx.Client(base_url=self.hand.line.url, timeout=60, headers={"accept-language": "zh-CN"})
        return self._browser

    def send(self, page: str, action: str, fields: dict[str, Any], files: Any = None) -> httpx.Response:
        """Open a page, take its form token, send the form; where it leads."""
        shown = self.browser.get(page, follow_redirects=True)
        token = _TOKEN.search(shown.text)
        if shown.status_code >= 400 or token is None:
            raise DoorError(f"GET {page} as {self.firm.login}: {shown.status_code}, no form")
        answer = self.browser.post(action, data={"csrf": token.group(1), **fields}, files=files)
        if answer.status_code != 303:
            raise DoorError(f"POST {action} as {self.firm.login}: {answer.status_code} {_fault(answer.text)}")
        self.counts["forms sent"] += 1
        return answer

    def begin(self, day: date) -> None:
        """Sign up, store a power of attorney if there is an agent, authorise: all by form."""
        fields = {"uscc": self.firm.uscc, "name": self.firm.name, "legal_rep": self.firm.legal_rep, "login": self.firm.login}
        self.send("/sign-up", "/sign-up", fields | {"person": self.plan.agent or self.firm.legal_rep, "password": PASSWORD})
        self.counts["firms"] += 1
        self.hand.password = PASSWORD
        self.hand.sign_in()
        self.firm_id = self.hand.call("GET", "/api/session")["firm_id"]
        if not self.plan.items:
            return
        if self.plan.agent:
            paper = ("委托书.txt", f"{self.firm.name}委托{self.plan.agent}签署授权".encode(), "text/plain")
            named = {"agent_name": self.plan.agent, "power_items": [*self.plan.items, "BUREAU"], **_period(day)}
            self.send("/authorise", "/authorise/powers", named, {"document": paper})
        self._sign("firm", list(self.plan.items), ["platform"], day)

    def _sign(self, kind: str, items: list[str], recipients: list[str], day: date) -> None:
        fields = {"items": items, "purpose": "pre_loan", "recipients": recipients, **_period(day)}
        drafted = self.send(f"/authorise/new/{kind}", f"/authorise/new/{kind}", fields)
        place = _SIGN.search(drafted.headers["location"])
        if place is None:
            raise DoorError(f"no paper to sign for {self.firm.login}: {drafted.headers['location']}")
        page = f"/authorise/sign/{place.group(1)}"
        power = _POWER.search(self.browser.get(page).text) if self.plan.agent else None
        signer = self.plan.agent if power else self.firm.legal_rep
        self.send(page, page, {"signer_name": signer, "power": power.group(1) if power else "", "agree": "yes"})
        self.consents.append(place.group(1))

    def look_and_apply(self, need: Need, day: date) -> dict[str, Any] | None:
        """Look at the matches, sign for the banks, tick the products that say yes, send the application."""
        fields = {"login": self.firm.login, "password": PASSWORD}
        if self.browser.get("/matches").status_code != 200:
            self.send("/sign-in", "/sign-in", fields)
        self.hand.call("POST", "/api/me/gather")
        self.settle()
        self.browser.get("/credit-file")
        matches = self.hand.call("POST", "/api/me/matches", {"amount_fen": need.amount_fen, "months": need.months})
        chosen = self.choose(matches, need)
        if not chosen:
            self.counts["no product"] += 1
            return None
        for bank in sorted({str(match["bank"]) for match in chosen} - self.banks):
            self._sign("firm", list(self.plan.items), [bank], day)
            self._sign("bank_query", ["BUREAU"], [bank], day)
            self.banks.add(bank)
        amount = min([need.amount_fen, *(int(match["limit_fen"]) for match in chosen)]) // 1_000_000
        page = self.browser.get("/apply").text
        open_ = {code for code, rest in _PRODUCT.findall(page) if "disabled" not in rest}
        ways = {code: _OPTION.findall(options)[0] for code, options in _WAYS.findall(page)}
        ticked = [str(match["product"]) for match in chosen if match["product"] in open_]
        if not ticked or amount <= 0:
            self.counts["no product"] += 1
            return None
        sent = {
            "amount": str(amount),
            "months": str(need.months),
            "purpose": PURPOSES.get(need.purpose, need.purpose),
            "products": ticked,
            "told": "yes",
        }
        self.send("/apply", "/apply", sent | {f"way_{code}": ways[code] for code in ticked})
        self.needs += 1
        return self.newest_need()

    def decide(self, need: dict[str, Any]) -> dict[str, Any] | None:
        """Accept by form."""
        offers = [offer for offer in need["offers"] if offer["state"] == "open"]
        if not offers or self.plan.accepts == "none":
            return None
        page = f"/offers/{offers[0]['id']}"
        if self.browser.get(page).status_code != 200:
            self.send("/sign-in", "/sign-in", {"login": self.firm.login, "password": PASSWORD})
        self.send(page, f"{page}/accept", {"sure": "yes"})
        return dict(offers[0])

    def revoke(self) -> None:
        """Withdraw every consent by form."""
        if self.browser.get("/authorise").status_code != 200:
            self.send("/sign-in", "/sign-in", {"login": self.firm.login, "password": PASSWORD})
        for consent in self.consents:
            self.send("/authorise", f"/authorise/revoke/{consent}", {})
            self.counts["consents revoked"] += 1
        self.consents.clear()


def _period(day: date) -> dict[str, str]:
    return {"valid_from": day.isoformat(), "valid_to": (day + timedelta(days=UNTIL)).isoformat()}


def _fault(page: str) -> str:
    """The sentence that a page shows beside what is wrong."""
    found = re.findall(r'class="fault"[^>]*>([^<]+)<', page)
    return "; ".join(found) or page[:200]
