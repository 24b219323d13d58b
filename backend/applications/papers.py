"""Documents on their way to a bank: what a firm hands in when it is asked, and what the platform itself hands on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications import actions, model, standing, views
from backend.applications.model import LoanApplication
from backend.applications.tables import Application, ApplicationDocument
from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import uploads
from backend.kit.calendar import promised_by
from backend.kit.clock import day_of
from backend.kit.crypto import Sealer
from backend.kit.errors import Conflict, Invalid, NotFound
from backend.kit.ids import new_id
from backend.kit.policy import digest
from backend.kit.words import Words
from backend.steps import actions as steps
from products.catalogue import Catalogue

# Its kind, its file name, its bytes.
Paper = tuple[str, str, bytes]


def answer_documents(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    application_id: str,
    files: Sequence[Paper],
    sealer: Sealer,
    catalogue: Catalogue,
    at: datetime,
) -> LoanApplication:
    """Hand the bank what it asked for: (kind, file name, bytes) each. Its working days count from the complete papers."""
    application = standing.own_held(session, firm_id, application_id)
    if model.move(application.state, "firm_answered") is None:
        raise Conflict(Words("银行目前没有要求补充材料", "the bank is not asking for documents now"), code="not_asked")
    if not files:
        raise Invalid("files", Words("请至少上传一份材料", "please add at least one document"))
    for number, (_, name, body) in enumerate(files):
        uploads.fit(name, body, f"files.{number}")
    keep_documents(session, application, files, sealer, at)
    standing.advance(session, application, "firm_answered")
    terms = catalogue.get(application.product, application.submitted_on)
    application.wait_until = promised_by(day_of(at), terms.decision_days)
    actions.note(session, application, "firm_answered", actor, at, Words("您补充了材料", "you sent documents"))
    return views.of_application(application)


def keep_documents(
    session: Session, application: Application | LoanApplication, files: Sequence[Paper], sealer: Sealer, at: datetime
) -> None:
    """Seal the documents and write the step that hands them to the bank."""
    names = []
    for kind, name, body in files:
        document = ApplicationDocument(
            id=new_id("doc"), application_id=application.id, kind=kind, name=name[:200], sealed=b"", digest=digest(body), at=at
        )
        document.sealed = sealer.seal(body, place=f"application_documents|{document.id}")
        session.add(document)
        names.append(document.id)
    session.flush()
    steps.enqueue(
        session,
        kind="lender.supplement",
        key=names[0],
        payload={"application": application.id, "documents": names},
        due=at,
        lane=application.bank,
    )


def open_document(
    session: Session, actor: Actor, *, bank: str, application_id: str, document_id: str, sealer: Sealer, at: datetime
) -> tuple[str, bytes]:
    """A document's name and its bytes, opened for this bank alone; the reading is in the log."""
    application = views.of_bank(session, bank, application_id)
    found = session.get(ApplicationDocument, document_id)
    if found is None or found.application_id != application.id:
        raise NotFound()
    body = sealer.open(found.sealed, place=f"application_documents|{found.id}")
    if actor.role == "bank_system":
        # Its system has fetched it: nothing is left to be handed over.
        found.sent = True
    audit.record(
        session,
        at=at,
        actor=actor,
        action="document.read",
        object_kind="document",
        object_id=found.id,
        firm_id=application.firm_id,
    )
    return found.name, body
