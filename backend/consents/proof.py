"""Does a stored consent still say what was signed? For auditors, and for a bank that wonders about a paper.

Three things must agree: the text, its digest and signature, and the rows by which the reading statement asks. A row edited by
hand would open what nobody signed; this finds it (domain §3.5: subject, items, purpose, recipients, period are what is signed).
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.consents import views
from backend.consents.model import Signature, SigningPort
from backend.consents.tables import Consent
from backend.kit.policy import digest


def faults(session: Session, consent: Consent, port: SigningPort) -> list[str]:
    """What is wrong with one consent: empty when its paper, its signature and its rows agree. A draft has no signature."""
    found = []
    text = consent.text.encode()
    if digest(text) != consent.digest:
        found.append("the text was altered: its digest is another")
    if consent.kind != "imported" and consent.signed_at is not None and not _signed(consent, port):
        found.append("the signature is not of this text by this signer")
    said = json.loads(consent.text)
    rows = {
        "id": consent.id,
        "kind": consent.kind,
        "purpose": consent.purpose,
        "items": views.items(session, consent.id),
        "recipients": views.recipients(session, consent.id),
    }
    found += [f"{name}: the rows say {value}, the paper says {said[name]}" for name, value in rows.items() if value != said[name]]
    for name, moment in (("valid_from", consent.valid_from), ("valid_to", consent.valid_to)):
        if datetime.fromisoformat(said[name]) != moment.replace(microsecond=0):
            found.append(f"{name}: the rows say {moment.isoformat()}, the paper says {said[name]}")
    return found


def _signed(consent: Consent, port: SigningPort) -> bool:
    try:
        return port.verify(consent.text.encode(), Signature(consent.signature, "", consent.signer))
    except ValueError:
        return False


def every_fault(session: Session, port: SigningPort) -> list[str]:
    """The faults of every consent, each with the consent's name: empty when all papers stand."""
    return [f"{consent.id}: {fault}" for consent in session.scalars(select(Consent)) for fault in faults(session, consent, port)]
