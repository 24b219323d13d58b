"""A property never fails because the machine is busy: one profile for all tests, and nobody sets a deadline of their own."""

import ast
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[2]


def deadlines(text: str) -> list[int]:
    """The lines at which a deadline is set that is not none."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if ast.unparse(call.func).split(".")[-1] == "settings"
        for word in call.keywords
        if word.arg == "deadline" and not (isinstance(word.value, ast.Constant) and word.value.value is None)
    ]


def test_no_example_has_a_deadline() -> None:
    assert settings.get_current_profile_name() == "house"
    assert settings().deadline is None
    assert settings(max_examples=3).deadline is None
    set_by = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "lender_adapters" / "conformance").rglob("*.py")]
        for line in deadlines(path.read_text())
    }
    assert set_by == set()
    assert deadlines("a = hypothesis.settings(deadline=200)\nb = settings(deadline=None)") == [1]
