"""OR-tools and HiGHS's own package bring the same symbols: one process must never load both."""

import subprocess
import sys

import pytest

FLOW, OTHER = "ortools", ("highspy", "optbinning", "interpret")


def loaded(code: str) -> set[str]:
    """The top-level packages a fresh process has after running this."""
    show = f"{code}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)  # ourselves
    return set(done.stdout.split())


@pytest.mark.parametrize("door", ["backend.cli", "backend.app", "backend.matching.scarcity", "backend.matching.cumcm"])
def test_importing_a_door_loads_no_solver(door: str) -> None:
    assert not loaded(f"import {door}") & {FLOW, *OTHER}


def test_solving_a_sharing_loads_the_flow_solver_and_never_the_other() -> None:
    code = (
        "from backend.matching.scarcity import Ask, Option, best\n"
        "best([Ask('a', 5, (Option('p', 'b', None, 5, 1),))], {'b': 3})\n"
        "best([Ask('a', 5, (Option('p', 'b', 'c', 5, 1),))], {'c': 3})\n"
    )
    found = loaded(code)
    assert FLOW in found
    assert not found & set(OTHER)
