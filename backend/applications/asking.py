"""The steps that hear from banks: ask one about an application, fetch a day's file, act on a callback.

What a call brought is on the tape, verbatim, and goes into the inbox before anything is made of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.applications import messages, model
from backend.applications.tables import Application
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.kit.errors import CreditBridgeError, Unreachable
from backend.steps import actions as steps
from backend.steps.model import Answered, Heard
from backend.steps.tables import InboxMessage
from lender_adapters import port
from lender_adapters.port import Lender
from products.catalogue import Catalogue

# How many days pass between two looks at a bank that calls back by itself: only a net under its own calls.
NET_DAYS = 90
# From this hour on a bank's file of the day is there.
CLOSED_AT = 20

NextLook = Callable[[Session, Application, date], date | None]


class Tape:
    """Keeps what an adapter exchanged during one call, so that the step can put it into the inbox."""

    def __init__(self) -> None:
        self._local = threading.local()

    def record(self, exchange: port.Exchange) -> None:
        """Handed to every adapter as its recorder."""
        heard = Heard(
            exchange.bank, exchange.verb, exchange.reference, exchange.request_bytes, exchange.answer_bytes, exchange.status
        )
        if getattr(self._local, "items", None) is not None:
            self._local.items.append(heard)

    @contextmanager
    def listening(self) -> Iterator[list[Heard]]:
        """Collect the exchanges of this thread; a failed call carries them on its error as `heard`."""
        items: list[Heard] = []
        self._local.items = items
        try:
            yield items
        except CreditBridgeError as error:
            error.heard = tuple(items)
            raise
        finally:
            self._local.items = None


@dataclass
class Desk:
    """What the handlers share, joined in `app.py`."""

    lenders: Mapping[str, Lender]
    tape: Tape
    sealer: Sealer
    catalogue: Catalogue
    onward: messages.Onward
    next_look: NextLook
    capacity: str = "public_platform"
    """What the operator is licensed as: it decides what may leave (`leaving.yaml`)."""


def look_again(session: Session, desk: Desk, application: Application, at: datetime) -> None:
    """Write down when to ask this bank again, if anything is still to come from it."""
    lender = desk.lenders.get(application.bank)
    if lender is None or lender.manifest.answers == "daily_file" or application.state in model.ENDS:
        return
    calls_back = lender.manifest.answers == "callback"
    if application.state == "drawn":
        day = desk.next_look(session, application, at.date())
        if day is None:
            return
        day = day + timedelta(days=NET_DAYS) if calls_back else day
    elif application.state == "approved" and application.wait_until is not None:
        # The bank has spoken and it is the firm's turn: look again when the offer has run out.
        day = max(application.wait_until, at.date()) + timedelta(days=1)
    else:
        day = at.date() + timedelta(days=NET_DAYS if calls_back else 1)
    payload = {"application": application.id}
    due = clock.start_of(day) + timedelta(hours=20)
    steps.enqueue(session, kind="lender.poll", key=f"{application.id}:{day}", payload=payload, due=due, lane=application.bank)


@dataclass
class Poll:
    """Ask a bank what is new about one application, and write down when to ask again."""

    desk: Desk
    outside = "asks"

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, str, str] | None:
        application = session.get_one(Application, payload["application"])
        if application.state in model.ENDS:
            return None
        return application.bank, application.id, application.state

    def call(self, request: tuple[str, str, str]) -> Answered:
        code, reference, state = request
        lender = self.desk.lenders[code]
        found: list[port.Message] = []
        with self.desk.tape.listening() as heard:
            if state == "drawn":
                found += lender.repayments(reference)
            elif state == "contracted":
                found += lender.draws(reference)
            elif state == "accepted":
                found += lender.contract(reference)
            else:
                found += lender.status(reference)
        return Answered(messages.packed(tuple(found)), tuple(heard))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        application = session.get_one(Application, payload["application"])
        messages.take_all(session, application.bank, messages.unpacked(answer.result), at=at, onward=self.desk.onward)
        look_again(session, self.desk, application, at)


@dataclass
class Collect:
    """Fetch the files of a bank that speaks once a day for all, from the step's day to today; then write the next day's step."""

    desk: Desk
    outside = "asks"

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, date, date]:
        evening = at.astimezone(clock.SHANGHAI)
        last = evening.date() if evening.hour >= CLOSED_AT else evening.date() - timedelta(days=1)
        first = date.fromisoformat(payload["day"])
        return payload["bank"], first, max(first, last)

    def call(self, request: tuple[str, date, date]) -> Answered:
        code, first, last = request
        found: list[port.Message] = []
        kept: list[Heard] = []
        day = first
        while day <= last:
            try:
                with self.desk.tape.listening() as heard:
                    told = self.desk.lenders[code].collect(day)
            except Unreachable:
                # What was fetched so far is acted on; the day that is not there yet is the next step's first.
                if day == first:
                    raise
                break
            found += told
            kept += heard if told else []
            day += timedelta(days=1)
        return Answered(messages.packed(tuple(found)) | {"next": day.isoformat()}, tuple(kept))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        messages.take_all(session, payload["bank"], messages.unpacked(answer.result), at=at, onward=self.desk.onward)
        collect_on(session, payload["bank"], date.fromisoformat(answer.result["next"]))


def collect_on(session: Session, bank: str, day: date) -> None:
    """The step that fetches one day's file, in the evening of that day."""
    payload = {"bank": bank, "day": day.isoformat()}
    due = clock.start_of(day) + timedelta(hours=CLOSED_AT)
    steps.enqueue(session, kind="lender.collect", key=f"{bank}:{day}", payload=payload, due=due, lane=bank)


@dataclass
class Callback:
    """Act on a message that a bank sent by itself; it lies in the inbox, verified at the door."""

    desk: Desk
    outside = False

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> str:
        return str(payload["inbox"])

    def call(self, request: str) -> Answered:
        raise AssertionError("nobody is called")

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        inbox = session.get_one(InboxMessage, payload["inbox"])
        for plain in payload["messages"]:
            messages.take(session, inbox.source, port.unpack(plain), at=at, onward=self.desk.onward)
