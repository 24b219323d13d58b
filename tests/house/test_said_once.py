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
