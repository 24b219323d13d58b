"""What monitoring says of the general card when a town's economy is made to turn: the level first, then the mix."""

from __future__ import annotations

from datetime import date

import pytest

from backend.cli import watching
from backend.scoring.monitoring.report import Look

SEED, SIZE = 8801, 80


@pytest.fixture(scope="module")
def looks() -> tuple[Look, Look]:
    calm, turned = (watching.town_rows(SEED, SIZE, turn) for turn in (None, date(2025, 2, 1)))
    return watching.town_look(calm)[0], watching.town_look(turned)[0]


def test_a_turn_raises_the_level_alarm_and_calm_does_not(looks: tuple[Look, Look]) -> None:
    calm, turned = ({alert["what"] for alert in look.alerts} for look in looks)
    assert "level" not in calm
    assert {"level", "brier"} <= turned


def test_the_mix_moves_towards_worse_grades_and_the_card_still_sorts(looks: tuple[Look, Look]) -> None:
    calm, turned = (look.figures for look in looks)
    assert turned["psi"]["value"] > calm["psi"]["value"]
    assert turned["observed"]["low"] > turned["expected"]
    assert turned["auc"]["value"] > 0.65
