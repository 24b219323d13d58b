"""What a bank's message does to an application, once. Contracts, draws and repayments go on to the loans room through `onward`.

Whoever reads a message first has it in the inbox, verbatim. A message about another bank's application is treated like one about
none. A late or repeated message changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from backend.applications import model, standing, views
from backend.applications.actions import note
from backend.applications.tables import Application, Offer, TakenMessage
from backend.audit.model import SYSTEM, Actor
from backend.kit import locks
from backend.kit.errors import NotFound, Unreachable
from backend.kit.ids import new_id
from backend.kit.policy import digest
from backend.kit.words import Words
from backend.parties import views as parties
from backend.steps import actions as steps
from backend.steps.tables import Step
from backend.steps.verdicts import reason, verdict
from lender_adapters import port
from products import pricing

# The step of one message that failed by itself.
MESSAGE = "lender.message"
# Given the session, the application, the message and the moment: what the loans room does with it.
Onward = Callable[[Session, model.LoanApplication, port.Message, datetime], None]


def take_all(session: Session, bank: str, messages: Sequence[port.Message], *, at: datetime, onward: Onward) -> None:
    """Make the effect of those among a bank's messages that had none yet, in their order.

    One that fails keeps none of the others from having theirs: it becomes a step of its own, set aside with its reason, or
    waiting where it only came too early. From then on it is that step's, however often the bank tells it again.
    """
    fresh = _fresh(session, bank, messages)
    if not fresh:
        return
    standing.hold_firms(session, [message.reference for message in fresh])
    actor = Actor(bank, "bank_system", parties.party(session, bank).id)
    try:
        with session.begin_nested():
            for message in fresh:
                take(session, bank, message, at=at, onward=onward, actor=actor)
    except Exception as error:
        if verdict(error) == "again":
            raise
        # One of them fails, and nothing of what stood before it stands: now each by itself.
        for message in fresh:
            _by_itself(session, bank, message, at=at, onward=onward, actor=actor)


def _fresh(session: Session, bank: str, messages: Sequence[port.Message]) -> list[port.Message]:
    """Those that had no effect yet, and have no step of their own."""
    names = {message.message_id: step_key(bank, message) for message in messages}
    taken = select(TakenMessage.message_id, literal(0)).where(TakenMessage.bank == bank, TakenMessage.message_id.in_(list(names)))
    apart = select(Step.key, literal(1)).where(Step.kind == MESSAGE, Step.key.in_(list(names.values())))
    known = {(row[0], row[1]) for row in session.execute(taken.union_all(apart))} if names else set()
    return [each for each in messages if (each.message_id, 0) not in known and (names[each.message_id], 1) not in known]


def step_key(bank: str, message: port.Message) -> str:
    """Names the step of one message, once."""
    whole = f"{bank}:{message.message_id}"
    return whole if len(whole) <= 160 else f"{bank}:{digest(whole.encode())}"


def _by_itself(session: Session, bank: str, message: port.Message, *, at: datetime, onward: Onward, actor: Actor) -> None:
    try:
        with session.begin_nested():
            take(session, bank, message, at=at, onward=onward, actor=actor)
        return
    except Exception as error:
        failed = error
    if verdict(failed) == "again":
        raise failed
    told: dict[str, Any] = {"bank": bank, "message": port.pack(message)}
    named: dict[str, Any] = {"kind": MESSAGE, "key": step_key(bank, message), "payload": told, "lane": bank, "due": at}
    if isinstance(failed, (Unreachable, locks.OutOfOrder)):
        # It came too early, or needs a lock that may not be taken after another message's: soon, and in a transaction of its own.
        steps.enqueue(session, **named)
    else:
        steps.put_aside(session, **named, error=reason(failed))


def take(session: Session, bank: str, message: port.Message, *, at: datetime, onward: Onward, actor: Actor | None = None) -> bool:
    """Make one message's effect; False if it had its effect before. NotFound for a reference that is not this bank's.

    `actor` is the officer who typed it; otherwise the bank's system said it.
    """
    application = standing.held(session, message.reference)
    if application is None or application.bank != bank:
        raise NotFound(f"{bank} speaks of an application it does not have", code="reference")
    # Asked once the firm is held: of two who bring the same message, the second sees that it was taken.
    if session.get(TakenMessage, (bank, message.message_id)) is not None:
        return False
    session.add(TakenMessage(bank=bank, message_id=message.message_id, reference=message.reference, taken_at=at))
    actor = actor or Actor(bank, "bank_system", parties.party(session, bank).id)
    if isinstance(message, port.Received):
        application.bank_reference = message.bank_reference
        _advance(session, application, "bank_received", actor, at, Words("银行已收到申请", "the bank has your application"))
    elif isinstance(message, port.DocumentsAsked):
        _asked(session, application, message, actor, at)
    elif isinstance(message, port.Decided):
        _decided(session, application, message, actor, at)
    elif isinstance(message, port.Closed):
        _closed(session, application, message, actor, at)
    else:
        _after_acceptance(session, application, message, actor, at)
        onward(session, views.of_application(application), message, at)
    session.flush()
    return True


def _advance(
    session: Session,
    application: Application,
    event: str,
    actor: Actor,
    at: datetime,
    words: Words,
    verbatim: str = "",
) -> bool:
    before = application.state
    state = standing.advance(session, application, event)
    if state is None:
        return False
    if state != before or event != "bank_received":
        note(session, application, event, actor, at, words, verbatim)
    return True


def _asked(session: Session, application: Application, message: port.DocumentsAsked, actor: Actor, at: datetime) -> None:
    words = Words("银行要求补充材料", "the bank asks for documents")
    if _advance(session, application, "bank_asked", actor, at, words, message.words):
        application.documents_asked = list(message.documents)
        application.documents_words = message.words
        application.wait_until = message.answer_by


def _decided(session: Session, application: Application, message: port.Decided, actor: Actor, at: datetime) -> None:
    event = "bank_approved" if message.approved else "bank_declined"
    words = Words("银行批准了申请", "the bank approved") if message.approved else Words("银行未批准申请", "the bank declined")
    if not _advance(session, application, event, actor, at, words, message.words):
        return
    application.decided_at, application.decided_on = at, message.on
    application.decision_words = message.words[:2000]
    application.decision_reasons = list(message.reasons)
    application.wait_until = None
    if message.approved and message.offer is not None:
        _offer(session, application, message.offer, message, at)


def fees_of(terms: port.OfferTerms) -> tuple[pricing.Fee, ...]:
    """An offer's fees as the all-in cost counts them: a fee that is due later counts as if due at the draw, never less."""
    return tuple(
        pricing.Fee(
            Words(fee.title, fee.title), payer="borrower" if fee.payer == "firm" else fee.payer, amount_fen=fee.amount_fen
        )
        for fee in terms.fees
    )


