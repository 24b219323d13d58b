"""Does a stored consent still say what was signed? For auditors, and for a bank that wonders about a paper.

Four things must agree: the text, its digest and signature, the rows by which the reading statement asks, and what the log says
was written down, signed and withdrawn. A row edited by hand would open what nobody signed; this finds it (domain §3.5: subject,
items, purpose, recipients, period are what is signed). The paper of a power of attorney must open at its place and have its
digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.consents import views
from backend.consents.model import Signature, SigningPort
from backend.consents.tables import Consent, PowerOfAttorney
from backend.consents.views import ConsentPaper
from backend.kit.errors import Fault
from backend.kit.policy import digest


@dataclass
class Logged:
    """What the log says of one paper: the digest it was written down with, and what was done with it."""

    digest: str = ""
    actions: set[str] = field(default_factory=set)


def faults(session: Session, consent: ConsentPaper, port: SigningPort) -> list[str]:
    """What is wrong with one consent: empty when its paper, its signature and its rows agree. A draft has no signature."""
    found = []
    text = consent.text.encode()
    if digest(text) != consent.digest:
        found.append("the text was altered: its digest is another")
    if consent.kind != "imported" and _bears_a_signature(consent) and not _signed(consent, port):
        found.append("the signature is not of this text by this signer")
    try:
        said = json.loads(consent.text)
        period = {name: datetime.fromisoformat(said[name]) for name in ("valid_from", "valid_to")}
        papers = {name: said[name] for name in ("id", "kind", "purpose", "items", "recipients")}
    except (ValueError, KeyError, TypeError):
        return [*found, "the text cannot be read"]
    rows = {
        "id": consent.id,
        "kind": consent.kind,
        "purpose": consent.purpose,
        "items": views.items(session, consent.id),
        "recipients": views.recipients(session, consent.id),
    }
    found += [
        f"{name}: the rows say {value}, the paper says {papers[name]}" for name, value in rows.items() if value != papers[name]
    ]
    for name, moment in (("valid_from", consent.valid_from), ("valid_to", consent.valid_to)):
        if period[name] != moment.replace(microsecond=0):
            found.append(f"{name}: the rows say {moment.isoformat()}, the paper says {said[name]}")
    return found


def _bears_a_signature(consent: ConsentPaper) -> bool:
    return consent.signed_at is not None or consent.state in ("signed", "superseded")


def _signed(consent: ConsentPaper, port: SigningPort) -> bool:
    try:
        return port.verify(consent.text.encode(), Signature(consent.signature, "", consent.signer))
    except ValueError:
        return False


def _against_the_log(consent: ConsentPaper, log: Mapping[str, Logged]) -> Iterator[str]:
    logged = log.get(consent.id)
    if logged is None:
        yield "the log knows of no such paper"
        return
    if logged.digest != consent.digest:
        yield "the log has another digest"
    done = logged.actions
    if consent.state == "signed" and not done & {"consent.signed", "consent.imported"}:
        yield "its row says signed, the log knows of no signing"
    if consent.state not in ("revoked", "superseded") and done & {"consent.revoked", "consent.superseded"}:
        yield f"its row says {consent.state}, the log says it was withdrawn"


def power_faults(session: Session, power: PowerOfAttorney, log: Mapping[str, Logged]) -> Iterator[str]:
    """What is wrong with one power of attorney: its seal, its digest, or that the log knows another."""
    try:
        if digest(views.paper(session, power)) != power.digest:
            yield "the paper was altered: its digest is another"
    except Fault:
        yield "the seal of its paper does not open: the paper, or what the row says of it, was altered"
    logged = log.get(power.id)
    if logged is None or logged.digest != power.digest:
        yield "the log knows of no such paper" if logged is None else "the log has another digest"


def every_fault(session: Session, port: SigningPort) -> list[str]:
    """The faults of every consent and every power of attorney, each with the paper's name: empty when all papers stand."""
    log, every = _logged(session), []
    for name in session.scalars(select(Consent.id).order_by(Consent.id)).all():
        try:
            # a savepoint: what the database itself cannot read must not end the look at the others
            with session.begin_nested():
                consent = views.of_consent(session.get_one(Consent, name))
                found = [*faults(session, consent, port), *_against_the_log(consent, log)]
        except DBAPIError:
            found = ["the row cannot be read"]
        every += [f"{name}: {fault}" for fault in found]
    for power in session.scalars(select(PowerOfAttorney).order_by(PowerOfAttorney.id)).all():
        every += [f"{power.id}: {fault}" for fault in power_faults(session, power, log)]
    return every


def counted(session: Session) -> tuple[int, int]:
    """How many consents and powers of attorney there are to look at."""
    consents, powers = (session.scalar(select(func.count(table.id))) or 0 for table in (Consent, PowerOfAttorney))
    return consents, powers


def _logged(session: Session) -> dict[str, Logged]:
    found: dict[str, Logged] = {}
    for name, action, details in audit.acts_on(session, ("consent", "power")):
        logged = found.setdefault(name, Logged())
        logged.actions.add(action)
        if action in ("consent.drafted", "power.stored"):
            logged.digest = str(details.get("digest", ""))
    return found
