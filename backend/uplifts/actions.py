"""Keep what an uplift rests on when a facility is signed, notice evidence used twice, recompute, let go at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit import views as audited
from backend.audit.model import Actor
from backend.kit import clock, locks, rules
from backend.kit.ids import new_id
from backend.kit.money import share_out
from backend.parties.actions import hold_firm, under_firm
from backend.uplifts import views
from backend.uplifts.again import Kept, rate_again, standing
from backend.uplifts.evidence import Known
from backend.uplifts.model import Effective, Uplift
from backend.uplifts.programme import Terms
from backend.uplifts.rules import ENDED_ONCE, EVIDENCE_STANDS
from backend.uplifts.tables import UpliftEvidence, UpliftFacility
from backend.uplifts.views import LiftingEvidence

# While more has fallen than is undrawn, the rest is looked for as it is repaid.
LOOK_AGAIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a second look at a facility found: fen of the limit that no evidence carries any more, fen of it frozen, next look."""

    fallen_fen: int
    frozen_fen: int
    changed: bool
    next_on: date | None


def keep(
    session: Session, actor: Actor, *, firm_id: str, facility_id: str, uplift: Uplift, effect: Effective, at: datetime
) -> tuple[str, ...]:
    """Write down the pieces that lift this facility, straight from an evaluation; see `keep_items`."""
    return keep_items(
        session,
        actor,
        firm_id=firm_id,
        facility_id=facility_id,
        programme=uplift.programme,
        policy_digest=uplift.policy_digest or "",
        rate_bp=uplift.rate_bp,
        base_fen=effect.credit_before_fen,
        limit_fen=effect.credit_after_fen,
        items=[item.as_dict() for item in effect.items],
        at=at,
    )


def keep_items(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    facility_id: str,
    programme: str,
    policy_digest: str,
    rate_bp: int,
    base_fen: int,
    limit_fen: int,
    items: Sequence[Mapping[str, Any]],
    at: datetime,
) -> tuple[str, ...]:
    """Write down the pieces that lift this facility; answers those that already lift another live one, for the bank to see.

    `items` are `UpliftItem.as_dict`. Only what was gained within the signed limit is shared among them. One programme per
    facility: the second call changes nothing. Only pieces that count are kept, and only when something was gained.
    """
    hold_firm(session, firm_id)
    day = clock.day_of(at)
    counted = {str(item["evidence_id"]): item for item in items if item["counted"]}
    planned = {name: int(item["contribution_fen"]) for name, item in counted.items()}
    gained = min(sum(planned.values()), max(0, limit_fen - base_fen))
    if not gained:
        return ()
    # Asked over all firms, of which each caller holds its own. One name for all pieces: names of single pieces would be wanted in
    # one order by one contract and in another by the next of the same message. After the firms, before what hangs under a loan.
    locks.hold_name(session, "firm", "~uplift evidence")
    contents = [str(item["content"]) for item in counted.values() if item.get("content")]
    twice = views.live_elsewhere(session, list(counted), facility_id=facility_id, day=day, contents=contents)
    if views.of_facility(session, facility_id):
        return twice
    block = next((each for each in views.programme(session, programme).blocks if each.digest == policy_digest), None)
    if block is not None:
        audit.keep_policy(session, kind="uplift", name=programme, body=block.body)
    parts = share_out(gained, planned, odd_fen_order=sorted(planned))
    session.add(
        UpliftFacility(
            facility_id=facility_id, firm_id=firm_id, programme=programme, policy_digest=policy_digest, uplift_bp=rate_bp,
            base_fen=base_fen, effective_fen=gained, limit_fen=limit_fen, granted_on=day, used_twice=list(twice),
        )
    )  # fmt: skip
    session.add_all(
        UpliftEvidence(
            id=new_id("evidence"), firm_id=firm_id, facility_id=facility_id, evidence_id=name, programme=programme,
            policy_digest=policy_digest, contribution_fen=parts[name], granted_on=day, indicator=item["indicator"],
            consent_id=item.get("consent_id"), happened_on=_day(item.get("on")), ends_on=_day(item.get("ends_on")),
            coefficient_bp=item.get("coefficient_bp"), half_life_months=item.get("half_life_months"), weight=str(item["weight"]),
            content=item.get("content") or None, standing="stands",
        )
        for name, item in counted.items()
    )  # fmt: skip
    session.flush()
    details = {"programme": programme, "policy": policy_digest, "pieces": len(counted), "used_twice": list(twice)}
    _log(session, actor, "uplift.kept", facility_id, firm_id, at, details)
    return twice


