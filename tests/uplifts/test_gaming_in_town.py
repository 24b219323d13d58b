"""The made-up town's gamers meet the programme: what their sales lift is nothing, or what an honest firm would have got."""

from datetime import date

import pytest

from backend.credit_data.model import Fact
from backend.town.city import Town, build
from backend.town.plans import GROUPS
from backend.town.sample import facts_on
from backend.uplifts.evidence import CODES, evidence_of
from backend.uplifts.model import Uplift, evaluate
from tests.uplifts.makers import programme

DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def town() -> Town:
    return build()


def uplift(town: Town, number: int, *, reciprocal: frozenset[str] = frozenset()) -> Uplift:
    values = facts_on(town, number, DAY, GROUPS["data"])
    facts = {code: Fact(code, values[code], "", DAY, "data_exchange") for code in CODES if code in values}
    related = {town.firms[other].uscc for other, _, _ in town.ties.get(number, ())}
    return evaluate(programme(), evidence_of(facts, town.firms[number].uscc, related, DAY, reciprocal), DAY)


def counted(found: Uplift) -> int:
    return sum(item.counted for item in found.items if item.indicator == "trades")


def gamer(town: Town, trick: str) -> int:
    return next(number for number, name in town.market.tricks.items() if name == trick)


@pytest.mark.parametrize("trick", ["related", "no_price", "unsettled"])
def test_sales_to_relatives_for_nothing_or_never_paid_lift_nothing(town: Town, trick: str) -> None:
    found = uplift(town, gamer(town, trick))
    sales = [item for item in found.items if item.indicator == "trades"]
    assert len(sales) > 10
    assert counted(found) == 0


def test_one_loyal_friend_counts_three_times_at_most(town: Town) -> None:
    assert counted(uplift(town, gamer(town, "same_buyer"))) <= 3


def test_a_pair_that_sells_to_each_other_lifts_nothing(town: Town) -> None:
    number = gamer(town, "reciprocal")
    trades = facts_on(town, number, DAY, GROUPS["data"])["data_trades"]
    assert {row.get("direction") for row in trades} == {None, "bought"}
    assert counted(uplift(town, number)) == 0


def test_honest_data_firms_are_lifted_within_the_bounds(town: Town) -> None:
    rates = [uplift(town, number).rate_bp for number in town.market.active if number not in town.market.tricks]
    assert all(rate == 0 or 1000 <= rate <= 3000 for rate in rates)
    assert sum(rate > 0 for rate in rates) > len(rates) / 3
