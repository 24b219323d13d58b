"""Write down, sign, withdraw; note the basis of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.consents import model, rules, views
from backend.consents.model import Signer, SigningPort
from backend.consents.tables import Consent, ConsentItem, ConsentRecipient, PowerOfAttorney
from backend.consents.views import ConsentPaper
from backend.kit import locks
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.ids import new_id
from backend.kit.policy import digest
from backend.kit.rules import put
from backend.kit.words import Words
from backend.parties import views as parties
from backend.parties.actions import hold_firm

# Within so long the same paper again is the same tap.
TWO_TAPS = timedelta(minutes=2)


def draft(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    kind: str,
    items: Sequence[str],
    purpose: str,
    recipients: Sequence[str],
    valid_from: datetime,
    valid_to: datetime,
    subject_person: str | None,
    titles: Mapping[str, Words],
    at: datetime,
) -> ConsentPaper:
    """A consent in its final words, unsigned: it opens nothing yet. `titles`: every item there is on this day, in plain words.

    Invalid names what is not there: an item, a recipient or a purpose that does not exist would open nothing, or something else
    once it does.
    """
    if kind not in ("firm", "person", "bank_query"):
        raise Invalid("kind", Words("授权书种类不正确", "there is no such kind of consent"))
    if purpose not in model.PURPOSES:
        raise Invalid("purpose", Words("请选择用途", "please choose a purpose"))
    if kind == "bank_query":
        items = [model.BUREAU_ITEM]
    if not items or len(set(items)) != len(items):
        raise Invalid("items", Words("请逐项选择要授权的信息", "please choose the items one by one, each once"))
    if model.BUREAU_ITEM in items and kind != "bank_query":
        raise Invalid("items", Words("征信查询须单独签署", "a bureau query has a paper of its own"))
    model.exist(items, titles)
    if not recipients or len(set(recipients)) != len(recipients):
        raise Invalid("recipients", Words("请写明由谁读取", "please name who may read"))
    if kind == "person" and not (subject_person or "").strip():
        raise Invalid("subject_person", Words("请写明是谁的个人信息", "please say whose personal information it is"))
    banks = {each.code for each in parties.parties(session, "bank")}
    if any(name != model.PLATFORM and name not in banks for name in recipients):
        words = Words("只能授权给平台或已接入的银行", "a consent names the platform or a bank that takes part")
        raise Invalid("recipients", words, code="recipient_unknown")
    if valid_from.tzinfo is None or valid_to.tzinfo is None:
        raise Invalid("valid_from", Words("时间须带时区", "moments carry a time zone"))
    if not valid_from < valid_to <= valid_from + model.LONGEST:
        raise Invalid("valid_to", Words("授权期最长一年", "a consent lasts at most a year"))
    if valid_to <= at:
        raise Invalid("valid_to", Words("授权期已过,请填写今天以后的日期", "this period is over already; give a later day"))
    hold_firm(session, firm_id)
    paper = _tapped_before(session, firm_id, kind, purpose, subject_person, valid_to, set(items), set(recipients), at)
    if paper is None:
        paper = _keep(session, actor, firm_id, kind, items, purpose, recipients, valid_from, valid_to, subject_person, titles, at)
    return views.of_consent(paper)


def _tapped_before(
    session: Session,
    firm_id: str,
    kind: str,
    purpose: str,
    subject_person: str | None,
    valid_to: datetime,
    items: set[str],
    recipients: set[str],
    at: datetime,
) -> Consent | None:
    """The very same draft, written down a moment ago and not signed yet: two taps on a button are one paper."""
    query = select(Consent).where(
        Consent.firm_id == firm_id,
        Consent.kind == kind,
        Consent.purpose == purpose,
        Consent.state == "draft",
        Consent.valid_to == valid_to,
        Consent.created_at > at - TWO_TAPS,
    )
    for one in session.scalars(query):
        same = one.subject_person == subject_person and set(views.items(session, one.id)) == items
        if same and set(views.recipients(session, one.id)) == recipients:
            return one
    return None


def _keep(
    session: Session,
    actor: Actor,
    firm_id: str,
    kind: str,
    items: Sequence[str],
    purpose: str,
    recipients: Sequence[str],
    valid_from: datetime,
    valid_to: datetime,
    subject_person: str | None,
    titles: Mapping[str, Words],
    at: datetime,
) -> Consent:
    firm = parties.firm(session, firm_id)
    name = new_id("consent")
    text = model.document(
        consent_id=name,
        kind=kind,
        firm_name=firm.name,
        uscc=firm.uscc,
        items=items,
        purpose=purpose,
        recipients=recipients,
        valid_from=valid_from,
        valid_to=valid_to,
        subject_person=subject_person,
        titles={model.BUREAU_ITEM: model.BUREAU_TITLE, **titles},
        names={code: _name(session, code) for code in recipients},
    )
    consent = Consent(
        id=name,
        firm_id=firm_id,
        kind=kind,
        purpose=purpose,
        subject_person=subject_person,
        valid_from=valid_from,
        valid_to=valid_to,
        state="draft",
        text=text,
        digest=digest(text.encode()),
        created_at=at,
    )
    session.add(consent)
    session.flush()
    session.add_all(ConsentItem(consent_id=name, item=item) for item in items)
    session.add_all(ConsentRecipient(consent_id=name, recipient=recipient) for recipient in recipients)
    _log(session, actor, consent, "consent.drafted", at)
    return consent


def _name(session: Session, code: str) -> Words:
    if code == model.PLATFORM:
        return model.PLATFORM_NAME
    return parties.party(session, code).title


def _held(session: Session, consent_id: str) -> Consent:
    """The paper as it is now, its firm held: what was seen of it before may have been signed or withdrawn since."""
    firm_id = session.scalar(select(Consent.firm_id).where(Consent.id == consent_id))
    if firm_id is None:
        raise NotFound()
    hold_firm(session, firm_id)
    found = locks.fresh(session, Consent, consent_id)
    assert found is not None  # papers are never deleted
    return found


def sign(session: Session, actor: Actor, consent_id: str, *, signer: Signer, port: SigningPort, at: datetime) -> ConsentPaper:
    """Sign a draft. The signer is the legal representative by name, the person concerned, or an agent within a live power."""
    consent = _held(session, consent_id)
    if consent.state == "signed":
        return views.of_consent(consent)
    if consent.state != "draft":
        raise Conflict(Words("此授权书已失效", "this consent is no longer a draft"), code="not_a_draft")
    _may_sign(session, actor, consent, signer, at)
    signature = port.sign(consent.text.encode(), signer)
    put(session, consent, "state", "signed", rule=rules.REVOKED_FOR_GOOD)
    consent.signed_at = at
    consent.signature, consent.signer = signature.value, signer.name
    consent.capacity, consent.power_id = signer.capacity, signer.power_id
    _log(session, actor, consent, "consent.signed", at)
    _supersede(session, actor, consent, at)
    return views.of_consent(consent)


def _supersede(session: Session, actor: Actor, consent: Consent, at: datetime) -> None:
    """An earlier paper that opens nothing beyond the new one gives way to it: to withdraw the new one is then to withdraw all."""
    if consent.valid_from > at:
        return
    query = select(Consent).where(
        Consent.firm_id == consent.firm_id,
        Consent.kind == consent.kind,
        Consent.purpose == consent.purpose,
        Consent.state == "signed",
        Consent.valid_to <= consent.valid_to,
        Consent.id != consent.id,
    )
    items, recipients = set(views.items(session, consent.id)), set(views.recipients(session, consent.id))
    for earlier in session.scalars(query.execution_options(populate_existing=True)).all():
        if (
            earlier.subject_person == consent.subject_person
            and set(views.items(session, earlier.id)) <= items
            and set(views.recipients(session, earlier.id)) <= recipients
        ):
            put(session, earlier, "state", "superseded", rule=rules.REVOKED_FOR_GOOD)
            _log(session, actor, earlier, "consent.superseded", at)


def _may_sign(session: Session, actor: Actor, consent: Consent, signer: Signer, at: datetime) -> None:
    firm = parties.firm(session, consent.firm_id)
    refusal = None
    if consent.kind == "person":
        if signer.name != consent.subject_person:
            refusal = Words("个人信息只能由本人授权", "personal information is authorised by the person only")
    elif signer.capacity == "legal_representative":
        if signer.name != firm.legal_rep:
            refusal = Words("签署人不是登记的法定代表人", "the signer is not the registered legal representative")
    elif signer.capacity == "agent":
        power = session.get(PowerOfAttorney, signer.power_id or "")
        items = set(session.scalars(select(ConsentItem.item).where(ConsentItem.consent_id == consent.id)))
        if power is None or power.firm_id != firm.id or power.agent_name != signer.name:
            refusal = Words("没有该代理人的授权委托书", "there is no power of attorney for this agent")
        elif not power.valid_from <= at < power.valid_to:
            refusal = Words("授权委托书不在有效期内", "the power of attorney is not in force")
        elif not items <= set(power.items):
            refusal = Words("授权委托书不包括其中的项目", "the power of attorney does not cover all items")
    else:
        refusal = Words("签署身份不正确", "a signer is the legal representative or an agent")
    if refusal is not None:
        _log(session, actor, consent, "consent.signing_refused", at)
        raise Refused(refusal, code="signer")


def revoke(session: Session, actor: Actor, consent_id: str, *, at: datetime) -> ConsentPaper:
    """Withdraw, as easily as it was given (PIPL art. 15): the next reading is refused. The second time changes nothing."""
    consent = _held(session, consent_id)
    if consent.state in ("draft", "signed"):
        put(session, consent, "state", "revoked", rule=rules.REVOKED_FOR_GOOD)
        consent.revoked_at = at
        _log(session, actor, consent, "consent.revoked", at)
    return views.of_consent(consent)


def import_basis(
    session: Session, actor: Actor, *, firm_id: str, items: Sequence[str], file_digest: str, basis: str, at: datetime
) -> ConsentPaper:
    """The basis on which an imported ledger may be read, for the platform's own assessment; it reaches no bank."""
    if not basis.strip():
        raise Invalid("basis", Words("请写明导入依据", "say on what basis the ledger may be read"))
    # A ledger may be read for days long past: its basis holds from the beginning of such files.
    since = at.replace(year=2000, month=1, day=1)
    until = at + timedelta(days=366)
    hold_firm(session, firm_id)
    consent = _keep(session, actor, firm_id, "imported", items, "pre_loan", [model.PLATFORM], since, until, None, {}, at)
    put(session, consent, "state", "signed", rule=rules.REVOKED_FOR_GOOD)
    consent.signed_at, consent.signer = at, basis.strip()[:100]
    consent.capacity, consent.signature = "import", file_digest
    _log(session, actor, consent, "consent.imported", at)
    return views.of_consent(consent)


def _log(session: Session, actor: Actor, consent: Consent, action: str, at: datetime) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="consent",
        object_id=consent.id,
        firm_id=consent.firm_id,
        details={"kind": consent.kind, "digest": consent.digest},
    )
