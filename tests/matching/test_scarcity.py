"""Scarce money: the best sharing never lends less than first come, never breaks a cap, and both ways of solving agree."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.matching import cumcm, scarcity
from backend.matching.scarcity import Ask, Option, Shared

BANKS = {"p0": "one", "p1": "one", "p2": "two", "p3": "three"}


def drawn(seed: int, *, pools: bool) -> tuple[list[Ask], dict[str, int]]:
    rng = random.Random(seed)
    asks = []
    for number in range(rng.randrange(1, 12)):
        options = tuple(
            Option(
                code,
                BANKS[code],
                "pool" if pools and code in ("p1", "p2") else None,
                rng.randrange(1, 80),
                rng.randrange(300, 900),
            )
            for code in rng.sample(sorted(BANKS), rng.randrange(1, 5))
        )
        asks.append(Ask(f"f{number}", rng.randrange(1, 100), options))
    caps = {"one": rng.randrange(150), "two": rng.randrange(150)}
    return asks, caps | ({"pool": rng.randrange(120)} if pools else {})


def held(asks: list[Ask], caps: dict[str, int], shared: Shared) -> None:
    used: dict[str, int] = {}
    for ask in asks:
        mine = {option.product: shared.get((ask.firm, option.product), 0) for option in ask.options}
        assert sum(mine.values()) <= ask.amount
        for option in ask.options:
            assert 0 <= mine[option.product] <= option.most
            for name in (option.bank, option.pool):
                used[name or ""] = used.get(name or "", 0) + mine[option.product]
    assert all(used.get(name, 0) <= cap for name, cap in caps.items())


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 10**6), st.booleans())
def test_the_best_sharing_keeps_every_cap_and_lends_no_less_than_first_come(seed: int, pools: bool) -> None:
    asks, caps = drawn(seed, pools=pools)
    turn, good = scarcity.first_come(asks, caps), scarcity.best(asks, caps)
    held(asks, caps, turn)
    held(asks, caps, good)
    assert sum(good.values()) >= sum(turn.values())


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 10**6))
def test_flow_and_linear_programme_find_the_same_optimum(seed: int) -> None:
    asks, caps = drawn(seed, pools=False)
    cost = {(ask.firm, option.product): option.cost_bp - scarcity.BIG for ask in asks for option in ask.options}
    one, other = scarcity._flow(asks, caps), scarcity._linear(asks, caps)
    assert sum(cost[name] * got for name, got in one.items()) == sum(cost[name] * got for name, got in other.items())


def test_what_scarcity_cost_is_said_firm_by_firm() -> None:
    cheap, dear = Option("p", "one", None, 50, 300), Option("q", "two", None, 50, 400)
    rows = scarcity.compared([Ask("a", 50, (cheap, dear)), Ask("b", 50, (cheap,))], {"one": 50})
    assert [(row.firm, row.alone, row.first_come, row.best) for row in rows] == [("a", 50, 50, 50), ("b", 50, 0, 50)]


def test_question_two_keeps_its_own_rules_and_beats_the_plain_ones() -> None:
    rng = random.Random(5)
    firms = [cumcm.Firm(f"E{n}", rng.uniform(0.001, 0.2), rng.choice("ABCDE")) for n in range(300)]
    rates = [0.04 + n * 0.004 for n in range(28)]
    lost = {grade: [min(1.0, n / 28 * slope) for n in range(28)] for grade, slope in zip("ABC", (1.2, 1.1, 1.0), strict=True)}
    table = cumcm.units(firms, rates, lost)
    loans = cumcm.best(firms, rates, table)
    assert sum(loan.amount for loan in loans) <= cumcm.BUDGET
    assert len({loan.firm.key for loan in loans}) == len(loans)
    assert all(10 <= loan.amount <= 100 and loan.firm.grade in "ABC" and 0.04 <= loan.rate <= 0.15 for loan in loans)
    assert (
        cumcm.profit(loans)
        >= cumcm.profit(cumcm.by_grade(firms, rates, table))
        >= cumcm.profit(cumcm.greedy(firms, rates, table))
    )
