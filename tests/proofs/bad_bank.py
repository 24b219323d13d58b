"""A month beside a bank that is dead, silent or mad: who applies, what the bank does to its line, and what is counted afterwards.

Counted is at the bank's own book, laid beside what our firms did: what we have written about it is not asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from typing import Literal

import httpx
from sqlalchemy import func, select

from backend.app import create_platform
from backend.applications.asking import Desk
from backend.applications.handlers import Submit
from backend.applications.tables import Application, ApplicationEvent
from backend.kit.calendar import is_working_day
from backend.steps import views
from backend.steps.model import Handler
from backend.steps.tables import Step
from lender_adapters.sandbox.bank import SandboxBank
from tests.portal.visitor import credit_code
from tests.stage import BANKS, Person, Stage
from tests.steps.lines import let_pass

Kind = Literal["well", "dead", "silent", "mad"]
NONSENSE = ("noise", "wrong-signature", "html", "wrong-encoding", "half", "wrong-type", "empty")
PRODUCTS = {
    "harbour_bank": ("invoice_credit_loan", "interest_first"),
    "bell_tower_bank": ("tax_credit_loan", "equal_instalments"),
    "orchard_bank": ("utility_credit_loan", "interest_first"),
}
QUARTER = 15 * 60
# What a firm does, one firm of each a day; `accepts` has its offer before the bank falls ill.
ROLES = ("stays", "leaves", "lapses", "grows", "beside")
ENDED_BY_US = ("withdrawn", "stopped")
OVER_AT_THE_BANK = ("withdrawn", "declined", "expired")


class Front:
    """A bank's line, as the bank leaves it: what stands between its back office and us."""

    def __init__(self, bank: SandboxBank) -> None:
        self.bank, self.kind, self.asked = bank, "well", 0
        self._nonsense = cycle(NONSENSE)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.kind == "dead":
            if self.asked % 2:
                raise httpx.ConnectError("connection refused", request=request)
            self.bank.faults.set("down")
        elif self.kind == "silent":
            # Every other request reaches it, and is done; none is answered.
            if self.asked % 2:
                self.bank(request)
            raise httpx.ReadTimeout("no answer within the deadline", request=request)
        elif self.kind == "mad":
            self.bank.faults.set(next(self._nonsense))
        return self.bank(request)

    @contextmanager
    def being(self, kind: Kind) -> Iterator[None]:
        """So it is while the block lasts; what it says by itself is as good as what it answers."""
        home, self.kind = self.bank.callback_url, kind
        if kind in ("dead", "silent"):
            self.bank.callback_url = None
        if kind == "mad":
            self.bank.faults.set("callback-wrong-signature", 1_000_000)
        try:
            yield
        finally:
            self.kind, self.bank.callback_url = "well", home
            self.bank.faults.set("callback-wrong-signature", 0)


@dataclass
class Tally:
    """What a month did. Delays are those of the other bank, in seconds of business time."""

    kind: str
    bad: str
    applied: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # live at the bank though the firm or its deadline has ended them
    hands: int = 0
    quarters: int = 0
    asked: int = 0
    returned: str = ""  # the day on which the bank was well again
    again: int = 0  # arrivals at the bank of what it had already
    delays: list[float] = field(default_factory=list)

    def said(self) -> str:
        """One line of the table."""
        delays = sorted(self.delays)
        after = f"all taken within {self.quarters * 15} min of its return" if self.quarters else "all taken at once"
        wrong = f"lost {len(self.lost)}, doubled {len(self.doubled)}, kept against a wish {len(self.kept)}, hands {self.hands}"
        ends = f"{self.ended['stopped']} met their consent's end, {self.ended['lapsed']} their offer's"
        return (
            f"{self.kind:<6} {self.bad:<15} {wrong}; {self.applied} applications ({self.ended['withdrawn']} withdrawn, {ends}), "
            f"{self.asked} requests, {self.again} arrived again; {after}; "
            f"other bank median {delays[len(delays) // 2]:.1f} s, longest {delays[-1]:.1f} s of business time"
        )


