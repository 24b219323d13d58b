"""Figures worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard import figures
from dashboard.snapshot import Snapshot
from tests.dashboard.made_up import WAN, tables


def shot() -> Snapshot:
    return Snapshot("d", "2025-08-31", "", "", {name: tuple(rows) for name, rows in tables().items()})


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (432_156_0000, "fen", "4,321.56 万元"),
        (0, "fen", "0.00 万元"),
        (6250, "bp", "62.50 %"),
        (3, "days", "3 天"),
        (2.5, "days", "2.5 天"),
        (1234, "count", "1,234"),
        (None, "fen", "暂无"),
    ],
)
def test_figures_are_said_in_full(value: float | None, unit: str, said: str) -> None:
    assert figures.amount(value, unit, "zh") == said


def test_figures_keep_the_order_asked_for_and_leave_out_what_is_not_there() -> None:
    assert [each.code for each in figures.kpis(shot(), ("draws", "no_such", "firms"))] == ["draws", "firms"]


def test_a_months_outcomes_add_up_and_have_their_share() -> None:
    row = {"month": "2025-01", "approved": 2, "declined": 1, "withdrawn": 0}
    found = figures.stacked([row], ("approved", "declined", "withdrawn"))
    assert [(each["part"], each["n"], each["share"]) for each in found] == [
        ("approved", 2, "66.67 %"),
        ("declined", 1, "33.33 %"),
        ("withdrawn", 0, "0.00 %"),
    ]


def test_the_approval_rate_counts_only_what_was_decided() -> None:
    assert figures.approval_bp({"approved": 40, "declined": 16, "pending": 99}) == (7143, 56)
    assert figures.approval_bp({"approved": 0, "declined": 0}) == (None, 0)


def test_a_months_price_is_weighted_by_the_money_drawn() -> None:
    # 100 at 4.10 % and 300 at 4.35 %: (410 + 3 x 435) / 4 = 428.75 bp
    first = [each for each in figures.prices(shot().rows("rates")) if each["month"] == "2025-01"]
    assert [(each["series"], each["text"], each["n"]) for each in first] == [
        ("rate", "4.29 %", 10),
        ("all_in", "4.65 %", 10),
        ("lpr", "3.10 %", 10),
    ]


def test_the_all_in_cost_weighs_only_the_draws_whose_offer_is_known_and_what_is_held_back_is_left_out() -> None:
    one = {"month": "2025-01", "n": 6, "amount_fen": 100, "weighted_rate_bp": 400, "weighted_all_in_bp": 500, "all_in_fen": 100}
    other = {"month": "2025-01", "n": 9, "amount_fen": 900, "weighted_rate_bp": 400, "weighted_all_in_bp": 400, "all_in_fen": 300}
    few = {"month": "2025-01", "n": 2, **dict.fromkeys(("amount_fen", "weighted_rate_bp", "weighted_all_in_bp", "all_in_fen"))}
    rows = [{**each, "lpr_bp": None} for each in (one, other, few)]
    assert [(each["series"], each["text"], each["n"]) for each in figures.prices(rows)] == [
        ("rate", "4.00 %", 15),
        ("all_in", "4.25 %", 15),
    ]
    assert figures.prices([rows[2]]) == []


def test_hidden_cells_are_counted_and_never_shown() -> None:
    found = figures.cells(shot().rows("cells"), "region", "drawn_fen")
    assert [row["label_en"] for row in found.shown] == ["Shangcheng", "Xihu"]
    assert found.hidden == 1


def test_an_unripe_stretch_of_a_cohort_begins_at_its_last_ripe_point() -> None:
    rows = [
        {"cohort": "a", "mob": mob, "drawn_fen": 100, "ever90_fen": mob, "draws": 3, "mature": int(mob < 3)} for mob in (3, 1, 2)
    ]
    found = figures.vintages(rows, "ever90_fen")
    assert [(each["mob"], each["percent"], each["ripe"]) for each in found] == [
        (1, 1.0, True),
        (2, 2.0, True),
        (2, 2.0, False),
        (3, 3.0, False),
    ]


def test_codes_the_dashboard_does_not_know_come_last_rather_than_vanish() -> None:
    rows: list[dict[str, Any]] = [{"cls": "new"}, {"cls": "loss"}, {"cls": "normal"}]
    assert [row["cls"] for row in figures.ordered(rows, "cls", ("normal", "loss"))] == ["normal", "loss", "new"]


def test_money_leaving_the_pool_is_drawn_below_the_line() -> None:
    row = {"month": "2025-06", "paid_in_fen": 0, "recovered_fen": 4 * WAN, "paid_fen": 12 * WAN}
    assert [(each["part"], each["money"], each["text"]) for each in figures.flows([row])] == [
        ("paid_in", 0, "0.00"),
        ("recovered", 4, "4.00"),
        ("paid", -12, "12.00"),
    ]


def test_the_trial_balance_has_two_equal_columns() -> None:
    assert figures.two_columns(shot().rows("pool_accounts"), {"pool_cash"}) == (1980 * WAN, 1980 * WAN)


def test_the_gauge_ends_a_fifth_beyond_the_pause_line_or_the_ratio() -> None:
    assert figures.gauge(300, 300, 500) == {"now": 50.0, "warn": 50.0, "pause": 83.33}
    assert figures.gauge(None, 300, 500) == {"warn": 50.0, "pause": 83.33}
    assert figures.gauge(1000, 300, 500)["now"] == 83.33


def test_bars_are_scaled_to_the_longest_and_nothing_divides_by_nought() -> None:
    assert [bar.length for bar in figures.bars([("a", 4, "", "", ""), ("b", 1, "", "", "")])] == [1, 0.25]
    assert [bar.length for bar in figures.bars([("a", 0, "", "", "")])] == [0]
