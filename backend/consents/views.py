"""May this be read now? Asked as a condition inside the reading statement, or beforehand as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.consents.tables import Consent, ConsentItem, ConsentRecipient, PowerOfAttorney
from backend.kit.database import Moment, sealer_of
from backend.kit.errors import NotFound, Refused
from backend.kit.rows import seen
from backend.kit.words import Words

Column = ColumnElement[str] | InstrumentedAttribute[str]
Given = str | BindParameter[str]  # now, or when the statement is used


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPaper:
    """One authorisation document. `state`: draft, signed, revoked, superseded; whether it has run out, `state_now` says."""

    id: str
    firm_id: str
    kind: str
    purpose: str
    subject_person: str | None
    valid_from: datetime
    valid_to: datetime
    state: str
    text: str
    digest: str
    signature: str
    signer: str
    capacity: str
    power_id: str | None
    created_at: datetime
    signed_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPower:
    """A stored power of attorney, without its paper; `digest` is the SHA-256 of that."""

    id: str
    firm_id: str
    agent_name: str
    items: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    digest: str
    stored_at: datetime


def of_consent(row: Consent) -> ConsentPaper:
    """What may be seen of a consent."""
    return seen(ConsentPaper, row)


def of_power(row: PowerOfAttorney) -> AgentPower:
    """What may be seen of a power of attorney."""
    return seen(AgentPower, row, items=tuple(str(each) for each in row.items))


def in_force(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Signed, begun and not over at this moment; expired by a second is expired."""
    return and_(Consent.state == "signed", Consent.valid_from <= at, Consent.valid_to > at)


def live_join(
    firm_column: Column, item_column: Column, *, purpose: Given, recipient: Given, at: datetime | BindParameter[datetime]
) -> ColumnElement[bool]:
    """The consent test as an EXISTS, to stand inside the statement that reads: nothing can change between asking and reading."""
    return exists(
        select(Consent.id)
        .join(ConsentItem, ConsentItem.consent_id == Consent.id)
        .join(ConsentRecipient, ConsentRecipient.consent_id == Consent.id)
        .where(
            Consent.firm_id == firm_column,
            ConsentItem.item == item_column,
            ConsentRecipient.recipient == recipient,
            Consent.purpose == purpose,
            in_force(at),
        )
    )


# Asked at every reading: made once.
_LIVE_ITEMS = (
    select(ConsentItem.item, Consent.id)
    .join(Consent, Consent.id == ConsentItem.consent_id)
    .join(ConsentRecipient, ConsentRecipient.consent_id == Consent.id)
    .where(
        Consent.firm_id == bindparam("firm"),
        ConsentRecipient.recipient == bindparam("recipient"),
        Consent.purpose == bindparam("purpose"),
        in_force(bindparam("at", type_=Moment())),
    )
    .order_by(Consent.signed_at)
)


def live_items(session: Session, *, firm_id: str, purpose: str, recipient: str, at: datetime) -> dict[str, str]:
    """Every item that is open now: item -> the consent that opens it."""
    session.flush()
    given = {"firm": firm_id, "recipient": recipient, "purpose": purpose, "at": at}
    return {row[0]: row[1] for row in session.connection().execute(_LIVE_ITEMS, given)}


def live(session: Session, *, firm_id: str, item: str, purpose: str, recipient: str, at: datetime) -> str | None:
    """The consent that opens one item now, or None."""
    return live_items(session, firm_id=firm_id, purpose=purpose, recipient=recipient, at=at).get(item)


def missing(session: Session, *, firm_id: str, items: Iterable[str], purpose: str, recipient: str, at: datetime) -> list[str]:
    """Those of these items that nothing opens now: what is still to be signed."""
    return sorted(set(items).difference(live_items(session, firm_id=firm_id, purpose=purpose, recipient=recipient, at=at)))


def items_held_open(session: Session, firm_id: str, at: datetime) -> set[str]:
    """Every item that some consent opens now or will, whatever for and to whomever."""
    query = select(ConsentItem.item).join(Consent, Consent.id == ConsentItem.consent_id)
    return set(session.scalars(query.where(Consent.firm_id == firm_id, Consent.state == "signed", Consent.valid_to > at)))


