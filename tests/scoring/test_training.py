"""A card is what training writes: the same sample, the same bytes; honest figures; nothing the blueprint forbids."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from backend.kit.errors import Misconfigured
from backend.kit.policy import PolicyError, load
from backend.scoring import scorecard
from backend.scoring.blueprint import blueprint
from backend.scoring.card import Card, CardFile
from backend.scoring.training import of_frame, publish, read_sample, train, written
from tests.scoring.makers import a_sample

SAMPLE = of_frame(a_sample(), "0123456789abcdef")


@pytest.fixture(scope="module")
def trained() -> Card:
    return train(blueprint("general"), SAMPLE)


@pytest.mark.parametrize("code", scorecard.CODES)
def test_the_published_file_is_what_the_writer_writes(code: str) -> None:
    path = scorecard.FOLDER / f"{code}.yaml"
    card = scorecard.load(path).blocks[-1]
    assert written(card) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", scorecard.CODES)
def test_a_published_card_decides_nothing_that_its_blueprint_does_not_say(code: str) -> None:
    card, plan = scorecard.load(scorecard.FOLDER / f"{code}.yaml").blocks[-1], blueprint(code)
    for name in ("title", "valid_from", "source", "approved_by", "outcome", "population", "grades", "capacity"):
        assert getattr(card, name) == getattr(plan, name)
    candidates = {candidate.fact: candidate for candidate in plan.candidates}
    for characteristic in card.characteristics:
        assert characteristic.monotone == candidates[characteristic.fact].monotone
        assert characteristic.way == candidates[characteristic.fact].way
        assert float(characteristic.coefficient) >= plan.binning.least_coefficient - 0.0001


@pytest.mark.parametrize("code", scorecard.CODES)
def test_a_published_card_shows_figures_that_can_be_believed(code: str) -> None:
    figures = scorecard.load(scorecard.FOLDER / f"{code}.yaml").blocks[-1].validation
    assert figures.towns_trained >= 10
    assert figures.towns_validated >= 5
    assert figures.n > 700
    assert Decimal("0.65") < figures.auc.low < figures.auc.value < figures.auc.high < Decimal("0.90")
    assert Decimal("0.75") < figures.slope.value < Decimal("1.25")
    # Small grades may change places by chance; never beyond their intervals.
    for better, worse in pairwise(figures.by_grade):
        assert better.low_bp <= worse.high_bp
    assert figures.by_grade[0].high_bp < figures.by_grade[-1].low_bp


def test_the_same_sample_gives_the_same_bytes(trained: Card, tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    a_sample().to_csv(path, index=False, lineterminator="\n")
    first = publish(read_sample(path), tmp_path, ("general",))[0]
    body = (tmp_path / "general.yaml").read_bytes()
    publish(read_sample(path), tmp_path, ("general",))
    assert (tmp_path / "general.yaml").read_bytes() == body
    assert load(tmp_path / "general.yaml", CardFile).blocks[0].digest == first.digest
    assert first.characteristics == trained.characteristics


def test_training_finds_what_made_the_coin_fall(trained: Card) -> None:
    assert {"gross_margin_bp", "social_arrears_months"} <= {c.fact for c in trained.characteristics}
    assert trained.validation.auc.value > Decimal("0.68")


def test_the_towns_that_validate_did_not_train(trained: Card) -> None:
    assert (trained.validation.towns_trained, trained.validation.towns_validated) == (4, 2)
    assert trained.validation.n + trained.validation.n_trained == len(SAMPLE.values)
    assert "1–4" in trained.trained_on.zh


def test_chance_gives_no_card() -> None:
    frame = a_sample()
    frame["bad"] = np.random.default_rng(1).permutation(frame["bad"])
    with pytest.raises(Misconfigured, match="tells too little"):
        train(blueprint("general"), of_frame(frame, "0" * 16))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("fact: gross_margin_bp", "fact: registered_capital_fen", "may not be used"),
        ("monotone: rising", "monotone: falling", "must not rise"),
        ("valid_from: 2025-01-01", "valid_from: 2025-02-30", "no day of the calendar"),
        ("as_of_window_days: 200", "as_of_window_days: 200\n  bonus_points: 5", "not known here"),
        ("pd_below: 0.04", "pd_below: 0.5", "bounds must rise"),
    ],
)
def test_a_faulty_card_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (scorecard.FOLDER / "general.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "card.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=says):
        load(path, CardFile)
