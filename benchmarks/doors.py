"""Four doors beside a bare route, on SQLite and PostgreSQL; with `--before PATH` also beside another clone's, in turn.

    make bench            or            .venv/bin/python benchmarks/doors.py [--before PATH] [--rounds N] [--make sqlite]

Sign-in, the credit file of a well-known firm, its matches, an application at one bank: each through uvicorn on loopback, from a
few callers with a connection each that ask again as soon as they were answered. The bare route is the least a durable write
through the web can be: one validated body, one SQLAlchemy Core insert, one commit, in the same application on the same database.
Two clones are asked A B, B A, A B …: requests a second are the median of the rounds, and so is the ratio of each pair. Beside
them stands the processor's time of the server for one request, which says more on a busy machine. Aim: at most a tenth slower
than before. Passwords cost the least here: the hash is meant to be slow and would hide all else. `--cost standard` measures as in
production, where sign-in is little but the hash.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from servers.line import Departments, Line

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "benchmarks" / "servers" / "house.py"
DAY, PASSWORD, AIM = date(2025, 6, 2), "long enough pass", 0.9
BANK, CHOICE = "harbour_bank", {"product": "invoice_credit_loan", "way": "interest_first"}
ITEMS = ["TAX01", "TAX03", "TAX04", "SOC01", "SOC02", "HPF01", "ELE01", "WAT01", "REA01", "REA02", "REG05", "DAT01", "DAT02"]
CALLERS, NUMBER = 4, count(1)
CASES = ("bare route", "sign-in", "credit file", "matches", "apply")


@dataclass
class Server:
    """One clone on one make: its people, and what was measured."""

    name: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    lines: list[Line] = field(default_factory=list)
    known: list[tuple[str, str]] = field(default_factory=list)  # login, token
    applying: list[str] = field(default_factory=list)  # tokens
    answers: dict[str, Any] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    worked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def wait(self) -> None:
        until = time.monotonic() + 300
        while True:
            try:
                return Line(self.port).ask("GET", "/api/bare/work")
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(
                        f"{self.name}: the server does not answer:\n{(self.folder / 'log').read_text()[-2000:]}"
                    ) from None
                time.sleep(0.05)

    def people(self, firms: int) -> None:
        """A well-known firm for each caller, and so many that apply."""
        from tests.portal.visitor import credit_code
        from tests.stage import Stage

        self.lines = [Line(self.port) for _ in range(CALLERS)]
        line = self.lines[0]
        departments = Departments(self.folder / "departments.db", DAY)
        for number in range(CALLERS + firms):
            code, login = credit_code(5000 + number), f"bench-{number}"
            names = {"name": f"测速 {number} 号机械有限公司", "legal_rep": "林海", "person": "林海", "founded_on": "2018-03-01"}
            place = {"region": "330299", "industry": "C34"}
            line.ask("POST", "/api/firms", {"uscc": code, "login": login, "password": PASSWORD} | names | place)
            token = line.ask("POST", "/api/session", {"login": login, "password": PASSWORD})["token"]
            if number < CALLERS:
                Stage.sound_firm(departments, code)  # type: ignore[arg-type]  # it asks for today and somebody to deliver to
                self._sign(line, token, "firm", ITEMS, "platform")
                line.ask("POST", "/api/me/gather", token=token)
                self.known.append((login, token))
            else:
                self._sign(line, token, "firm", ITEMS, BANK)
                self._sign(line, token, "bank_query", ["BUREAU"], BANK)
                self.applying.append(token)
        departments.connection.close()
        secret = (self.folder / "secrets" / "operator_password").read_text().strip()
        operator = line.ask("POST", "/api/session", {"login": "operator", "password": secret})["token"]
        line.ask("POST", "/api/sandbox/settle", token=operator)

    @staticmethod
    def _sign(line: Line, token: str, kind: str, items: list[str], recipient: str) -> None:
        period = {"valid_from": f"{DAY}T00:00:00+08:00", "valid_to": f"{DAY.replace(year=DAY.year + 1)}T00:00:00+08:00"}
        paper = {"kind": kind, "items": items, "purpose": "pre_loan", "recipients": [recipient], "signer": {"name": "林海"}}
        line.ask("POST", "/api/me/consents", paper | period, token)

    def one(self, case: str, caller: int, number: int) -> Any:
        """One call of a case."""
        line, (login, token) = self.lines[caller], self.known[caller]
        if case == "bare route":
            return line.ask("POST", "/api/bare", {"words": "测速"})
        if case == "sign-in":
            return line.ask("POST", "/api/session", {"login": login, "password": PASSWORD})
        if case == "credit file":
            return line.ask("GET", "/api/me/credit-file", token=token)
        if case == "matches":
            # Never twice the same amount: no rate is found again, no answer comes from memory.
            return line.ask("POST", "/api/me/matches", {"amount_fen": 30_000_000 + 100 * next(NUMBER)}, token)
        need = {"amount_fen": 30_000_000, "months": 12, "purpose": "working_capital", "choices": [CHOICE]}
        return line.ask("POST", "/api/me/needs", need, self.applying[number], idempotency_key=f"bench-{next(NUMBER)}")

    def round(self, case: str, calls: int, *, counts: bool) -> None:
        """So many calls over all callers; afterwards, outside the clock, whoever applied withdraws."""
        calls = len(self.applying) if case == "apply" else calls
        numbers, lock = iter(range(calls)), threading.Lock()
        taken: list[float] = []
        said: list[tuple[int, Any]] = []
        faults: list[BaseException] = []

        def work(caller: int) -> None:
            try:
                while True:
                    with lock:
                        number = next(numbers, None)
                    if number is None:
                        return
                    begin = time.perf_counter()
                    answer = self.one(case, caller, number)
                    taken.append(time.perf_counter() - begin)
                    said.append((number, answer))
            except BaseException as fault:
                faults.append(fault)

        threads = [threading.Thread(target=work, args=(caller,)) for caller in range(CALLERS)]
        used, begin = self.lines[0].ask("GET", "/api/bare/work"), time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = time.perf_counter() - begin
        used = self.lines[0].ask("GET", "/api/bare/work") - used
        if faults:
            raise faults[0]
        if counts:
            self.rates[case].append(calls / wall)
            self.worked[case].append(used / calls)
            self.taken[case] += taken
        self.look(case, said)

    def look(self, case: str, said: list[tuple[int, Any]]) -> None:
        """The answers must be what was asked for, and the same as before."""
        if case == "credit file":
            told: Any = sorted({len(each["facts"]) for _, each in said})
        elif case == "matches":
            told = sorted({tuple(sorted((each["product"], each["answer"]) for each in found)) for _, found in said})
        elif case == "apply":
            told = sorted({each["state"] for _, need in said for each in need["applications"]})
            for number, need in said:
                name = need["applications"][0]["id"]
                self.lines[0].ask("POST", f"/api/me/applications/{name}/withdraw", token=self.applying[number])
        else:
            return
        if self.answers.setdefault(case, told) != told or len(told) != 1:
            raise SystemExit(f"{self.name}: {case}: the same question was answered differently: {told}")


@contextmanager
def running(name: str, clone: Path, cost: str, database_url: str) -> Iterator[Server]:
    """A server of that clone, which ends with the block."""
    from tests.postgres import free_port

    with tempfile.TemporaryDirectory(prefix="creditbridge-doors-") as folder:
        port = free_port()
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  # ourselves
                [sys.executable, str(SERVER), folder, str(port), BANK, DAY.isoformat(), cost, database_url],
                cwd=clone, env=os.environ | {"PYTHONPATH": str(clone)}, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            server = Server(name, port, Path(folder), process)
            server.wait()
            yield server
        finally:
            process.kill()
            process.wait()


def measure(servers: list[Server], asked: argparse.Namespace) -> None:
    """Case by case and round by round, the clones in turn."""
    for server in servers:
        server.people(asked.firms)
    for turn in range(asked.rounds + 1):
        for case in asked.doors:
            for server in servers if turn % 2 else servers[::-1]:
                server.round(case, asked.calls * (2 if case == "bare route" else 1), counts=turn > 0)  # the first warms up


def report(make: str, servers: list[Server], doors: list[str]) -> None:
    """A line for each door and clone."""
    print(f"{make:<12}{'':<13}{'':<8}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'cpu ms':>9}{'of bare':>9}")
    for case in doors:
        for server in servers:
            rate, p99 = median(server.rates[case]), quantiles(server.taken[case], n=100, method="inclusive")[98]
            bare = rate / median(server.rates["bare route"])
            print(
                f"{make:<12}{case:<13}{server.name:<8}{rate:>8.0f}{median(server.taken[case]) * 1e3:>9.1f}{p99 * 1e3:>9.1f}"
                f"{median(server.worked[case]) * 1e3:>9.2f}{bare:>9.2f}"
            )
        if len(servers) == 2:
            print(f"{'':<12}{case:<13}{compared(case, *servers)}")
    differ = [case for case in CASES if servers[0].answers.get(case) != servers[-1].answers.get(case)]
    if differ:
        print(f"{make}: before and now answer differently: {', '.join(differ)}")


def compared(case: str, before: Server, now: Server) -> str:
    """Now against before: above one is faster. The ratio of each round's pair, their median and their span."""
    pairs = sorted(mine / theirs for mine, theirs in zip(now.rates[case], before.rates[case], strict=True))
    p99 = [quantiles(each.taken[case], n=100, method="inclusive")[98] for each in (now, before)]
    work = median(now.worked[case]) / median(before.worked[case])
    said = f"now/before: req/s {median(pairs):.2f} [{pairs[0]:.2f}, {pairs[-1]:.2f}], p99 {p99[0] / p99[1]:.2f}, cpu {work:.2f}"
    if case == "bare route":
        return said
    met = ["met" if well else "MISSED" for well in (median(pairs) >= AIM, p99[0] / p99[1] <= 1 / AIM)]
    return f"{said}; aim req/s >= {AIM}: {met[0]}, p99 <= {1 / AIM:.2f}: {met[1]}"


