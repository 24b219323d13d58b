"""What the architecture says and a test can hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDERS = ("backend", "lender_adapters", "products", "risk_compensation", "dashboard")
CODE = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
ROOMS = [
    *("audit", "steps", "parties", "consents", "credit_data", "repair", "whitelists", "scoring", "uplifts", "matching"),
    *("applications", "loans", "reporting"),
]
MAP = {
    *(f"backend/{room}" for room in ROOMS),
    *("backend/kit", "backend/vocabulary", "backend/portal", "backend/api", "backend/town", "backend/migrations"),
    *("backend/app.py", "backend/settings.py", "backend/cli", "backend/worker", "backend/doors.py", "backend/migrate.py"),
    *("backend/entrance.py", "backend/gate.py", "backend/refusing.py"),
}
# A file over 300 lines is asking to be divided; data and generated schema are not prose.
LONGEST = 300


def test_every_room_of_the_map_exists_and_has_a_sign_on_its_door() -> None:
    for room in ROOMS:
        sign = ast.get_docstring(ast.parse((ROOT / "backend" / room / "__init__.py").read_text())) or ""
        said = all(word in sign for word in ("Enters", "Leaves", "Always holds"))
        assert said, f"backend/{room}/__init__.py says too little"


def test_every_module_stands_on_the_map() -> None:
    for path in (ROOT / "backend").rglob("*.py"):
        place = path.relative_to(ROOT)
        on_map = str(place) in MAP or "/".join(place.parts[:2]) in MAP or place == Path("backend/__init__.py")
        assert on_map, f"{place} is not on the map of the architecture"


def test_arrows_point_down() -> None:
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_opens_with_what_it_is_and_is_not_too_long(path: Path) -> None:
    text = path.read_text()
    if "versions" in path.parts:
        return
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module opens with what it is"
    assert len(text.splitlines()) <= LONGEST, "a file past 300 lines is asking to be divided"


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_money_is_whole_and_a_gap_gives_its_reason(path: Path) -> None:
    text = path.read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id.endswith(("_fen", "_bp")):
            assert "float" not in ast.unparse(node.annotation), f"line {node.lineno}: {node.target.id} must not be a float"
    assert not re.search(r"#\s*(noqa|type: ignore)\s*$", text, re.M), "a bare ignore"
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text), "something left open"


def test_below_the_doors_today_is_an_argument() -> None:
    doors = {"app.py", "cli", "doors.py", "worker", "portal", "api", "town", "kit", "settings.py", "steps", "parties"}
    for path in CODE:
        place = path.relative_to(ROOT)
        if place.parts[0] == "dashboard" or (len(place.parts) > 1 and place.parts[1] in doors):
            continue
        asks = r"\b(date\.today\(|datetime\.now\(|datetime\.utcnow\(|clock\.now\(|business_now\()"
        for found in re.finditer(asks, path.read_text()):
            allowed = "sandbox" in place.parts or found.group().startswith("clock.now") or place.parts[0] == "lender_adapters"
            assert allowed, f"{place} asks what time it is: {found.group()}"


def test_every_policy_file_says_where_its_numbers_come_from() -> None:
    reference = re.compile(r"^(domain §\d+(\.\d+)?|assumed: .{8,})", re.S)
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.yaml"):
            data = yaml.safe_load(path.read_text())
            for place, block in _dated_blocks(data):
                source = str(block.get("source", ""))
                assert reference.match(source), f"{path.relative_to(ROOT)} {place}: no source"


def _dated_blocks(data: object, place: str = "") -> list[tuple[str, dict[str, object]]]:
    found: list[tuple[str, dict[str, object]]] = []
    if isinstance(data, dict):
        if "valid_from" in data:
            found.append((place, data))
        for key, value in data.items():
            found += _dated_blocks(value, f"{place}.{key}")
    if isinstance(data, list):
        for number, value in enumerate(data):
            found += _dated_blocks(value, f"{place}[{number}]")
    return found


def test_nothing_in_the_project_names_a_registry_or_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, listed):
        path = ROOT / name
        if not path.is_file() or path.suffix in (".parquet", ".png"):
            continue
        assert path.stat().st_size < 1_000_000, f"{name} is over 1 MB"
        assert path.name not in ("uv.lock", "pylock.toml", "poetry.lock"), f"{name} holds index addresses"
        if name != "tests/house/test_the_map.py":
            text = path.read_text(errors="ignore")
            assert not re.search(r"--(extra-)?index-url|--find-links", text), f"{name} names an index"
            assert not re.search(r"(^|[\s\"'(=])/(work|farm)/", text, re.M), f"{name} names a path of a machine"


def test_the_readme_and_each_top_folder_speak_to_their_reader() -> None:
    for name in ("README.md", "README.zh-CN.md", *(f"{folder}/README.md" for folder in FOLDERS)):
        assert (ROOT / name).exists(), f"{name} is missing"
