"""Worked examples of a programme file, worked out by the programme itself: what an official can lay beside a pocket calculator.

>>> from backend.uplifts.programme import load
>>> [work_out(load("data_ip"), example) for example in load("data_ip").examples][0]
(1660, 16600000)
"""

from __future__ import annotations

from datetime import timedelta

from backend.uplifts.evidence import Evidence
from backend.uplifts.model import effective, evaluate
from backend.uplifts.programme import Example, Programme


def evidence_of(programme: Programme, example: Example) -> tuple[Evidence, ...]:
    """The evidence that an example speaks of: certificates in force, settled sales to strangers, audited items."""
    terms = programme.on(example.on)
    form = terms.rights.counting_kinds[0] if terms is not None and terms.rights.counting_kinds else "持有"
    since = example.on - timedelta(days=200)
    rights = [
        Evidence("certificate", f"certificate:{n}", "valid", on=since - timedelta(days=30 * n), form=form)
        for n in range(example.certificates)
    ]
    sales = []
    for n, age in enumerate(example.trades):
        on = example.on - timedelta(days=age)
        paid = on + timedelta(days=10)
        sales.append(Evidence("trade", f"trade:{n}", "settled", on, None, paid, counterparty=f"buyer {n}", amount_fen=5_000_000))
    audited = "audited" if example.booked_cost_fen else "no_cost"
    booked = Evidence("booked", "booked", audited, example.on, amount_fen=example.booked_cost_fen, quantity=example.booked_items)
    return (*rights, *sales, *([booked] if example.booked_items else []))


def work_out(programme: Programme, example: Example) -> tuple[int, int]:
    """(rate in bp, effective uplift in fen)."""
    uplift = evaluate(programme, evidence_of(programme, example), example.on)
    caps = [("product", example.product_max_fen)] if example.product_max_fen is not None else []
    return uplift.rate_bp, effective(uplift=uplift, base_fen=example.base_fen, caps=caps).effective_fen
