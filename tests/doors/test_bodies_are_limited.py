"""A body is counted as it comes: what is too large is answered at once and never held, whoever sends it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from backend.kit.database import Database
from tests.doors.serving import free_port
from tests.portal.visitor import a_firm, open_house
from tests.stage import Stage

ROOT = Path(__file__).parents[2]
MEGABYTE = b"x" * 1_000_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """`creditbridge serve` as a process of its own, whose memory can be looked at: (address, process id)."""
    port = free_port()
    given = {
        "CREDITBRIDGE_VAR": str(tmp_path),
        "CREDITBRIDGE_PASSWORD_COST": "cheapest",
        "CREDITBRIDGE_SANDBOX_DAY": "2025-05-06",
    }
    words = [sys.executable, "-m", "backend.cli", "serve", "--port", str(port), "--no-worker"]
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **given}, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    for _ in range(1200):
        try:
            if httpx.get(f"{address}/sign-in", trust_env=False).status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.1)
    yield address, process.pid
    process.terminate()
    process.wait(timeout=60)
    log.close()


def resident(pid: int) -> int:
    """Bytes of memory that the process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc, which only Linux has")
def test_fifty_megabytes_from_nobody_are_not_held(server: tuple[str, int]) -> None:
    address, pid = server
    sent: list[int] = []

    def stream() -> Iterator[bytes]:
        for _ in range(50):
            sent.append(len(MEGABYTE))
            yield MEGABYTE

    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        client.post("/api/session", json={"login": "nobody", "password": "not the password"})
        before = resident(pid)
        for kind, path in (("application/json", "/api/session"), ("application/json", "/api/firms"), (FORM, "/sign-in")):
            sent.clear()
            answer = client.post(path, content=stream(), headers={"content-type": kind})
            assert answer.status_code == 413
            assert answer.headers["connection"] == "close"
            assert sum(sent) < 50_000_000, "the answer came before the body was through"
        assert resident(pid) - before < 8_000_000
        # Refused by what is announced, before a byte of it has come.
        announced = (
            b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 400000000\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])), timeout=60) as line:
            line.sendall(announced)
            assert line.recv(100).startswith(b"HTTP/1.1 413")
        assert client.get("/sign-in").status_code == 200


FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()


def chunks(count: int, first: bytes = b'{"words":"') -> Iterator[bytes]:
    yield first
    for _ in range(count):
        yield b"x" * 1000


def test_how_much_depends_on_who_sends_and_on_what(stage: Stage) -> None:
    firm, nobody = stage.firm(), TestClient(stage.client.app)
    token = {"authorization": f"Bearer {firm.token}", "content-type": "application/json"}
    anonymous = {"content-type": "application/json"}
    for path, most in (("/api/me/matches", 1000), ("/api/me/applications/app_x/documents", 12_000)):
        for known, limit in ((token, most), (anonymous, 64)):
            over = nobody.post(path, content=chunks(limit + 1), headers=known)
            assert (over.status_code, over.json()["type"]) == (413, "urn:creditbridge:too_large"), path
            under = nobody.post(path, content=chunks(limit - 1), headers=known)
            assert under.status_code == 400, "so much is taken, though it is no JSON"
    unsigned = {"content-type": "application/json"}
    assert nobody.post("/api/banks/harbour_bank/callbacks", content=chunks(1001), headers=unsigned).status_code == 413
    assert nobody.post("/api/banks/harbour_bank/callbacks", content=chunks(990), headers=unsigned).status_code != 413
    stage.take_part("bank", "orchard_bank", "果园农商银行", {"officer": "bank_officer"})
    officer = {"authorization": f"Bearer {stage.people['officer'].token}", "content-type": "text/csv"}
    assert nobody.post("/api/desk/claims/file", content=chunks(5001), headers=officer).status_code == 413
    assert nobody.post("/api/desk/claims/file", content=chunks(4999), headers=officer).status_code == 422
    system = stage.system("orchard_bank")
    known = {"authorization": f"Basic {system.token}", "content-type": "application/json"}
    assert nobody.post("/api/bank/messages", content=chunks(900), headers=known).status_code == 400
    assert nobody.post("/api/bank/messages", content=chunks(1001), headers=known).status_code == 413


def test_a_form_of_nobody_is_small_and_one_of_a_firm_carries_papers(database: Database) -> None:
    app = open_house(database)
    firm = a_firm(app)
    token = firm.get("/authorise").page.xpath("//input[@name='csrf']/@value")[0]
    files = [("document", (f"{number}.pdf", b"x" * 4_900_000)) for number in range(6)]
    taken = firm.client.post("/authorise/powers", data={"csrf": token}, files=files)
    assert taken.status_code == 422, "29.4 MB are read; the form lacks its days"
    more = firm.client.post("/authorise/powers", data={"csrf": token}, files=[*files, files[0]])
    assert more.status_code == 413
    assert "30 MB" in more.text
    nobody = TestClient(app)
    page = nobody.post("/sign-in", data={"login": "x" * 300_000})
    assert page.status_code == 413
    assert "256 KB" in page.text
