"""A city under load whose servers may be killed, and the count of what it was told against what the banks' books say.

On SQLite the worker lives inside the server; on PostgreSQL it is a process of its own and dies with it. A death strikes after so
many answers as chance has drawn, or at a crash point of the worker: work decides when, never a clock.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import func, select, update

from backend.kit import clock
from backend.kit.database import Database
from backend.settings import Settings, with_secrets
from backend.steps.model import MOST_DEATHS
from backend.steps.tables import Step
from tests import postgres
from tests.proofs.crowd import Caller, Crowd, Owner, Told
from tests.server_process import ServerProcess, kill, lives
from tests.stage import BANKS, PASSWORD
from tests.worker_process import LONG_AGO

POINTS = ("leased", "called", "kept", "acted")
# After the last day time stands still: the next year's holidays are not published yet.
FIRST_DAY, LAST_DAY = date(2025, 5, 6), date(2026, 11, 30)
# A server that has not reached its crash point after so many answers is killed all the same; one that is mute, after so long.
MOST_ANSWERS, MUTE_SECONDS = 40, 10.0
START_SECONDS = 120


@dataclass
class Count:
    """What was found at the other side."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


@dataclass
class City:
    """Banks, a server (with its worker), a crowd, and a calendar that moves on by itself."""

    settings: Settings
    line: ServerProcess
    seed: int
    plant: str = ""
    point: str = ""
    processes: list[int] = field(default_factory=list)
    deaths: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.crowd = Crowd(self.settings.public_url, self.settings.lenders, self.seed, FIRST_DAY)
        self.sqlite = self.settings.database.startswith("sqlite")

    # ------------------------------------------------------------ deaths

    def start(self, point: str = "") -> None:
        """The server; on PostgreSQL also a worker of its own. Answers when a door answers."""
        words: dict[str, Any] = {"crash_at": point, "plant": self.plant}
        self.processes = [self.line.serve(self.settings, worker=self.sqlite, **words)]
        if not self.sqlite:
            self.processes.append(self.line.work(self.settings, **words))
        if not self.wait():
            # The crash point came before the first answer: that was a death as well.
            self.deaths[point.partition(":")[0]] += 1
            self.point = ""
            self.kill()
            self.start()

    def wait(self) -> bool:
        """Whether a door answers; not when the server has reached its crash point before."""
        until = time.monotonic() + START_SECONDS
        with httpx.Client(base_url=self.settings.public_url, timeout=5) as probe:
            while time.monotonic() < until:
                try:
                    # With a token that nobody has, the door must ask the database.
                    if probe.get("/api/session", headers={"authorization": "Bearer nobody"}).status_code == 401:
                        return True
                except httpx.TransportError:
                    if not self.is_up and self.point:
                        return False
                    assert self.is_up, "the server ended by itself before its first answer; its log says why"
                time.sleep(0.01)
        raise AssertionError(f"the server does not answer within {START_SECONDS} seconds of its start")

    def kill(self) -> None:
        """All processes of ours at once. The lease of a step is over after a minute: we write it down and do not wait."""
        for process in self.processes:
            kill(process)
        database = Database(self.settings.database)
        with database.writing() as session:
            session.execute(update(Step).where(Step.state == "leased").values(lease_until=clock.start_of(LONG_AGO)))
        database.dispose()

    def unlucky(self) -> bool:
        """Whether some step has been in hand at so many deaths in a row that one more might set it aside, lawfully."""
        database = Database(self.settings.database)
        with database.reading() as session:
            behind = session.scalar(select(func.max(Step.deaths)).where(Step.state.in_(("waiting", "leased")))) or 0
        database.dispose()
        return behind >= MOST_DEATHS - 2

    @property
    def is_up(self) -> bool:
        return all(lives(process) for process in self.processes)

    def die_and_rise(self, point: str = "") -> None:
        """Once: at the crash point it was given, or after a moment drawn by chance; then the next server, with its own point
        (`name:n` at its n-th visit, a name alone at one drawn by chance)."""
        crashes, until = self.point, time.monotonic() + MUTE_SECONDS
        answers = self.crowd.told.answers + (MOST_ANSWERS if crashes else self.chance.randint(2, 20))
        while self.crowd.told.answers < answers and time.monotonic() < until and self.is_up:
            time.sleep(0.002)
        if self.is_up:
            crashes = ""
            time.sleep(self.chance.uniform(0, 0.03))
            calm = time.monotonic() + START_SECONDS
            while self.is_up and self.unlucky() and time.monotonic() < calm:
                time.sleep(0.05)
        self.deaths[crashes or "any moment"] += 1
        begin = time.monotonic()
        self.kill()
        self.point = point = "" if self.unlucky() else point
        self.start(point if not point or ":" in point else f"{point}:{self.chance.randint(1, 6)}")
        self.recoveries.append(time.monotonic() - begin)

    def power_cut(self, cluster: postgres.Cluster) -> None:
        """The database goes down and comes back under the server, which nobody starts anew."""
        answers, until = self.crowd.told.answers + self.chance.randint(2, 20), time.monotonic() + MUTE_SECONDS
        while self.crowd.told.answers < answers and time.monotonic() < until:
            time.sleep(0.002)
        begin = time.monotonic()
        cluster.crash()
        cluster.start()
        assert self.wait(), "the server was given no crash point"
        self.cuts.append(time.monotonic() - begin)

    # ------------------------------------------------------------ days

    def operator(self) -> Caller:
        caller = Caller(self.settings.public_url, Told())
        password = (self.settings.var / "secrets" / "operator_password").read_text().strip()
        caller.token = caller.ask("POST", "/api/session", {"login": "operator", "password": password}).body["token"]
        return caller

    def day(self, operator: Caller, days: int = 1) -> None:
        """It becomes the next day, for the banks and for us."""
        self.crowd.today += timedelta(days=days)
        for url in self.settings.lenders.values():
            httpx.post(f"{url}/_sandbox/day", json={"day": self.crowd.today.isoformat()}, timeout=60).raise_for_status()
        said = operator.ask("POST", "/api/sandbox/clock", {"day": self.crowd.today.isoformat(), "hour": 9})
        # A clock that was moved before the server died runs on: the hour has come already.
        assert said.well or (said.again and said.code == "clock_back"), said
        if not said.well:
            operator.ask("POST", "/api/sandbox/settle")

    def days_pass(self) -> None:
        try:
            operator = self.operator()
            while not self.over.wait(0.5):
                if self.crowd.today < LAST_DAY:
                    self.day(operator)
        except Exception as fault:
            self.crowd.faults.append(f"the calendar: {fault}")

    # ------------------------------------------------------------ one run

    def play(self, happens: Callable[[], None], callers: int, *, days: int = 15) -> Count:
        """The crowd lives and days pass while it happens; then nobody dies any more, and so many days bring all to its end."""
        self.start()
        self.crowd.begin(callers)
        calendar = threading.Thread(target=self.days_pass, daemon=True)
        calendar.start()
        happens()
        self.over.set()
        self.crowd.end()
        calendar.join()
        self.kill()
        self.plant = ""  # whoever counts speaks to an honest server
        self.start()
        operator = self.operator()
        for _ in range(0, days, 3):
            self.day(operator, 3)
        return counted(self)

    def books(self) -> dict[str, Any]:
        return {bank: httpx.get(f"{url}/_sandbox/book", timeout=60).json() for bank, url in self.settings.lenders.items()}


