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
from backend.kit.errors import CreditBridgeError
from backend.kit.words import Words
from backend.steps import actions as steps
from backend.steps.calendar import Recurring, every_day
from backend.steps.model import Answered, Heard
from backend.steps.tables import InboxMessage
from lender_adapters import port
from lender_adapters.port import Lender
from products.catalogue import Catalogue

POLL = "lender.poll"
# How many days pass between two looks at a bank that calls back by itself: only a net under its own calls.
NET_DAYS = 90
# From this hour on a bank's file of the day is there.
CLOSED_AT = 20

# Given the session, the application's id and a day: the next day on which its bank should have something to tell.
NextLook = Callable[[Session, str, date], date | None]


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
        day = desk.next_look(session, application.id, clock.day_of(at))
        if day is None:
            return
        day = day + timedelta(days=NET_DAYS) if calls_back else day
    elif application.state == "approved" and application.wait_until is not None:
        # The bank has spoken and it is the firm's turn: look again when the offer has run out.
        day = max(application.wait_until, clock.day_of(at)) + timedelta(days=1)
    else:
        day = clock.day_of(at) + timedelta(days=NET_DAYS if calls_back else 1)
    ask_on(session, application, day)


def ask_on(session: Session, application: Application, day: date) -> None:
    """Ask this application's bank in the evening of that day, once."""
    payload, due = {"application": application.id}, clock.start_of(day) + timedelta(hours=CLOSED_AT)
    steps.enqueue(session, kind=POLL, key=f"{application.id}:{day}", payload=payload, due=due, lane=application.bank)


@dataclass
class Poll:
    """Ask a bank what is new about one application, and write down when to ask again."""

    desk: Desk
    only_asks = True

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
    """Fetch the file of one day of a bank that speaks once a day for all. Each day is a step of its own: one whose file cannot be
    read, or that a person has to look at, keeps no other day's from being fetched."""

    desk: Desk
    only_asks = True

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, date]:
        return payload["bank"], date.fromisoformat(payload["day"])

    def call(self, request: tuple[str, date]) -> Answered:
        code, day = request
        with self.desk.tape.listening() as heard:
            told = self.desk.lenders[code].collect(day)
        # Nothing is kept of a day on which the bank had nothing to say.
        return Answered(messages.packed(told), tuple(heard) if told else ())

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        messages.take_all(session, payload["bank"], messages.unpacked(answer.result), at=at, onward=self.desk.onward)


def collects(lender: Lender) -> Recurring:
    """When the files of a bank are fetched that speaks once a day for all: in the evening of each day."""
    name = lender.manifest.title
    return Recurring(
        kind="lender.collect",
        title=Words(f"收取{name.zh}当日文件", f"the day's file of {name.en}"),
        following=every_day,
        hour=timedelta(hours=CLOSED_AT),
        missed="every",
        prefix=f"{lender.manifest.code}:",
        payload={"bank": lender.manifest.code},
        lane=lender.manifest.code,
    )


def take_callback(session: Session, payload: dict[str, Any], at: datetime, *, desk: Desk) -> None:
    """Act on messages that a bank sent by itself; they lie in the inbox, verified at the door."""
    inbox = session.get_one(InboxMessage, payload["inbox"])
    messages.take_all(session, inbox.source, messages.unpacked(payload), at=at, onward=desk.onward)


def take_message(session: Session, payload: dict[str, Any], at: datetime, *, desk: Desk) -> None:
    """One message that failed among others, by itself: revived by a person, or as soon as what it rests on is there."""
    message = port.unpack(payload["message"])
    if messages.take(session, payload["bank"], message, at=at, onward=desk.onward):
        look_again(session, desk, session.get_one(Application, message.reference), at)
