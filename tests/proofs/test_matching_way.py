"""The way to yes is true: applying it makes the product a yes, every time; and no smaller set of the allowed changes does.

`make proofs` takes 10,000 random cases that have a way; otherwise 400. Small ones are searched through.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from itertools import combinations

import pytest

from backend.matching.changes import State, Step, apply, eligible
from backend.matching.efforts import in_force_on, repairable
from backend.matching.way import Way, find
from products import catalogue, rules
from products.schema import ProductTerms
from tests.matching.random_products import DAY, firm, product


def a_state(rng: random.Random) -> State:
    view, facts, grade = firm(rng)
    amount = rng.choice([None, None, 2_000_000, 30_000_000, 500_000_000])
    capacity = rng.choice([None, None, 0, 3_000_000, 200_000_000])
    return State(facts, view, DAY, grade, amount, rng.random() < 0.5, capacity, rng.choice([None, 10**9]))


def cases(count: int, seed: int) -> list[tuple[ProductTerms, State, Way]]:
    rng = random.Random(seed)
    published, found, tries = catalogue.load().on(DAY), list[tuple[ProductTerms, State, Way]](), 0
    while len(found) < count:
        tries += 1
        assert tries < 400 * count, "ways have become rare"
        terms = rng.choice(published) if tries % 3 else product(rng, tries)
        state = a_state(rng)
        if tries % 3 and rng.random() < 0.9:
            here = (terms.block.regions or ("420100",))[0]
            state = replace(state, firm=replace(state.firm, region=here, subject_type=terms.subject_types[0]))
        way = find(terms, state)
        if way.steps:
            found.append((terms, state, way))
    return found


def test_applying_a_way_makes_the_product_a_yes_and_no_smaller_set_does(
    pytestconfig: pytest.Config, say: Callable[[str], None]
) -> None:
    count, searched, sizes = 10_000 if pytestconfig.getoption("--full-proofs") else 400, 0, set[int]()
    for terms, state, way in cases(count, 11):
        after = reduce(apply, way.steps, state)
        assert not eligible(terms, state)
        assert eligible(terms, after), (terms.block, state, way)
        naive = rules.evaluate(terms, after.values, day=after.day, firm=after.firm, listing_grade=after.grade)
        assert naive.answer == "yes"
        sizes.add(len(way.steps))
        if len(way.steps) <= 8:
            searched += 1
            for smaller in range(len(way.steps)):
                for part in combinations(way.steps, smaller):
                    assert not eligible(terms, reduce(apply, part, state)), (terms.block, state, way, part)
    assert searched > count // 3
    assert len(sizes) > 3
    say(f"{count:,} ways lead to a yes; {searched:,} of them searched through, none is longer than it must be")


def allowed(step: Step, terms: ProductTerms) -> bool:
    efforts = in_force_on(DAY)
    hidden = {one.fact for one in terms.block.criteria if one.discloses != "exact"}
    if step.kind == "reach":
        return step.fact in efforts.reach and step.fact not in hidden
    return step.kind != "repair" or (step.fact is not None and repairable(step.fact, DAY) and step.fact not in hidden)


def test_what_a_firm_cannot_change_and_what_a_bank_keeps_to_itself_are_never_proposed() -> None:
    for terms, _, way in cases(150, 12):
        assert all(allowed(step, terms) for step in way.steps)
        for step in way.steps:
            if step.fact == "data_trades":
                assert not any(letter.isdigit() for letter in step.words.en)


def test_steps_stand_by_effort_and_a_way_that_is_blocked_proposes_nothing() -> None:
    rng = random.Random(3)
    blocked = 0
    for terms in catalogue.load().on(DAY):
        for _ in range(10):
            way = find(terms, a_state(rng))
            assert [step.effort for step in way.steps] == sorted(step.effort for step in way.steps)
            blocked += bool(way.blocked)
            assert not (way.blocked and way.steps)
    assert blocked
