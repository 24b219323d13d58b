"""Courts, penalties and lists: what carelessness and empty purses leave in the public record.

A firm in distress is sued by suppliers, loses some cases and is put on the enforcement list; a careless one is fined or forgets
its annual report. Nothing here says why a purse was empty.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from backend.town.economy import first_day
from backend.town.mess import Mess

if TYPE_CHECKING:
    from backend.town.city import Town

Found = list[tuple[str, str, str, date, dict[str, Any]]]
_OFFENCES = ("消防", "环保", "市场监管", "劳动保障", "食品安全")


def listed(town: Town, number: int, last: int) -> Found:
    """Lawsuits, enforcement, penalties and lists up to the town's month `last`."""
    firm, economy = town.firms[number], town.economy
    care = float(economy.fortune.care[number])
    found: Found = []
    for t in range(last + 1):
        if economy.sales_fen[number, t] <= 0 and not economy.sales_fen[number, : t + 1].any():
            continue
        mess = Mess(f"{town.seed}:{number}:{t}:lists")
        dice, level = mess.dice, int(economy.stress[number, t])
        day = first_day(t) + timedelta(days=dice.randrange(28))
        lots = [dice.random() for _ in range(6)]
        if lots[0] < (0.004, 0.012, 0.07, 0.05)[level]:
            found += _sued(firm.uscc, mess, f"(2{t:03d})临民初{number:03d}号", day, int(economy.purchases_fen[number, t]), level)
        if lots[1] < 0.003:
            claim = {
                "case_no": f"(2{t:03d})临民初9{number:03d}号",
                "role": "原告",
                "filed_on": mess.day(day),
                "amount": mess.money(8_000_000),
            }
            found.append(("court", firm.uscc, "lawsuit", day + timedelta(days=9), claim))
        if lots[2] < 0.002 + 0.016 * (1 - care):
            fine = dice.choice((500_00, 2000_00, 5000_00, 10_000_00, 30_000_00))
            fields = {"document_no": f"临罚{t:02d}-{number:03d}", "decided_on": mess.day(day), "fine": mess.money(fine)}
            found.append(
                ("penalties", firm.uscc, "penalty", day + timedelta(days=7), fields | {"category": dice.choice(_OFFENCES)})
            )
        if t % 12 == 6 and lots[3] < 0.02 + 0.14 * (1 - care) + 0.10 * (level >= 2):
            found += _abnormal(firm.uscc, mess, first_day(t) + timedelta(days=4 + dice.randrange(10)), level >= 2)
        if lots[4] < 0.0002 + 0.0008 * (1 - care):
            fields = {"listed_on": mess.day(day), "removed_on": "", "cause": "提供虚假材料取得登记"}
            found.append(("penalties", firm.uscc, "serious", day + timedelta(days=6), fields))
    return found


def _sued(uscc: str, mess: Mess, case_no: str, day: date, purchases_fen: int, level: int) -> Found:
    """A suit as defendant; from distress some end in enforcement, and a few of those on the dishonest list."""
    dice = mess.dice
    amount = max(500_000, int(purchases_fen * dice.uniform(0.1, 0.8)) // 10_000 * 10_000)
    suit = {"case_no": case_no, "role": "被告", "filed_on": mess.day(day), "amount": mess.money(amount)}
    found: Found = [("court", uscc, "lawsuit", day + timedelta(days=5 + dice.randrange(20)), suit)]
    lots = [dice.random() for _ in range(4)]
    if lots[0] >= (0.04, 0.10, 0.35, 0.6)[level]:
        return found
    begins = day + timedelta(days=100 + dice.randrange(120))
    ends = begins + timedelta(days=40 + dice.randrange(200)) if lots[1] < 0.55 else None
    number = case_no.replace("民初", "执")
    entry = {"case_no": number, "listed_on": mess.day(begins), "closed_on": ""}
    found.append(("court", uscc, "enforcement", begins + timedelta(days=4), entry))
    if ends is not None:
        found.append(("court", uscc, "enforcement", ends + timedelta(days=4), entry | {"closed_on": mess.day(ends)}))
    if lots[2] < 0.25:
        since = begins + timedelta(days=45)
        mark = {"case_no": number, "listed_on": mess.day(since), "removed_on": ""}
        found.append(("court", uscc, "dishonest", since + timedelta(days=3), mark))
        if ends is not None and ends > since:
            found.append(("court", uscc, "dishonest", ends + timedelta(days=6), mark | {"removed_on": mess.day(ends)}))
    if lots[3] < 0.10:
        frozen = {"case_no": number, "frozen_on": mess.day(begins), "lifted_on": ""}
        found.append(("court", uscc, "equity_freeze", begins + timedelta(days=6), frozen))
    return found


def _abnormal(uscc: str, mess: Mess, day: date, lasting: bool) -> Found:
    """No annual report by 30 June; most firms mend it within months."""
    entry = {"listed_on": mess.day(day), "removed_on": "", "cause": "未按期公示年度报告"}
    found: Found = [("penalties", uscc, "abnormal", day + timedelta(days=3), entry)]
    wait = mess.dice.randrange(20, 160)
    if not lasting and mess.dice.random() < 0.85:
        gone = day + timedelta(days=wait)
        found.append(("penalties", uscc, "abnormal", gone + timedelta(days=4), entry | {"removed_on": mess.day(gone)}))
    return found
