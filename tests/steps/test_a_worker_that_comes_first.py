"""In a sandbox a worker may start before the server: what returns is planned by the sandbox's day, not by the machine's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select

from backend.kit import clock
from backend.kit.database import Database
from backend.steps.tables import Step

DAY = date(2025, 5, 6)


def test_a_worker_that_starts_first_plans_by_the_sandboxs_day(database: Database, tmp_path: Path) -> None:
    said = {"MODE": "sandbox", "VAR": str(tmp_path / "var"), "SANDBOX_DAY": DAY.isoformat(), "PASSWORD_COST": "cheapest"}
    said["DATABASE_URL"] = database.engine.url.render_as_string(hide_password=False)
    named = {f"CREDITBRIDGE_{name}": value for name, value in said.items()}
    worker = subprocess.Popen([sys.executable, "-m", "backend.cli", "worker"], env=os.environ | named)
    try:
        until, newest = time.monotonic() + 60, None
        while newest is None and time.monotonic() < until:
            time.sleep(0.1)
            with database.reading() as session:
                newest = session.scalar(select(func.max(Step.due)))
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(20)
    assert newest is not None, "it plans what returns"
    assert newest < clock.start_of(DAY) + timedelta(days=60)
