"""Trouble travels by the formula of domain §8: bounded, monotone, at most three rounds; circles are found."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.scoring.warnings.contagion import Guarantee, Link, circles, spread, stars

NAMES = list("abcdef")
STRESS = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1), max_size=6)
LINKS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.floats(0, 1)).filter(lambda x: x[0] != x[1]).map(
        lambda x: Link(x[0], x[1], x[2], "guarantee")
    ),
    max_size=12,
)  # fmt: skip


def run(own: dict[str, float], links: list[Link], rounds: int = 3) -> dict[str, float]:
    return spread(own, links, rounds=rounds, ignore_below=0.05)


def test_one_firm_with_two_troubled_neighbours() -> None:
    links = [Link("a", "b", 0.5, "guarantee"), Link("a", "c", 0.4, "equity")]
    assert run({"b": 1.0, "c": 0.5}, links)["a"] == pytest.approx(1 - (1 - 0.5) * (1 - 0.2))


def test_what_is_below_a_twentieth_is_ignored_and_the_fourth_step_is_not_taken() -> None:
    assert run({"b": 0.1}, [Link("a", "b", 0.49, "guarantee")])["a"] == 0.0
    chain = [Link(one, other, 1.0, "guarantee") for one, other in zip("abcd", "bcde", strict=True)]
    after = run({"e": 1.0}, chain)
    assert [after[name] for name in "abcde"] == [0.0, 1.0, 1.0, 1.0, 1.0]


@given(STRESS, LINKS)
def test_it_is_bounded_and_never_below_a_firms_own_trouble(own: dict[str, float], links: list[Link]) -> None:
    after = run(own, links)
    for name, stress in after.items():
        assert own.get(name, 0.0) <= stress <= 1.0
        assert math.isfinite(stress)


@given(STRESS, LINKS, st.sampled_from(NAMES), st.floats(0, 1))
def test_more_trouble_somewhere_is_never_less_trouble_elsewhere(
    own: dict[str, float], links: list[Link], name: str, more: float
) -> None:
    before = run(own, links)
    after = run(own | {name: max(own.get(name, 0.0), more)}, links)
    assert all(after[each] >= before[each] - 1e-12 for each in before)


@given(STRESS, LINKS)
def test_the_order_of_links_does_not_matter(own: dict[str, float], links: list[Link]) -> None:
    one, other = run(own, links), run(own, list(reversed(links)))
    assert one.keys() == other.keys()
    assert all(one[name] == pytest.approx(other[name]) for name in one)


def test_circles_are_strongly_connected_and_a_pair_is_none() -> None:
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"), ("d", "e"), ("e", "f"), ("f", "e")]
    assert circles(edges, least=3) == [("a", "b", "c", "d")]
    assert circles(edges, least=2) == [("a", "b", "c", "d"), ("e", "f")]
    assert circles([(str(n), str(n + 1)) for n in range(3000)], least=3) == []


def test_a_star_answers_for_three_or_more() -> None:
    given_ = [Guarantee("a", other, 10) for other in "bcd"] + [Guarantee("b", "c", 5), Guarantee("b", "c", 5)]
    assert stars(given_, at_least=3) == {"a": 30}
