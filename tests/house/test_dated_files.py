"""A policy file of dated blocks is read in one way: `kit.dated.Dated`, or a `DatedFile` that is found by its code."""

from __future__ import annotations

import ast
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

import backend.app  # noqa: F401  # every room, and with it every reader
from backend.kit.dated import Dated
from backend.kit.errors import Misconfigured

ROOT = Path(__file__).parents[2]
FOLDERS = ("backend", "lender_adapters", "products", "risk_compensation")
# A pool's schemes are chosen in a way of their own: an ended one goes on to rule its old claims by its last block, and a course
# plays a scheme while its file is still being checked.
CODE = sorted(path for folder in FOLDERS[:-1] for path in (ROOT / folder).rglob("*.py"))
# Who else chooses a block without such a file, and why.
OTHERWISE = {
    "backend/whitelists/programme.py": "its appeals are a second list of blocks in the programme's file",
    "products/directory.py": "banks.yaml names the banks beside their terms, and checks one against the other by line",
}
READERS = sorted(
    {
        (each.path.relative_to(ROOT).as_posix(), each)
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in FOLDERS
        for each in list(vars(module).values())
        if isinstance(each, Dated)
    },
    key=lambda pair: pair[0],
)


def _choosing(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "in_force" for node in ast.walk(tree))


def test_whoever_chooses_a_block_by_hand_says_why() -> None:
    assert _choosing(ast.parse("found = in_force(_file().rules, day)")), "the scan sees nobody who chooses"
    # consents.views.in_force is a question about a consent, not about a file.
    there = {str(path.relative_to(ROOT)) for path in CODE if "from backend.kit.dated import" in path.read_text()}
    found = {name for name in there if _choosing(ast.parse((ROOT / name).read_text()))}
    assert found == set(OTHERWISE), "read the file with kit.dated.Dated, or say here what is different about it"


@pytest.mark.parametrize(("name", "reader"), READERS, ids=[name for name, _ in READERS])
def test_two_blocks_at_once_and_a_day_without_one_are_faults_of_the_file(name: str, reader: Dated[Any]) -> None:
    said = yaml.safe_load(reader.path.read_text(encoding="utf-8"))
    last = said["blocks"][-1]
    for blocks in ([*said["blocks"], last | {"valid_from": last["valid_from"] + timedelta(days=1)}], []):
        with pytest.raises(ValidationError, match=r"begins while that from|at least 1 item"):
            reader.file.model_validate(said | {"blocks": blocks})
    day = date(1990, 1, 1)
    assert reader.find(day) is None
    with pytest.raises(Misconfigured, match="1990-01-01"):
        reader.on(day)
