"""Who lives in 临江: firms, their fictional valid credit codes, legal representatives and logins.

Credit codes follow GB 32100-2015 with both check characters (domain §2.1); the division 330299 is not a real county's.

>>> fictional_uscc("enterprise", 7)
'91330299000000078U'
>>> from backend.parties.model import uscc
>>> uscc(fictional_uscc("cooperative", 123))[1]
'valid'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from backend.town.industries import INDUSTRIES, Industry

REGION = "330299"
DATA_BUREAU = "linjiang_data_bureau"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = [pow(3, i, 31) for i in range(17)]
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_PREFIX = {"enterprise": "91", "sole_trader": "92", "cooperative": "93"}
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文辉玲鹏斌宇浩凯琳雪梅婷欣怡子涵梓轩晨阳思远嘉"
_BRANDS = ("恒远", "瑞和", "金桥", "海川", "明达", "嘉禾", "东升", "顺昌", "永泰", "华信", "天成", "同创", "博远", "鼎新")
_MORE_BRANDS = ("锦程", "荣盛", "万通", "聚力", "德润", "安泰", "启航", "云帆", "长青", "润泽", "百川", "正方", "新越", "和光")
_TAILS = ("源", "丰", "兴", "盛", "隆", "茂", "祥", "康", "达", "通", "宏", "诚")


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm as its licence shows it. `number` runs from 0 and is the town's own handle."""

    number: int
    uscc: str
    name: str
    subject_type: str
    legal_rep: str
    industry: str
    founded_on: date
    login: str
    region: str = REGION


def fictional_uscc(subject_type: str, number: int, region: str = REGION) -> str:
    """A credit code that passes both checks and belongs to nobody."""
    body = f"{number:08d}"
    rest = (11 - sum(int(c) * w for c, w in zip(body, _ORG_WEIGHTS, strict=True)) % 11) % 11
    first = _PREFIX[subject_type] + region + body + ("X" if rest == 10 else str(rest))
    total = sum(_ALPHABET.index(c) * w for c, w in zip(first, _WEIGHTS, strict=True))
    return first + _ALPHABET[(31 - total % 31) % 31]


def person(rng: np.random.Generator) -> str:
    """A made-up name of two or three characters."""
    given = "".join(rng.choice(list(_GIVEN), size=int(rng.integers(1, 3)), replace=False))
    return str(rng.choice(list(_SURNAMES))) + given


def settle(rng: np.random.Generator, size: int, first_number: int = 0) -> list[Firm]:
    """`size` firms: about a quarter sole traders, a few cooperatives, the rest enterprises."""
    firms: list[Firm] = []
    names: set[str] = set()
    for number in range(size):
        kind = str(rng.choice(["enterprise", "sole_trader", "cooperative"], p=[0.71, 0.25, 0.04]))
        industry = _industry(rng, kind)
        legal_rep = person(rng)
        name = _name(rng, kind, industry, legal_rep, names)
        names.add(name)
        years = float(rng.gamma(2.2, 2.6)) + 0.4
        founded = date(2025, 1, 1) - timedelta(days=int(years * 365))
        code = fictional_uscc(kind, 10_000 + first_number + number)
        firms.append(Firm(number, code, name, kind, legal_rep, industry.division(rng), founded, f"firm{number + 1:03d}"))
    return firms


def _industry(rng: np.random.Generator, kind: str) -> Industry:
    if kind == "cooperative":
        return next(i for i in INDUSTRIES if i.section == "A")
    weights = np.array([i.weight if kind == "enterprise" else i.sole_weight for i in INDUSTRIES])
    return INDUSTRIES[int(rng.choice(len(INDUSTRIES), p=weights / weights.sum()))]


def _name(rng: np.random.Generator, kind: str, industry: Industry, legal_rep: str, taken: set[str]) -> str:
    endings = {"enterprise": "有限公司", "sole_trader": industry.shop, "cooperative": "专业合作社"}
    for _ in range(200):
        brand = str(rng.choice(_BRANDS + _MORE_BRANDS)) if kind != "sole_trader" else legal_rep[0] + str(rng.choice(_TAILS))
        middle = "" if kind == "sole_trader" else str(rng.choice(industry.trades))
        name = f"临江{brand}{middle}{endings[kind]}"
        if name not in taken:
            return name
    return f"临江{brand}{middle}{len(taken)}{endings[kind]}"
