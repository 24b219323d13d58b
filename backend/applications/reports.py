"""What a bank without an adapter reports: by its own system's call, or by its officer at the desk. One action for both.

The report is tested against what is already known (its place is named in the answer), goes into the same inbox as every bank's
message, and has the same effect, in one transaction. The same `message_id` with the same words changes nothing; with other words
it is refused. A bank whose adapter speaks to us reports there and nowhere else: one voice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import messages, model, standing, views
from backend.applications.model import LoanApplication
from backend.applications.tables import Application
from backend.audit.model import Actor
from backend.kit.clock import day_of
from backend.kit.errors import Conflict, Invalid, Unreachable
from backend.kit.plausible import not_after, size_fen
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from backend.steps import actions as steps
from backend.steps.tables import InboxMessage
from lender_adapters import port
from lender_adapters.soundness import sound
from products import pricing
from products.schema import ProductTerms

EVENTS: dict[type[port.Message], Callable[[Any], str]] = {
    port.Received: lambda _: "bank_received",
    port.DocumentsAsked: lambda _: "bank_asked",
    port.Decided: lambda told: "bank_approved" if told.approved else "bank_declined",
    port.ContractSigned: lambda _: "bank_contracted",
    port.Drawn: lambda _: "bank_drew",
    port.Closed: lambda told: "bank_withdrew" if told.state == "withdrawn" else "bank_expired",
}


def report(
    session: Session,
    actor: Actor,
    *,
    bank: str,
    message: port.Message,
    terms: ProductTerms,
    verb: str,
    body: bytes,
    speaks: bool,
    onward: messages.Onward,
    at: datetime,
) -> tuple[bool, LoanApplication]:
    """Take one report in; False if this very report was taken in before. Where the application stands now comes with it.

    Conflict: `bank_speaks`, `message_id_reused`, `too_late` (the application stands where this cannot happen),
    `contract_unknown`, `draw_unknown`. Invalid names the place. Refused: an offer dearer than may be shown.
    """
    application = standing.of_bank_held(session, bank, message.reference)
    if speaks:
        raise Conflict(
            Words("贵行系统已接入,请在行内系统办理", "your bank's own system decides this; please use that"), code="bank_speaks"
        )
    name, seal = f"report.{message.message_id}", digest(canonical(port.pack(message)))
    if _came_before(session, bank, name, seal):
        return False, views.of_application(application)
    check(application, message, terms, day_of(at))
    with session.begin_nested():
        headers = {"content-type": "application/json", "digest": seal, "by": actor.id}
        new = steps.receive(
            session, source=bank, verb=verb, message_id=name, reference=application.id, headers=headers, body=body, at=at
        )
        if new is None:
            # Between our look and now it came in about another firm, which somebody else held.
            _came_before(session, bank, name, seal)
            return False, views.of_application(application)
        try:
            taken = messages.take(session, bank, message, at=at, onward=onward, actor=actor)
        except Unreachable as early:
            # An adapter's message may overtake another and is tried again; whoever calls us is told to report in order.
            raise Conflict(early.words, code=early.code) from early
    return taken, views.of_application(application)


def _came_before(session: Session, bank: str, name: str, seal: str) -> bool:
    before = session.scalar(select(InboxMessage).where(InboxMessage.source == bank, InboxMessage.message_id == name))
    if before is None:
        return False
    if before.headers.get("digest") != seal:
        words = Words("此消息编号已用于另一条消息", "this message_id came before with other words")
        raise Conflict(words, code="message_id_reused")
    return True


def check(application: Application, message: port.Message, terms: ProductTerms, today: date) -> None:
    """Whether this can be said of this application now; otherwise an answer that names the place."""
    event = EVENTS[type(message)](message) if type(message) in EVENTS else None
    known = model.move(application.state, event) is not None if event else application.state in ("drawn", "contracted")
    if not known:
        state = model.STATES[application.state]
        raise Conflict(
            Words(f"此申请的状态是“{state.zh}”,不能这样报", f"the application stands at “{state.en}”"), code="too_late"
        )
    not_after(message.on, today, "on")
    if isinstance(message, port.DocumentsAsked):
        _held(bool(message.documents), "documents", "请写明需要哪些材料", "say which documents you need")
        _held(message.answer_by >= message.on, "answer_by", "答复期限早于消息日期", "the answer is due before it is asked for")
    elif isinstance(message, port.Decided):
        _decision(application, message, terms)
    elif isinstance(message, port.ContractSigned):
        size_fen(message.limit_fen, "limit_fen")
        _held(message.signed_on <= message.on, "signed_on", "签约日晚于消息日期", "signed after the day of the message")
        _held(message.expires_on > message.signed_on, "expires_on", "到期日不晚于签约日", "it ends before it begins")
    elif isinstance(message, port.Drawn):
        _draw(message)
    elif isinstance(message, port.Repaid):
        parts = message.expenses_fen + message.penalty_fen + message.interest_fen + message.principal_fen
        words = f"各项合计 {parts} 分,与还款金额 {message.amount_fen} 分不符"
        _held(parts == message.amount_fen, "amount_fen", words, f"its parts add up to {parts} fen, not {message.amount_fen}")
        size_fen(message.amount_fen, "amount_fen")
        _held(message.paid_on <= message.on, "paid_on", "还款日晚于消息日期", "paid after the day of the message")
    for fault in sound(message):
        raise Invalid("message", fault)


def _held(holds: bool, place: str, zh: str, en: str) -> None:
    if not holds:
        raise Invalid(place, Words(zh, en))


def _decision(application: Application, message: port.Decided, terms: ProductTerms) -> None:
    _held(bool(message.words.strip()), "words", "请写明给企业的话", "say what the firm is told")
    if not message.approved:
        _held(any(each.strip() for each in message.reasons), "reasons", "不同意须写明原因", "a no comes with its reasons")
        _held(message.offer is None, "offer", "不同意时不能报价", "a no comes without an offer")
        return
    offer = message.offer
    if offer is None:
        raise Invalid("offer", Words("同意时须报价", "a yes comes with its offer"))
    asked = application.amount_fen
    words = ("批准金额应大于零且不超过申请金额", "approve more than zero and at most what was asked")
    _held(0 < offer.amount_fen <= asked, "offer.amount_fen", *words)
    _held(0 < offer.rate_bp < 2400, "offer.rate_bp", "年利率应在 0 到 24% 之间", "a yearly rate lies between 0 and 24 %")
    _held(offer.way in terms.ways, "offer.way", "该产品没有这种还款方式", "this product is not repaid in that way")
    _counted(offer.way, offer.day_count, "offer.day_count")
    _held(offer.valid_until >= message.on, "offer.valid_until", "报价有效期已过", "the offer has lapsed before it is made")
    for number, fee in enumerate(offer.fees):
        place = f"offer.fees.{number}"
        _held(bool(fee.title.strip()), f"{place}.title", "请写明费用名称", "say what the fee is for")
        _held(fee.amount_fen >= 0, f"{place}.amount_fen", "费用不能为负", "a fee is not negative")
        _held(fee.payer in ("firm", "bank"), f"{place}.payer", "由企业或银行承担", "the payer is the firm or the bank")
        _held(_due(fee.due), f"{place}.due", "写 at_draw 或日期", "at_draw or a day")
    _held(len({fee.title for fee in offer.fees}) == len(offer.fees), "offer.fees", "同名费用只写一次", "say each fee once")
    try:
        pricing.all_in(
            offer.amount_fen, offer.rate_bp, offer.months, offer.way, offer.day_count, messages.fees_of(offer), message.on
        )
    except Invalid as wrong:
        raise Invalid(f"offer.{wrong.place}", wrong.words, code=wrong.code) from wrong


def _counted(way: str, day_count: str, place: str) -> None:
    """Equal instalments and equal principal are counted 30/360, every other way by days."""
    holds = way.startswith("equal_") == (day_count == "30/360")
    _held(holds, place, "该还款方式不能按此计息", "this way of repaying is not counted so")


def _due(text: str) -> bool:
    if text == "at_draw":
        return True
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _draw(message: port.Drawn) -> None:
    size_fen(message.amount_fen, "amount_fen")
    _held(message.value_date <= message.on, "value_date", "起息日晚于消息日期", "drawn after the day of the message")
    _held(message.matures_on > message.value_date, "matures_on", "到期日不晚于起息日", "it matures before it is drawn")
    _held(
        message.penalty_bp >= message.rate_bp, "penalty_bp", "罚息利率是全率,不低于贷款利率", "the penalty rate is the whole rate"
    )
    _counted(message.way, message.day_count, "day_count")
    principal = sum(line.principal_fen for line in message.schedule)
    words = (
        f"还款计划的本金合计 {principal} 分,与放款金额 {message.amount_fen} 分不符",
        f"its schedule repays {principal} fen, not {message.amount_fen}",
    )
    _held(principal == message.amount_fen, "schedule", *words)
    days = [line.due_on for line in message.schedule]
    in_order = days == sorted(set(days)) and days[0] > message.value_date and days[-1] <= message.matures_on
    _held(
        in_order,
        "schedule",
        "还款日须依次、在起息日之后、不晚于到期日",
        "due days follow each other between value date and maturity",
    )