def recompute(
    session: Session, actor: Actor, *, facility_id: str, facts: Mapping[str, Known] | None, uscc: str, room_fen: int, at: datetime
) -> Recomputed | None:
    """Look again at the evidence under a facility, by the terms under which it was granted; None when there is nothing live.

    `facts` are what may be read now (None: no consent lives, then only what was known to expire falls away); `room_fen` is the
    part of the limit that is neither drawn nor frozen for another reason: never more than that is frozen.
    """
    row = under_firm(session, UpliftFacility, facility_id)
    if row is None or row.ended_on is not None:
        return None
    day = clock.day_of(at)
    under = select(UpliftEvidence).where(UpliftEvidence.facility_id == facility_id)
    pieces = session.scalars(under.order_by(UpliftEvidence.evidence_id)).all()
    _, confirmed = views.decided(session, row.firm_id)
    for piece in pieces:
        found = standing(_kept(piece), facts, uscc=uscc, day=day)
        rules.put(session, piece, "standing", "not_valid" if piece.evidence_id in confirmed else found, rule=EVIDENCE_STANDS)
    terms = Terms.model_validate_json(audited.policy(session, row.policy_digest))
    stand = [_kept(piece) for piece in pieces if piece.standing in ("stands", "unseen")]
    rate = row.uplift_bp if len(stand) == len(pieces) else rate_again(terms, stand, row.granted_on)
    carried = min(row.effective_fen, row.base_fen * rate // 10_000)
    fallen = row.effective_fen - carried
    frozen = min(fallen, max(0, room_fen))
    changed = (row.fallen_fen, row.frozen_fen) != (fallen, frozen)
    row.fallen_fen, row.frozen_fen, row.checked_on = fallen, frozen, day
    session.flush()
    if changed:
        states = {
            state: sum(piece.standing == state for piece in pieces) for state in ("stands", "expired", "not_valid", "unseen")
        }
        details = {"fallen_fen": fallen, "frozen_fen": frozen, "pieces": states}
        _log(session, actor, "uplift.recomputed", facility_id, row.firm_id, at, details)
    return Recomputed(fallen, frozen, changed, next_look(pieces, day, short=fallen > frozen))


def next_look(pieces: Sequence[UpliftEvidence | LiftingEvidence], day: date, *, short: bool = False) -> date | None:
    """The day after the next piece expires; sooner while more has fallen than could be frozen."""
    ends = [piece.ends_on + timedelta(days=1) for piece in pieces if piece.ends_on is not None and piece.ends_on >= day]
    return min([*ends, *([day + LOOK_AGAIN] if short else [])], default=None)


def end(session: Session, actor: Actor, *, facility_id: str, at: datetime) -> int:
    """The facility has ended: its evidence is free again. How many pieces; the second time none."""
    day = clock.day_of(at)
    whole = under_firm(session, UpliftFacility, facility_id)
    live = select(UpliftEvidence).where(UpliftEvidence.facility_id == facility_id, UpliftEvidence.ended_on.is_(None))
    rows = session.scalars(live.execution_options(populate_existing=True)).all()
    for row in rows:
        rules.put(session, row, "ended_on", day, rule=ENDED_ONCE)
    if whole is not None and whole.ended_on is None:
        rules.put(session, whole, "ended_on", day, rule=ENDED_ONCE)
    if rows:
        session.flush()
        _log(session, actor, "uplift.ended", facility_id, rows[0].firm_id, at, {"pieces": len(rows)})
    return len(rows)


def _kept(row: UpliftEvidence) -> Kept:
    return Kept(row.evidence_id, row.indicator or "rights", row.happened_on, row.ends_on, row.weight or "0")


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _log(
    session: Session, actor: Actor, action: str, facility_id: str, firm_id: str, at: datetime, details: dict[str, Any]
) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="facility",
        object_id=facility_id,
        firm_id=firm_id,
        details=details,
    )
