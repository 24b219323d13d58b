"""The due-diligence file (尽职免责): who looked at what, and who decided what, on one loan; every line dated, nothing edited.

Written in: domain §5.5 (尽职免责, 金规〔2024〕11号: dated evidence of each officer's decision protects the officer). Built from
what is kept anyway: the application's timeline, the log, the pool's moves. Reading the file is not part of it: the same data
always give the same file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import views as applications
from backend.applications.model import TimelineEntry
from backend.audit import actions as audit
from backend.audit import views as audited
from backend.audit.model import Actor
from backend.kit import clock
from backend.kit.errors import NotFound
from backend.kit.plausible import purpose as stated
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from backend.loans import duty_words, views
from backend.loans.tables import Draw, Facility, Guarantee, SignedConditions
from backend.loans.values import ReportedDraw
from backend.parties import views as parties
from backend.vocabulary.codes import LOAN_CLASSES
from backend.vocabulary.facts import item_titles
from risk_compensation.live import statements
from risk_compensation.live import views as pool_views

READ = "duty.read"
PLATFORM, CUSTODIAN = "信桥 CreditBridge", "托管银行 custody bank"


@dataclass(frozen=True, slots=True)
class Line:
    """One dated line: when, who (a name) in which office, what was done, and what was written or said with it."""

    at: str
    who: str
    office: Words
    what: Words
    said: Words

    def row(self) -> list[Any]:
        return [self.at, self.who, *(pair(each) for each in (self.office, self.what, self.said))]


def pair(words: Words) -> list[str]:
    """中文 and English; what was said in one language alone is not said twice."""
    return [words.zh, "" if words.en == words.zh else words.en]


NOBODY = Words("", "")


@dataclass(frozen=True, slots=True)
class DutyFile:
    """The file of one facility. `sections`: (title, lines); `digest` names its content."""

    facility: str
    firm: str
    uscc: str
    bank: str
    contract_no: str
    limit_yuan: str
    figures: tuple[tuple[str, Words], ...]
    sections: tuple[tuple[Words, tuple[Line, ...]], ...]
    digest: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "facility": self.facility,
            "firm": self.firm,
            "uscc": self.uscc,
            "bank": self.bank,
            "contract_no": self.contract_no,
            "limit_yuan": self.limit_yuan,
            "figures": [[name, pair(words)] for name, words in self.figures],
            "sections": [
                {"zh": title.zh, "en": title.en, "lines": [each.row() for each in lines]} for title, lines in self.sections
            ],
            "digest": self.digest,
        }


def facility_for(session: Session, actor: Actor, party_code: str, reference: str) -> Facility:
    """The facility, if this actor's party has part in it: its bank, its guarantor's fund, or any regulator; else NotFound."""
    found = session.get(Facility, reference)
    if found is None:
        draw = session.get(Draw, reference)
        found = session.get(Facility, draw.facility_id) if draw else None
    if found is None:
        raise NotFound()
    pool = pool_views.pool(session, found.pool) if found.pool else None
    may = actor.role == "regulator" or (actor.role == "bank_officer" and found.bank == party_code)
    may = may or (actor.role in ("fund_maker", "fund_checker") and pool is not None and pool.fund == party_code)
    if not may:
        raise NotFound()
    return found


def open_file(session: Session, actor: Actor, *, party: str, reference: str, purpose: str, at: datetime) -> DutyFile:
    """The file, for a stated purpose; the look is logged. Invalid: no purpose. NotFound: not this party's loan."""
    facility = facility_for(session, actor, party, reference)
    why = stated(purpose)
    made = collect(session, facility)
    audit.record(
        session,
        at=at,
        actor=actor,
        action=READ,
        object_kind="facility",
        object_id=facility.id,
        firm_id=facility.firm_id,
        details={"purpose": why, "digest": made.digest},
    )
    return made


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def collect(session: Session, facility: Facility) -> DutyFile:
    """Everything dated about one facility, each section in the order in which it was written."""
    firm = parties.firm(session, facility.firm_id)
    users, everyone = parties.people_names(session), parties.parties(session)
    names = {each.code: each.name for each in everyone}
    by_id = {each.id: each.name for each in everyone}
    draws = views.draw_rows(session, facility_id=facility.id)
    guarantee = session.scalar(select(Guarantee).where(Guarantee.application_id == facility.application_id))
    claims = pool_views.claims_of_loan(session, facility.id)
    funds = {each.code: names.get(each.fund, each.fund) for each in statements.pools(session)}

    # The pool's book names these by what they are: in one loan there is one of each.
    hands = {"system": PLATFORM, "breaker": PLATFORM, "bank": names.get(facility.bank, facility.bank), "custodian": CUSTODIAN}
    if facility.guarantor:
        hands["guarantor"] = names.get(facility.guarantor, facility.guarantor)

    def who(code: str, party_id: str | None = None) -> str:
        if code in hands:
            return hands[code]
        return users.get(code) or names.get(code) or funds.get(code) or by_id.get(party_id or "") or code

    timeline = tuple(
        Line(_moment(each.at), who(actor), NOBODY, _happened(each), Words(each.verbatim, each.verbatim))
        for each, actor in applications.timeline_by(session, facility.application_id)
    )
    about = {facility.id, facility.application_id, *(each.id for each in draws), *(each.claim_no for each in claims)}
    if guarantee is not None:
        about.add(guarantee.id)
    titles = item_titles()
    log = tuple(
        Line(
            _moment(each.at),
            who(each.actor_id, each.party_id),
            duty_words.office(each.role),
            duty_words.act(each.action),
            duty_words.said(each.details, names, titles.__getitem__),
        )
        for each in audited.about(session, about, readings_of=firm.id, by_role="bank_officer", but=READ)
    )
    classes = tuple(
        Line(
            each.day.isoformat(),
            names.get(facility.bank, facility.bank),
            NOBODY,
            duty_words.change(LOAN_CLASSES, each.was, each.became),
            _because(each.dpd, duty_words.listed(duty_words.CAUSES, each.causes)),
        )
        for draw in draws
        for each in views.class_history(session, draw.id)
    )
    pool = _pool(session, facility.id, who)
    figures = tuple((f"{draw.draw_no} · {draw.value_date} – {draw.matures_on}", _standing(draw)) for draw in draws)
    sections = (
        (Words("一、受理与决定", "I. Application and decisions"), timeline),
        (Words("二、查询与操作记录", "II. Checks and acts, from the log"), log),
        (Words("三、风险分类变动", "III. Changes of class"), classes),
        (Words("四、风险补偿：入库、申请与处置", "IV. Risk compensation"), pool),
    )
    said = [
        facility.id,
        firm.uscc,
        [[name, pair(words)] for name, words in figures],
        [[title.zh, [line.row() for line in lines]] for title, lines in sections],
    ]
    return DutyFile(
        facility=facility.id,
        firm=firm.name,
        uscc=firm.uscc,
        bank=names.get(facility.bank, facility.bank),
        contract_no=facility.contract_no,
        limit_yuan=duty_words.yuan(facility.limit_fen).zh,
        figures=figures,
        sections=sections,
        digest=digest(canonical(said)),
    )


