"""What cannot be true about a bank's message, whatever its dialect.

>>> from datetime import date
>>> sound(Repaid("m2", "app_1", date(2025, 2, 20), "D1", "P1", date(2025, 2, 20), 100, 0, 0, 1, 98, "borrower"))
['payment P1: its parts add up to 99 fen, not 100']
"""

from __future__ import annotations

from lender_adapters.port import Decided, Drawn, Message, Repaid


def sound(message: Message) -> list[str]:
    """What cannot be true about a message; an adapter that finds anything raises `Garbled`."""
    faults = []
    if isinstance(message, Repaid):
        parts = (message.expenses_fen, message.penalty_fen, message.interest_fen, message.principal_fen)
        if sum(parts) != message.amount_fen:
            faults.append(f"payment {message.payment_no}: its parts add up to {sum(parts)} fen, not {message.amount_fen}")
        if min(parts) < 0:
            faults.append(f"payment {message.payment_no}: a part is negative")
    if isinstance(message, Drawn):
        principal = sum(line.principal_fen for line in message.schedule)
        if principal != message.amount_fen:
            faults.append(f"draw {message.draw_no}: its schedule repays {principal} fen, not {message.amount_fen}")
        if message.amount_fen <= 0:
            faults.append(f"draw {message.draw_no}: nothing is drawn")
    if isinstance(message, Decided) and not message.approved and message.offer is not None:
        faults.append("declined, and yet an offer")
    if not message.message_id or not message.reference:
        faults.append("a message without id or reference")
    return faults
