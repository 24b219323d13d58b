"""Early warning on towns that nobody tuned on: how early, how often in vain. Short: one small town; `make proofs`: all of them.

`creditbridge score warn-report` prints the figures as they come; what is held here is that a warning knows more than chance and
that it never rests on what came after.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.cli.watching import DRAWN_ON, town_courses
from backend.scoring.warnings import measuring
from backend.scoring.warnings.measuring import Course


@pytest.fixture(scope="module")
def courses(request: pytest.FixtureRequest) -> list[Course]:
    full = request.config.getoption("--full-proofs")
    seeds, size = (list(measuring.REPORTING_SEEDS), 300) if full else ([measuring.REPORTING_SEEDS[0]], 70)
    return [
        course
        for place, seed in enumerate(seeds)
        for course in town_courses(seed, size, DRAWN_ON[place % len(DRAWN_ON)], None)[0]
    ]


def test_the_reporting_towns_are_none_of_those_anything_was_made_on() -> None:
    made_on = {*range(7001, 7021), *measuring.DEVELOPMENT_SEEDS, 20250101}
    assert not made_on & set(measuring.REPORTING_SEEDS)


def test_a_lead_is_counted_from_before_the_first_overdue_day(courses: list[Course]) -> None:
    for course in courses:
        for level in measuring.LEVELS:
            first = course.first(level)
            assert first is None or course.first_overdue is None or first < course.first_overdue


def test_each_level_says_less_than_the_one_below_it(courses: list[Course]) -> None:
    for course in courses:
        for day in course.colours:
            said = [course.loud(day, level) for level in measuring.LEVELS]
            assert said == sorted(said, reverse=True)


def test_a_warning_knows_more_than_chance(
    courses: list[Course], request: pytest.FixtureRequest, say: Callable[[str], None]
) -> None:
    measured = {each.level: each for each in measuring.measure(courses)}
    assert 0 < measured["YELLOW"].overdue < len(courses)
    if request.config.getoption("--full-proofs"):
        base = measured["RED"].overdue / len(courses)
        assert measured["RED"].precision.low > base
        assert measured["TWO"].precision.low > base
        assert measured["YELLOW"].recall.low > 0.5
        assert measured["YELLOW"].lead_days.low > 30
    yellow = measured["YELLOW"]
    say(f"{len(courses):,} loans, {yellow.overdue:,} overdue: {yellow.recall} told of, {yellow.lead_days.days()} days before")
