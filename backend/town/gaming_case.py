"""The parts of one case of gaming, and the lists on which its kinds stand. Written in: `gaming`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from backend.town.people import fictional_uscc

DEVELOPMENT, REPORTING = range(1, 401), range(20_001, 30_001)
PRODUCTS = {
    "物流轨迹数据集": 30_000,
    "企业用能数据服务": 18_000,
    "农产品价格指数": 6_000,
    "设备运行数据集": 45_000,
    "客流分析报告": 12_000,
}
Row = dict[str, Any]
_NUMBERS = 300_000


@dataclass
class Case:
    """One firm on `day`. `links` are register rows (uscc, other, share_bp); `others` the trade rows of other firms that are
    known; `usual_fen` the market's usual price per product."""

    scheme: str
    honest: bool
    day: date
    own: str
    trades: list[Row] = field(default_factory=list)
    certificates: list[Row] = field(default_factory=list)
    links: list[tuple[str, str, int]] = field(default_factory=list)
    others: dict[str, list[Row]] = field(default_factory=dict)
    usual_fen: dict[str, int] = field(default_factory=dict)
    genuine: set[str] = field(default_factory=set)


class Maker:
    """Draws the parts of one case."""

    def __init__(self, name: str, seed: int, honest: bool) -> None:
        self.dice = random.Random(f"{name}:{seed}")
        day = date(2025, 9, 1) + timedelta(days=self.dice.randrange(300))
        self.case = Case(name, honest, day, self.code())
        self.case.usual_fen = {name: yuan * 100 for name, yuan in PRODUCTS.items()}
        self._count = 0

    def code(self) -> str:
        """A credit code that no real firm has."""
        return fictional_uscc("enterprise", _NUMBERS + self.dice.randrange(10**5 * 6), "420100")

    def codes(self, count: int) -> list[str]:
        return [self.code() for _ in range(count)]

    def product(self) -> str:
        return self.dice.choice(list(PRODUCTS))

    def price(self, product: str) -> int:
        """A usual price in fen: around the market's, a factor of three either way at most."""
        return max(
            100, round(PRODUCTS[product] * 100 * min(3.0, max(1 / 3, self.dice.lognormvariate(0, 0.45))) / 10_000) * 10_000
        )

    def ago(self, least: int, most: int) -> date:
        return self.case.day - timedelta(days=self.dice.randint(least, most))

    def since(self, least_years: float = 1.5, most_years: float = 20) -> date:
        """The day on which a settled firm was registered."""
        return self.case.day - timedelta(days=round(365 * self.dice.uniform(least_years, most_years)))

    def sell(self, buyer: str, on: date, *, genuine: bool, product: str = "", amount_fen: int | None = None, **more: Any) -> Row:
        """One sale as the exchange reports it, settled unless said otherwise."""
        self._count += 1
        product = product or self.product()
        row = {
            "trade_no": f"{self.case.own[-6:]}-{self._count:03d}",
            "traded_on": on.isoformat(),
            "settled_on": (on + timedelta(days=self.dice.randint(3, 30))).isoformat(),
            "counterparty_uscc": buyer,
            "amount_fen": self.price(product) if amount_fen is None else amount_fen,
            "product": product,
            "status": "settled",
            "counterparty_since": self.since().isoformat(),
        } | more
        self.case.trades.append(row)
        if genuine:
            self.case.genuine.add(f"trade:{row['trade_no']}")
        return row

    def buy(self, seller: str, on: date, amount_fen: int, product: str = "") -> Row:
        return self.sell(seller, on, genuine=False, product=product, amount_fen=amount_fen, direction="bought")

    def deal(self, seller: str, buyer: str, on: date, amount_fen: int) -> None:
        """A sale between others."""
        row = {"trade_no": f"x{self.dice.randrange(10**9)}", "traded_on": on.isoformat(), "counterparty_uscc": buyer}
        self.case.others.setdefault(seller, []).append(row | {"amount_fen": amount_fen, "product": "", "status": "settled"})

    def certificate(self, *, genuine: bool, on: date | None = None, **more: Any) -> Row:
        self._count += 1
        on = on or self.ago(60, 700)
        row = {
            "certificate_no": f"鄂数登{self.case.own[-6:]}-{self._count}",
            "kind": self.dice.choice(("持有", "使用", "经营")),
            "registered_on": on.isoformat(),
            "expires_on": (on + timedelta(days=3 * 365)).isoformat(),
            "status": "valid",
            "product": f"{self.product()} {self.dice.randrange(10**6)}",
            "content": f"{self.dice.getrandbits(128):032x}",
            "registration": "first",
        } | more
        self.case.certificates.append(row)
        if genuine:
            self.case.genuine.add(f"certificate:{row['certificate_no']}")
        return row

    def trade_honestly(self, least: int, most: int, buyers: int = 14) -> None:
        """Ordinary sales over a year to ordinary strangers, at most three to each, weeks apart."""
        for n, buyer in enumerate(self.codes(self.dice.randint(least, most))):
            since = self.since().isoformat()
            for _ in range(self.dice.choice((1, 1, 1, 2, 2, 3))):
                self.sell(buyer, self.ago(95, 355), genuine=True, product=f"{self.product()}", counterparty_since=since)
            if n >= buyers:
                break
        self._apart()

    def _apart(self) -> None:
        """The same buyer does not buy the same product twice within ten days."""
        last: dict[tuple[str, str], date] = {}
        for row in sorted(self.case.trades, key=lambda row: str(row["traded_on"])):
            name, on = (row["counterparty_uscc"], row["product"]), date.fromisoformat(row["traded_on"])
            if name in last and (on - last[name]).days < 10:
                others = [product for product in PRODUCTS if product != row["product"]]
                row["product"] = self.dice.choice(others)
                row["amount_fen"] = self.price(row["product"])
                name = (row["counterparty_uscc"], row["product"])
            last[name] = on


Scene = Callable[[Maker], None]
SCHEMES: dict[str, Scene] = {}
HONEST: dict[str, Scene] = {}


def scheme(scene: Scene) -> Scene:
    """Registers one way to cheat under its function's name."""
    SCHEMES[scene.__name__] = scene
    return scene


def honest(scene: Scene) -> Scene:
    """Registers one kind of honest firm."""
    HONEST[scene.__name__] = scene
    return scene
