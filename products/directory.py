"""What banks and kinds of product are called, and what each bank agreed with the platform (`banks.yaml`, `families.yaml`).

>>> bank("tide_bank").zh, family("ceramics").en
('潮声银行', 'ceramics loan')
>>> agreement("stone_bridge_bank", date(2025, 6, 1))
Agreement(group='orchard_bank', group_limit_fen=500000000, shares_approval_rates=False)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from backend.kit.dated import DatedBlock, in_force
from backend.kit.errors import Misconfigured
from backend.kit.policy import Faulty, Strict, Worded, cached
from backend.kit.words import Words
from products.vocabulary import MoneyText

HERE = Path(__file__).parent


class Kind(Worded):
    """A kind of product; `asked` if the catalogue must have one."""

    asked: bool


class Otherwise(Strict):
    """What holds for a bank that is not named."""

    group_limit: MoneyText = Field(gt=0)
    shares_approval_rates: bool


class Agreed(Strict):
    """What holds for one bank. A member of a group has the limit of the bank whose group it is."""

    group: str | None = None
    group_limit: MoneyText | None = Field(default=None, gt=0)
    shares_approval_rates: bool


class BankTerms(DatedBlock):
    """The banks' agreements from one day to another."""

    otherwise: Otherwise
    banks: dict[str, Agreed]


class Banks(Strict):
    """banks.yaml"""

    banks: dict[str, Words]
    terms: tuple[BankTerms, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _agree(self) -> Banks:
        faults = list(self._faults())
        if faults:
            raise Faulty(faults)
        return self

    def _faults(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for number, block in enumerate(self.terms):
            for code, agreed in block.banks.items():
                place = ("terms", number, "banks", code)
                if code not in self.banks:
                    yield place, f"there is no bank {code} above; name it there"
                if agreed.group is not None and agreed.group not in self.banks:
                    yield (*place, "group"), f"there is no bank {agreed.group} above; name it there"
                if (agreed.group is None) == (agreed.group_limit is None):
                    yield place, "say either the group it belongs to or the limit of its own group"
                if agreed.group in block.banks and block.banks[agreed.group].group is not None:
                    yield (*place, "group"), f"{agreed.group} itself belongs to a group; name that one"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What one bank agreed: whose group it is in, the most that group lends to one firm, and whether its rates may be told."""

    group: str
    group_limit_fen: int
    shares_approval_rates: bool


class Families(Strict):
    """families.yaml"""

    families: dict[str, Kind]


def banks() -> dict[str, Words]:
    """Every bank that has a product here, by code."""
    return cached(HERE / "banks.yaml", Banks).banks


def families() -> dict[str, Kind]:
    """Every kind of product, by code."""
    return cached(HERE / "families.yaml", Families).families


def bank(code: str) -> Words | None:
    """A bank's name; None for one that is not in the file."""
    return banks().get(code)


@lru_cache(maxsize=1024)
def agreement(code: str, day: date) -> Agreement:
    """What a bank agreed, as it holds on a day; for one that is not named, what holds otherwise."""
    block = in_force(cached(HERE / "banks.yaml", Banks).terms, day)
    if block is None:
        raise Misconfigured(f"no terms of banks.yaml hold on {day}: add a dated block")
    agreed = block.banks.get(code)
    if agreed is None:
        return Agreement(code, block.otherwise.group_limit, block.otherwise.shares_approval_rates)
    head = block.banks.get(agreed.group) if agreed.group is not None else agreed
    limit = head.group_limit if head is not None and head.group_limit is not None else block.otherwise.group_limit
    return Agreement(agreed.group or code, limit, agreed.shares_approval_rates)


def family(code: str) -> Words:
    """What a kind of product is called."""
    return families()[code].words


def _known_family(code: str) -> str:
    if code not in families():
        near = get_close_matches(code, families(), 3, 0.4)
        hint = f"did you mean {', '.join(near)}?" if near else "see products/families.yaml"
        raise ValueError(f"“{code}” is no kind of product; {hint}")
    return code


FamilyCode = Annotated[str, AfterValidator(_known_family)]


def group_left(bank: str, owed: Mapping[str, int], day: date) -> int:
    """What a bank's group leaves of its limit for one firm; `owed` is what is known of the firm's debts, by bank, in fen."""
    agreed = agreement(bank, day)
    there = sum(fen for other, fen in owed.items() if agreement(other, day).group == agreed.group)
    return max(0, agreed.group_limit_fen - there)
