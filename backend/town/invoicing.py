"""Each month's VAT invoices of a firm: sales to its customers, purchases from its suppliers, with voids, returns and slips.

The economy says how much was sold; here it is cut into invoices, as rows of text (domain §3.2 item TAX04).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from backend.town.economy import first_day
from backend.town.mess import Mess

if TYPE_CHECKING:
    from backend.town.city import Town

_RATE = {"C": 13, "F": 13, "E": 9, "G": 9, "A": 9, "I": 6, "H": 6, "O": 6}
_VALID, _VOID = "有效发票", "作废发票"
_PLACES = ("澄江", "望海", "云溪", "平川", "石桥", "安塘", "青州", "南岭")
_TRADES = ("贸易", "电器", "制造", "工程", "食品", "科技", "物流", "材料", "服饰", "医药")


def partners(seed: int, number: int, role: str, count: int) -> list[str]:
    """Names of made-up customers or suppliers out of town; one may stand under two spellings."""
    mess = Mess(f"{seed}:{number}:{role}")
    names = []
    for n in range(count):
        place, trade = mess.dice.choice(_PLACES), mess.dice.choice(_TRADES)
        names.append(f"{place}{trade}{number:03d}{chr(65 + n % 26)}{n // 26 or ''}有限公司")
    return names


def invoice_months(town: Town, number: int, last: int) -> list[tuple[str, str, str, date, dict[str, Any]]]:
    """One record for each month with any invoice, delivered early in the next; a few come weeks late, a few twice."""
    firm, economy = town.firms[number], town.economy
    base = Mess(f"{town.seed}:{number}:partners")
    customers = partners(town.seed, number, "customer", base.dice.randrange(5, 16))
    suppliers = partners(town.seed, number, "supplier", base.dice.randrange(3, 9))
    top = float(economy.fortune.top_share[number])
    rate = 1 if firm.subject_type == "sole_trader" else _RATE[firm.industry[0]]
    usual = base.dice.randrange(4, 10)
    found = []
    for t in range(last + 1):
        sold, bought = int(economy.sales_fen[number, t]), int(economy.purchases_fen[number, t])
        if sold <= 0:
            continue
        mess = Mess(f"{town.seed}:{number}:{t}:invoices", 0.02)
        dice, month = mess.dice, first_day(t)
        days = (first_day(t + 1) - month).days
        rows: list[list[str]] = []
        shares = [dice.expovariate(1) + 0.15 for _ in range(max(2, usual + dice.randrange(-2, 3)))]
        for n, part in enumerate(_parts(sold, shares)):
            # The first customer takes its share of the month; chance decides who takes the rest.
            other = customers[0] if dice.random() < top else customers[dice.randrange(1, len(customers))]
            _add(
                rows,
                mess,
                f"{firm.number:03d}{t:02d}{n:03d}",
                month + timedelta(days=dice.randrange(days)),
                other,
                "销项",
                part,
                rate,
            )
        for n, part in enumerate(_parts(bought, [dice.expovariate(1) + 0.2 for _ in range(dice.randrange(2, 5))])):
            other = suppliers[dice.randrange(len(suppliers))]
            _add(
                rows,
                mess,
                f"{firm.number:03d}{t:02d}{500 + n}",
                month + timedelta(days=dice.randrange(days)),
                other,
                "进项",
                part,
                rate,
            )
        sent = first_day(t + 1) + timedelta(days=4 + dice.randrange(9) + (dice.randrange(15, 60) if dice.random() < 0.02 else 0))
        fields = {"period": mess.period(month.year, month.month), "rows": rows}
        if dice.random() < 0.015:
            found.append(("invoices", firm.uscc, "month", sent - timedelta(days=2), {**fields, "rows": rows[: len(rows) // 2]}))
        found.append(("invoices", firm.uscc, "month", sent, fields))
    return found


def _parts(total: int, shares: list[float]) -> list[int]:
    """Whole fen by share; the last part takes the odd fen."""
    whole = sum(shares)
    parts = [int(total * share / whole) for share in shares]
    parts[-1] += total - sum(parts)
    return parts


def _add(rows: list[list[str]], mess: Mess, code: str, day: date, other: str, direction: str, net: int, rate: int) -> None:
    """One invoice, and now and then a void one before it, a return after it, or a slip of the pen in the tax."""
    dice = mess.dice
    vat, lot = net * rate // 100, dice.random()
    row = [code, mess.day(day), other, direction, mess.money(net), mess.money(vat), mess.money(net + vat), _VALID]
    if lot < 0.03:
        rows.append([code + "V", *row[1:7], _VOID])
    elif lot < 0.045 and net > 1000:
        back = net // 5
        rows.append(
            [
                code + "R",
                row[1],
                other,
                direction,
                mess.money(-back),
                mess.money(-back * rate // 100),
                mess.money(-back - back * rate // 100),
                _VALID,
            ]
        )
    elif lot < 0.050:
        row[6] = mess.money(net)
    elif lot < 0.055:
        row[7] = f" {_VALID} "
    elif lot < 0.058:
        row[2] = f" {other}"
    rows.append(row)
