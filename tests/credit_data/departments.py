"""An exchange database 前置库 with messy records, and one gathering of it in the three phases of a step."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.consents import actions as consents
from backend.consents.views import ConsentPaper
from backend.credit_data.gather import Gather
from backend.credit_data.sources.exchange import FrontDatabase
from backend.kit.clock import SHANGHAI
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.parties.tables import Firm
from backend.steps import actions as steps
from backend.steps.model import Answered
from backend.steps.tables import Step
from backend.vocabulary.facts import item_titles
from tests.consents.helpers import OWNER, PORT, a_firm

AT = datetime(2025, 1, 6, 9, 0, tzinfo=SHANGHAI)
SEALER = Sealer(bytes(range(32)))


@dataclass
class Departments:
    """What the departments delivered."""

    path: Path

    def __post_init__(self) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, source, uscc, delivered_on, kind, payload)")

    def deliver(self, source: str, kind: str, payload: Any, *, uscc: str = "91420100000000000U", on: str = "2024-12-20") -> None:
        body = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
        with sqlite3.connect(self.path) as connection:
            row = (source, uscc, on, kind, body)
            connection.execute("INSERT INTO records (source, uscc, delivered_on, kind, payload) VALUES (?, ?, ?, ?, ?)", row)

    def gather(self) -> Gather:
        return Gather(FrontDatabase(f"sqlite:///{self.path}"), SEALER)


def a_consenting_firm(
    session: Session, items: list[str], *, recipients: tuple[str, ...] = ("platform",)
) -> tuple[Firm, Actor, ConsentPaper]:
    firm, owner = a_firm(session)
    draft = consents.draft(
        session,
        owner,
        firm_id=firm.id,
        kind="firm",
        items=items,
        purpose="pre_loan",
        recipients=recipients,
        valid_from=AT - timedelta(days=1),
        valid_to=AT + timedelta(days=300),
        subject_person=None,
        titles=item_titles(),
        at=AT,
    )
    return firm, owner, consents.sign(session, owner, draft.id, signer=OWNER, port=PORT, at=AT)


def asked(database: Database, gather: Gather, firm: Firm, at: datetime = AT) -> tuple[str, Answered]:
    """Prepare and call, as the worker does, and keep the answer on the step."""
    payload = {"firm": firm.id, "purpose": "pre_loan"}
    with database.writing() as session:
        steps.enqueue(session, kind="gather", key=f"{firm.id}:{at.isoformat()}", payload=payload, due=at)
        step = steps.take(session, at=at, kinds=["gather"])
        assert step is not None
        request = gather.prepare(session, payload, at)
    answer = gather.call(request)
    with database.writing() as session:
        steps.keep(session, session.get_one(Step, step.id), answer, at=at)
    return step.id, answer


def acted(database: Database, gather: Gather, firm: Firm, step_id: str, answer: Answered, at: datetime = AT) -> None:
    with database.writing() as session:
        step = session.get_one(Step, step_id)
        if step.state == "leased":
            steps.finish(session, step)
        steps.keep_instead(session, step, gather.act(session, {"firm": firm.id, "purpose": "pre_loan"}, answer, at))


def gathered(database: Database, departments: Departments, firm: Firm, at: datetime = AT) -> None:
    gather = departments.gather()
    step_id, answer = asked(database, gather, firm, at)
    acted(database, gather, firm, step_id, answer, at)
    gather.departments.dispose()


def day_after(days: int) -> date:
    return (AT + timedelta(days=days)).date()