def require(
    session: Session, actor: Actor, *, firm_id: str, items: Sequence[str], purpose: str, recipient: str, at: datetime
) -> dict[str, str]:
    """The consents that open these items now; Refused, with the missing ones named and the refusal logged, if any is shut."""
    opened = live_items(session, firm_id=firm_id, purpose=purpose, recipient=recipient, at=at)
    missing = sorted(set(items) - set(opened))
    if missing:
        audit.record(
            session,
            at=at,
            actor=actor,
            action="consent.missing",
            object_kind="firm",
            object_id=firm_id,
            firm_id=firm_id,
            details={"items": missing, "purpose": purpose, "recipient": recipient},
        )
        raise Refused(Words(f"尚未授权:{'、'.join(missing)}", f"not authorised: {', '.join(missing)}"), code="consent_missing")
    return {item: opened[item] for item in items}


def papers(session: Session, *, firm_id: str, bank: str, at: datetime) -> list[ConsentPaper]:
    """The signed papers that go to a bank with an application: what names it as a recipient. Imported ones never do."""
    query = (
        select(Consent)
        .join(ConsentRecipient, ConsentRecipient.consent_id == Consent.id)
        .where(Consent.firm_id == firm_id, ConsentRecipient.recipient == bank, Consent.kind != "imported", in_force(at))
    )
    return [of_consent(row) for row in session.scalars(query.order_by(Consent.signed_at, Consent.id))]


def bank_queries(session: Session, *, firm_id: str, bank: str, at: datetime) -> list[ConsentPaper]:
    """The live bureau-query authorisations for one bank."""
    return [paper for paper in papers(session, firm_id=firm_id, bank=bank, at=at) if paper.kind == "bank_query"]


def of_firm(session: Session, firm_id: str, at: datetime) -> list[ConsentPaper]:
    """Every consent of a firm, newest first."""
    query = select(Consent).where(Consent.firm_id == firm_id).order_by(Consent.id.desc())
    return [of_consent(row) for row in session.scalars(query)]


def get(session: Session, firm_id: str, consent_id: str) -> ConsentPaper:
    """One consent of this firm; another's is as good as missing."""
    found = session.get(Consent, consent_id)
    if found is None or found.firm_id != firm_id:
        raise NotFound()
    return of_consent(found)


def state_now(consent: ConsentPaper, at: datetime) -> str:
    """draft, signed, revoked, superseded, or expired."""
    return "expired" if consent.state == "signed" and consent.valid_to <= at else consent.state


def items(session: Session, consent_id: str) -> list[str]:
    """The items one consent opens."""
    return sorted(session.scalars(select(ConsentItem.item).where(ConsentItem.consent_id == consent_id)))


def recipients(session: Session, consent_id: str) -> list[str]:
    """Whom one consent names."""
    return sorted(session.scalars(select(ConsentRecipient.recipient).where(ConsentRecipient.consent_id == consent_id)))


def powers(session: Session, firm_id: str) -> list[AgentPower]:
    """The powers of attorney of a firm, newest first."""
    query = select(PowerOfAttorney).where(PowerOfAttorney.firm_id == firm_id).order_by(PowerOfAttorney.id.desc())
    return [of_power(row) for row in session.scalars(query)]


def power_place(power: PowerOfAttorney) -> str:
    """Where a power's paper is sealed: everything its row says. Another agent, item or day in the row, and it does not open."""
    period = (moment.astimezone(UTC).isoformat() for moment in (power.valid_from, power.valid_to))
    said = (power.id, power.firm_id, power.agent_name, ",".join(power.items), *period, power.digest)
    return "|".join(("powers_of_attorney", *said))


def paper(session: Session, power: PowerOfAttorney) -> bytes:
    """The paper of a power of attorney as it was handed in. Fault (`seal`) when paper or row were altered."""
    return sealer_of(session).open(power.sealed, place=power_place(power))