def _happened(entry: TimelineEntry) -> Words:
    """The firm's own timeline says “you” to the firm; here it is somebody else."""
    return duty_words.ACTS.get(f"application.{entry.event}") or entry.words


def _standing(draw: ReportedDraw) -> Words:
    amount, owed = duty_words.yuan(draw.amount_fen), duty_words.yuan(draw.outstanding_fen)
    became = LOAN_CLASSES[draw.cls]
    return Words(
        f"{amount.zh}；未还 {owed.zh}；逾期最多 {draw.max_dpd} 天；分类 {became.zh}",
        f"{amount.en}; still owed {owed.en}; at most {draw.max_dpd} days past due; class {became.en}",
    )


def _because(dpd: int, causes: Words) -> Words:
    return Words(f"逾期 {dpd} 天；{causes.zh}", f"{dpd} days past due; {causes.en}")


def _pool(session: Session, reference: str, who: Callable[[str], str]) -> tuple[Line, ...]:
    loan = pool_views.loan(session, reference)
    if loan is None:
        return ()
    amount = duty_words.yuan(loan.amount_fen)
    said = amount
    if loan.guarantee_no:
        said = Words(f"担保决定 {loan.guarantee_no}，{amount.zh}", f"guarantee {loan.guarantee_no}, {amount.en}")
    found = [Line(_day(loan.registered_on), who(loan.pool), NOBODY, Words("入库", "entered the pool"), said)]
    signed = session.get(SignedConditions, reference)
    if signed is not None:
        digits = "SHA-256 " + " ".join(signed.digest[at : at + 16] for at in range(0, 64, 16))
        what = duty_words.act("loan.conditions_signed")
        found.append(Line(_day(signed.signed_on), signed.signer, NOBODY, what, Words(digits, digits)))
    for move in statements.loan_history(session, reference):
        what = duty_words.change(duty_words.POOL_STATES, move.was, move.became)
        found.append(Line(_day(move.on), who(move.by), NOBODY, what, Words.of(move.words)))
    return tuple(found)


def _day(day: date) -> str:
    return day.isoformat()
