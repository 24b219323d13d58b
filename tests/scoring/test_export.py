"""A bank runs the card in its own house: one file, the standard library, every vector to the last digit."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from backend.scoring import export, scorecard
from tests.scoring.makers import DAY


@pytest.mark.parametrize("code", scorecard.CODES)
def test_the_file_reproduces_every_vector_without_us(code: str, tmp_path: Path) -> None:
    program, cases = export.write(scorecard.current(DAY, code), DAY, tmp_path)
    command = [sys.executable, "-I", "-S", str(program), str(cases)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{export.VECTORS} of {export.VECTORS} vectors reproduced"


def test_the_vectors_reach_every_bin_the_missing_ones_refusals_and_default() -> None:
    card = scorecard.current(DAY)
    cases = export.vectors(card, DAY)["cases"]
    assert any(case["grade"] is None for case in cases)
    assert any(case["pd"] == "1.000000" for case in cases)
    assert {case["grade"] for case in cases} >= {"A", "B", "C", "D", "E"}
    for c in card.characteristics:
        places = {c.place(scorecard.reading_of(c.read_as, case["facts"].get(c.fact), DAY)) for case in cases}
        assert places == set(range(len(c.every_bin))), c.fact


def test_the_file_imports_the_standard_library_alone() -> None:
    tree = ast.parse(export.program(scorecard.current(DAY)))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= set(sys.stdlib_module_names)


def test_a_wrong_vector_is_named_and_another_cards_vectors_are_refused(tmp_path: Path) -> None:
    program, cases = export.write(scorecard.current(DAY), DAY, tmp_path)
    told = json.loads(cases.read_text())
    told["cases"][7]["grade"] = "Z"
    cases.write_text(json.dumps(told))
    run = [sys.executable, "-I", str(program), str(cases)]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 1
    assert "vector 7 differs" in done.stderr
    cases.write_text(json.dumps(told | {"digest": "0"}))
    assert "another card's" in subprocess.run(run, capture_output=True, text=True).stderr


def test_the_same_card_gives_the_same_bytes(tmp_path: Path) -> None:
    one = export.write(scorecard.current(DAY), DAY, tmp_path / "a")
    two = export.write(scorecard.current(DAY), DAY, tmp_path / "b")
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
