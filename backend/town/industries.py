"""What firms in 临江 do for a living, by section of GB/T 4754 (domain §2.3), and the economics of each trade.

The figures are made up to be plausible; nothing outside the town depends on them.

>>> sorted(i.section for i in INDUSTRIES)
['A', 'C', 'E', 'F', 'G', 'H', 'I', 'O']
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Industry:
    """`margin`: gross, of sales; `lag`: how customers pay, this month and the three after; `season`: strength and best month."""

    section: str
    divisions: tuple[str, ...]
    trades: tuple[str, ...]
    shop: str
    weight: float
    sole_weight: float
    margin: float
    lag: tuple[float, float, float, float]
    season: float
    best_month: int
    kwh_per_wan: float
    goods: tuple[str, ...]

    def division(self, rng: np.random.Generator) -> str:
        return str(rng.choice(self.divisions))


INDUSTRIES = (
    Industry(
        "A", ("A01", "A02"), ("水果", "茶叶", "水产"), "农场", 0.0, 0.0, 0.30, (0.6, 0.3, 0.1, 0.0), 0.40, 9, 25, ("鲜果", "茶叶")
    ),
    Industry(
        "C",
        ("C13", "C18", "C29", "C33", "C34", "C38"),
        ("机械", "五金", "塑料", "电子", "食品"),
        "加工厂",
        0.30,
        0.10,
        0.24,
        (0.15, 0.35, 0.3, 0.2),
        0.10,
        11,
        160,
        ("五金件", "注塑件", "电机", "包装食品"),
    ),
    Industry(
        "E",
        ("E47", "E49", "E50"),
        ("建筑", "安装", "装饰"),
        "装修队",
        0.09,
        0.04,
        0.20,
        (0.1, 0.2, 0.3, 0.4),
        0.20,
        10,
        30,
        ("工程款",),
    ),
    Industry(
        "F",
        ("F51", "F52"),
        ("贸易", "商贸", "供应链"),
        "商行",
        0.25,
        0.50,
        0.15,
        (0.5, 0.3, 0.15, 0.05),
        0.18,
        1,
        18,
        ("日用百货", "建材", "办公用品"),
    ),
    Industry(
        "G",
        ("G54", "G59"),
        ("物流", "运输", "仓储"),
        "运输户",
        0.09,
        0.08,
        0.22,
        (0.2, 0.4, 0.3, 0.1),
        0.08,
        11,
        15,
        ("运输服务",),
    ),
    Industry(
        "H", ("H61", "H62"), ("餐饮", "酒店", "食府"), "饭店", 0.06, 0.20, 0.50, (0.9, 0.1, 0.0, 0.0), 0.22, 2, 90, ("餐饮服务",)
    ),
    Industry(
        "I",
        ("I64", "I65"),
        ("软件", "数据", "信息技术", "智能科技"),
        "工作室",
        0.17,
        0.03,
        0.45,
        (0.2, 0.3, 0.3, 0.2),
        0.15,
        12,
        20,
        ("软件服务", "数据服务"),
    ),
    Industry(
        "O",
        ("O80", "O81"),
        ("汽修", "家政", "维修"),
        "服务部",
        0.04,
        0.05,
        0.40,
        (0.8, 0.2, 0.0, 0.0),
        0.06,
        5,
        35,
        ("维修服务",),
    ),
)


def industry_of(division: str) -> Industry:
    """The industry of a division code such as C33."""
    return next(i for i in INDUSTRIES if i.section == division[0])