def at_a_bank_twice(books: dict[str, Any]) -> list[str]:
    """Every owner applies once: whoever stands twice in a bank's book was handed in twice."""
    counts = Counter((bank, each["uscc"]) for bank, book in books.items() for each in book["applications"])
    return [f"{uscc}: {number} applications at {bank}" for (bank, uscc), number in counts.items() if number > 1]


def counted(city: City) -> Count:
    """What each owner was told, laid beside what the doors and the banks' books say now."""
    found, books = Count(), city.books()
    found.doubled += at_a_bank_twice(books)
    states = {each["reference"]: each["state"] for book in books.values() for each in book["applications"]}
    contracts = Counter(each["reference"] for book in books.values() for each in book["contracts"])
    draws = Counter(each["reference"] for book in books.values() for each in book["draws"])
    for owner in city.crowd.owners:
        if not owner.signed_up:
            continue
        needs = _seen_again(city, owner, found)
        names = {each["id"]: each for need in needs for each in need["applications"]}
        for bank, name in owner.applications.items():
            ours = names.get(name, {"state": "gone"})["state"]
            if name in owner.withdrawn:
                if ours != "withdrawn" or states.get(name, "withdrawn") != "withdrawn":
                    found.lost.append(f"withdrawal of {name}: {ours} here, {states.get(name)} at the bank")
            elif name not in states:
                found.lost.append(f"{name} is not in {bank}'s book ({ours} here)")
        if owner.accepted and not (contracts[owner.accepted] and draws[owner.accepted]):
            found.lost.append(f"acceptance of {owner.accepted}: no contract or no draw")
        found.doubled += [f"{owner.login}: {len(needs)} needs"] * (len(needs) > 1)
    for what, each in (("contracts", contracts), ("draws", draws)):
        found.doubled += [f"{name}: {number} {what}" for name, number in each.items() if number > 1]
    return found


def _seen_again(city: City, owner: Owner, found: Count) -> list[Any]:
    """The owner looks at its things; what it was told and does not see is lost. Its needs."""
    caller = Caller(city.settings.public_url, Told())
    caller.token = owner.caller.token
    if not caller.ask("GET", "/api/session").well:
        found.lost.append(f"{owner.login}: the session")
        signed = caller.ask("POST", "/api/session", {"login": owner.login, "password": PASSWORD})
        if not signed.well:
            found.lost.append(f"{owner.login}: the sign-up")
            return []
        caller.token = signed.body["token"]
    consents = {each["id"] for each in caller.ask("GET", "/api/me/consents").body if each["state"] in ("signed", "superseded")}
    found.lost += [f"{owner.login}: consent {each}" for each in owner.consents if each not in consents]
    needs: list[Any] = caller.ask("GET", "/api/me/needs").body
    if owner.need and owner.need not in {each["id"] for each in needs}:
        found.lost.append(f"{owner.login}: the need")
    return needs


@contextmanager
def a_city(line: ServerProcess, folder: Path, database_url: str, seed: int, plant: str = "") -> Iterator[City]:
    ports: set[int] = set()
    while len(ports) < len(BANKS) + 1:
        ports.add(postgres.free_port())
    url, *banks = (f"http://127.0.0.1:{port}" for port in ports)
    settings = with_secrets(
        Settings(
            mode="sandbox",
            var=folder / "var",
            database_url=database_url,
            department_url=f"sqlite:///{folder / 'departments.db'}",
            password_cost="cheapest",
            public_url=url,
            lenders=dict(zip(BANKS, banks, strict=True)),
            sandbox_day=FIRST_DAY,
        )
    )
    city = City(settings, line, seed, plant)
    banking = line.banks(settings, folder, FIRST_DAY)
    try:
        yield city
    finally:
        city.over.set()
        city.crowd.enough.set()
        for process in (*city.processes, banking):
            kill(process)
        for thread in city.crowd.threads:
            thread.join(1)