class Month:
    """Firms that apply at a bad bank and beside it, day by day. The same firms come again in the next month."""

    def __init__(self, stage: Stage, *, days: int, growing: int, patience: int = 15) -> None:
        self.stage, self.days, self.growing = stage, days, growing
        self.patience = patience  # how many days a draw may take after the bank is well again
        self.fronts = {code: Front(bank) for code, bank in stage.banks.items()}
        transports = {code: httpx.MockTransport(front) for code, front in self.fronts.items()}
        self.house = create_platform(stage.settings, bank_transports=transports)
        self.firms: dict[tuple[int, str], Person] = {}
        self.made = 400
        self.planted: dict[str, Handler] = {}  # faults of ours, from the day on which the bank falls ill

    @property
    def desk(self) -> Desk:
        """What the handlers share."""
        submit = self.house.worker.handlers["lender.submit"]
        assert isinstance(submit, Submit)
        return submit.desk

    def close(self) -> None:
        self.house.database.dispose()

    def settle(self) -> int:
        """In place of the stage's own worker."""
        return self.house.worker.run_all()

    # ------------------------------------------------------------ firms

    def firm(self, day: int, role: str) -> Person:
        if (day, role) not in self.firms:
            self.made += 1
            code = credit_code(self.made)
            owner = self.stage.firm(code)
            if role == "grows":
                self.stage.consent(owner, ["platform"], days=360)
                self._records(code, 400_000)
                self.stage.gather(owner)
            owner.about["code"] = code
            self.firms[day, role] = owner
        return self.firms[day, role]

    def _records(self, code: str, monthly: int) -> None:
        with self.stage._departments as rows:
            rows.execute("BEGIN")
            self.stage.sound_firm(code, monthly_yuan=monthly)

    def apply(self, owner: Person, bank: str, decision: str = "decline", *, days: int = 60) -> str:
        """Sign for that bank and apply there; the application's name."""
        self.stage.fate(bank, owner.about["code"], decision=decision)
        self.stage.consent(owner, [bank], days=days)
        self.stage.consent(owner, [bank], items=["BUREAU"], kind="bank_query", days=days)
        return str(self.stage.apply(owner, PRODUCTS[bank])["applications"][0]["id"])

    # ------------------------------------------------------------ a month

    def play(self, bad: str, kind: Kind) -> Tally:
        """A month of that kind at that bank, and its return; then the counting."""
        good = next(bank for bank in BANKS[1::-1] if bank != bad)
        tally, stage, front = Tally(kind, bad), self.stage, self.fronts[bad]
        before, dead = {each["reference"] for each in stage.book(bad)["applications"]}, self._dead()
        accepted = [self.apply(self.firm(number, "accepts"), bad, "approve") for number in range(2)]
        self.settle()
        while not all(stage.need(self.firm(number, "accepts"))["offers"] for number in range(2)):
            stage.days(1)
        there, beside, leaving = list(accepted), list[str](), list[tuple[Person, str]]()
        asked = front.asked
        with front.being(kind):
            self.house.worker.handlers = {**self.house.worker.handlers, **self.planted}
            for number in range(2):
                offer = stage.need(self.firm(number, "accepts"))["offers"][0]["id"]
                self.firm(number, "accepts").do("POST", f"/api/me/offers/{offer}/accept")
            for day in range(self.days):
                self._next_day()
                for owner, name in leaving:
                    status, _ = owner.ask("POST", f"/api/me/applications/{name}/withdraw")
                    assert status in (200, 409), "409: the bank has decided meanwhile"
                    beside.append(self.apply(owner, good))
                leaving.clear()
                for role in ROLES[:3] + ("grows",) * (day < self.growing):
                    owner = self.firm(day, role)
                    there.append(self.apply(owner, bad, "approve" if day == 0 else "decline", days=2 if role == "lapses" else 60))
                    leaving += [(owner, there[-1])] if role == "leaves" else []
                beside.append(self.apply(self.firm(day, "beside"), good))
                for _ in range(3):
                    self.settle()
                    let_pass(self.house.database, QUARTER + 60)
                for number in range(min(day, self.growing)):
                    self._grow(number, day)
            self._next_day()
            self.settle()
            tally.asked, tally.returned = front.asked - asked, stage.today.isoformat()
            self._look(tally, there)
        self._return(tally)
        self._count(tally, there, accepted, beside, before)
        tally.hands = self._dead() - dead
        return tally

    def _dead(self) -> int:
        with self.house.database.reading() as session:
            return views.by_state(session).get("dead", 0)

    def _next_day(self) -> None:
        """The next business day, for machines and people."""
        let_pass(self.house.database, 86_400)
        day = self.stage.today + timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
        self.stage.day(day)

    def _grow(self, number: int, day: int) -> None:
        """Its facts change while it waits: what is sent again is no longer word for word what was sent before."""
        if number == day - 1:
            owner = self.firm(number, "grows")
            self.stage.consent(owner, ["platform"], days=360)
            self._records(owner.about["code"], 400_000 + 10_000 * self.made)
            owner.do("POST", "/api/me/gather")

    def _look(self, tally: Tally, there: list[str]) -> None:
        """While it lasts: the operator is shown the bank, and the firm reads the truth."""
        alerts = {each["kind"] for each in self.stage.operator.do("GET", "/api/operator/alerts") if each["lane"] == tally.bad}
        tally.ended["shown"] = len(alerts)
        owner = self.firm(0, "stays")
        mine = next(each for each in self.stage.need(owner)["applications"] if each["bank"] == tally.bad)
        tally.ended["told"] = int("银行尚未接收，自 " in ((mine["line"] or {}).get("words") or {}).get("zh", ""))

    def _return(self, tally: Tally) -> None:
        """The bank is well again: how many quarters of an hour until it has everything, and nobody lends a hand."""
        telling = Step.lane == tally.bad, Step.kind.in_(("lender.submit", "lender.accept", "lender.withdraw"))
        while True:
            self.settle()
            with self.house.database.reading() as session:
                waiting = select(func.count()).select_from(Step).where(*telling, Step.state.in_(("waiting", "leased")))
                if not session.scalar(waiting) or tally.quarters >= 100:
                    return
            let_pass(self.house.database, QUARTER)
            tally.quarters += 1

    def _count(self, tally: Tally, there: list[str], accepted: list[str], beside: list[str], before: set[str]) -> None:
        for _ in range(self.patience):
            drawn = Counter(each["reference"] for each in self.stage.book(tally.bad)["draws"])
            states = {each["reference"]: each["state"] for each in self.stage.book(tally.bad)["applications"]}
            if all(drawn[name] or states.get(name) == "expired" for name in accepted):
                break
            let_pass(self.house.database, 86_400)
            self.stage.days(1)
        book = self.stage.book(tally.bad)
        rows = [each for each in book["applications"] if each["reference"] not in before]
        tally.again = sum(each["arrivals"] - 1 for each in rows)
        at_the_bank = {each["reference"]: each["state"] for each in rows}
        with self.house.database.reading() as session:
            ours = {name: session.get_one(Application, name).state for name in there}
            received = select(ApplicationEvent.at).where(ApplicationEvent.event == "bank_received")
            for name in beside:
                at = session.scalar(received.where(ApplicationEvent.application_id == name).order_by(ApplicationEvent.id))
                applied = session.get_one(Application, name).submitted_at
                tally.delays.append((at - applied).total_seconds() if at is not None else float("inf"))
        tally.applied = len(there)
        tally.ended |= Counter(ours[name] for name in there if ours[name] in ENDED_BY_US)
        tally.lost = [name for name in there if ours[name] not in ENDED_BY_US and name not in at_the_bank]
        tally.doubled = [each["reference"] for each in rows if each["reference"] not in ours]
        tally.kept = [n for n in there if ours[n] in ENDED_BY_US and at_the_bank.get(n, "withdrawn") not in OVER_AT_THE_BANK]
        # Lawfully over is only an offer whose last day had passed before its bank came back.
        until = {each["reference"]: each["offer"]["valid_until"] for each in rows if each["offer"]}
        over = [name for name in accepted if until.get(name, "9") < tally.returned]
        lapsed = [name for name in over if at_the_bank.get(name) == ours[name] == "expired"]
        tally.ended["lapsed"] = len(lapsed)
        tally.lost += [name for name in accepted if drawn[name] == 0 and name not in lapsed]
        tally.doubled += [name for name, count in drawn.items() if count > 1]
        self._clear(tally.bad, there, accepted)

    def _clear(self, bad: str, there: list[str], accepted: list[str]) -> None:
        """Whoever has an offer and did not come for it takes it back, so that every firm may apply again."""
        for owner in self.firms.values():
            for need in owner.do("GET", "/api/me/needs")[:2]:
                for each in need["applications"]:
                    if each["state"] in ("created", "submitted", "documents_asked", "approved"):
                        owner.do("POST", f"/api/me/applications/{each['id']}/withdraw")
        self.settle()
