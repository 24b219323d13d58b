"""The honesty monitor's alerts, and a new dated coefficient that two persons decide.

Only new facilities are touched: one that was granted before is recomputed by the terms of its grant.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import SYSTEM, Actor
from backend.kit import clock, locks, rules
from backend.kit.errors import Conflict, Invalid, Refused
from backend.kit.ids import new_id
from backend.kit.words import Words
from backend.uplifts import views
from backend.uplifts.honesty import Finding
from backend.uplifts.programme import INDICATORS
from backend.uplifts.rules import COEFFICIENT_DECIDED
from backend.uplifts.tables import UpliftAlert, UpliftDecision
from backend.uplifts.views import HonestyAlert

DECIDERS = ("whitelist_issuer", "regulator")


def note_findings(session: Session, findings: Sequence[Finding], *, at: datetime) -> list[HonestyAlert]:
    """Raise an alert for each finding that reaches its line, once per coefficient and terms; those raised now."""
    raised = []
    for programme in sorted({finding.programme for finding in findings if finding.alert}):
        _hold(session, programme)
    for each in (finding for finding in findings if finding.alert):
        query = select(UpliftAlert.id).where(UpliftAlert.programme == each.programme, UpliftAlert.coefficient == each.coefficient)
        if session.scalar(query.where(UpliftAlert.policy_digest == each.policy_digest)) is not None:
            continue
        row = UpliftAlert(
            id=new_id("alert"), programme=each.programme, policy_digest=each.policy_digest, coefficient=each.coefficient,
            found_on=clock.day_of(at), figures=each.as_dict(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        _log(session, SYSTEM, "uplift.alert", "uplift_alert", row.id, at, each.as_dict())
        raised.append(views.of_alert(row))
    return raised


def propose(
    session: Session,
    actor: Actor,
    *,
    programme: str,
    indicator: str,
    coefficient_bp: int,
    valid_from: date,
    words: str,
    at: datetime,
    alert_id: str | None = None,
) -> UpliftDecision:
    """The first person: a coefficient of 0 to 10000 bp of its weight, from a day to come. Invalid, Refused for other roles."""
    _role(actor)
    if indicator not in INDICATORS:
        raise Invalid("indicator", Words("没有这个指标", f"an indicator is one of {', '.join(INDICATORS)}"))
    if not 0 <= coefficient_bp <= 10_000:
        raise Invalid("coefficient_bp", Words("系数须在 0 与 10000 基点之间", "a coefficient lies between 0 and 10000 bp"))
    if valid_from <= clock.day_of(at):
        raise Invalid("valid_from", Words("新系数只能从以后的日期起生效", "a new coefficient holds from a day to come"))
    if len(words.strip()) < 4:
        raise Invalid("words", Words("请写明依据", "say on what the decision rests"))
    views.programme(session, programme).with_coefficient(indicator, coefficient_bp, valid_from, "assumed: as proposed")
    row = UpliftDecision(
        id=new_id("decision"), alert_id=alert_id, programme=programme, indicator=indicator, coefficient_bp=coefficient_bp,
        valid_from=valid_from, words=words.strip()[:400], state="proposed", proposed_by=actor.id, proposed_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"programme": programme, "indicator": indicator, "coefficient_bp": coefficient_bp, "from": valid_from.isoformat()}
    _log(session, actor, "uplift.proposed", "uplift_decision", row.id, at, details)
    return row


def decide(session: Session, actor: Actor, *, decision_id: str, approved: bool, at: datetime) -> UpliftDecision:
    """The second person, never the first. An approved coefficient whose day has come meanwhile is a Conflict: propose anew."""
    _role(actor)
    row = views.decision(session, decision_id)
    _hold(session, row.programme)
    row = locks.fresh(session, UpliftDecision, decision_id) or row
    if row.state != "proposed":
        raise Conflict(Words("该提案已决定", "this proposal has been decided"))
    if row.proposed_by == actor.id:
        raise Refused(Words("提案人不能自行批准", "whoever proposed it may not decide it"), code="same_person")
    if approved and row.valid_from <= clock.day_of(at):
        raise Conflict(Words("生效日已过，请重新提案", "its first day has passed; propose it anew"))
    rules.put(session, row, "state", "approved" if approved else "rejected", rule=COEFFICIENT_DECIDED)
    row.decided_by, row.decided_at = actor.id, at
    alert = locks.fresh(session, UpliftAlert, row.alert_id) if row.alert_id is not None else None
    if alert is not None:
        rules.put(session, alert, "closed_on", clock.day_of(at), rule=COEFFICIENT_DECIDED)
    session.flush()
    _log(session, actor, "uplift.decided", "uplift_decision", row.id, at, {"state": row.state})
    return row


def _hold(session: Session, programme: str) -> None:
    """What is decided about a programme's coefficients, one at a time. After the pools: a day's close comes here last."""
    locks.hold_name(session, "pool", f"~uplift:{programme}")


def _role(actor: Actor) -> None:
    if actor.role not in DECIDERS:
        raise Refused(
            Words("只有认定部门或监管人员可以决定系数", "only the issuer or the regulator decides coefficients"), code="role"
        )


def _log(session: Session, actor: Actor, action: str, kind: str, name: str, at: datetime, details: dict[str, object]) -> None:
    audit.record(session, at=at, actor=actor, action=action, object_kind=kind, object_id=name, details=details)