def _offer(session: Session, application: Application, terms: port.OfferTerms, message: port.Decided, at: datetime) -> None:
    """Keep the offer with its true price: every fee the firm pays counts (公告〔2021〕第3号, domain §5.3).

    One above the ceiling is kept too, as refused: the firm reads why, cannot accept it, and the bank may make another.
    """
    loan = (terms.amount_fen, terms.rate_bp, terms.months, terms.way, terms.day_count, fees_of(terms), message.on)
    cost, no = pricing.offered(*loan)
    offer = Offer(
        id=new_id("offer"),
        application_id=application.id,
        offer_no=terms.offer_no,
        amount_fen=terms.amount_fen,
        rate_bp=terms.rate_bp,
        months=terms.months,
        way=terms.way,
        day_count=terms.day_count,
        fees=[port.pack(fee) for fee in terms.fees],
        conditions=list(terms.conditions),
        nominal_bp=str(cost.nominal_bp),
        effective_bp=str(cost.effective_bp),
        by_days_bp=str(cost.by_days_bp),
        interest_fen=cost.interest_fen,
        fees_fen=cost.fees_fen,
        valid_until=terms.valid_until,
        offered_on=message.on,
        state="open" if no is None else "refused",
    )
    session.add(offer)
    application.wait_until = terms.valid_until
    session.flush()
    if no is not None:
        words = Words(f"银行的报价未予采用：{no.zh}", f"the bank's offer was not taken up: {no.en}")
        _advance(session, application, "offer_refused", SYSTEM, at, words)


def _closed(session: Session, application: Application, message: port.Closed, actor: Actor, at: datetime) -> None:
    event = "bank_withdrew" if message.state == "withdrawn" else "bank_expired"
    words = Words("银行确认已撤回", "the bank confirmed the withdrawal") if event == "bank_withdrew" else model.STATES["expired"]
    end_by_bank(session, application, event, actor, at, words, message.words)


def end_by_bank(
    session: Session, application: Application, event: str, actor: Actor, at: datetime, words: Words, verbatim: str
) -> None:
    """The bank's word has ended it, in a message or in its answer to ours: nothing is waited for, and no offer stands."""
    if _advance(session, application, event, actor, at, words, verbatim):
        application.wait_until = None
        standing.end_offers(session, application, "lapsed")


def _after_acceptance(session: Session, application: Application, message: port.Message, actor: Actor, at: datetime) -> None:
    if isinstance(message, port.ContractSigned):
        _advance(session, application, "bank_contracted", actor, at, Words("合同已签订", "the contract is signed"))
    elif isinstance(message, port.Drawn):
        _advance(session, application, "bank_drew", actor, at, Words("贷款已发放", "the money has been paid out"))
        application.wait_until = None


def packed(messages: tuple[port.Message, ...]) -> dict[str, Any]:
    """Messages as the JSON a step keeps."""
    return {"messages": [port.pack(message) for message in messages]}


def unpacked(result: dict[str, Any]) -> tuple[port.Message, ...]:
    """The messages that `packed` wrote."""
    return tuple(port.unpack(plain) for plain in result.get("messages", ()))
