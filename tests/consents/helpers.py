"""A firm, its owner, a bank, and a way to sign: what the consent tests start from."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.consents import actions
from backend.consents.model import SandboxSigner, Signer
from backend.consents.views import ConsentPaper
from backend.kit.clock import SHANGHAI
from backend.parties import actions as parties
from backend.parties.tables import Firm
from backend.vocabulary.facts import item_titles

PORT = SandboxSigner(bytes(range(32)))
AT = datetime(2025, 1, 6, 9, 0, tzinfo=SHANGHAI)
YEAR = timedelta(days=365)
OWNER = Signer("王小明", "legal_representative")


def a_firm(session: Session, uscc: str = "91420100000000000U", name: str = "江城数据服务有限公司") -> tuple[Firm, Actor]:
    firm, user = parties.sign_up_firm(
        session,
        uscc=uscc,
        name=name,
        legal_rep=OWNER.name,
        login=f"owner-{uscc}",
        password_hash="not a hash: nobody signs in here",
        person=OWNER.name,
        region="420100",
        industry="I6510",
        founded_on=None,
        at=AT,
    )
    return firm, Actor(user.id, user.role, user.party_id)


def a_bank(session: Session, code: str = "harbour_bank") -> None:
    parties.add_party(session, kind="bank", code=code, name="港湾银行")


def a_draft(session: Session, actor: Actor, firm: Firm, **said: object) -> ConsentPaper:
    terms: dict[str, object] = {
        "kind": "firm",
        "items": ["TAX04", "TAX03"],
        "purpose": "pre_loan",
        "recipients": ["platform"],
        "valid_from": AT,
        "valid_to": AT + YEAR,
        "subject_person": None,
        "titles": item_titles(),
        "at": AT,
    }
    return actions.draft(session, actor, firm_id=firm.id, **(terms | said))  # type: ignore[arg-type]  # a test's own terms


def a_signed(session: Session, actor: Actor, firm: Firm, **said: object) -> ConsentPaper:
    consent = a_draft(session, actor, firm, **said)
    return actions.sign(session, actor, consent.id, signer=OWNER, port=PORT, at=AT)
