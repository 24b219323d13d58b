"""What a claim comes to after waterfalls and limits, and when the account has less: each fen stays with somebody."""

from __future__ import annotations

from datetime import date

import pytest

from risk_compensation.scheme import Award, award, shortened, terms_on

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("has", "parts", "cut"), [(51, {"fund": 50}, 3), (50, {"fund": 50}, 3), (49, {"fund": 49, "bank": 1}, 4)]
)
def test_what_the_account_does_not_reach_falls_on_whoever_bears_what_is_beyond(has: int, parts: dict[str, int], cut: int) -> None:
    assert shortened(terms_on("haikou_ip", DAY), Award({"fund": 50}, 7, 3), has) == Award(parts, 7, cut)


def test_two_public_parties_are_short_in_the_ratio_of_what_they_owe() -> None:
    terms = terms_on("chongqing_knowledge_value", DAY)
    found = shortened(terms, award(terms, terms.shares, 100), 41)
    assert found.parts == {"fund": 16, "district_fund": 25, "bank": 59}
    assert (found.counted_fen, found.cut_fen) == (0, 39)


def test_a_limit_leaves_its_rest_to_whoever_bears_what_is_beyond_and_counts_what_it_allows() -> None:
    terms = terms_on("pingshan_2026", DAY)
    for room, parts, counted in ((80, (40, 40, 20), 80), (81, (40, 40, 20), 80), (79, (40, 39, 21), 79), (-5, (0, 0, 100), 0)):
        found = award(terms, terms.shares, 100, rooms=[90, room])
        assert tuple(sorted((found.parts["fund"], found.parts["guarantor"]), reverse=True)) == parts[:2]
        assert (found.parts["bank"], found.counted_fen, found.cut_fen) == (parts[2], counted, 80 - counted)


def test_who_has_collected_nothing_leaves_its_part_to_who_stands_behind() -> None:
    terms = terms_on("chongqing_hightech_2024", DAY)
    for collected, parts in ((0, {"guarantor": 0, "bank": 20, "fund": 80}), (80, {"guarantor": 80, "bank": 20, "fund": 0})):
        found = award(terms, terms.shares, 100, collected={"guarantor": collected})
        assert found.parts == parts
        assert found.drawn(terms) == {"guarantor": collected}
    assert award(terms, terms.shares, 100).parts == {"guarantor": 0, "bank": 20, "fund": 80}
