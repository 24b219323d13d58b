"""The due-diligence file (尽职免责): who looked at what, and who decided what, on one loan; every line dated, nothing edited.

Written in: domain §5.5 (尽职免责, 金规〔2024〕11号: dated evidence of each officer's decision protects the officer). Built from
what is kept anyway: the application's timeline, the log, the pool's moves. Reading the file is not part of it: the same data
always give the same file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.applications import views as applications
from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.audit.tables import AuditLine
from backend.kit import clock
from backend.kit.errors import Invalid, NotFound
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from backend.loans import views
from backend.loans.tables import Draw, Facility, Guarantee, SignedConditions
from backend.parties import views as parties
from backend.parties.tables import User
from risk_compensation import statements
from risk_compensation.tables import Claim, Pool, Registration

READ = "duty.read"


@dataclass(frozen=True, slots=True)
class Line:
    """One dated line: when, who (name and role), what, and the words that were said."""

    at: str
    who: str
    role: str
    what: str
    said: str


@dataclass(frozen=True, slots=True)
class DutyFile:
    """The file of one facility. `sections`: (title, lines); `digest` names its content."""

    facility: str
    firm: str
    uscc: str
    bank: str
    contract_no: str
    limit_yuan: str
    figures: tuple[tuple[str, str], ...]
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
            "figures": [list(each) for each in self.figures],
            "sections": [
                {
                    "zh": title.zh,
                    "en": title.en,
                    "lines": [[each.at, each.who, each.role, each.what, each.said] for each in lines],
                }
                for title, lines in self.sections
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
    pool = session.get(Pool, found.pool) if found.pool else None
    may = actor.role == "regulator" or (actor.role == "bank_officer" and found.bank == party_code)
    may = may or (actor.role in ("fund_maker", "fund_checker") and pool is not None and pool.fund == party_code)
    if not may:
        raise NotFound()
    return found


def open_file(session: Session, actor: Actor, *, party: str, reference: str, purpose: str, at: datetime) -> DutyFile:
    """The file, for a stated purpose; the look is logged. Invalid: no purpose. NotFound: not this party's loan."""
    facility = facility_for(session, actor, party, reference)
    if len(purpose.strip()) < 4:
        raise Invalid("purpose", Words("请写明查询目的", "say for what purpose you look"))
    made = collect(session, facility)
    audit.record(
        session,
        at=at,
        actor=actor,
        action=READ,
        object_kind="facility",
        object_id=facility.id,
        firm_id=facility.firm_id,
        details={"purpose": purpose.strip()[:500], "digest": made.digest},
    )
    return made


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def collect(session: Session, facility: Facility) -> DutyFile:
    """Everything dated about one facility, each section in the order in which it was written."""
    firm = parties.firm(session, facility.firm_id)
    users = {user.id: user.name for user in session.scalars(select(User))}
    names = {each.code: each.name for each in parties.parties(session)}
    draws = views.draw_rows(session, facility_id=facility.id)
    guarantee = session.scalar(select(Guarantee).where(Guarantee.application_id == facility.application_id))
    claims = list(session.scalars(select(Claim).where(Claim.loan == facility.id).order_by(Claim.filed_on, Claim.claim_no)))

    def who(code: str) -> str:
        return users.get(code) or names.get(code) or code

    timeline = tuple(
        Line(_moment(each.at), who(each.actor_id), "", Words.of(each.words).zh, each.verbatim)
        for each in applications.timeline(session, facility.application_id)
    )
    about = {facility.id, facility.application_id, *(each.id for each in draws), *(each.claim_no for each in claims)}
    if guarantee is not None:
        about.add(guarantee.id)
    reads = select(AuditLine).where(
        AuditLine.action != READ,
        or_(
            AuditLine.object_id.in_(sorted(about)),
            (AuditLine.firm_id == firm.id) & (AuditLine.action == "facts.read") & (AuditLine.role == "bank_officer"),
        ),
    )
    log = tuple(
        Line(_moment(each.at), who(each.actor_id), each.role, each.action, _details(each.details))
        for each in session.scalars(reads.order_by(AuditLine.seq))
    )
    classes = tuple(
        Line(
            each.day.isoformat(),
            names.get(facility.bank, facility.bank),
            "",
            f"{each.was} → {each.became}",
            f"dpd {each.dpd}; {', '.join(each.causes)}",
        )
        for draw in draws
        for each in views.class_history(session, draw.id)
    )
    pool = _pool(session, facility.id, who)
    figures = tuple(
        (
            f"{draw.draw_no} · {draw.value_date} – {draw.matures_on}",
            f"{_yuan(draw.amount_fen)}；未还 {_yuan(draw.outstanding_fen)}；逾期最多 {draw.max_dpd} 天；分类 {draw.cls}",
        )
        for draw in draws
    )
    sections = (
        (Words("一、受理与决定", "I. Application and decisions"), timeline),
        (Words("二、查询与操作记录", "II. Checks and acts, from the log"), log),
        (Words("三、风险分类变动", "III. Changes of class"), classes),
        (Words("四、风险补偿：入库、申请与处置", "IV. Risk compensation"), pool),
    )
    said = [
        facility.id,
        firm.uscc,
        list(figures),
        [[t.zh, [[x.at, x.who, x.role, x.what, x.said] for x in ls]] for t, ls in sections],
    ]
    return DutyFile(
        facility=facility.id,
        firm=firm.name,
        uscc=firm.uscc,
        bank=names.get(facility.bank, facility.bank),
        contract_no=facility.contract_no,
        limit_yuan=_yuan(facility.limit_fen),
        figures=figures,
        sections=sections,
        digest=digest(canonical(said)),
    )


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d} 元"


def _details(details: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {_plain(details[name])}" for name in sorted(details))[:600]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return value["zh"] if "zh" in value else ", ".join(f"{name} {value[name]}" for name in sorted(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _pool(session: Session, reference: str, who: Any) -> tuple[Line, ...]:
    loan = session.get(Registration, reference)
    if loan is None:
        return ()
    found = [
        Line(_day(loan.registered_on), who(loan.pool), "", "入库", f"担保决定 {loan.guarantee_no}，{_yuan(loan.amount_fen)}")
    ]
    signed = session.get(SignedConditions, reference)
    if signed is not None:
        found.append(
            Line(
                _day(signed.signed_on),
                signed.signer,
                "",
                "签署已确认条件",
                "SHA-256 " + " ".join(signed.digest[at : at + 16] for at in range(0, 64, 16)),
            )
        )
    for move in statements.loan_history(session, reference):
        found.append(Line(_day(move.on), who(move.by), "", f"{move.was} → {move.became}", Words.of(move.words).zh))
    return tuple(found)


def _day(day: date) -> str:
    return day.isoformat()
