"""Twenty schemes and sixteen honest kinds on seeds that nobody looked at while the lines were drawn; and the false alarms of the
honesty monitor. `make proofs` plays them at full length; otherwise they are short. The floors lie below what was measured: they
hold against decay, the figures themselves are printed by `creditbridge uplift gaming-report`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.cli.uplift_gaming import Tally, measure
from backend.town.gaming import DEVELOPMENT, REPORTING, names
from backend.uplifts.honesty import ALPHA
from backend.uplifts.intervals import wilson
from tests.uplifts.test_honesty import alarmed

# What the published rules say outright leaves no room, whoever tries it and however.
OUTRIGHT = {"related_direct", "related_sisters", "reciprocal", "same_buyer", "zero_price", "unsettled", "own_payer"}


@pytest.fixture(scope="module")
def tallies(pytestconfig: pytest.Config) -> dict[str, Tally]:
    count = 400 if pytestconfig.getoption("--full-proofs") else 6
    seeds = range(REPORTING.start, REPORTING.start + count)
    assert not set(seeds) & set(DEVELOPMENT)
    return {name: measure(name, seeds) for group in names() for name in group}


def test_there_are_twenty_schemes_and_each_would_gain_something_or_is_barred_outright(tallies: dict[str, Tally]) -> None:
    schemes = [each for each in tallies.values() if not each.honest]
    assert len(schemes) == 20
    assert all(each.gain_tried_bp > 0 or each.name in OUTRIGHT | {"one_payer"} for each in schemes)


def test_what_the_published_rules_bar_gains_nothing(tallies: dict[str, Tally]) -> None:
    assert {name: tallies[name].caught == tallies[name].cases for name in sorted(OUTRIGHT)} == dict.fromkeys(
        sorted(OUTRIGHT), True
    )


def test_most_schemes_are_caught_and_hardly_an_honest_firm_is_blocked(
    tallies: dict[str, Tally], say: Callable[[str], None]
) -> None:
    schemes = [each for each in tallies.values() if not each.honest]
    kinds = [each for each in tallies.values() if each.honest]
    assert sum(each.caught for each in schemes) / sum(each.cases for each in schemes) >= 0.85
    blocked, lifted = sum(each.blocked for each in kinds), sum(each.lifted for each in kinds)
    assert wilson(blocked, lifted)[0] <= 0.005
    assert sum(each.harmed for each in kinds) / sum(each.cases for each in kinds) <= 0.05
    caught, tried = sum(each.caught for each in schemes), sum(each.cases for each in schemes)
    say(f"{caught:,} of {tried:,} schemes caught; {blocked:,} of {lifted:,} honest firms blocked")


def test_the_monitor_keeps_its_promise_of_false_alarms_over_twelve_looks(pytestconfig: pytest.Config) -> None:
    runs = 400 if pytestconfig.getoption("--full-proofs") else 10
    false = sum(alarmed(50_000 + seed, 1.0) for seed in range(runs))
    assert wilson(false, runs)[0] <= ALPHA
