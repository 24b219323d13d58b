"""A bank's own indication beside our match: asked only when the firm asks, without naming it, and no bureau is queried.

The question goes out by a step, so that a slow bank slows no page; it is asked once a day per product, amount and term. The
facts are those the product declares, read under the consent that names the bank (`leaving.yaml` decides what may go). A bank
that does not answer within `PATIENCE_SECONDS` is said to be silent: then only our own estimate stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import rules
from backend.applications.asking import Desk
from backend.applications.submission import facts_for, handed
from backend.applications.tables import BankIndication
from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.consents import views as consents
from backend.kit.clock import day_of
from backend.kit.errors import Garbled, Invalid, Refused, Unreachable
from backend.kit.ids import new_id
from backend.kit.rows import seen
from backend.kit.rules import put
from backend.kit.words import Words
from backend.parties import views as parties
from backend.parties.actions import hold_firm
from backend.steps import actions as steps
from backend.steps.model import Answered
from lender_adapters import port
from lender_adapters.deadline import deadline
from lender_adapters.port import Lender
from products.catalogue import Catalogue

PATIENCE_SECONDS = 5
# After this long an unanswered question counts as unanswered, wherever its step stands.
WAIT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitIndication:
    """What a bank itself said it might lend. `state`: asked | answered | silent (the bank did not answer) | refused."""

    id: str
    firm_id: str
    bank: str
    product: str
    amount_fen: int
    months: int
    asked_at: datetime
    asked_on: date
    state: str
    answered_at: datetime | None
    limit_fen: int | None
    rate_bp: int | None
    words: str


def ask(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    product: str,
    amount_fen: int,
    months: int,
    catalogue: Catalogue,
    lender: Lender | None,
    at: datetime,
) -> LimitIndication:
    """Ask the bank of this product; the same question of the same day answers the first.

    Refused: `not_offered` where the bank has no such door, `consent_missing` where the firm has not authorised this bank.
    """
    terms = catalogue.get(product, day_of(at))
    if lender is None or not lender.manifest.offers("indicate"):
        raise Refused(Words("这家银行不提供参考查询", "this bank gives no indications"), code="not_offered")
    if months not in terms.months:
        raise Invalid("months", Words("该产品没有这个期限", "this product has no such term"))
    if not terms.min_fen <= amount_fen <= terms.max_fen:
        raise Invalid("amount", Words("金额不在该产品的范围内", "the amount is outside what this product lends"))
    day = day_of(at)
    hold_firm(session, firm_id)
    found = session.scalar(
        select(BankIndication).where(
            BankIndication.firm_id == firm_id,
            BankIndication.product == product,
            BankIndication.amount_fen == amount_fen,
            BankIndication.months == months,
            BankIndication.asked_on == day,
        )
    )
    if found is not None:
        return _seen(found, at)
    if terms.items_handed:
        consents.require(
            session, actor, firm_id=firm_id, items=terms.items_handed, purpose="pre_loan", recipient=terms.bank, at=at
        )
    row = BankIndication(
        id=new_id("indication"),
        firm_id=firm_id,
        bank=terms.bank,
        product=product,
        amount_fen=amount_fen,
        months=months,
        asked_at=at,
        asked_on=day,
        state="asked",
        words="",
    )
    session.add(row)
    session.flush()
    steps.enqueue(session, kind="lender.indicate", key=row.id, payload={"indication": row.id}, due=at, lane=row.bank)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="indication.asked",
        object_kind="indication",
        object_id=row.id,
        firm_id=firm_id,
        details={"bank": row.bank, "product": product},
    )
    return _seen(row, at)


def of_firm(session: Session, firm_id: str, at: datetime) -> list[LimitIndication]:
    """Everything this firm asked, newest first."""
    query = select(BankIndication).where(BankIndication.firm_id == firm_id)
    newest = query.order_by(BankIndication.asked_at.desc(), BankIndication.id.desc())
    return [_seen(row, at) for row in session.scalars(newest)]


def latest(session: Session, firm_id: str, product: str, at: datetime) -> LimitIndication | None:
    """What was asked last about one product."""
    return next((each for each in of_firm(session, firm_id, at) if each.product == product), None)


def _seen(row: BankIndication, at: datetime) -> LimitIndication:
    """A question that nobody answered in time is silence, not waiting for ever."""
    return seen(LimitIndication, row, state="silent" if row.state == "asked" and row.asked_at + WAIT < at else row.state)


def _held(session: Session, indication_id: str) -> BankIndication:
    """The question as it is now, its firm held."""
    row = session.get_one(BankIndication, indication_id)
    hold_firm(session, row.firm_id)
    session.refresh(row)
    return row


@dataclass
class Indicate:
    """The step that asks. One try: an indication that comes late is of no use."""

    desk: Desk
    only_asks = False

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> tuple[str, port.IndicationRequest] | None:
        row = _held(session, payload["indication"])
        if row.state != "asked" or row.bank not in self.desk.lenders:
            return None
        terms = self.desk.catalogue.get(row.product, row.asked_on)
        reader = Actor(row.bank, "bank_system", parties.party(session, row.bank).id)
        firm = parties.firm(session, row.firm_id)
        facts, withheld = facts_for(session, reader, firm=firm, terms=terms, capacity=self.desk.capacity, at=at)
        if withheld:
            put(session, row, "state", "refused", rule=rules.ASKED_ONCE_A_DAY)
            row.answered_at = at
            row.words = "授权已撤回或到期，没有问 / the consent is gone; the bank was not asked"
            return None
        return row.bank, port.IndicationRequest(row.product, row.amount_fen, row.months, handed(facts))

    def call(self, request: tuple[str, port.IndicationRequest]) -> Answered:
        bank, asked = request
        with self.desk.tape.listening() as heard, deadline(PATIENCE_SECONDS):
            try:
                told = self.desk.lenders[bank].indicate(asked)
            except (Unreachable, Garbled) as nothing:
                return Answered({"state": "silent", "words": nothing.words.en}, tuple(heard), trouble=nothing)
            except Refused as no:
                return Answered({"state": "refused", "words": no.words.zh}, tuple(heard))
        result = {"state": "answered", "limit_fen": told.limit_fen, "rate_bp": told.rate_bp, "words": told.words}
        return Answered(result, tuple(heard))

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> None:
        row = _held(session, payload["indication"])
        if row.state != "asked":
            return
        put(session, row, "state", answer.result["state"], rule=rules.ASKED_ONCE_A_DAY)
        row.answered_at = at
        # Why a bank was silent is the operator's to know (the inbox has it), not a sentence of the bank's.
        row.words = "" if row.state == "silent" else str(answer.result["words"])[:2000]
        row.limit_fen, row.rate_bp = answer.result.get("limit_fen"), answer.result.get("rate_bp")
