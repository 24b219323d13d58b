"""Folders of ledgers to import: the sound one, and how an import is called."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from backend.audit.model import Actor
from backend.credit_data import ledgers
from backend.credit_data.ledger_report import ImportReport
from backend.kit.clock import SHANGHAI
from backend.kit.crypto import Sealer
from backend.kit.database import Database

FOLDER = Path(__file__).parents[1] / "bad_files" / "ledgers"
SOUND = FOLDER / "sound"
AT = datetime(2025, 6, 3, 9, 0, tzinfo=SHANGHAI)
SEALER = Sealer(bytes(range(32)))
CLERK = Actor("command", "operator")


def imported(database: Database, folder: Path = SOUND, **said: Any) -> ImportReport:
    how: dict[str, Any] = {"part": "302", "basis": "公开竞赛数据,仅供测试", "actor": CLERK, "at": AT, "sealer": SEALER}
    return ledgers.import_invoices(database, folder, **(how | said))
