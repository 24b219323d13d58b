"""The demo's children: three banks, the platform, the dashboard. Each a real process on loopback; all end with the parent.

A busy port moves to the next free one. Ctrl-C ends every child within five seconds: SIGTERM, then SIGKILL for whoever lingers.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx

PORTS = {"platform": 8000, "dashboard": 8501, "harbour_bank": 9101, "bell_tower_bank": 9102, "orchard_bank": 9103}
BANKS = ("harbour_bank", "bell_tower_bank", "orchard_bank")
PATIENCE = 180.0


def free_port(wanted: int, taken: set[int]) -> int:
    """The wanted port, or the next one that nobody listens on."""
    for port in range(wanted, wanted + 400):
        if port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port from {wanted} on")


@dataclass
class Servers:
    """The children and where they listen."""

    var: Path
    first_day: date
    plant: str = ""
    awake: bool = False
    """Whether the platform works by itself, or only when it is asked to come to rest."""
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, wanted in PORTS.items():
            if name not in self.ports:
                self.ports[name] = free_port(wanted, set(self.ports.values()))

    def url(self, name: str) -> str:
        """Where a child listens."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def environment(self) -> dict[str, str]:
        """The platform's settings for this demo. The cheapest password cost is said aloud at the end of the play.

        While the town plays, a snapshot is built when it is asked for: one every so many minutes would make a slow play another.
        """
        return os.environ | {
            "CREDITBRIDGE_MODE": "sandbox",
            "CREDITBRIDGE_VAR": str(self.var),
            "CREDITBRIDGE_PASSWORD_COST": "cheapest",
            "CREDITBRIDGE_SANDBOX_DAY": self.first_day.isoformat(),
            "CREDITBRIDGE_PUBLIC_URL": self.url("platform"),
            "CREDITBRIDGE_DASHBOARD_URL": self.url("dashboard"),
            "CREDITBRIDGE_LENDERS": json.dumps({bank: self.url(bank) for bank in BANKS}),
            **({} if self.awake else {"CREDITBRIDGE_SNAPSHOT_MINUTES": "0"}),
        }

    def start(self, name: str, *words: str) -> None:
        """One child, in a group of its own so that Ctrl-C reaches it through us only."""
        log = (self.var / "logs").joinpath(f"{name}.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            self.children[name] = subprocess.Popen(  # noqa: S603  # our own interpreter, our own words
                [sys.executable, "-m", "backend.cli", *words],
                env=self.environment(),
                stdout=sink,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def start_banks(self) -> None:
        """The three banks, each with a book of its own."""
        for bank in BANKS:
            plant = ["--plant", self.plant] if self.plant and bank == "harbour_bank" else []
            self.start(
                bank,
                "sandbox",
                bank,
                "--port",
                str(self.ports[bank]),
                "--callback-url",
                self.url("platform"),
                "--day",
                self.first_day.isoformat(),
                *plant,
            )

    def start_platform(self) -> None:
        """Portal and API in one process. Its worker works only when asked: what happens first is the play's, not the load's."""
        self.start("platform", "serve", "--no-worker", "--port", str(self.ports["platform"]))

    def wake_platform(self) -> None:
        """The play is over and people look around: the same platform anew, with a worker of its own."""
        self.awake = True
        self._end([self.children.pop("platform")])
        self.start("platform", "serve", "--port", str(self.ports["platform"]))
        self.wait_for("platform", "/api/openapi.json")

    def wait(self) -> None:
        """Until all of them answer."""
        for bank in BANKS:
            self.wait_for(bank, "/_sandbox/next")
        self.wait_for("platform", "/api/openapi.json")

    def start_dashboard(self) -> None:
        """The regulator's dashboard; its pages need a session."""
        self.start("dashboard", "dashboard", "--port", str(self.ports["dashboard"]), "--api", self.url("platform"))

    def wait_for(self, name: str, path: str) -> None:
        """Until a child answers at all, or has died."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            child = self.children[name]
            if child.poll() is not None:
                tail = (self.var / "logs" / f"{name}.log").read_text(errors="replace")[-1500:]
                raise RuntimeError(f"{name} ended with {child.returncode}: {tail}")
            try:
                httpx.get(self.url(name) + path, timeout=2)
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise RuntimeError(f"{name} did not answer within {PATIENCE:.0f} seconds")

    def stop(self) -> None:
        """End every child within five seconds."""
        self._end(list(self.children.values()))

    @staticmethod
    def _end(children: list[subprocess.Popen[bytes]]) -> None:
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        until = time.monotonic() + 4
        for child in children:
            try:
                child.wait(timeout=max(0.05, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait(timeout=1)
