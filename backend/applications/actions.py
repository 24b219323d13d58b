"""What a firm may do: apply once, answer questions, withdraw, accept one offer.

A need is submitted with one to three choices; each becomes an application and a step that hands it to the bank. Facts leave
only at that step, under a consent that is asked there and then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.applications import model, rules, standing, views
from backend.applications.model import FundingNeed, LoanApplication, LoanOffer
from backend.applications.tables import Application, ApplicationEvent, Need, Offer
from backend.audit import actions as audit
from backend.audit.model import SYSTEM, Actor
from backend.consents import views as consents
from backend.kit.calendar import promised_by
from backend.kit.clock import day_of
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.ids import new_id
from backend.kit.policy import digest
from backend.kit.rules import put
from backend.kit.words import Words
from backend.parties.actions import hold_firm
from backend.steps import actions as steps
from backend.steps import views as step_views
from products.catalogue import Catalogue
from products.schema import ProductTerms


@dataclass(frozen=True, slots=True)
class Choice:
    """One product the firm picked, and how it wants to repay."""

    product: str
    way: str


def submit_need(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    amount_fen: int,
    months: int,
    purpose: str,
    choices: Sequence[Choice],
    catalogue: Catalogue,
    at: datetime,
    idempotency_key: str | None = None,
    matches: Mapping[str, str] | None = None,
) -> FundingNeed:
    """One need, applied for once at each chosen bank. The same idempotency key answers the first need.

    Invalid `key_reused` when the key came before with another need.
    """
    hold_firm(session, firm_id)
    key = f"{firm_id}:{digest(idempotency_key.encode())[:40]}" if idempotency_key is not None else None
    found = session.scalar(select(Need).where(Need.idempotency_key == key)) if key is not None else None
    if found is not None:
        before = session.execute(select(Application.product, Application.way).where(Application.need_id == found.id)).all()
        same = {(row.product, row.way) for row in before} == {(choice.product, choice.way) for choice in choices}
        if not same or (found.amount_fen, found.months, found.purpose) != (amount_fen, months, purpose):
            words = Words("此编号已用于另一份申请", "this key came before with another need")
            raise Invalid("idempotency-key", words, code="key_reused")
        return views.of_need(found)
    if amount_fen <= 0:
        raise Invalid("amount", Words("请填写需要的金额", "please fill in the amount you need"))
    if purpose not in model.PURPOSES:
        raise Invalid("purpose", Words("请选择用途", "please choose a purpose"))
    if not 1 <= len(choices) <= model.MOST_CHOICES or len({choice.product for choice in choices}) != len(choices):
        raise Invalid("choices", Words("请选择一至三个不同的产品", "please choose one to three different products"))
    open_one = session.scalar(select(Application).where(Application.firm_id == firm_id, Application.state.in_(model.OPEN)))
    if open_one is not None:
        raise Conflict(
            Words("您还有未办结的申请;请先等待结果或撤回", "you have an open application: wait for its answer or withdraw it"),
            code="need_open",
        )
    # Every choice is looked at before anything is written: a lawful no is committed, and must leave no half behind.
    checked = [(choice, _checked(session, actor, firm_id, amount_fen, months, choice, catalogue, at)) for choice in choices]
    blocks = {terms.code: terms.body for _, terms in checked}
    kept = audit.keep_policies(session, kind="product", blocks=blocks)
    need = Need(
        id=new_id("need"),
        firm_id=firm_id,
        amount_fen=amount_fen,
        months=months,
        purpose=purpose,
        submitted_at=at,
        submitted_on=day_of(at),
        idempotency_key=key,
    )
    session.add(need)
    session.flush()
    for choice, terms in checked:
        _apply(session, actor, need, choice, terms, kept[terms.code], at, (matches or {}).get(choice.product))
    return views.of_need(need)


def _checked(
    session: Session,
    actor: Actor,
    firm_id: str,
    amount_fen: int,
    months: int,
    choice: Choice,
    catalogue: Catalogue,
    at: datetime,
) -> ProductTerms:
    """The terms of a choice that fits them and that the firm's consents allow; Invalid, NotFound or Refused otherwise."""
    terms = catalogue.get(choice.product, day_of(at))
    if terms.at_the_bank:
        raise Refused(
            Words(
                f"“{terms.title.zh}”须到银行办理，不能在本平台提交。请联系：{terms.contact.zh}",
                f"“{terms.title.en}” is applied for at the bank, not here. Please call: {terms.contact.en}",
            ),
            code="at_the_bank",
        )
    if choice.way not in terms.ways:
        raise Invalid("way", Words("该产品没有这种还款方式", "this product is not repaid in that way"))
    if months not in terms.months:
        raise Invalid("months", Words("该产品没有这个期限", "this product has no such term"))
    if not terms.min_fen <= amount_fen <= terms.max_fen:
        raise Invalid("amount", Words("金额不在该产品的范围内", "the amount is outside what this product lends"))
    _ask_consents(session, actor, firm_id, terms, at)
    return terms


