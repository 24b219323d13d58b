"""Assess a firm, keep what it was assessed on, recompute it, erase the evidence when its retention ends.

Nothing here commits. The facts used are sealed under the platform's key; the card stays readable under its digest for as long as
any assessment cites it (architecture: an assessment is facts on a day times policies in force that day).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit import views as audited
from backend.audit.model import Actor
from backend.credit_data import views as credit_data
from backend.credit_data.model import Fact, plain, typed
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.kit.errors import Fault, NotFound
from backend.kit.ids import new_id
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from backend.scoring import scorecard, selection
from backend.scoring.card import Card
from backend.scoring.tables import Assessment
from backend.scoring.views import CreditAssessment, of_row


@dataclass(frozen=True, slots=True)
class Replayed:
    """What recomputing gave: the canonical bytes, whether they are those of the day, and words for a person."""

    assessment_id: str
    body: bytes
    same: bool
    words: Words

    def __str__(self) -> str:
        return self.words.en


def assess(
    session: Session, actor: Actor, *, firm_id: str, sealer: Sealer, at: datetime, policy_on: date | None = None
) -> CreditAssessment:
    """Read what the firm has opened, look it up in the card in force, keep and answer the assessment.

    `policy_on` takes the card of another day. A firm outside the card's population gets a row with words and no grade.
    """
    day = clock.day_of(at)
    wanted = scorecard.codes(policy_on or day)
    file = credit_data.read(session, actor, firm_id=firm_id, purpose="pre_loan", recipient="platform", at=at, codes=wanted)
    card = selection.card_for(file.facts, day, policy_on or day)
    facts = {code: fact for code, fact in selection.fair(file.facts).items() if code in card.facts | {"registered_on"}}
    found = selection.look_up(card, facts, day)
    policy = audit.keep_policy(session, kind="scorecard", name=card.code, body=card.body)
    name, used = new_id("assessment"), _packed(facts)
    row = Assessment(
        id=name,
        firm_id=firm_id,
        at=at,
        facts_on=day,
        card=card.code,
        policy_digest=policy,
        facts_digest=digest(used),
        result_digest=digest(canonical(found.as_dict())),
        sealed=sealer.seal(used, place=f"assessments|{name}"),
        pd=found.pd,
        grade=found.grade,
        score=found.score,
        reasons=[reason.as_dict() for reason in found.reasons],
        debt_capacity_fen=found.debt_capacity_fen,
        capacity_words=found.capacity_words.as_dict(),
        not_assessed=found.not_assessed.as_dict() if found.not_assessed else None,
    )
    session.add(row)
    session.flush()
    details = {"card": card.code, "policy": policy, "facts": row.facts_digest, "assessed": found.grade is not None}
    _log(session, row, actor, "firm.assessed", at, details)
    return of_row(row)


def _get(session: Session, assessment_id: str) -> Assessment:
    found = session.get(Assessment, assessment_id)
    if found is None:
        raise NotFound()
    return found


def replay(session: Session, assessment_id: str, *, sealer: Sealer) -> Replayed:
    """Recompute an assessment from the facts and the card it cites. For audit only. After erasure it says so, with the digest.

    A sealed body that does not match its digest is a fault.
    """
    row = _get(session, assessment_id)
    if row.sealed is None:
        words = Words(
            f"证据已于 {row.erased_on} 删除，事实摘要 {row.facts_digest}",
            f"evidence erased on {row.erased_on}; the facts' digest is {row.facts_digest}",
        )
        return Replayed(row.id, b"", False, words)
    used = sealer.open(row.sealed, place=f"assessments|{row.id}")
    if digest(used) != row.facts_digest:
        raise Fault(f"the facts of {row.id} are not those of its digest", code="facts_digest")
    card = Card.model_validate_json(audited.policy(session, row.policy_digest))
    body = canonical(selection.look_up(card, _unpacked(used), row.facts_on).as_dict())
    same = digest(body) == row.result_digest
    words = (
        Words(f"重新计算结果一致：{row.result_digest}", f"recomputed to the same bytes: {row.result_digest}")
        if same
        else Words(
            f"重新计算结果不一致：{digest(body)}", f"recomputed differently: {digest(body)} instead of {row.result_digest}"
        )
    )
    return Replayed(row.id, body, same, words)


def erase(session: Session, actor: Actor, assessment_id: str, *, at: datetime) -> None:
    """Forget what an assessment was made of, reasons included; its digests stay. The second time changes nothing."""
    row = _get(session, assessment_id)
    if row.erased_on is not None:
        return
    row.sealed, row.reasons, row.erased_on = None, [], clock.day_of(at)
    row.capacity_words = Words("证据已删除", "evidence erased").as_dict()
    session.flush()
    _log(session, row, actor, "assessment.erased", at, {"facts": row.facts_digest})


def _log(session: Session, row: Assessment, actor: Actor, action: str, at: datetime, details: dict[str, Any]) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="assessment",
        object_id=row.id,
        firm_id=row.firm_id,
        details=details,
    )


def _packed(facts: Mapping[str, Fact]) -> bytes:
    """Facts as the bytes that are sealed: value, day and source of each; the consent too, so that an audit finds the paper."""
    return canonical(
        {code: [plain(fact.value), fact.unit, fact.as_of, fact.source, fact.consent_id] for code, fact in facts.items()}
    )


def _unpacked(body: bytes) -> dict[str, Fact]:
    return {
        code: Fact(code, typed(code, value), unit, date.fromisoformat(as_of), source, consent)
        for code, (value, unit, as_of, source, consent) in json.loads(body).items()
    }
