"""How the house measures, in figures to hold beside those of another commit: `python -m tests.house.measures [FOLDER]`.

FOLDER is the root of a checkout (this one if none is named). Everything but the routes is read from the text; the routes are
asked of the application itself, in a process that imports that checkout's code. Generated schema does not count.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("backend", "lender_adapters", "products", "risk_compensation", "dashboard")
LONG_FUNCTION = 50
# A room's tables are read by others only here: the regulator's snapshot reads all of them, and so does what makes them.
READ_ALL = ("backend.reporting", "backend.migrations", "backend.migrate")
_ROUTES = """
import json, os, sys, tempfile
sys.path.insert(0, os.getcwd())
os.environ["CREDITBRIDGE_VAR"] = tempfile.mkdtemp()
from backend.app import create_app, create_platform
from backend.settings import load
paths = create_app(create_platform(load()), work=False).openapi()["paths"]
asked = [each for each in paths.items() if each[0].startswith("/api")]
found = [(path, verb, said["responses"]) for path, verbs in asked for verb, said in verbs.items() if verb != "parameters"]
def typed(answers):
    good = [each["content"] for code, each in answers.items() if code.startswith("2") and "content" in each]
    return all(any(_shaped(kind.get("schema", {})) for kind in content.values()) for content in good)
def _shaped(schema):
    if "$ref" in schema or schema.get("format") == "binary" or schema.get("type") in ("string", "boolean", "integer"):
        return True
    if "anyOf" in schema:
        return all(_shaped(each) or each.get("type") == "null" for each in schema["anyOf"])
    return schema.get("type") == "array" and _shaped(schema.get("items", {}))
print(json.dumps([len(found), [f"{verb} {path}" for path, verb, said in found if not typed(said)]]))
"""


@dataclass(frozen=True)
class Module:
    """One file of the product."""

    name: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder that owns it: `backend.loans`, `products`."""
        parts = self.name.split(".")
        return ".".join(parts[:2]) if parts[0] == "backend" else parts[0]


def modules(root: Path) -> list[Module]:
    """Every file of product Python, by its dotted name."""
    found = []
    for path in sorted(each for folder in FOLDERS for each in (root / folder).rglob("*.py")):
        place = path.relative_to(root).with_suffix("")
        if "versions" not in place.parts:
            name = ".".join(place.parts).removesuffix(".__init__")
            text = path.read_text()
            found.append(Module(name, text, ast.parse(text)))
    return found


def imports(module: Module, known: frozenset[str]) -> Iterator[str]:
    """The modules of ours that this one imports, wherever in the file the import stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            below = {f"{node.module}.{each.name}" for each in node.names} & known
            yield from below or ({node.module} & known)


def logical_lines(tree: ast.Module) -> int:
    """Statements, docstrings not counted."""
    said = 0
    for node in ast.walk(tree):
        said += isinstance(node, ast.stmt)
        body = getattr(node, "body", None)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and body:
            said -= isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    return said


def circles(arrows: set[tuple[str, str]]) -> list[list[str]]:
    """Where siblings import each other in a ring: each ring's members, by their common folder."""
    found = []
    for folder in sorted({name.rpartition(".")[0] for pair in arrows for name in pair} - {""}):
        depth, inside = folder.count(".") + 2, folder + "."
        edges = {
            (a, b)
            for one, other in arrows
            if one.startswith(inside) and other.startswith(inside)
            for a, b in [(".".join(one.split(".")[:depth]), ".".join(other.split(".")[:depth]))]
            if a != b
        }
        found += _rings(edges)
    return found


def _rings(edges: set[tuple[str, str]]) -> list[list[str]]:
    ahead = {a: {b for one, b in edges if one == a} for a, _ in edges}

    def reached(start: str) -> set[str]:
        seen, todo = set[str](), list(ahead.get(start, ()))
        while todo:
            if (each := todo.pop()) not in seen:
                seen.add(each)
                todo += ahead.get(each, ())
        return seen

    far = {name: reached(name) for name in ahead}
    rings = {tuple(sorted(other for other in far[name] if name in far.get(other, ()))) for name in far if name in far[name]}
    return [list(each) for each in sorted(rings)]


def inside(arrows: set[tuple[str, str]], folder: str) -> int:
    """How many imports stay within the folder."""
    return sum(one.startswith(folder) and other.startswith(folder) for one, other in arrows)


def untyped_routes(root: Path) -> tuple[int, list[str]]:
    """How many routes of the API there are, and those whose good answer has no shape of its own."""
    done = subprocess.run([sys.executable, "-c", _ROUTES], cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the application of {root} does not start:\n{done.stderr[-2000:]}")
    number, untyped = json.loads(done.stdout.splitlines()[-1])
    return number, untyped


def measured(root: Path) -> dict[str, object]:
    """Every figure by its name."""
    found = modules(root)
    known = frozenset(each.name for each in found)
    pairs = [(each, other) for each in found for other in sorted(set(imports(each, known))) if other != each.name]
    arrows = {(one.name, other) for one, other in pairs}
    tables = [(one, other) for one, other in pairs if other.endswith(".tables")]
    foreign = [one.name for one, other in tables if not other.startswith(one.room + ".") and not one.name.startswith(READ_ALL)]
    classes = Counter(node.name for each in found for node in ast.walk(each.tree) if isinstance(node, ast.ClassDef))
    twice = {name: number for name, number in classes.items() if number > 1}
    kinds = ast.FunctionDef, ast.AsyncFunctionDef
    functions = [node for each in found for node in ast.walk(each.tree) if isinstance(node, kinds)]
    number, untyped = untyped_routes(root)
    rings = circles(arrows)
    return {
        "files": len(found),
        "lines": sum(each.text.count("\n") for each in found),
        "logical lines": sum(logical_lines(each.tree) for each in found),
        "functions over 50 lines": sum((each.end_lineno or 0) - each.lineno >= LONG_FUNCTION for each in functions),
        "imports of tables": f"{len(tables)}, foreign {len(foreign)}",
        "foreign by room": dict(Counter(".".join(name.split(".")[:2]) for name in foreign).most_common()),
        "circles": f"{len(rings)}: {rings}",
        "arrows inside the pool": inside(arrows, "risk_compensation."),
        "arrows inside loans": inside(arrows, "backend.loans."),
        "class names used twice": f"{len(twice)}: {dict(sorted(twice.items(), key=lambda each: -each[1])[:12])}",
        "calls of shapes.row": sum(each.text.count("shapes.row") for each in found),
        "routes without typed answers": f"{len(untyped)} of {number}",
    }


if __name__ == "__main__":
    for title, figure in measured(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT).items():
        sys.stdout.write(f"{title:30} {figure}\n")
