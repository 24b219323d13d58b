"""The programme is strict, dated data with a source for each block."""

from pathlib import Path

import pytest

from backend.kit.policy import PolicyError, load
from backend.uplifts.programme import FOLDER, Programme

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


def test_what_is_published_and_what_is_proposed_are_told_apart() -> None:
    terms = load(FOLDER / "hubei_shuyidai.yaml", Programme).blocks[0]
    assert "[S1]" in terms.bounds.source
    assert all("[D]" in part.source for part in (terms.threshold, terms.rights, terms.trades, terms.booked))