def makes(asked: str) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """Each make, and where a clone gets a fresh database of it."""
    from tests import postgres

    if asked != "postgresql":
        yield "SQLite", lambda name: nullcontext("")
    if asked != "sqlite":
        with postgres.cluster(durable=True) as admin:
            yield "PostgreSQL", lambda name: postgres.fresh_database(admin, f"creditbridge_doors_{name}_test")


def main() -> None:
    """Measure here, and before if a clone of before is given."""
    sys.path.insert(0, str(ROOT))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--before", type=Path, help="another clone, which is measured in turn with this one")
    parser.add_argument("--make", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=60, help="a round, of each door; twice as many of the bare route")
    parser.add_argument("--firms", type=int, default=40, help="so many apply in each round")
    parser.add_argument("--cost", choices=("cheapest", "standard"), default="cheapest", help="what a password costs")
    parser.add_argument("--doors", nargs="*", choices=CASES[1:], default=CASES[1:], help="only these, beside the bare route")
    asked = parser.parse_args()
    asked.doors = [CASES[0], *asked.doors]
    clones = ([("before", asked.before.resolve())] if asked.before else []) + [("now", ROOT)]
    for make, fresh in makes(asked.make):
        with ExitStack() as open_while:
            urls = [open_while.enter_context(fresh(name)) for name, _ in clones]
            servers = [open_while.enter_context(running(*each, asked.cost, url)) for each, url in zip(clones, urls, strict=True)]
            measure(servers, asked)
            report(make, servers, asked.doors)


if __name__ == "__main__":
    main()