def _apply(
    session: Session, actor: Actor, need: Need, choice: Choice, terms: ProductTerms, policy: str, at: datetime, match: str | None
) -> None:
    wait_until = promised_by(day_of(at), terms.decision_days)
    application = Application(
        id=new_id("app"),
        need_id=need.id,
        firm_id=need.firm_id,
        bank=terms.bank,
        product=terms.code,
        amount_fen=need.amount_fen,
        months=need.months,
        way=choice.way,
        state="created",
        policy_digest=policy,
        match_id=match,
        scheme=terms.scheme,
        submitted_at=at,
        submitted_on=day_of(at),
        wait_until=wait_until,
        documents_asked=[],
        decision_reasons=[],
    )
    session.add(application)
    session.flush()
    note(session, application, "firm_applied", actor, at, Words("您提交了申请", "you applied"))
    payload = {"application": application.id}
    steps.enqueue(session, kind="lender.submit", key=application.id, payload=payload, due=at, lane=application.bank)


def _ask_consents(session: Session, actor: Actor, firm_id: str, terms: ProductTerms, at: datetime) -> None:
    """The bank may get what its product declares, and may query the bureau, only if the firm has signed that."""
    if terms.items_handed:
        consents.require(
            session, actor, firm_id=firm_id, items=terms.items_handed, purpose="pre_loan", recipient=terms.bank, at=at
        )
    if terms.bureau_queries and not consents.bank_queries(session, firm_id=firm_id, bank=terms.bank, at=at):
        raise Refused(
            Words(
                "该银行将查询征信:请先签署给该银行的征信查询授权",
                "this bank queries the credit bureau: please sign its query authorisation first",
            ),
            code="bank_query_missing",
        )


def note(
    session: Session,
    application: Application | LoanApplication,
    event: str,
    actor: Actor,
    at: datetime,
    words: Words,
    verbatim: str = "",
) -> None:
    """One line on the timeline and one in the log."""
    session.add(
        ApplicationEvent(
            application_id=application.id,
            at=at,
            event=event,
            actor_id=actor.id,
            words=words.as_dict(),
            verbatim=verbatim[:2000],
        )
    )
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"application.{event}",
        object_kind="application",
        object_id=application.id,
        firm_id=application.firm_id,
        details={"state": application.state},
    )


def withdraw(session: Session, actor: Actor, *, firm_id: str, application_id: str, at: datetime) -> LoanApplication:
    """The firm no longer wants this one. Said again while it is being withdrawn, or is withdrawn, it changes nothing."""
    application = standing.own_held(session, firm_id, application_id)
    if application.state in ("withdrawing", "withdrawn"):
        return views.of_application(application)
    if model.move(application.state, "firm_withdrew") is None:
        raise Conflict(Words("此申请已不能撤回", "this application can no longer be withdrawn"), code="too_late")
    _leave(session, actor, application, at, Words("您撤回了申请", "you withdrew the application"))
    return views.of_application(application)


