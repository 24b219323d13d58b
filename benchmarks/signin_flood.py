"""How another page fares beside a flood of sign-ins: a real server as in production, password cost `standard`, on each make.

    make bench            or            .venv/bin/python benchmarks/signin_flood.py [--seconds 20] [--clients 48] [--make sqlite]

A firm that is signed in opens its home page twenty times a second, alone and beside the flood, in turn (quiet, flood, quiet,
flood). The flood comes from a process of its own: so many callers, each from an address of its own, each signing in again as soon
as it is answered (after a second if it was told to come back later), half with the right password, half with wrong ones to logins
that nobody has. Aim: the page's p99 beside the flood is at most five times the quiet one, or 200 ms, whichever is more.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from backend.app import create_platform  # noqa: E402  # the root is on the path only now
from backend.kit import clock  # noqa: E402  # as above
from backend.kit.database import Database  # noqa: E402  # as above
from backend.migrate import migrate  # noqa: E402  # as above
from backend.parties import actions as parties  # noqa: E402  # as above
from backend.parties import passwords  # noqa: E402  # as above
from backend.settings import load  # noqa: E402  # as above
from tests import postgres  # noqa: E402  # as above
from tests.portal.visitor import credit_code  # noqa: E402  # as above

PASSWORD = "correct horse battery"  # noqa: S105  # of firms that live for the measurement
PAGE_EVERY = 0.05


def environment(url: str, folder: Path) -> dict[str, str]:
    """As in production; only the callers' addresses are the flood's to say, as if a proxy stood before the server."""
    return {
        "CREDITBRIDGE_MODE": "production",
        "CREDITBRIDGE_VAR": str(folder),
        "CREDITBRIDGE_DATABASE_URL": url,
        "CREDITBRIDGE_RECORD_KEY": "11" * 32,
        "CREDITBRIDGE_SIGNING_KEY": "22" * 32,
        "CREDITBRIDGE_TRUSTED_PROXIES": "127.0.0.1",
    }


def settle_in(url: str, folder: Path, clients: int) -> None:
    """The firm whose page is opened, and those who sign in."""
    os.environ.update(environment(url, folder))
    database = Database(url)
    migrate(database)
    database.dispose()
    house, kept = create_platform(load()), passwords.hashed(PASSWORD, "standard")
    for number in range(clients + 1):
        with house.database.writing() as session:
            parties.sign_up_firm(
                session, uscc=credit_code(number), name=f"测速{number}", legal_rep="林海", login=f"firm{number}",
                password_hash=kept, person="林海", region=None, industry=None, founded_on=None, at=clock.now(),
            )  # fmt: skip
    house.database.dispose()


@contextmanager
def server(url: str, folder: Path) -> Iterator[int]:
    port = postgres.free_port()
    words = [sys.executable, "-m", "backend.cli", "serve", "--port", str(port), "--no-worker"]
    with (folder / "server.log").open("wb") as log:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter, our own words
            words, cwd=ROOT, env=os.environ | environment(url, folder), stdout=log, stderr=log
        )
    try:
        while ask_or_nothing(port) is None:
            if child.poll() is not None:
                raise RuntimeError((folder / "server.log").read_text())
            time.sleep(0.2)
        yield port
    finally:
        child.terminate()
        child.wait(10)


def ask(port: int, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        line.request(method, path, json.dumps(body) if body else None, {"content-type": "application/json", **headers})
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def ask_or_nothing(port: int) -> tuple[int, bytes] | None:
    """The sign-in page, or None while nobody listens yet."""
    try:
        return ask(port, "GET", "/sign-in")
    except OSError:
        return None


def flood(port: int, clients: int, seconds: float) -> None:
    """What the other process does: prints how often it was answered what."""
    until, heard = time.monotonic() + seconds, Counter[int]()

    def caller(number: int) -> None:
        turn = 0
        while time.monotonic() < until:
            turn += 1
            login, password = (f"firm{number}", PASSWORD) if number % 2 else (f"nobody{number}-{turn}", "not the password")
            source = f"10.{number // 250}.{number % 250}.{turn % 250}"
            body = {"login": login, "password": password}
            status, _ = ask(port, "POST", "/api/session", body, **{"x-forwarded-for": source})
            heard[status] += 1
            if status == 429:
                time.sleep(1)

    crowd = [threading.Thread(target=caller, args=(number,)) for number in range(1, clients + 1)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    print(json.dumps(heard))


def open_page(port: int, token: str, seconds: float) -> list[float]:
    """Milliseconds of each opening, one begun every so often whether the last was quick or not."""
    found, began = list[float](), time.monotonic()
    for number in range(int(seconds / PAGE_EVERY)):
        wait = began + number * PAGE_EVERY - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        before = time.perf_counter()
        status, _ = ask(port, "GET", "/", cookie=f"creditbridge_session={token}")
        assert status == 200, status
        found.append((time.perf_counter() - before) * 1000)
    return found


def measure(make: str, url: str, clients: int, seconds: float) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settle_in(url, folder, clients)
        with server(url, folder) as port:
            status, said = ask(port, "POST", "/api/session", {"login": "firm0", "password": PASSWORD})
            assert status == 201, said
            token = json.loads(said)["token"]
            open_page(port, token, 2)
            quiet, beside, heard = list[float](), list[float](), Counter[str]()
            for _ in range(2):
                quiet += open_page(port, token, seconds / 2)
                words = ["--flood", str(port), "--clients", str(clients), "--seconds", str(seconds / 2 + 2)]
                crowd = subprocess.Popen(  # noqa: S603  # this file again
                    [sys.executable, __file__, *words], stdout=subprocess.PIPE, cwd=ROOT
                )
                time.sleep(1.5)
                beside += open_page(port, token, seconds / 2)
                heard.update(json.loads(crowd.communicate()[0]))
    p99, p99_beside = quantiles(quiet, n=100)[98], quantiles(beside, n=100)[98]
    most = max(5 * p99, 200)
    verdict = "within" if p99_beside <= most else "OVER"
    print(
        f"{make:>10}: quiet p50 {median(quiet):.1f} ms, p99 {p99:.1f} ms; beside {clients} callers p50 {median(beside):.1f} ms,"
        f" p99 {p99_beside:.1f} ms, longest {max(beside):.0f} ms; at most {most:.0f} ms: {verdict};"
        f" {(heard['201'] + heard['401']) / (seconds + 4):.1f} sign-ins/s compared, told to come back {heard['429']}"
    )
    assert not set(heard) - {"201", "401", "429"}, heard
    return p99_beside <= most


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, action="append")
    parser.add_argument("--make", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--flood", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.flood:
        flood(given.flood, given.clients[0], given.seconds)
        return 0
    good = True
    for clients in given.clients or [48, 128]:
        if given.make != "postgresql":
            with tempfile.TemporaryDirectory() as folder:
                good &= measure("SQLite", f"sqlite:///{folder}/flood.db", clients, given.seconds)
        if given.make != "sqlite":
            with postgres.cluster(durable=True) as admin, postgres.fresh_database(admin, "creditbridge_flood_test") as url:
                good &= measure("PostgreSQL", url.replace("+psycopg", ""), clients, given.seconds)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
