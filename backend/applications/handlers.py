"""The steps that speak to banks: hand in, ask, answer, accept, withdraw; and the step that acts on a callback.

Each is prepared in the transaction of its lease, called with no transaction open, and acts once. Facts are read, and consent is
asked, in `prepare`: whatever was revoked before that moment does not leave.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import messages, model
from backend.applications.actions import note
from backend.applications.submission import build
from backend.applications.tables import Application, ApplicationDocument, Offer
from backend.audit.model import SYSTEM
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.kit.errors import CreditBridgeError, Refused, Unreachable
from backend.kit.words import Words
from backend.steps import actions as steps
from backend.steps.model import Answered, Heard
from backend.steps.tables import InboxMessage, Step
from lender_adapters import port
from lender_adapters.port import Lender
from products.catalogue import Catalogue

# How many days pass between two looks at a bank that calls back by itself: only a net under its own calls.
NET_DAYS = 30
# From this hour on a bank's file of the day is there.
CLOSED_AT = 20

# How a bank says that an earlier sending arrived, and that the firm's facts have changed since: it has the application.
HAS_IT_ALREADY = frozenset({"reference_reused", "name_reused"})

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


@dataclass
class Submit:
    """Hand an application to its bank."""

    desk: Desk
    outside = True

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, port.Submission] | None:
        application = session.get_one(Application, payload["application"])
        if application.bank not in self.desk.lenders:
            return None
        if application.state == "created":
            try:
                return application.bank, build(session, application, self.desk.catalogue, at=at)
            except Refused as refusal:
                application.state = "stopped"
                note(session, application, "consent_gone", SYSTEM, at, refusal.words)
        if application.state in ("stopped", "withdrawn") and self._tried_before(session, application):
            take_back(session, application, at)
        return None

    @staticmethod
    def _tried_before(session: Session, application: Application) -> bool:
        """An earlier try may have reached the bank, though its answer was lost."""
        tries = select(Step.attempts).where(Step.kind == "lender.submit", Step.key == application.id)
        return (session.scalar(tries) or 0) > 1

    def call(self, request: tuple[str, port.Submission]) -> Answered:
        bank, submission = request
        with self.desk.tape.listening() as heard:
            try:
                receipt = self.desk.lenders[bank].submit(submission)
            except Refused as no:
                if no.code not in HAS_IT_ALREADY:
                    raise
                receipt = port.Receipt(submission.reference, "", no.words.zh)
        return Answered(port.pack(receipt), tuple(heard))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        application = session.scalar(select(Application).where(Application.id == payload["application"]).with_for_update())
        assert application is not None
        if application.state == "created":
            application.state = "submitted"
            application.bank_reference = answer.result["bank_reference"] or application.bank_reference
            note(session, application, "bank_received", SYSTEM, at, Words("银行已收到申请", "the bank has your application"))
        elif application.state == "withdrawn":
            take_back(session, application, at)
        look_again(session, self.desk, application, at)


def take_back(session: Session, application: Application, at: datetime) -> None:
    """It ended on our side while it was under way: tell the bank as well."""
    payload = {"application": application.id, "reason": "客户撤回"}
    steps.enqueue(session, kind="lender.withdraw", key=application.id, payload=payload, due=at)


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
    else:
        day = at.date() + timedelta(days=NET_DAYS if calls_back else 1)
    payload = {"application": application.id}
    due = clock.start_of(day) + timedelta(hours=20)
    steps.enqueue(session, kind="lender.poll", key=f"{application.id}:{day}", payload=payload, due=due)


@dataclass
class Poll:
    """Ask a bank what is new about one application, and write down when to ask again."""

    desk: Desk
    outside = True

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
        for message in messages.unpacked(answer.result):
            messages.take(session, application.bank, message, at=at, onward=self.desk.onward)
        look_again(session, self.desk, application, at)


@dataclass
class Collect:
    """Fetch the files of a bank that speaks once a day for all, from the step's day to today; then write the next day's step."""

    desk: Desk
    outside = True

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
        for message in messages.unpacked(answer.result):
            messages.take(session, payload["bank"], message, at=at, onward=self.desk.onward)
        collect_on(session, payload["bank"], date.fromisoformat(answer.result["next"]))


def collect_on(session: Session, bank: str, day: date) -> None:
    """The step that fetches one day's file, in the evening of that day."""
    payload = {"bank": bank, "day": day.isoformat()}
    due = clock.start_of(day) + timedelta(hours=CLOSED_AT)
    steps.enqueue(session, kind="lender.collect", key=f"{bank}:{day}", payload=payload, due=due)


@dataclass
class Accept:
    """Tell the bank that its offer is accepted."""

    desk: Desk
    outside = True

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, str, str] | None:
        application = session.get_one(Application, payload["application"])
        offer = session.get_one(Offer, payload["offer"])
        if application.bank not in self.desk.lenders:
            return None
        return application.bank, application.id, offer.offer_no

    def call(self, request: tuple[str, str, str]) -> Answered:
        code, reference, offer_no = request
        with self.desk.tape.listening() as heard:
            receipt = self.desk.lenders[code].accept(reference, offer_no)
        return Answered(port.pack(receipt), tuple(heard))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        look_again(session, self.desk, session.get_one(Application, payload["application"]), at)


@dataclass
class Withdraw:
    """Tell the bank that the firm no longer wants it. The bank's own word ends it."""

    desk: Desk
    outside = True

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, str, str] | None:
        application = session.get_one(Application, payload["application"])
        if application.state in ("declined", "expired"):
            return None
        if application.bank not in self.desk.lenders:
            application.state = "withdrawn"
            return None
        return application.bank, application.id, payload["reason"]

    def call(self, request: tuple[str, str, str]) -> Answered:
        code, reference, reason = request
        with self.desk.tape.listening() as heard:
            try:
                receipt = self.desk.lenders[code].withdraw(reference, reason)
            except Refused as no:
                if no.code != "unknown_application":
                    raise
                receipt = port.Receipt(reference, "", no.words.zh)  # it never arrived: nothing is there to take back
        return Answered(port.pack(receipt), tuple(heard))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        look_again(session, self.desk, session.get_one(Application, payload["application"]), at)


@dataclass
class Supplement:
    """Hand documents to the bank."""

    desk: Desk
    outside = True

    def prepare(
        self, session: Session, payload: dict[str, Any], at: datetime
    ) -> tuple[str, str, tuple[port.Document, ...]] | None:
        application = session.get_one(Application, payload["application"])
        if application.bank not in self.desk.lenders or application.state in model.ENDS:
            return None
        found = []
        for name in payload["documents"]:
            row = session.get_one(ApplicationDocument, name)
            body = self.desk.sealer.open(row.sealed, place=f"application_documents|{row.id}")
            found.append(port.Document(row.kind, row.name, body))
        return application.bank, application.id, tuple(found)

    def call(self, request: tuple[str, str, tuple[port.Document, ...]]) -> Answered:
        code, reference, documents = request
        with self.desk.tape.listening() as heard:
            receipt = self.desk.lenders[code].supplement(reference, documents)
        return Answered(port.pack(receipt), tuple(heard))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        for name in payload["documents"]:
            session.get_one(ApplicationDocument, name).sent = True


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


def handlers(desk: Desk) -> dict[str, Any]:
    """Every kind of step of this room."""
    return {
        "lender.submit": Submit(desk),
        "lender.poll": Poll(desk),
        "lender.collect": Collect(desk),
        "lender.accept": Accept(desk),
        "lender.withdraw": Withdraw(desk),
        "lender.supplement": Supplement(desk),
        "lender.callback": Callback(desk),
    }
