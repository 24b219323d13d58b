"""Compiled and naive evaluation agree on every pair of a firm and a product drawn at random: yes, no and unknown.

`make proofs` compares 1,000,000 pairs; otherwise 20,000.
"""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from backend.matching.columns import Columns
from backend.matching.compiled import Book
from backend.matching.single import closures
from products import catalogue, rules
from products.schema import ProductTerms
from tests.matching.random_products import DAY, FACTS, firm, product

PRODUCTS, FIRMS = 50, 203


def compared(offered: list[ProductTerms], seed: int) -> Counter[str]:
    rng = random.Random(seed)
    drawn = [firm(rng) for _ in range(FIRMS)]
    grades = {"data_firms": [grade for _, _, grade in drawn]} | {
        one.whitelist_programme: [grade for _, _, grade in drawn] for one in offered if one.whitelist_programme
    }
    columns = Columns.of([view for view, _, _ in drawn], [facts for _, facts, _ in drawn], codes=FACTS, grades=grades)
    swept = Book(offered, DAY).sweep(columns)
    found: Counter[str] = Counter()
    for place, terms in enumerate(offered):
        says = closures(terms, DAY)
        for number, (view, facts, grade) in enumerate(drawn):
            naive = rules.evaluate(terms, facts, day=DAY, firm=view, listing_grade=grade).answer
            assert swept.answer(place, number) == naive, (terms.block, view, facts, grade)
            assert says(facts, view, grade) == naive, (terms.block, view, facts, grade)
            found[naive] += 1
    told = Counter[str]()
    for _, yes, no, unknown in swept.counts():
        told.update({"yes": yes, "no": no, "unknown": unknown})
    assert +told == found
    return found


def test_compiled_and_naive_evaluation_agree_on_pairs_drawn_at_random(
    pytestconfig: pytest.Config, say: Callable[[str], None]
) -> None:
    rounds = 99 if pytestconfig.getoption("--full-proofs") else 2
    found: Counter[str] = Counter()
    for seed in range(rounds):
        rng = random.Random(-1 - seed)
        found += compared([product(rng, number) for number in range(PRODUCTS)], seed)
    assert found.total() >= (1_000_000 if rounds == 99 else 20_000)
    assert min(found.values()) > found.total() // 500
    say(f"{found.total():,} pairs agree: " + ", ".join(f"{number:,} {answer}" for answer, number in sorted(found.items())))


def test_compiled_and_naive_evaluation_agree_on_the_published_catalogue() -> None:
    assert compared(catalogue.load().on(DAY), 7).total() > 1_000
