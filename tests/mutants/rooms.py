"""Which room a file belongs to, and which tests are that room's own."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

FOLDERS = ("backend", "lender_adapters", "products", "risk_compensation", "dashboard")
STORIES = ("tests/stories",)
# Files that stand in `backend` itself: what joins the doors.
JOINS = "joins"
# Rooms whose tests do not stand in a folder of the same name, besides the running examples in the room itself.
OWN = {
    JOINS: ("tests/doors", "tests/house/test_the_schema.py", "tests/house/test_the_rules.py"),
    "api": ("tests/doors",),
    "cli": ("tests/products/test_check_command.py", "tests/scoring/test_training_commands.py", "tests/audit/test_verifying.py"),
    "kit": (
        *("tests/audit", "tests/credit_data/test_seals.py", "tests/house/test_the_rules.py", "tests/house/test_the_schema.py"),
        *("tests/parties", "tests/doors/test_database_errors.py", "tests/doors/test_bodies_are_limited.py"),
    ),
    "vocabulary": ("tests/house/test_one_title.py", "tests/matching/test_vocabulary.py"),
    "worker": ("tests/steps",),
}


def room_of(file: str) -> str:
    """The room of a file, by its path from the root.

    >>> room_of("backend/loans/day.py"), room_of("backend/app.py"), room_of("products/rules.py")
    ('loans', 'joins', 'products')
    """
    parts = PurePosixPath(file).parts
    if parts[0] != "backend":
        return parts[0]
    return parts[1] if len(parts) > 2 else JOINS


def files(root: Path) -> dict[str, list[str]]:
    """Product Python by room; what makes the schema of earlier days is no room."""
    found: dict[str, list[str]] = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            file = path.relative_to(root)
            if "migrations" not in file.parts and not path.name.startswith("test_"):
                found.setdefault(room_of(file.as_posix()), []).append(file.as_posix())
    return found


def own_tests(root: Path, room: str) -> tuple[str, ...]:
    """Where the room's own tests stand: its folder or files under `tests`, and its running examples."""
    examples = (f"backend/{room}",) if (root / "backend" / room).is_dir() else ()
    if room in FOLDERS:
        examples = (room,)
    if room == JOINS:
        examples = tuple(file for file in files(root)[JOINS])
    return (*OWN.get(room, (f"tests/{room}",)), *examples)
