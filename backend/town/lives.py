"""How one firm of 临江 walks the road, by its plan: sign up, authorise, gather, match, apply, answer, accept, withdraw a consent.

Each act is one or two calls at a public door with the owner's own session. What a door refuses is lived with, as people do.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from backend.town.hands import Hand
from backend.town.people import Firm
from backend.town.plans import Need, Plan

PASSWORD = "linjiang-demo-2025"  # noqa: S105  # a made-up town's people share one password, printed with the summary
PURPOSES = {"data": "data_product"}
UNTIL = 360
POOLED = "pooled_sales_loan"  # behind it stands a pool without a guarantor


def moment(day: date, hour: int = 0) -> str:
    """A moment of business time as the doors take it."""
    return f"{day.isoformat()}T{hour:02d}:00:00+08:00"


@dataclass
class Life:
    """One firm's owner and what has happened to them so far."""

    firm: Firm
    plan: Plan
    hand: Hand
    counts: Counter[str]
    power_id: str | None = None
    consents: list[str] = field(default_factory=list)
    banks: set[str] = field(default_factory=set)
    needs: int = 0
    firm_id: str = ""
    settle: Callable[[], None] = lambda: None

    def begin(self, day: date) -> None:
        """Sign up, and open what the plan opens."""
        firm = self.firm
        signed_up = self.hand.call(
            "POST",
            "/api/firms",
            {
                "uscc": firm.uscc,
                "name": firm.name,
                "legal_rep": firm.legal_rep,
                "person": self.plan.agent or firm.legal_rep,
                "login": firm.login,
                "password": PASSWORD,
                "region": firm.region,
                "industry": firm.industry,
                "founded_on": firm.founded_on.isoformat(),
            },
        )
        self.firm_id = signed_up["id"]
        self.hand.password = PASSWORD
        self.hand.sign_in()
        self.counts["firms"] += 1
        if not self.plan.items:
            return
        if self.plan.agent:
            self.power_id = self._power(day)
        self._consent("firm", list(self.plan.items), ["platform"], day)
        if not self.plan.needs:
            # Whoever comes for a loan has the records fetched when the need is there.
            self.hand.call("POST", "/api/me/gather")

    def _power(self, day: date) -> str:
        paper = f"授权委托书:{self.firm.name}委托{self.plan.agent}签署信用信息授权。法定代表人 {self.firm.legal_rep}(签章)"
        body = {
            "agent_name": self.plan.agent,
            "items": [*self.plan.items, "BUREAU"],
            "valid_from": moment(day),
            "valid_to": moment(day + timedelta(days=UNTIL)),
            "document": paper,
        }
        return str(self.hand.call("POST", "/api/me/powers", body)["id"])

    def _consent(self, kind: str, items: list[str], recipients: list[str], day: date) -> None:
        body = {
            "kind": kind,
            "items": items,
            "purpose": "pre_loan",
            "recipients": recipients,
            "valid_from": moment(day),
            "valid_to": moment(day + timedelta(days=UNTIL)),
        }
        signer: dict[str, Any] = {"name": self.firm.legal_rep}
        if self.power_id:
            signer = {"name": self.plan.agent, "capacity": "agent", "power_id": self.power_id}
        signed = self.hand.call("POST", "/api/me/consents", body | {"signer": signer})
        self.consents.append(str(signed["id"]))

    def look_and_apply(self, need: Need, day: date) -> dict[str, Any] | None:
        """Gather afresh, match, and apply where the answer is yes; None when there is nothing to apply for."""
        self.hand.call("POST", "/api/me/gather")
        self.settle()
        if self.firm.number % 10 == 0:
            # Every tenth owner first looks at the firm's own grade.
            self.hand.call("POST", "/api/me/assessment")
            self.counts["looked at themselves"] += 1
        matches = self.hand.call("POST", "/api/me/matches", {"amount_fen": need.amount_fen, "months": need.months})
        chosen = self.choose(matches, need)
        if not chosen:
            self.counts["no product"] += 1
            return None
        amount = min([need.amount_fen, *(int(match["limit_fen"]) for match in chosen)]) // 1_000_000 * 1_000_000
        if amount <= 0:
            return None
        new = sorted({str(match["bank"]) for match in chosen} - self.banks)
        if new:
            self._consent("firm", list(self.plan.items), new, day)
        for bank in new:
            self._consent("bank_query", ["BUREAU"], [bank], day)
        self.banks.update(new)
        body = {
            "amount_fen": amount,
            "months": need.months,
            "purpose": PURPOSES.get(need.purpose, need.purpose),
            "choices": [{"product": match["product"], "way": match["way"]} for match in chosen],
        }
        self.needs += 1
        key = {"idempotency-key": f"{self.firm.login}-{self.needs}"}
        said = self.hand.ask("POST", "/api/me/needs", body, key)
        if said.refused:
            self.counts["refused at the door"] += 1
            return None
        return dict(said.body)

    def choose(self, matches: list[dict[str, Any]], need: Need) -> list[dict[str, Any]]:
        """The plan's favourite families first, one product each, as many banks as the owner has patience for."""
        yes = [each for each in matches if each["answer"] == "yes" and (each["limit_fen"] or 0) >= 1_000_000]
        yes = [each for each in yes if each["months"] == need.months and each["channel"] == "platform"]
        order = {family: place for place, family in enumerate(need.families)}
        yes.sort(key=lambda each: (order.get(str(each.get("family")), 99), each["place"]))
        pooled = [each for each in yes if each["product"] == POOLED]
        if pooled and "pooled" in need.families:
            return pooled[:1]
        backed = [each for each in yes if each["family"] == "guaranteed_micro"]
        if backed and "guaranteed_micro" in need.families[:2]:
            # Whoever comes for a guaranteed loan has an understanding with the guarantor and asks nowhere else.
            return backed
        found: list[dict[str, Any]] = []
        for each in yes:
            floor = min([int(other["limit_fen"]) for other in found], default=0)
            if int(each["limit_fen"]) * 2 >= floor:
                found.append(each)
        return found[: self.plan.most_banks]

    def answer(self, application: str) -> None:
        """Send the bank what it asked for."""
        paper = base64.b64encode(f"{self.firm.name} 近三个月银行流水".encode()).decode()
        body = {"files": [{"kind": "bank_flow", "name": "流水.txt", "body_base64": paper}]}
        self.hand.ask("POST", f"/api/me/applications/{application}/documents", body)
        self.counts["documents sent"] += 1

    def newest_need(self) -> dict[str, Any]:
        """The need in hand, with its applications and offers."""
        return dict(self.hand.call("GET", "/api/me/needs")[0])

    def decide(self, need: dict[str, Any]) -> dict[str, Any] | None:
        """Accept by temper: the cheapest, the largest, or none. The accepted offer, if any."""
        offers = [offer for offer in need["offers"] if offer["state"] == "open"]
        if not offers or self.plan.accepts == "none":
            return None
        if self.plan.accepts == "largest":
            offers.sort(key=lambda offer: -int(offer["amount_fen"]))
        for offer in offers:
            said = self.hand.ask("POST", f"/api/me/offers/{offer['id']}/accept")
            if not said.refused:
                return dict(said.body)
            self.counts["acceptance refused"] += 1
        return None

    def revoke(self) -> None:
        """Withdraw every consent: the next reading is refused."""
        for consent in self.consents:
            self.hand.call("DELETE", f"/api/me/consents/{consent}")
            self.counts["consents revoked"] += 1
        self.consents.clear()
