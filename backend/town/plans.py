"""What each firm of 临江 will want and do, as plain data: its need, what it authorises, how it walks the road.

Purely data, decided by the seed: whoever drives the town (the demo) reads it and knocks on the public doors.

>>> len(FORMS_NUMBERS)
10
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from backend.kit.words import Words
from backend.town.economy import Economy, month_of
from backend.town.market import Market
from backend.town.people import Firm, person
from backend.town.scenes import Scenes

FIRST_DAY, LAST_DAY = date(2025, 1, 6), date(2026, 6, 30)
FORMS_NUMBERS = tuple(range(10))
PURPOSES = {
    "stock": Words("购买原材料和备货", "buying materials and stock"),
    "wages": Words("支付货款和工资", "paying suppliers and wages"),
    "equipment": Words("购置设备", "buying equipment"),
    "orders": Words("履行新订单", "filling a new order"),
    "data": Words("数据产品研发", "developing data products"),
}
GROUPS = {
    "invoices": ("TAX04",),
    "tax": ("TAX01", "TAX03"),
    "social": ("SOC01", "SOC02", "HPF01"),
    "utilities": ("ELE01", "WAT01"),
    "property": ("REA01", "REA02"),
    "links": ("REG05",),
    "data": ("DAT01", "DAT02", "DAT03"),
    "chain": ("SUP01",),
    "export": ("CUS02", "FXR01"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """One need. `families` are product families in the order the owner would look at them."""

    wanted_on: date
    amount_fen: int
    months: int
    purpose: str
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one firm behaves. `items` are the item codes it authorises; empty means it signs up and looks no further.

    `accepts`: cheapest, largest, or none (it lets every offer lapse); `bureau` is what a bank's own query would find.
    """

    number: int
    items: tuple[str, ...]
    authorises_on: date
    revokes_on: date | None
    agent: str | None
    channel: str
    needs: tuple[Need, ...]
    most_banks: int
    accepts: str
    bureau: str
    first_loan: bool | None


def make_plans(firms: Sequence[Firm], economy: Economy, market: Market, scenes: Scenes, rng: np.random.Generator) -> list[Plan]:
    """A plan for each firm; ten use the HTML forms, four revoke midway, every eighth signs through an agent."""
    plans = []
    revokers = {int(n) for n in rng.choice(len(firms), size=min(4, len(firms)), replace=False)}
    for firm in firms:
        items = _items(firm, firm.number in market.active, scenes, rng)
        wants = rng.random() < 0.80 and bool(items)
        begin = FIRST_DAY + timedelta(days=int(rng.integers(0, 400)))
        needs = [_need(firm, economy, begin, firm.number in market.active, rng)] if wants else []
        again = begin + timedelta(days=int(rng.integers(200, 420)))
        if wants and rng.random() < 0.15 and again < date(2026, 5, 1):
            needs.append(_need(firm, economy, again, firm.number in market.active, rng))
        month = month_of(begin)
        troubled = bool((economy.stress[firm.number, max(0, month - 9) : month] >= 2).any())
        marked = rng.random() < (0.40 if troubled else 0.03)
        revokes = begin + timedelta(days=int(rng.integers(2, 30))) if firm.number in revokers else None
        plans.append(
            Plan(
                number=firm.number,
                items=items,
                authorises_on=begin - timedelta(days=int(rng.integers(0, 4))),
                revokes_on=revokes,
                agent=person(rng) if rng.random() < 0.12 else None,
                channel="forms" if firm.number in FORMS_NUMBERS else "api",
                needs=tuple(need for need in needs if need.amount_fen > 0),
                most_banks=int(rng.choice([1, 2, 3], p=[0.25, 0.4, 0.35])),
                accepts=str(rng.choice(["cheapest", "largest", "none"], p=[0.75, 0.2, 0.05])),
                bureau="overdue" if marked else "clean",
                first_loan=None if rng.random() < 0.1 else bool(rng.random() < 0.35),
            )
        )
    return [_guaranteed(plan, firms[plan.number], economy) for plan in plans]


def _guaranteed(plan: Plan, firm: Firm, economy: Economy) -> Plan:
    """Who will stop paying within half a year asks first for a guaranteed loan, every second for one in the pool in which the
    bank claims: a town lives through both kinds of claims too."""
    if firm.subject_type == "sole_trader" or plan.revokes_on or len(plan.items) <= 4 or not plan.needs:
        return plan
    need = plan.needs[0]
    if (
        need.wanted_on > date(2025, 9, 1)
        or economy.fate(plan.number, need.amount_fen, need.amount_fen // 12, need.wanted_on, 12).pays_all
    ):
        return plan
    backed = ("pooled", "guaranteed_micro") if plan.number % 2 else ("guaranteed_micro",)
    first = replace(need, months=12, families=(*backed, *(f for f in need.families if f != "guaranteed_micro")))
    return replace(plan, needs=(first, *plan.needs[1:]), most_banks=1, accepts="cheapest", bureau="clean")


def _items(firm: Firm, data: bool, scenes: Scenes, rng: np.random.Generator) -> tuple[str, ...]:
    """Most firms open everything, some only invoices and tax, a few nothing."""
    lot = rng.random()
    if lot < 0.03:
        names: tuple[str, ...] = ()
    elif lot < 0.13:
        names = ("invoices", "tax")
    elif firm.subject_type == "sole_trader" and lot < 0.45:
        names = ("invoices", "utilities")
    else:
        names = ("invoices", "tax", "social", "utilities", "property", "links")
    if data and names:
        names = (*names, "data")
    if names:
        names = (*names, *scenes.items(firm.number))
    return tuple(item for name in names for item in GROUPS[name])


def _need(firm: Firm, economy: Economy, day: date, data: bool, rng: np.random.Generator) -> Need:
    """Between 4 and 12 percent of a year's sales, in whole 万元; at least one."""
    month = month_of(day)
    year = int(economy.sales_fen[firm.number, max(0, month - 12) : month].sum())
    share, months = rng.uniform(0.04, 0.12), int(rng.choice([6, 12], p=[0.2, 0.8]))
    amount = max(1, round(year * share / 1_000_000)) * 1_000_000 if year > 10_000_000 else 0
    if data:
        families: tuple[str, ...] = ("data_enterprise", "invoice_credit", "tax_credit")
    elif firm.subject_type == "sole_trader":
        families = ("micro_credit", "public_credit_micro", "invoice_credit")
    else:
        families = tuple(
            str(f) for f in rng.permutation(["invoice_credit", "tax_credit", "guaranteed_micro", "public_credit_micro"])
        )
    purpose = "data" if data and rng.random() < 0.6 else str(rng.choice(["stock", "wages", "equipment", "orders"]))
    return Need(day, amount, months, purpose, families)
