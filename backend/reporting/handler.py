"""The step that builds the snapshot and writes the next one down, some minutes of machine time later: however a sandbox's
business clock jumps, people look at the dashboard in their own time.

>>> BuildSnapshot.outside
'tells'
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.database import Database
from backend.reporting import snapshot
from backend.steps import actions as steps
from backend.steps.model import Answered

KIND = "snapshot"


class BuildSnapshot:
    """Builds into `folder`, again after `every` of machine time. No transaction of the step is open while it builds."""

    outside = "tells"

    def __init__(self, database: Database, folder: Path, every: timedelta) -> None:
        self.database = database
        self.folder = folder
        self.every = every

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> datetime:
        """The moment whose day the snapshot shows."""
        return at

    def call(self, request: datetime) -> Answered:
        """Build and publish; a second time writes the same bytes."""
        path = snapshot.build(self.database, self.folder, request)
        return Answered({"file": path.name, "at": request.isoformat()})

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        """Write the next one down, named by this build's moment: done twice, it stands once."""
        if self.every:
            steps.enqueue(session, kind=KIND, key=answer.result["at"], payload={}, due=at, not_before=clock.now() + self.every)
