"""临江's data firms: certificates of data rights, sales on the exchange, booked items; and the few who try to look better.

About one firm in seven deals in data. Those recognised by the data bureau come in batches with grades. The gamers sell to
their own relatives, to one friend over and over, at no price, or without ever being paid: each trick is kept in `tricks`, which
only tests and the demo's summary may read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from backend.town.mess import Mess
from backend.town.people import Firm, fictional_uscc

Fields = dict[str, Any]
TRICKS = ("related", "same_buyer", "no_price", "unsettled", "reciprocal")
PRODUCTS = ("物流轨迹数据集", "企业用能数据服务", "农产品价格指数", "设备运行数据集", "客流分析报告", "供应链画像接口")


@dataclass(frozen=True, slots=True)
class Batch:
    """A recognition batch of the data bureau: members with grades."""

    name: str
    issued_on: date
    expires_on: date
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Market:
    """Data records by firm number: (source, kind, delivered_on, fields)."""

    active: tuple[int, ...]
    tricks: Mapping[int, str]
    batches: tuple[Batch, ...]
    entries: Mapping[int, Sequence[tuple[str, str, date, Fields]]] = field(repr=False)


def data_records(market: Market, firm: Firm, until: date) -> list[tuple[str, str, str, date, Fields]]:
    """What the data registry and the exchange deliver of one firm."""
    rows = market.entries.get(firm.number, ())
    return [(source, firm.uscc, kind, day, fields) for source, kind, day, fields in rows if day <= until]


def open_market(
    firms: Sequence[Firm], ties: Mapping[int, Sequence[tuple[int, int, str]]], rng: np.random.Generator, seed: int
) -> Market:
    """Choose the data firms, give them rights and sales, and recognise most of them."""
    weights = np.array([6.0 if f.industry[0] == "I" else 1.2 if f.subject_type == "enterprise" else 0.02 for f in firms])
    count = max(1, round(len(firms) * 0.15))
    chosen = [int(n) for n in rng.choice(len(firms), size=min(count, len(firms)), replace=False, p=weights / weights.sum())]
    tied = [n for n in chosen if ties.get(n)]
    tricks: dict[int, str] = {}
    for n, trick in enumerate(TRICKS):
        pool = [c for c in (tied if trick == "related" and tied else chosen) if c not in tricks]
        if pool and len(chosen) > 2 * n:
            tricks[pool[0]] = trick
    honest = [c for c in chosen if c not in tricks]
    entries = {n: _entries(firms, n, tricks.get(n), ties, seed, honest) for n in chosen}
    for number in [n for n, trick in tricks.items() if trick == "reciprocal"]:
        friend = _friend(honest, number)
        sold, bought = _mirrored(entries[number], firms[number].uscc), _mirrored(entries[number], firms[friend].uscc, "买入")
        entries[friend] = [*entries.get(friend, ()), *sold]
        entries[number] = [*entries[number], *bought]
    first = sorted(n for n in chosen if rng.random() < 0.70)
    second = sorted(n for n in chosen if n not in first and rng.random() < 0.5)
    batches = (_batch("2025-01", date(2025, 4, 17), first, firms, rng), _batch("2026-01", date(2026, 3, 2), second, firms, rng))
    return Market(tuple(sorted(chosen)), tricks, tuple(b for b in batches if b.members), entries)


def _friend(honest: Sequence[int], number: int) -> int:
    """Whom a firm would ask for a favour."""
    return next((n for n in honest if n != number), number)


def _mirrored(
    rows: Sequence[tuple[str, str, date, Fields]], other: str, direction: str = "卖出"
) -> list[tuple[str, str, date, Fields]]:
    """The favour returned: the same sales the other way round, as the exchange tells either side."""
    return [
        (source, kind, day, fields | {"trade_no": f"{fields['trade_no']}-2", "counterparty": other, "direction": direction})
        for source, kind, day, fields in rows
        if kind == "trade"
    ]


def _batch(name: str, day: date, numbers: Sequence[int], firms: Sequence[Firm], rng: np.random.Generator) -> Batch:
    members = tuple((firms[n].uscc, str(rng.choice(["A", "B", "C"], p=[0.3, 0.45, 0.25]))) for n in numbers)
    return Batch(name, day, date(day.year + 2, day.month, day.day), members)


def _entries(
    firms: Sequence[Firm],
    number: int,
    trick: str | None,
    ties: Mapping[int, Sequence[tuple[int, int, str]]],
    seed: int,
    honest: Sequence[int],
) -> list[tuple[str, str, date, Fields]]:
    mess = Mess(f"{seed}:{number}:data", 0.08)
    dice = mess.dice
    rows: list[tuple[str, str, date, Fields]] = []
    certificates = dice.choice((1, 1, 2, 2, 3, 4, 5, 7))
    for n in range(certificates):
        on = date(2023, 9, 1) + timedelta(days=dice.randrange(840))
        product = dice.choice(PRODUCTS)
        entry = {
            "certificate_no": f"临数登{number:04d}-{n + 1}",
            "category": dice.choice(("持有", "使用", "经营")),
            "product": product,
        }
        entry |= {
            "registered_on": mess.day(on),
            "expires_on": mess.day(on.replace(day=1) + timedelta(days=3 * 365)),
            "status": "有效",
        }
        rows.append(("data_registry", "certificate", on + timedelta(days=6), entry))
        lot, later = dice.random(), on + timedelta(days=150 + dice.randrange(300))
        if lot < 0.10:
            rows.append(("data_registry", "certificate", later, entry | {"status": "争议" if lot < 0.05 else "注销"}))
    rows.append(("data_registry", "declaration", date(2024, 2, 1), {"products": str(certificates + dice.randrange(0, 3))}))
    rows += _trades(firms, number, trick, ties, mess, honest)
    if dice.random() < 0.35:
        for year in (2025, 2026):
            items, cost = dice.randrange(1, 5), dice.randrange(20, 300) * 1_000_000
            fields = {
                "as_of": f"{year - 1}-12-31",
                "items": str(items),
                "cost": mess.money(cost),
                "audited": mess.yes(dice.random() < 0.8),
            }
            rows.append(("data_registry", "booked", date(year, 3, 5) + timedelta(days=dice.randrange(50)), fields))
    return rows


def _trades(
    firms: Sequence[Firm],
    number: int,
    trick: str | None,
    ties: Mapping[int, Sequence[tuple[int, int, str]]],
    mess: Mess,
    honest: Sequence[int],
) -> list[tuple[str, str, date, Fields]]:
    dice = mess.dice
    pace, rows = dice.choice((0.1, 0.3, 0.6, 1.2)) if trick is None else 1.5, []
    buyers = [fictional_uscc("enterprise", 900_000 + number * 20 + n, "330200") for n in range(12)]
    relatives = [firms[other].uscc for other, _, _ in ties.get(number, ())] or [firms[number].uscc]
    friend = firms[_friend(honest, number)].uscc
    for t in range(32):
        for n in range(int(pace) + (dice.random() < pace % 1)):
            on = date(2023, 11, 1) + timedelta(days=t * 30 + dice.randrange(30))
            buyer = buyers[dice.randrange(len(buyers))]
            amount, settles = dice.randrange(5, 160) * 100_000, on + timedelta(days=8 + dice.randrange(35))
            if trick == "related":
                buyer = relatives[0]
            elif trick == "reciprocal":
                buyer = friend
            elif trick == "same_buyer":
                buyer = buyers[0]
            elif trick == "no_price":
                amount = 0
            entry = {
                "trade_no": f"临数交{number:04d}{t:02d}{n}",
                "traded_on": mess.day(on),
                "settled_on": "",
                "counterparty": buyer,
            }
            entry |= {"amount": mess.money(amount), "product": dice.choice(PRODUCTS), "status": "未结算", "direction": "卖出"}
            rows.append(("data_exchange", "trade", on + timedelta(days=2), entry))
            if trick != "unsettled" and dice.random() < 0.93:
                paid = entry | {"settled_on": mess.day(settles), "status": "已结算"}
                rows.append(("data_exchange", "trade", settles + timedelta(days=2), paid))
    return rows
