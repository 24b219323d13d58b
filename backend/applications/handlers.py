"""The steps that speak to banks: hand in, accept, withdraw, send documents. Those that hear from banks are in `asking.py`.

Each is prepared in the transaction of its lease, called with no transaction open, and acts once. Facts are read, and consent is
asked, in `prepare`: whatever was revoked before that moment does not leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import messages, model, resuming, standing
from backend.applications.actions import note, take_back
from backend.applications.asking import POLL, Collect, Desk, Poll, look_again, take_callback, take_message
from backend.applications.indications import Indicate
from backend.applications.submission import build
from backend.applications.tables import Application, ApplicationDocument, Offer
from backend.applications.views import accepted_offer_no
from backend.audit.model import SYSTEM, Actor
from backend.kit.errors import Refused
from backend.kit.words import Words
from backend.parties import views as parties
from backend.steps.model import Answered, Handler, Local
from backend.steps.tables import Step
from lender_adapters import port

# How a bank says that an earlier sending arrived, and that the firm's facts have changed since: it has the application.
HAS_IT_ALREADY = frozenset({"reference_reused", "name_reused"})

# Why an application is taken back that ended on our side while it was under way.
ENDED_HERE = "客户撤回"
# How a bank says that there is nothing to withdraw, and that it is too late for it.
NOTHING_TO_TAKE_BACK = frozenset({"unknown_application", "closed"})
TOO_LATE = frozenset({"too_late"})
# How a bank says that our acceptance came after the last day of its offer.
OFFER_OVER = frozenset({"offer_over"})


@dataclass
class Submit:
    """Hand an application to its bank."""

    desk: Desk
    only_asks = False

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, port.Submission] | None:
        application = standing.held(session, payload["application"])
        if application is None or application.bank not in self.desk.lenders:
            return None
        if application.state == "created":
            try:
                return application.bank, build(session, application, self.desk.catalogue, capacity=self.desk.capacity, at=at)
            except Refused as refusal:
                standing.advance(session, application, "consent_gone")
                note(session, application, "consent_gone", SYSTEM, at, refusal.words)
        if application.state in ("stopped", "withdrawn") and self._tried_before(session, application):
            take_back(session, application, ENDED_HERE, at)
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
        application = standing.held(session, payload["application"])
        assert application is not None
        if application.state == "created":
            standing.advance(session, application, "bank_received")
            application.bank_reference = answer.result["bank_reference"] or application.bank_reference
            note(session, application, "bank_received", SYSTEM, at, Words("银行已收到申请", "the bank has your application"))
        elif application.state == "withdrawn":
            take_back(session, application, ENDED_HERE, at)
        look_again(session, self.desk, application, at)


@dataclass
class Accept:
    """Tell the bank that its offer is accepted, while it still is. An offer that was over when our word came is lapsed: the bank
    knows its offer's last day best, and an earlier try, whose answer was lost, may have been in time."""

    desk: Desk
    only_asks = False

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, str, str] | None:
        application = standing.held(session, payload["application"])
        offer = session.get_one(Offer, payload["offer"])
        # Withdrawn meanwhile, or ended by the bank: there is nothing left to accept.
        if application is None or application.state != "accepted" or application.bank not in self.desk.lenders:
            return None
        return application.bank, application.id, offer.offer_no

    def call(self, request: tuple[str, str, str]) -> Answered:
        code, reference, offer_no = request
        with self.desk.tape.listening() as heard:
            try:
                receipt = self.desk.lenders[code].accept(reference, offer_no)
            except Refused as no:
                if no.code not in OFFER_OVER:
                    raise
                told = port.pack(port.Receipt(reference, "", no.words.zh))
                return Answered(told | {"over": no.words.zh}, tuple(heard))
        return Answered(port.pack(receipt), tuple(heard))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        application = standing.held(session, payload["application"])
        assert application is not None
        if "over" in answer.result:
            words = Words(
                "您的接受送达时银行的报价已过有效期，申请已失效；您可以重新申请",
                "when your acceptance reached the bank its offer was over: the application has lapsed; you may apply again",
            )
            bank = _bank(session, application)
            messages.end_by_bank(session, application, "bank_expired", bank, at, words, answer.result["over"])
        look_again(session, self.desk, application, at)


@dataclass
class Withdraw:
    """Tell the bank that the firm no longer wants it. The bank's own word ends it."""

    desk: Desk
    only_asks = False

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, str, str] | None:
        application = standing.held(session, payload["application"])
        if application is None or application.state in ("declined", "expired"):
            return None
        if application.bank not in self.desk.lenders:
            # Nobody is told by us: its officer or its system sees it. Once an offer is accepted it may have signed, and says so.
            if accepted_offer_no(session, application.id) is None:
                standing.advance(session, application, "bank_withdrew")
            return None
        return application.bank, application.id, payload["reason"]

    def call(self, request: tuple[str, str, str]) -> Answered:
        code, reference, reason = request
        with self.desk.tape.listening() as heard:
            try:
                receipt = self.desk.lenders[code].withdraw(reference, reason)
            except Refused as no:
                if no.code not in NOTHING_TO_TAKE_BACK | TOO_LATE:
                    raise
                # It never arrived, or it has ended there: nothing is there to take back. Or the bank has signed: its answer, too.
                told = port.pack(port.Receipt(reference, "", no.words.zh))
                return Answered(told | ({"kept": no.words.zh} if no.code in TOO_LATE else {}), tuple(heard))
        return Answered(port.pack(receipt), tuple(heard))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        application = standing.held(session, payload["application"])
        assert application is not None
        if "kept" in answer.result:
            self._stays(session, application, answer.result["kept"], at)
        look_again(session, self.desk, application, at)

    @staticmethod
    def _stays(session: Session, application: Application, verbatim: str, at: datetime) -> None:
        """The bank has signed: the firm is told, and what the bank reports next is awaited as if nothing had been said."""
        standing.advance(session, application, "bank_kept")
        words = Words("银行答复：合同已签署，不能撤回", "the bank answers: the contract is signed, it cannot be withdrawn")
        note(session, application, "bank_kept", _bank(session, application), at, words, verbatim)


def _bank(session: Session, application: Application) -> Actor:
    return Actor(application.bank, "bank_system", parties.party(session, application.bank).id)


@dataclass
class Supplement:
    """Hand documents to the bank."""

    desk: Desk
    only_asks = False

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


def handlers(desk: Desk) -> dict[str, Handler]:
    """Every kind of step of this room."""
    return {
        "lender.submit": Submit(desk),
        POLL: Poll(desk),
        "lender.collect": Collect(desk),
        "lender.accept": Accept(desk),
        "lender.withdraw": Withdraw(desk),
        "lender.supplement": Supplement(desk),
        "lender.callback": Local(partial(take_callback, desk=desk)),
        resuming.KIND: Local(partial(resuming.resume, desk=desk)),
        messages.MESSAGE: Local(partial(take_message, desk=desk)),
        "lender.indicate": Indicate(desk),
    }
