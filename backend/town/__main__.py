"""`make demo`: start the servers, play 18 months, print what happened, stay up until Ctrl-C.

The last line lays our book beside the banks' own: `unexplained: 0 fen`, the sum of absolute differences per draw and kind.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from datetime import date
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend.town import records
from backend.town.city import build
from backend.town.lives import PASSWORD
from backend.town.plans import FIRST_DAY, LAST_DAY
from backend.town.play import Play
from backend.town.reckoning import reckon
from backend.town.servers import Servers

PLANTS = {"lost-repayment": "lose-repayment"}


def main() -> int:
    """Answers the exit code: 0, or 1 when books differ."""
    words = argparse.ArgumentParser(prog="make demo", description="play a made-up town through the public doors")
    words.add_argument("--once", action="store_true", help="print the summary and end")
    words.add_argument("--plant", choices=sorted(PLANTS), help="hide one repayment at a bank: the books must differ")
    words.add_argument("--firms", type=int, default=300)
    words.add_argument("--seed", type=int, default=20250148)
    words.add_argument("--until", type=date.fromisoformat, default=LAST_DAY, help="the last day of the play")
    words.add_argument("--var", type=Path, default=Path("var/demo"))
    asked = words.parse_args()
    console = Console()
    signal.signal(signal.SIGTERM, _end)
    shutil.rmtree(asked.var, ignore_errors=True)
    asked.var.mkdir(parents=True)
    began = time.monotonic()
    servers = Servers(asked.var.resolve(), FIRST_DAY, plant=PLANTS.get(asked.plant or "", ""))
    try:
        with Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn(), console=console
        ) as bar:
            task = bar.add_task("building the town", total=(asked.until - FIRST_DAY).days, day="")
            servers.start_banks()
            servers.start_platform()
            town = build(seed=asked.seed, size=asked.firms)
            records.write(town, asked.var / "departments.db", until=asked.until)
            bar.update(task, description="opening the banks")
            servers.wait()

            def tell(day: date) -> None:
                bar.update(task, description="playing 临江", completed=(day - FIRST_DAY).days, day=day.isoformat())

            play = Play(town, servers, tell, last_day=asked.until)
            play.run()
        result = reckon(play)
        _print(console, asked.until, result.rows, time.monotonic() - began)
        if not asked.once:
            servers.wake_platform()
            play.operator.call("POST", "/api/operator/snapshot")
            servers.start_dashboard()
            _addresses(console, servers)
        console.print(f"unexplained: {result.unexplained_fen} fen", highlight=False)
        if not asked.once:
            console.print("Ctrl-C ends it.")
            signal.pause()
        return 1 if result.unexplained_fen else 0
    except KeyboardInterrupt:
        return 0
    finally:
        servers.stop()


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _print(console: Console, until: date, rows: list[tuple[str, str]], seconds: float) -> None:
    table = Table(title=f"临江 Linjiang, {FIRST_DAY} to {until}, played in {seconds:.0f} s", show_header=False)
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)
    console.print("The demo uses the cheapest password cost; only sandbox mode accepts it.")


def _addresses(console: Console, servers: Servers) -> None:
    table = Table(title="Look around", show_header=False)
    table.add_row("portal 门户", servers.url("platform"))
    table.add_row("dashboard 看板", servers.url("dashboard"))
    for name in ("harbour_bank", "bell_tower_bank", "orchard_bank"):
        table.add_row(name, servers.url(name))
    table.add_row("logins 登录", f"firm001 … firm300, desk-harbour, guarantor, maker, checker, issuer, regulator: {PASSWORD}")
    table.add_row("operator", f"password in {servers.var}/secrets/operator_password")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
