"""What data products usually sell for, over all firms whose trade records are open to us: a statistic that names nobody.

Each seller has one voice, the middle of its own prices, and a product needs at least five sellers, so that no single firm,
gaming or not, can move the measure or be read out of it.

>>> middle_of({"a": [100, 300], "b": [200], "c": [200], "d": [250], "e": [9_000_000]})
200
>>> middle_of({"a": [100], "b": [200]}) is None
True
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from statistics import median_low

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.credit_data import views as credit_data
from backend.kit import clock, locks
from backend.uplifts.evidence import evidence_of
from backend.uplifts.tables import UpliftPrice

LEAST_SELLERS = 5


def middle_of(prices: Mapping[str, Sequence[int]]) -> int | None:
    """The middle of the sellers' middles; None for fewer than five sellers."""
    voices = [median_low(each) for each in prices.values() if each]
    return median_low(voices) if len(voices) >= LEAST_SELLERS else None


def refresh(session: Session, *, at: datetime) -> int:
    """Work the usual prices out anew from what consents open today; how many products have one."""
    locks.hold_name(session, "pool", "~uplift prices")
    day = clock.day_of(at)
    by: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for firm, facts in credit_data.sweep(session, SYSTEM, purpose="pre_loan", at=at, codes=["data_trades"]):
        for piece in evidence_of(facts, "", (), day):
            if piece.kind == "trade" and piece.product and piece.amount_fen > 0 and piece.status == "settled":
                by[piece.product[:200]][firm].append(piece.amount_fen)
    usual = {product: middle_of(sellers) for product, sellers in by.items()}
    rows = [
        {"product": product, "usual_fen": fen, "sellers": len(by[product]), "known_on": day}
        for product, fen in sorted(usual.items())
        if fen is not None
    ]
    session.execute(delete(UpliftPrice))
    if rows:
        session.execute(insert(UpliftPrice), rows)
    return len(rows)


def usual(session: Session, products: Collection[str]) -> dict[str, int]:
    """The usual price in fen of those of these products that have one."""
    wanted = [product for product in products if product]
    if not wanted:
        return {}
    query = select(UpliftPrice.product, UpliftPrice.usual_fen).where(UpliftPrice.product.in_(wanted))
    return {row.product: row.usual_fen for row in session.execute(query)}
