"""What leaves the platform with an application: the facts its product declares, and the signed papers. Nothing else.

Never our probability of default, counterparty names or raw invoices; our grade only where the operator's capacity allows it
(`leaving.yaml`; architecture §3 "What may leave"; 征信业务管理办法, domain §5.5). The consent is asked in the statement that
reads the facts, for this bank as the recipient.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.applications import leaving, standing, views
from backend.applications.actions import note
from backend.applications.model import LoanApplication
from backend.applications.tables import Application, Need
from backend.audit import actions as audit
from backend.audit import views as audited
from backend.audit.model import SYSTEM, Actor
from backend.consents import views as consents
from backend.credit_data import views as credit_data
from backend.credit_data.model import Fact
from backend.kit.clock import day_of
from backend.kit.errors import Refused
from backend.kit.words import Words
from backend.parties import views as parties
from backend.parties.views import RegisteredFirm
from backend.scoring import views as scoring
from backend.scoring.card import Card
from backend.vocabulary.facts import definitions
from backend.whitelists import views as whitelists
from lender_adapters import port
from products.catalogue import Catalogue
from products.schema import ProductTerms

# A grade older than this says nothing of now.
GRADE_DAYS = 30


def facts_for(
    session: Session, reader: Actor, *, firm: RegisteredFirm, terms: ProductTerms, capacity: str, at: datetime
) -> tuple[dict[str, Fact], dict[str, str]]:
    """What this bank may see of this firm for this product, and what no consent opens to it (code -> item)."""
    file = credit_data.read(
        session, reader, firm_id=firm.id, purpose="pre_loan", recipient=terms.bank, at=at, codes=terms.facts_handed
    )
    day = day_of(at)
    return leaving.may_leave(file.facts, capacity=capacity, subject_type=firm.subject_type, day=day), file.withheld


def grade_for(
    session: Session, reader: Actor, *, firm: RegisteredFirm, bank: str, capacity: str, at: datetime
) -> port.HandedFact | None:
    """Our grade for this bank, where the operator's capacity allows it and the bank may read everything that the grade rests on:
    it then learns nothing that it could not work out with our published card."""
    day = day_of(at)
    if not leaving.hands(capacity, leaving.grade_kind(firm.subject_type), day):
        return None
    row = scoring.latest(session, firm.id)
    if row is None or row.grade is None or row.facts_on < day - timedelta(days=GRADE_DAYS):
        return None
    card = Card.model_validate_json(audited.policy(session, row.policy_digest))
    rests_on = {definitions()[code].item for code in card.facts if not definitions()[code].open}
    opened = consents.live_items(session, firm_id=firm.id, purpose="pre_loan", recipient=bank, at=at)
    if not rests_on <= set(opened):
        return None
    audit.record(
        session,
        at=at,
        actor=reader,
        action="grade.handed",
        object_kind="assessment",
        object_id=row.id,
        firm_id=firm.id,
        details={"recipient": bank, "capacity": capacity, "card": row.card},
    )
    return port.HandedFact(leaving.GRADE, row.grade, "grade", row.facts_on, f"scorecard {row.card}")


def build(session: Session, application: Application, catalogue: Catalogue, *, capacity: str, at: datetime) -> port.Submission:
    """The submission as the bank's adapter wants it, or Refused if a consent it needs is gone."""
    terms = catalogue.get(application.product, day_of(at))
    firm = parties.firm(session, application.firm_id)
    need = session.get_one(Need, application.need_id)
    bank = parties.party(session, application.bank)
    reader = Actor(application.bank, "bank_system", bank.id)
    facts, withheld = facts_for(session, reader, firm=firm, terms=terms, capacity=capacity, at=at)
    if withheld:
        raise Refused(
            Words("授权已撤回或到期,申请未送出", "a consent was withdrawn or has run out; the application was not sent"),
            code="consent_missing",
        )
    papers = consents.papers(session, firm_id=firm.id, bank=application.bank, at=at)
    if terms.bureau_queries and not any(paper.kind == "bank_query" for paper in papers):
        raise Refused(
            Words("征信查询授权已撤回或到期,申请未送出", "the bureau-query authorisation is gone; the application was not sent"),
            code="bank_query_missing",
        )
    listing = (
        whitelists.listing(session, uscc=firm.uscc, programme=terms.whitelist_programme, day=day_of(at))
        if (terms.whitelist_programme)
        else None
    )
    grade = grade_for(session, reader, firm=firm, bank=application.bank, capacity=capacity, at=at)
    return port.Submission(
        reference=application.id,
        product=application.product,
        firm=port.FirmCard(
            uscc=firm.uscc,
            name=firm.name,
            subject_type=firm.subject_type,  # type: ignore[arg-type]  # the firms table keeps the same three words
            legal_rep=firm.legal_rep or "",
            region=firm.region or "",
            industry=firm.industry or "",
        ),
        amount_fen=application.amount_fen,
        months=application.months,
        way=application.way,  # type: ignore[arg-type]  # checked against the product's ways when it was applied for
        purpose=need.purpose,
        facts=(*handed(facts), *((grade,) if grade else ())),
        consents=tuple(
            port.ConsentProof(paper.id, paper.kind, paper.text, paper.digest, paper.signature, paper.signer) for paper in papers
        ),
        listing=(listing.programme, listing.grade) if listing else None,
    )


# Until the contract is signed the bank may need what it decides on.
TO_DECIDE = frozenset({"created", "submitted", "documents_asked", "approved", "accepted"})


def fetch(
    session: Session, bank: str, application_id: str, catalogue: Catalogue, *, capacity: str, at: datetime
) -> tuple[LoanApplication, port.Submission | None]:
    """An application as its bank's own system fetches it; without a submission once there is nothing left to decide.

    As when an adapter hands it in: an application whose consent is gone before the bank saw it stops there. The firm is held from
    the facts to the papers that opened them, so that no consent is withdrawn in between.
    """
    now = standing.of_bank_held(session, bank, application_id)
    if now.state not in TO_DECIDE:
        return views.of_application(now), None
    try:
        return views.of_application(now), build(session, now, catalogue, capacity=capacity, at=at)
    except Refused as refusal:
        if now.state == "created":
            standing.advance(session, now, "consent_gone")
            note(session, now, "consent_gone", SYSTEM, at, refusal.words)
        raise


def handed(facts: dict[str, Fact]) -> tuple[port.HandedFact, ...]:
    """Facts in the words of the port: no consent's name, no doubts of ours."""
    return tuple(port.HandedFact(fact.code, fact.value, fact.unit, fact.as_of, fact.source) for fact in facts.values())
