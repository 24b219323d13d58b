"""The step that fetches a firm's records: consent is asked when it is prepared and again before anything is stored.

Items without a live consent are neither fetched nor stored; public ones need none. What was fetched waits on its step under seal,
and is wiped from there once acted on: what a consent no longer covers by then stays nowhere.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.consents import views as consents
from backend.consents.model import PLATFORM
from backend.credit_data import actions, views
from backend.credit_data.records import SHAPES
from backend.credit_data.sources.exchange import FrontDatabase, RawRecord
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.parties import views as parties
from backend.parties.actions import complete_entry, hold_firm
from backend.steps import actions as steps
from backend.steps.model import Answered
from backend.steps.tables import Step
from backend.vocabulary.facts import items

# Whom gathering speaks to: the departments' exchange, one line for all of them.
LANE = "departments"
KIND = "gather"


def ask(session: Session, firm_id: str, *, purpose: str, at: datetime) -> str:
    """Have a firm's records fetched: the key of the step. One that still waits to begin does for whoever asks again (rule
    `one_gathering`); one that has begun does not, for it may have asked for the consents before now."""
    hold_firm(session, firm_id)
    waiting = select(Step).where(Step.kind == KIND, Step.key.startswith(f"{firm_id}:"), Step.state == "waiting")
    for step in session.scalars(waiting.order_by(Step.due, Step.id)):
        if step.payload["purpose"] == purpose:
            return step.key
    return ask_anew(session, firm_id, purpose=purpose, at=at)


def ask_anew(session: Session, firm_id: str, *, purpose: str, at: datetime) -> str:
    """Have them fetched after all that this transaction changes: a step that waits already might begin before it commits."""
    key = f"{firm_id}:{at.isoformat()}"
    steps.enqueue(session, kind=KIND, key=key, payload={"firm": firm_id, "purpose": purpose}, due=at, lane=LANE)
    return key


@dataclass(frozen=True)
class Wanted:
    """What one gathering may fetch."""

    uscc: str
    since: dict[str, date | None]
    until: date


@dataclass
class Gather:
    """Handler of the steps of kind `gather`."""

    departments: FrontDatabase
    sealer: Sealer
    told: Callable[[Session, str, datetime], None] | None = None  # who else wants to know that a firm has new records
    only_asks = True

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> Wanted:
        firm = parties.firm(session, payload["firm"])
        opened = _open(session, firm.id, payload["purpose"], at)
        until = views.gathered_until(session, firm.id)
        day = clock.day_of(at)
        return Wanted(firm.uscc, {item: until.get(item) for item in opened}, day)

    def call(self, request: Wanted) -> Answered:
        records = self.departments.fetch(request.uscc, since=request.since, until=request.until)
        day = request.until.isoformat()
        plain = json.dumps([[each.source, each.kind, each.delivered_on.isoformat(), each.payload] for each in records])
        sealed = self.sealer.seal(zlib.compress(plain.encode(), 1), place=f"gathered|{request.uscc}|{day}")
        whole = sorted(item for item, since in request.since.items() if since is None)
        about = {"uscc": request.uscc, "day": day, "items": sorted(request.since), "whole": whole}
        return Answered(about | {"sealed": base64.b64encode(sealed).decode()})

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> dict[str, Any]:
        # Held from the question to the storing: a consent that is withdrawn meanwhile waits, and then nothing more is kept.
        hold_firm(session, payload["firm"])
        opened = _open(session, payload["firm"], payload["purpose"], at)
        day = date.fromisoformat(answer.result["day"])
        # Where only the newest was fetched, the older must still be there; if it was erased meanwhile, the next time fetches all.
        there = {*views.gathered_until(session, payload["firm"]), *answer.result["whole"]}
        asked = {item: opened[item] for item in answer.result["items"] if item in opened and item in there}
        kept = []
        for source, kind, delivered_on, body in self._opened(answer):
            item = SHAPES[source, kind].item
            if item in asked:
                kept.append((RawRecord(source, kind, date.fromisoformat(delivered_on), body), asked[item]))
        actions.store_records(session, SYSTEM, firm_id=payload["firm"], records_by_consent=kept, sealer=self.sealer, at=at)
        actions.distil_firm(session, firm_id=payload["firm"], day=day, delivered=asked, sealer=self.sealer, at=at)
        _complete_entry(session, payload["firm"], day)
        if self.told is not None:
            self.told(session, payload["firm"], at)
        # The step keeps that it was answered, and no longer what.
        return {"day": answer.result["day"], "items": answer.result["items"], "kept": len(kept)}

    def _opened(self, answer: Answered) -> list[list[str]]:
        place = f"gathered|{answer.result['uscc']}|{answer.result['day']}"
        found: list[list[str]] = json.loads(
            zlib.decompress(self.sealer.open(base64.b64decode(answer.result["sealed"]), place=place))
        )
        return found


def _complete_entry(session: Session, firm_id: str, day: date) -> None:
    """What the register says of the firm fills what nobody typed at sign-up; a typed value stands."""
    named = ("industry", "region", "registered_on")
    known = {row.code: row.value for row in views.latest_rows(session, firm_id, day, codes=named)}
    founded = known.get("registered_on")
    complete_entry(
        session,
        firm_id,
        industry=known.get("industry"),
        region=known.get("region"),
        founded_on=date.fromisoformat(founded) if founded else None,
    )


def _open(session: Session, firm_id: str, purpose: str, at: datetime) -> dict[str, str | None]:
    """The items that may be fetched now: item -> consent (None for public ones)."""
    found: dict[str, str | None] = {code: None for code, item in items().items() if item.access == "P"}
    return found | dict(consents.live_items(session, firm_id=firm_id, purpose=purpose, recipient=PLATFORM, at=at))
