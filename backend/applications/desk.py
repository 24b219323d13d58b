"""A bank officer's desk: for a bank without an API the officer asks, visits and decides here; the same messages result.

For a bank whose system speaks to us, the desk shows and notes; its decisions come from its own system only: one voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.applications import messages, model
from backend.applications.actions import note
from backend.applications.tables import Application
from backend.audit.model import Actor
from backend.kit.errors import Conflict, Invalid, NotFound
from backend.kit.ids import new_id
from backend.kit.words import Words
from lender_adapters import port

OFFER_DAYS = 15


def of_bank(session: Session, bank: str, application_id: str) -> Application:
    """An application at this bank; another bank's is as good as missing."""
    found = session.get(Application, application_id)
    if found is None or found.bank != bank:
        raise NotFound()
    return found


def ask(
    session: Session,
    actor: Actor,
    *,
    bank: str,
    application_id: str,
    documents: Sequence[str],
    words: str,
    speaks: bool,
    at: datetime,
) -> Application:
    """Ask the firm for documents; it has ten days."""
    application = _at_the_desk(session, bank, application_id, speaks=speaks)
    if not documents:
        raise Invalid("documents", Words("请写明需要哪些材料", "say which documents you need"))
    until = at.date() + timedelta(days=10)
    message = port.DocumentsAsked(new_id("desk"), application.id, at.date(), tuple(documents), words, until)
    _take(session, bank, application, message, at)
    return application


def visit(session: Session, actor: Actor, *, bank: str, application_id: str, words: str, at: datetime) -> Application:
    """Note a visit to the firm: the firm sees that there was one, the words are the bank's file (尽职)."""
    application = of_bank(session, bank, application_id)
    if not words.strip():
        raise Invalid("words", Words("请写下走访情况", "say what the visit found"))
    note(session, application, "bank_visited", actor, at, Words("银行已上门走访", "the bank has visited"), words.strip())
    return application


def decide(
    session: Session,
    actor: Actor,
    *,
    bank: str,
    application_id: str,
    approved: bool,
    words: str,
    reasons: Sequence[str],
    amount_fen: int | None,
    rate_bp: int | None,
    day_count: str,
    speaks: bool,
    at: datetime,
) -> Application:
    """Approve with binding terms, or decline with a reason the firm can read."""
    application = _at_the_desk(session, bank, application_id, speaks=speaks)
    if not words.strip() or (not approved and not reasons):
        raise Invalid("words", Words("请写明决定和理由", "say the decision and the reasons"))
    offer = None
    if approved:
        if not amount_fen or not 0 < amount_fen <= application.amount_fen:
            raise Invalid(
                "amount", Words("批准金额应大于零且不超过申请金额", "approve more than zero and at most what was asked")
            )
        if not rate_bp or not 0 < rate_bp < 2400:
            raise Invalid("rate", Words("年利率应在 0 到 24% 之间", "a yearly rate lies between 0 and 24 %"))
        offer = port.OfferTerms(
            offer_no=new_id("offer"),
            amount_fen=amount_fen,
            rate_bp=rate_bp,
            months=application.months,
            way=application.way,  # type: ignore[arg-type]  # checked when it was applied for
            day_count=day_count,  # type: ignore[arg-type]  # comes from the product's file
            fees=(),
            valid_until=at.date() + timedelta(days=OFFER_DAYS),
        )
    message = port.Decided(new_id("desk"), application.id, at.date(), approved, words.strip(), tuple(reasons), offer)
    _take(session, bank, application, message, at)
    return application


def _at_the_desk(session: Session, bank: str, application_id: str, *, speaks: bool) -> Application:
    application = of_bank(session, bank, application_id)
    if speaks:
        raise Conflict(
            Words("贵行系统已接入,请在行内系统办理", "your bank's own system decides this; please use that"), code="bank_speaks"
        )
    return application


def _take(session: Session, bank: str, application: Application, message: port.Message, at: datetime) -> None:
    if application.state in model.ENDS or application.state not in model.OPEN:
        raise Conflict(Words("此申请已办结", "this application is closed"))
    if application.state == "created":
        received = port.Received(new_id("desk"), application.id, at.date(), bank_reference="")
        messages.take(session, bank, received, at=at, onward=_nothing)
    messages.take(session, bank, message, at=at, onward=_nothing)


def _nothing(session: Session, application: Application, message: port.Message, at: datetime) -> None:
    raise AssertionError("a desk does not report contracts or money")
