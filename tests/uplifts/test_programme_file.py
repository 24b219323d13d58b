"""The programme is strict, dated data with a source for each block."""

from datetime import date
from pathlib import Path

import pytest

from backend.kit.policy import PolicyError, load
from backend.uplifts.examples import work_out
from backend.uplifts.programme import FOLDER, Example, Programme, codes
from backend.uplifts.programme import load as programme

TEXT = (FOLDER / "hubei_shuyidai.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("weight_bp: 3500", "weight_bp: 3400", "add up to 10000"),
        ("floor_bp: 1000", "floor_bp: 4000", "above ceiling_bp"),
        ("full_at: 5", "full_at: 5\n      bonus: 1", "not known here"),
        ('source: "domain §4.4 s_r;', 'source: "we think so;', "a source is"),
        ("least_age_days: 90", "least_age_days: 90\n      least_age_days: 30", "said twice"),
    ],
)
def test_a_faulty_programme_is_refused_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in TEXT
    path = tmp_path / "programme.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=says) as error:
        load(path, Programme)
    assert error.value.faults[0].line > 1


@pytest.mark.parametrize(
    ("code", "example"),
    [(code, one) for code in codes() for one in programme(code).examples],
    ids=lambda v: v if isinstance(v, str) else v.title.en,
)
def test_the_worked_examples_of_a_programme_come_out_as_its_file_says(code: str, example: Example) -> None:
    assert work_out(programme(code), example) == (example.rate_bp, example.effective_fen)


def test_every_programme_carries_examples_and_says_whom_to_ask() -> None:
    assert {"hubei_shuyidai", "data_ip", "data_asset_booked"} <= set(codes())
    for code in codes():
        assert len(programme(code).examples) >= 2
        assert programme(code).contact.zh


def test_a_new_coefficient_is_a_new_dated_block_and_the_past_stays() -> None:
    before = programme("hubei_shuyidai")
    after = before.with_coefficient("trades", 5000, date(2026, 1, 1), "assumed: decided by two persons")
    day, eve = date(2026, 1, 1), date(2025, 12, 31)
    assert after.on(eve).trades == before.on(eve).trades  # type: ignore[union-attr]
    assert after.on(day).trades.coefficient_bp == 5000  # type: ignore[union-attr]
    assert len(Programme.model_validate(after.model_dump()).blocks) == 2


def test_what_is_published_and_what_is_proposed_are_told_apart() -> None:
    terms = load(FOLDER / "hubei_shuyidai.yaml", Programme).blocks[0]
    assert "[S1]" in terms.bounds.source
    assert all("[D]" in part.source for part in (terms.threshold, terms.rights, terms.trades, terms.booked))
