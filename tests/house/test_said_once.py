"""What kit says once is not said again elsewhere. Each scan is shown a planted fault first, so that it can fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("backend", "dashboard", "lender_adapters", "products", "risk_compensation")
CODE = sorted(
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if not path.is_relative_to(ROOT / "backend" / "kit")
)


def _pairs(tree: ast.AST) -> Iterator[int]:
    """Classes that name `zh` and `en` of their own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
            named = {each.id for each in fields if isinstance(each, ast.Name)}
            if {"zh", "en"} <= named:
                yield node.lineno


PAIR = "class Said(Strict):\n    zh: str\n    en: str\n    asked: bool = False\n"


def test_a_sentence_in_two_languages_is_kits_words() -> None:
    assert list(_pairs(ast.parse(PAIR))) == [1], "the scan sees no pair"
    found = [f"{path.relative_to(ROOT)}:{line}" for path in CODE for line in _pairs(ast.parse(path.read_text()))]
    assert not found, f"take backend.kit.words.Words, or policy.Worded where the two stand flat: {found}"


# What stands in other people's files is a day without a zone, read by their own form.
FOREIGN_DAYS = {"backend/scoring/sources/sba.py", "risk_compensation/play/outcomes.py"}


def _days(tree: ast.AST) -> Iterator[int]:
    """Where a moment is made a day by hand: `.date()`, or the first ten letters of what it is written as."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "date" and not node.args:
            yield node.lineno
        if isinstance(node, ast.FormattedValue) and ".astimezone(" in ast.unparse(node.value):
            form = ast.unparse(node.format_spec) if node.format_spec else ""
            if "%H" not in form:
                yield node.lineno
        if isinstance(node, ast.Subscript) and ast.unparse(node.slice) == ":10" and "isoformat" in ast.unparse(node.value):
            yield node.lineno


DAY_BY_HAND = (
    "day = at.date()",
    "day = at.astimezone(SHANGHAI).date()",
    "month = f'{at.astimezone(SHANGHAI):%Y-%m}'",
    "day = at.isoformat()[:10]",
)


def test_the_day_of_a_moment_is_asked_of_the_clock() -> None:
    for fault in DAY_BY_HAND:
        assert list(_days(ast.parse(fault))) == [1], f"the scan does not see {fault}"
    there = [path for path in CODE if str(path.relative_to(ROOT)) not in FOREIGN_DAYS]
    found = [f"{path.relative_to(ROOT)}:{line}" for path in there for line in _days(ast.parse(path.read_text()))]
    assert not found, f"a moment's day is clock.day_of(moment), in Asia/Shanghai whatever zone the moment carries: {found}"
