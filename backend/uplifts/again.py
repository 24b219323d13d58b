"""A second look at evidence that lifts a live facility: what still stands, and what rate that would have given at the grant.

Age alone takes nothing away: only what expires, is disputed, cancelled, paid back or no longer audited (domain §4.4).

>>> old = Kept("certificate:C1", "rights", date(2024, 1, 1), date(2025, 6, 30), "0.07")
>>> standing(old, None, uscc="A", day=date(2025, 6, 30)), standing(old, None, uscc="A", day=date(2025, 7, 1))
('unseen', 'expired')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backend.uplifts.evidence import Known, evidence_of
from backend.uplifts.model import rate_of, trades_part
from backend.uplifts.programme import Terms

_READ_FROM = {"rights": "data_certificates", "trades": "data_trades", "booked": "data_booked_items"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written down of a piece at the grant."""

    evidence_id: str
    indicator: str
    on: date | None
    ends_on: date | None
    weight: str


def standing(piece: Kept, facts: Mapping[str, Known] | None, *, uscc: str, day: date) -> str:
    """stands, expired, not_valid, or unseen when its source may not be read now."""
    if facts is None or _READ_FROM[piece.indicator] not in facts:
        return "expired" if piece.ends_on is not None and piece.ends_on < day else "unseen"
    now = {each.evidence_id: each for each in evidence_of(facts, uscc, (), day)}.get(piece.evidence_id)
    if now is None:
        return "stands" if piece.indicator == "trades" else "not_valid"  # an exchange may stop reporting old sales
    if now.kind == "certificate":
        if now.ends_on is not None and now.ends_on < day:
            return "expired"
        return "stands" if now.status == "valid" else "not_valid"
    if now.kind == "booked":
        return "stands" if now.status == "audited" else "not_valid"
    paid = now.status == "settled" and now.refunded_fen * 2 < max(1, now.amount_fen)
    return "stands" if paid else "not_valid"


def rate_again(terms: Terms, pieces: Sequence[Kept], granted_on: date) -> int:
    """The rate in bp that these pieces alone would have given on the day of the grant, by the same terms."""
    rights = Decimal(sum(piece.indicator == "rights" for piece in pieces)) / terms.rights.full_at
    ages = [(granted_on - piece.on).days for piece in pieces if piece.indicator == "trades" and piece.on is not None]
    booked = sum((Decimal(piece.weight) for piece in pieces if piece.indicator == "booked"), Decimal(0))
    score = booked
    for part, rule in ((rights, terms.rights), (trades_part(terms, ages), terms.trades)):
        score += min(Decimal(1), part) * rule.weight_bp * rule.coefficient_bp / 100_000_000
    return rate_of(score, terms)
