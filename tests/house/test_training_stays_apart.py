"""What training needs never reaches what serves a firm, and two solvers that cannot share a process never meet in one."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = [
    path
    for folder in ("backend", "lender_adapters", "products", "risk_compensation", "dashboard")
    for path in (ROOT / folder).rglob("*.py")
]
HEAVY = re.compile(r"^\s*(?:from|import) (optbinning|interpret|matplotlib|cvxpy|highspy)\b", re.M)
TRAINING = re.compile(r"^\s*from backend\.scoring\.training\b", re.M)


def test_only_training_imports_the_libraries_of_training() -> None:
    for path in CODE:
        place = path.relative_to(ROOT).as_posix()
        found = set(HEAVY.findall(path.read_text(encoding="utf-8")))
        assert not found or place.startswith("backend/scoring/training/"), f"{place} imports {found}"


def test_only_the_cutting_process_imports_optbinning() -> None:
    holding = [path for path in CODE if "optbinning" in HEAVY.findall(path.read_text(encoding="utf-8"))]
    assert [path.name for path in holding] == ["optimal.py"]


def test_what_serves_a_firm_imports_no_training() -> None:
    for path in CODE:
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(("backend/scoring/training/", "backend/cli/")):
            assert not TRAINING.search(path.read_text(encoding="utf-8")), f"{place} imports training"


def test_importing_training_loads_none_of_its_libraries() -> None:
    names = "{'optbinning', 'highspy', 'interpret', 'matplotlib'}"
    ask = f"import sys, backend.scoring.training.running; print(sorted({names} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
