"""What a buyer's platform, customs and the foreign-exchange desk record of firms in a scene.

The platform records orders and the money that the buyer has confirmed to owe; customs record what left, the bank's desk what came
back. They are written from the same purses as all else: a firm whose bills are unpaid delivers late, a customer in trouble pays
late.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from backend.town.city import Town
from backend.town.economy import first_day
from backend.town.mess import Mess
from backend.town.people import fictional_uscc

Rows = list[tuple[str, str, str, date, dict[str, Any]]]
_PLACES = ("荷兰", "越南", "马来西亚", "香港", "德国", "阿联酋")
_SPEED = (0, 12, 45, 90)
"""Days by which a firm's own trouble delays a delivery."""


def scene_records(town: Town, number: int, last: int) -> Rows:
    """What the chain's platform, customs and the foreign-exchange desk deliver up to the town's month `last`."""
    found: Rows = []
    if number in town.scenes.chain:
        found += _chain(town, number, last, town.scenes.chain[number])
    if number in town.scenes.export:
        found += _export(town, number, last, town.scenes.export[number])
    return found


def _chain(town: Town, number: int, last: int, share: float) -> Rows:
    """One or two orders a month, due in the next; each delivered one becomes money that the buyer owes and pays, or pays late."""
    firm, economy, rows = town.firms[number], town.economy, Rows()
    care, late_share = float(economy.fortune.care[number]), float(economy.fortune.lag[number][3])
    buyer = fictional_uscc("enterprise", 800_000 + number % 7, "330200")
    for t in range(last + 1):
        sold, after = int(economy.sales_fen[number, t]), min(t + 1, economy.sales_fen.shape[1] - 1)
        mess = Mess(f"{town.seed}:{number}:{t}:chain", 0.05)
        dice = mess.dice
        count = 1 + (dice.random() < 0.4)
        for n in range(count if sold > 0 else 0):
            amount = int(sold * share / count * dice.uniform(0.8, 1.2)) // 10_000 * 10_000
            ordered, due = (
                first_day(t) + timedelta(days=dice.randrange(25)),
                first_day(t + 1) + timedelta(days=8 + dice.randrange(19)),
            )
            level, paid_part = int(economy.stress[number, after]), float(economy.fortune.collected[number, after])
            delay = -dice.randrange(6) if dice.random() < 0.72 + 0.2 * care else 1 + dice.randrange(9)
            delay += int(_SPEED[level] * dice.uniform(0.3, 1.1)) if level else 0
            name = f"临链{number:04d}{t:02d}{n}"
            order = {
                "order_no": name,
                "buyer": buyer,
                "ordered_on": mess.day(ordered),
                "due_on": mess.day(due),
                "delivered_on": "",
            }
            order |= {"amount": mess.money(amount)}
            rows.append(("supply_chain", firm.uscc, "order", ordered + timedelta(days=1), order))
            delivered = due + timedelta(days=delay)
            if level >= 3 and dice.random() < 0.7:
                continue
            done = order | {"delivered_on": mess.day(delivered)}
            rows.append(("supply_chain", firm.uscc, "order", delivered + timedelta(days=1 + dice.randrange(4)), done))
            owed = delivered + timedelta(days=60)
            slow = (
                int((1 - paid_part) * 150)
                + int(late_share * 60 * dice.random())
                + (dice.randrange(12) if dice.random() < 0.3 else 0)
            )
            paper = {
                "paper_no": f"{name}确",
                "buyer": buyer,
                "amount": mess.money(amount),
                "due_on": mess.day(owed),
                "paid_on": "",
            }
            rows.append(("supply_chain", firm.uscc, "payable", delivered + timedelta(days=6), paper))
            paid = owed + timedelta(days=slow)
            rows.append(("supply_chain", firm.uscc, "payable", paid + timedelta(days=1), paper | {"paid_on": mess.day(paid)}))
    return rows


def _export(town: Town, number: int, last: int, share: float) -> Rows:
    """A declaration or two in most months; the money comes 30 to 120 days later, less of it when a customer fails."""
    firm, economy, rows = town.firms[number], town.economy, Rows()
    care = float(economy.fortune.care[number])
    for t in range(last + 1):
        sold, after = int(economy.sales_fen[number, t]), min(t + 1, economy.sales_fen.shape[1] - 1)
        mess = Mess(f"{town.seed}:{number}:{t}:export", 0.05)
        dice = mess.dice
        if sold <= 0 or dice.random() < 0.12:
            continue
        amount, on = int(sold * share) // 10_000 * 10_000, first_day(t) + timedelta(days=dice.randrange(28))
        name = f"2233{t:03d}{number:05d}"
        back = dice.random() < 0.012 + 0.03 * (1 - care) + 0.06 * (int(economy.stress[number, t]) >= 2)
        fields = {
            "declaration_no": name,
            "exported_on": mess.day(on),
            "place": dice.choice(_PLACES),
            "amount": mess.money(amount),
        }
        rows.append(("customs", firm.uscc, "export", on + timedelta(days=4), fields | {"returned": mess.yes(back)}))
        received_on = first_day(t + 1) + timedelta(days=30 + dice.randrange(90))
        part = 0.0 if back else min(1.0, float(economy.fortune.collected[number, after])) * dice.uniform(0.95, 1.0)
        if part > 0.05:
            receipt = {"declaration_no": name, "received_on": mess.day(received_on), "amount": mess.money(int(amount * part))}
            rows.append(("foreign_exchange", firm.uscc, "receipt", received_on + timedelta(days=2), receipt))
    return rows
