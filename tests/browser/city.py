"""A platform and its dashboard on real sockets, with somebody in every role; and how they come in: by the form, as all do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.doors.serving import free_port, served
from tests.stage import PASSWORD, Stage

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed; `.ci/run` installs it"),
]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
USCC = "91420100000000000U"


@dataclass
class City:
    """Where portal and dashboard are, and everybody's login and password."""

    stage: Stage
    portal: str
    dashboard: str
    people: dict[str, tuple[str, str]] = field(default_factory=dict)


@contextmanager
def city(folder: Path, snapshots: Path) -> Iterator[City]:
    """A fresh one on SQLite; the dashboard reads `snapshots`."""
    here, there = free_port(), free_port()
    dashboard = f"http://127.0.0.1:{there}"
    stage = Stage(f"sqlite:///{folder / 'creditbridge.db'}", folder, dashboard_url=dashboard)
    owner = stage.firm(USCC)
    owner.do("POST", "/api/me/staff", {"login": "staff", "password": PASSWORD, "name": "王芳"})
    stage.guarantor_and_fund()
    stage.take_part("issuer", "economy_office", "经信局", {"issuer": "whitelist_issuer"})
    stage.take_part("regulator", "finance_office", "金融办", {"regulator": "regulator"})
    named = {
        "firm_owner": f"owner-{USCC[-6:].lower()}", "firm_staff": "staff", "bank_officer": "officer",
        "guarantor_officer": "guarantor", "fund_maker": "maker", "fund_checker": "checker", "whitelist_issuer": "issuer",
        "regulator": "regulator",
    }  # fmt: skip
    people = {role: (login, PASSWORD) for role, login in named.items()}
    people["operator"] = ("operator", (folder / "var/secrets/operator_password").read_text().strip())
    code = (
        "import sys; from pathlib import Path; from dashboard.app import serve; "
        "serve(port=int(sys.argv[1]), snapshot_dir=Path(sys.argv[2]), api_url=sys.argv[3])"
    )
    with served(stage.client.app, log_level="error", port=here) as portal:
        words = [sys.executable, "-c", code, str(there), str(snapshots), portal]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for(dashboard)
        yield City(stage, portal, dashboard, people)
        process.terminate()
        process.wait(timeout=60)
    stage.close()


def _wait_for(dashboard: str) -> None:
    for _ in range(1200):
        try:
            if httpx.get(dashboard, trust_env=False).status_code == 401:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the dashboard did not come up")


def sign_in(page: Any, where: City, role: str, *, language: str = "zh", wait: str = "load") -> None:
    """As a person does: open the page, fill in the form, press the button, and be led on."""
    login, password = where.people[role]
    page.goto(f"{where.portal}/sign-in?lang={language}")
    fill_in(page, login, password)
    page.wait_for_url(lambda url: not url.startswith(f"{where.portal}/sign-in"), timeout=60_000, wait_until=wait)


def fill_in(page: Any, login: str, password: str) -> None:
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("main button")


def keep(page: Any, name: str) -> None:
    """Screenshots for whoever wants to look: only where a folder is named."""
    folder = os.environ.get("CREDITBRIDGE_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
