"""A warning declines nobody: no room that decides, matches or lends knows of warnings."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECIDERS = ("backend/matching", "backend/applications", "backend/uplifts", "backend/loans", "products", "risk_compensation")
FILES = sorted(path for folder in DECIDERS for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_deciding_room_reads_a_warning(path: Path) -> None:
    assert not any("scoring.warnings" in name for name in imported(path))


def test_scoring_a_firm_reads_no_warning_either() -> None:
    for path in (ROOT / "backend/scoring").glob("*.py"):
        if path.name == "handlers.py":  # names the room's steps, the sweeps of warnings among them; scores nobody
            continue
        assert not any("scoring.warnings" in name for name in imported(path))
