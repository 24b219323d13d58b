"""What leaves the platform with an application: the facts its product declares, and the signed papers. Nothing else.

Never our grade or probability of default, counterparty names or raw invoices (architecture §3 "What may leave"; 征信业务管理办法,
domain §5.5). The consent is asked in the statement that reads the facts, for this bank as the recipient.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications.tables import Application, Need
from backend.audit.model import Actor
from backend.consents import views as consents
from backend.credit_data import views as credit_data
from backend.kit.errors import Refused
from backend.kit.words import Words
from backend.parties import views as parties
from backend.whitelists import views as whitelists
from lender_adapters import port
from products.catalogue import Catalogue


def build(session: Session, application: Application, catalogue: Catalogue, *, at: datetime) -> port.Submission:
    """The submission as the bank's adapter wants it, or Refused if a consent it needs is gone."""
    terms = catalogue.get(application.product, at.date())
    firm = parties.firm(session, application.firm_id)
    need = session.get_one(Need, application.need_id)
    bank = parties.party(session, application.bank)
    file = credit_data.read(
        session,
        Actor(application.bank, "bank_system", bank.id),
        firm_id=firm.id,
        purpose="pre_loan",
        recipient=application.bank,
        at=at,
        codes=terms.facts_handed,
    )
    if file.withheld:
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
        whitelists.listing(session, firm_id=firm.id, programme=terms.whitelist_programme, day=at.date())
        if (terms.whitelist_programme)
        else None
    )
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
        facts=tuple(port.HandedFact(fact.code, fact.value, fact.unit, fact.as_of, fact.source) for fact in file.facts.values()),
        consents=tuple(
            port.ConsentProof(paper.id, paper.kind, paper.text, paper.digest, paper.signature, paper.signer) for paper in papers
        ),
        listing=(listing.programme, listing.grade) if listing else None,
    )
