"""Play 18 months of 临江 through the public doors, jumping from due day to due day.

A day: morning, the clock moves to nine, the banks open and call back; people act; evening, the day's files are fetched and the
platform comes to rest. The next day is the earliest on which anybody has something to do.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from backend.town.authorities import Authorities
from backend.town.city import Town
from backend.town.forms import FormLife
from backend.town.hands import DoorError, Hand
from backend.town.line import Line
from backend.town.lives import Life
from backend.town.plans import FIRST_DAY, LAST_DAY
from backend.town.servers import BANKS, Servers

Deed = Callable[[], None]


@dataclass
class Play:
    """One run of the town against running servers."""

    town: Town
    servers: Servers
    tell: Callable[[date], None]
    counts: Counter[str] = field(default_factory=Counter)
    lives: dict[str, Life] = field(default_factory=dict)
    today: date = FIRST_DAY
    last_day: date = LAST_DAY

    def __post_init__(self) -> None:
        self.line = Line(self.servers.url("platform"))
        self.banks = {bank: Line(self.servers.url(bank)) for bank in BANKS}
        password = (Path(self.servers.var) / "secrets/operator_password").read_text().strip()
        self.hands = ThreadPoolExecutor(len(BANKS))  # banks are processes of their own: all are asked at once
        self.operator = Hand(self.line, "operator", password)
        self.operator.sign_in()
        self.agenda: list[tuple[date, int, Deed]] = []
        self._number = count()
        self.authorities = Authorities(self)
        self.seen = 0
        self.due: str | None = None
        self.calls_on: date | None = None  # when the bank that calls back next has something to say

    # ------------------------------------------------------------ the calendar

    def plan(self, day: date, deed: Deed) -> None:
        """Somebody will do something on that day, or today if it is past."""
        heapq.heappush(self.agenda, (max(day, self.today), next(self._number), deed))

    def run(self) -> None:
        """Until the last day."""
        self.authorities.take_part()
        self._plan_lives()
        while self.today <= self.last_day:
            self._live_through()
            self.tell(self.today)
            self.today = self._next_day()
        self._close()
        self.tell(self.last_day)

    def _close(self) -> None:
        """Two quiet days on which nobody acts: whatever was still on its way (a file of the next evening) arrives."""
        self.agenda.clear()
        for _ in range(2):
            self.today += timedelta(days=1)
            for bank in BANKS:
                self._open_bank(bank)
            self._clock(21)

    def _live_through(self) -> None:
        # Banks that are asked open before our clock moves: what the night left to be sent meets them on the new day, however fast
        # either side is. The one that calls back opens after.
        list(self.hands.map(self._open_bank, ("bell_tower_bank", "orchard_bank")))
        busy = bool(self.agenda) and self.agenda[0][0] <= self.today
        if busy or self.calls_on is None or self.calls_on <= self.today:
            self._clock(9)
            said = self._open_bank("harbour_bank")
            if said["done"] or said["untold"]:
                self.settle()
            self._act()
        self._clock(21)
        self.authorities.make_rounds()
        self._act()

    def _act(self) -> None:
        """Whoever has something to do today does it; then the platform comes to rest."""
        if not self.agenda or self.agenda[0][0] > self.today:
            return
        while self.agenda and self.agenda[0][0] <= self.today:
            heapq.heappop(self.agenda)[2]()
        self.settle()

    def _open_bank(self, bank: str) -> dict[str, Any]:
        said: dict[str, Any] = self._control(self.banks[bank], "POST", "day", {"day": self.today.isoformat()}, bank)
        return said

    def _next_day(self) -> date:
        days = [self.last_day + timedelta(days=1)]
        if self.agenda:
            days.append(self.agenda[0][0])
        for bank, said in zip(BANKS, self.hands.map(self._next_at, BANKS), strict=True):
            if bank == "harbour_bank":
                self.calls_on = date.fromisoformat(said) if said else self.last_day + timedelta(days=1)
            if said:
                days.append(date.fromisoformat(said))
        if self.due:
            days.append(date.fromisoformat(self.due))
        return max(self.today + timedelta(days=1), min(days))

    def _next_at(self, bank: str) -> str | None:
        """When that bank next has something to do."""
        said: str | None = self._control(self.banks[bank], "GET", "next", None, bank)["day"]
        return said

    def _clock(self, hour: int) -> None:
        body = {"day": self.today.isoformat(), "hour": hour, "after": self.seen}
        self._heed(self.operator.call("POST", "/api/sandbox/clock", body))

    def settle(self) -> None:
        """Wait until the platform is at rest; a play that does not come to rest is broken."""
        self._heed(self.operator.call("POST", f"/api/sandbox/settle?after={self.seen}"))

    def _heed(self, said: dict[str, Any]) -> None:
        """What the platform said of itself: whether it is at rest, when it is due next, what happened to whom."""
        if said["left"]:
            raise DoorError(f"{said['left']} steps do not come to rest on {self.today}")
        self.due = said["next"]
        for change in said["changes"]:
            self.seen = change["id"]
            self._hear(change)

    def _control(self, line: Line, method: str, what: str, body: Any, bank: str) -> Any:
        answer = line.ask(method, f"/_sandbox/{what}", body)
        if answer.status >= 400:
            raise DoorError(f"{bank} /_sandbox/{what}: {answer.status} {str(answer.body)[:300]}")
        return answer.body

    def tell_bank(self, bank: str, what: str, body: Any) -> Any:
        """A control route of one bank: how the world outside (fate, money arriving) reaches it."""
        return self._control(self.banks[bank], "POST", what, body, bank)

    # ------------------------------------------------------------ firms

    def _plan_lives(self) -> None:
        for plan in self.town.plans:
            firm = self.town.firms[plan.number]
            kind = FormLife if plan.channel == "forms" else Life
            life = kind(firm, plan, Hand(self.line, firm.login, ""), self.counts)
            life.settle = self.settle
            self.plan(max(FIRST_DAY, plan.authorises_on), partial(self._begin, life))
            for need in plan.needs:
                self.plan(max(need.wanted_on, plan.authorises_on), partial(self._want, life, need))
            if plan.revokes_on:
                self.plan(plan.revokes_on, life.revoke)

    def _begin(self, life: Life) -> None:
        life.begin(self.today)
        self.lives[life.firm_id] = life

    def _want(self, life: Life, need: Any) -> None:
        applied = life.look_and_apply(need, self.today)
        if applied is None:
            return
        self.counts["needs"] += 1
        for application in applied["applications"]:
            self._tell_fate(life, application["bank"], {"kind": "all"})

    def _tell_fate(self, life: Life, bank: str, pays: dict[str, Any]) -> None:
        order = {"uscc": life.firm.uscc, "bureau": life.plan.bureau, "first_loan": life.plan.first_loan, "pays": pays}
        self.tell_bank(bank, "plan", order)

    # ------------------------------------------------------------ what the phone tells them

    def _hear(self, change: dict[str, Any]) -> None:
        if change["event"] in ("firm_accepted", "bank_drew"):
            self.authorities.look_soon()
        life = self.lives.get(change["firm"])
        if life is None:
            return
        if change["event"] == "bank_asked":
            self.plan(self.today + timedelta(days=1), partial(life.answer, change["application"]))
        if change["event"] in ("bank_approved", "bank_declined", "bank_expired"):
            self.plan(self.today, partial(self._consider, life))

    def _consider(self, life: Life) -> None:
        """Decide once every bank has answered, or before the first offer runs out."""
        need = life.newest_need()
        open_offers = [offer for offer in need["offers"] if offer["state"] == "open"]
        if not open_offers:
            return
        waiting = [each for each in need["applications"] if each["state"] in ("created", "submitted", "documents_asked")]
        last = min(date.fromisoformat(offer["valid_until"]) for offer in open_offers)
        if waiting and self.today < last - timedelta(days=2):
            self.plan(last - timedelta(days=2), lambda: self._consider(life))
            return
        offer = life.decide(need)
        if offer is None:
            return
        bank = next(each["bank"] for each in need["applications"] if each["id"] == offer["application_id"])
        amount, months = int(offer["amount_fen"]), int(offer["months"])
        burden = amount // months + amount * int(offer["rate_bp"]) // 120_000
        fate = self.town.economy.fate(life.firm.number, amount, burden, self.today, months)
        self._tell_fate(life, bank, fate.as_plan())

    def close(self) -> None:
        """Hang up."""
        self.line.close()
        self.hands.shutdown()
        for line in self.banks.values():
            line.close()