def give_up(session: Session, actor: Actor, application_id: str, at: datetime, words: Words) -> None:
    """Withdraw an application that cannot go on, for a reason that is not the firm's."""
    application = standing.held(session, application_id)
    assert application is not None  # applications are never deleted
    _leave(session, actor, application, at, words)


def _leave(session: Session, actor: Actor, application: Application, at: datetime, words: Words) -> None:
    """Withdraw at the bank an application that is held; what was never sent is withdrawn at once (its step finds nothing left
    to do)."""
    state = standing.advance(session, application, "firm_withdrew")
    if state is None:
        return
    standing.end_offers(session, application, "withdrawn")
    note(session, application, "firm_withdrew", actor, at, words)
    if state == "withdrawing":
        kept = ApplicationEvent.application_id == application.id, ApplicationEvent.event == "bank_kept"
        asked_before = session.scalar(select(func.count()).select_from(ApplicationEvent).where(*kept)) or 0
        take_back(session, application, words.zh, at, time=asked_before)
    elif step_views.stopped(session, "lender.submit", application.id):
        # Its step waits for a person and would tell nobody; the try that failed may have reached the bank.
        take_back(session, application, words.zh, at)


def take_back(session: Session, application: Application, reason: str, at: datetime, *, time: int = 0) -> None:
    """Let its bank know that it is withdrawn. `time` counts how often the bank has kept it in spite of that."""
    key, payload = f"{application.id}:{time}" if time else application.id, {"application": application.id, "reason": reason}
    steps.enqueue(session, kind="lender.withdraw", key=key, payload=payload, due=at, lane=application.bank)


def hold_offer(session: Session, *, firm_id: str, offer_id: str) -> tuple[LoanApplication, LoanOffer]:
    """An offer to the firm and its application, as they are now, and held until the transaction ends."""
    application, offer = _offer_held(session, firm_id, offer_id)
    return views.of_application(application), views.of_offer(offer)


def _offer_held(session: Session, firm_id: str, offer_id: str) -> tuple[Application, Offer]:
    offer = session.get(Offer, offer_id)
    if offer is None:
        raise NotFound()
    application = standing.own_held(session, firm_id, offer.application_id)
    session.refresh(offer)
    return application, offer


def accept(session: Session, actor: Actor, *, firm_id: str, offer_id: str, at: datetime) -> LoanOffer:
    """Accept one offer: the others of the need are withdrawn. Nothing is booked: only the bank's contract makes a facility."""
    application, offer = _offer_held(session, firm_id, offer_id)
    if offer.state == "accepted":
        return views.of_offer(offer)
    if offer.state != "open" or model.move(application.state, "firm_accepted") is None:
        raise Conflict(Words("此报价已失效", "this offer no longer stands"), code="offer_gone")
    if offer.valid_until < day_of(at):
        raise Conflict(Words("此报价已过有效期", "this offer has lapsed"), code="offer_lapsed")
    put(session, offer, "state", "accepted", rule=rules.ONE_ACCEPTED_OFFER)
    offer.accepted_at = at
    standing.advance(session, application, "firm_accepted")
    note(session, application, "firm_accepted", actor, at, Words("您接受了报价", "you accepted the offer"))
    payload = {"application": application.id, "offer": offer.id}
    steps.enqueue(session, kind="lender.accept", key=offer.id, payload=payload, due=at, lane=application.bank)
    siblings = select(Application).where(Application.need_id == application.need_id, Application.id != application.id)
    for other in session.scalars(siblings.execution_options(populate_existing=True)):
        _leave(session, SYSTEM, other, at, Words("您已接受另一家银行的报价", "you accepted another bank's offer"))
    return views.of_offer(offer)
