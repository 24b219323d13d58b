"""The step that builds the snapshot. It returns after some minutes of machine time: however a sandbox's business clock jumps,
people look at the dashboard in their own time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.kit.words import Words
from backend.reporting import snapshot
from backend.steps.calendar import Ticking
from backend.steps.model import Answered

KIND = "snapshot"


def builds(every: timedelta) -> Ticking:
    """How often the snapshot is built."""
    return Ticking(kind=KIND, title=Words("监管数据快照", "the regulator's snapshot"), every=every)


class BuildSnapshot:
    """Builds into `folder`. No transaction of the step is open while it builds."""

    only_asks = False

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> datetime:
        """The moment whose day the snapshot shows."""
        return at

    def call(self, request: datetime) -> Answered:
        """Build and publish; a second time writes the same bytes."""
        path = snapshot.build(self.database, self.folder, request)
        return Answered({"file": path.name, "at": request.isoformat()})

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        """The snapshot itself is the effect."""
