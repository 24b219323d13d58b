"""Every single-token change that a file of the product allows: where, what stands there, what would.

Comparisons are turned, `and` and `or` exchanged, a `not` dropped, plus and minus exchanged, a whole number raised by one, a code
spelled otherwise. What decides nothing while the program runs is left alone: annotations, imports, docstrings, decorators,
f-strings, `__all__`, what stands under `if TYPE_CHECKING` or `if __name__ == "__main__"`.
"""

from __future__ import annotations

import ast
import hashlib
import io
import itertools
import keyword
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

Place = tuple[int, int]
TURNED = {
    **{"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "is": "is not", "in": "not in"},
    **{"and": "or", "or": "and", "+": "-", "-": "+", "*": "//", "//": "*"},
}
ASSIGNED = {"+=": "-=", "-=": "+="}
NAMES = {"True": "False", "False": "True", "break": "continue", "continue": "break"}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
ORDERS = {"asc": "desc", "desc": "asc"}
CODE = re.compile(r"""^(["'])[a-z][a-z0-9]*(?:[_.:-][a-z0-9]+)*\1$""")
QUIET = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


@dataclass(frozen=True)
class Site:
    """One change: `old`, which begins at this line and column, gives way to `new`. `lines` are those of its statement."""

    file: str
    line: int
    column: int
    old: str
    new: str
    lines: tuple[int, ...]
    once: bool
    """Runs once in a process, on import or behind a cache: whoever runs anything of the file may depend on it."""

    @property
    def key(self) -> str:
        said = f"{self.file}:{self.line}:{self.column}:{self.old}:{self.new}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def in_text(self, text: str) -> str:
        """The file's text with the change."""
        lines = text.splitlines(keepends=True)
        line = lines[self.line - 1]
        if not line.startswith(self.old, self.column):
            raise ValueError(f"{self.file}:{self.line} is not what it was")
        lines[self.line - 1] = line[: self.column] + self.new + line[self.column + len(self.old) :]
        return "".join(lines)


def sites(file: str, text: str) -> list[Site]:
    """All changes of a file, in its order."""
    shape = _Shape(text)
    tokens = [each for each in tokenize.generate_tokens(io.StringIO(text).readline) if each.type not in QUIET]
    found = []
    for number, token in enumerate(tokens):
        if shape.left_alone.hold(token.start):
            continue
        before = tokens[number - 1] if number else None
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        for old, new in _changes(shape, token, before, after):
            lines, once = shape.around(token.start[0])
            found.append(Site(file, *token.start, old, new, lines, once))
    return found


def _changes(
    shape: _Shape, token: tokenize.TokenInfo, before: tokenize.TokenInfo | None, after: tokenize.TokenInfo | None
) -> Iterator[tuple[str, str]]:
    word, follows = token.string, after.string if after else ""
    if token.start in shape.nots:
        yield "not ", ""
    elif shape.between.hold(token.start):
        if word == "not" and follows == "in":
            yield "not ", ""
        elif word == "is" and follows == "not":
            yield "is not", "is"
        elif word in TURNED and not (word == "in" and before is not None and before.string == "not"):
            yield word, TURNED[word]
        elif word in ASSIGNED:
            yield word, ASSIGNED[word]
    elif token.type == tokenize.NUMBER and re.fullmatch(r"[0-9][0-9_]*", word):
        yield word, str(int(word) + 1)
    elif token.type == tokenize.STRING and CODE.match(word):
        yield word, f"{word[:-1]}X{word[-1]}"
    elif token.type == tokenize.NAME and word in NAMES:
        yield word, NAMES[word]
    elif token.type == tokenize.NAME and follows == "(" and before is not None:
        if word in CALLED and before.string not in (".", "def"):
            yield word, CALLED[word]
        elif word in ORDERS and before.string == ".":
            yield word, ORDERS[word]


class _Spans:
    """Pieces of a text, found by the lines they touch."""

    def __init__(self) -> None:
        self._by_line: dict[int, list[tuple[Place, Place]]] = {}

    def add(self, begin: Place, end: Place) -> None:
        for line in range(begin[0], end[0] + 1):
            self._by_line.setdefault(line, []).append((begin, end))

    def hold(self, place: Place) -> bool:
        return any(begin <= place < end for begin, end in self._by_line.get(place[0], ()))


class _Shape:
    """What the syntax tree says about the text: where operators stand, what is left alone, which statement a line belongs to."""

    def __init__(self, text: str) -> None:
        self._rows = text.splitlines()
        self.between = _Spans()
        self.nots: set[Place] = set()
        self.left_alone = _Spans()
        self._heads: dict[int, tuple[int, int, bool]] = {}
        self._walk(ast.parse(text), once=True)

    def around(self, line: int) -> tuple[tuple[int, ...], bool]:
        """The lines of the smallest statement, or head of one, that holds this line; whether it runs once only."""
        first, last, once = self._heads.get(line, (line, line, True))
        return tuple(range(first, last + 1)), once

    def _at(self, line: int, column: int) -> Place:
        """A tree counts bytes, tokens count characters."""
        return line, len(self._rows[line - 1].encode()[:column].decode())

    def _begin(self, node: ast.expr | ast.stmt) -> Place:
        return self._at(node.lineno, node.col_offset)

    def _end(self, node: ast.expr | ast.stmt) -> Place:
        return self._at(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _walk(self, node: ast.AST, *, once: bool) -> None:
        if isinstance(node, ast.stmt):
            self._statement(node, once)
        self._leave(node)
        self._operators(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            once = any(_remembers(each) for each in node.decorator_list)
        for child in ast.iter_child_nodes(node):
            self._walk(child, once=once)

    def _statement(self, node: ast.stmt, once: bool) -> None:
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        last = node.end_lineno or node.lineno
        if body:
            inside = body[0]
            last = max(node.lineno, (inside.pattern.lineno if isinstance(inside, ast.match_case) else inside.lineno) - 1)
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        head = (node.lineno, last, once or function)
        for line in range(node.lineno, last + 1):
            known = self._heads.get(line)
            if known is None or last - node.lineno <= known[1] - known[0]:
                self._heads[line] = head

    def _leave(self, node: ast.AST) -> None:
        alone: list[ast.expr | ast.stmt | None] = []
        if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
            alone = [node]
        elif isinstance(node, ast.AnnAssign | ast.arg):
            alone = [node.annotation]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            alone = [*node.decorator_list, getattr(node, "returns", None)]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            alone = [node]
        elif isinstance(node, ast.If) and ast.unparse(node.test) in (
            "TYPE_CHECKING",
            "typing.TYPE_CHECKING",
            "__name__ == '__main__'",
        ):
            alone = [node.test, *node.body]
        elif isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and _is_type(to.id, node.value) for to in node.targets
        ):
            alone = [node]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "TypeVar", "NewType") and node.args:
            alone = [node.args[0]]
        for each in alone:
            if each is not None:
                self.left_alone.add(self._begin(each), self._end(each))

    def _operators(self, node: ast.AST) -> None:
        operands: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
        elif isinstance(node, ast.BoolOp):
            operands = node.values
        elif isinstance(node, ast.BinOp):
            operands = [node.left, node.right]
        elif isinstance(node, ast.AugAssign):
            operands = [node.target, node.value]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.nots.add(self._begin(node))
        for left, right in itertools.pairwise(operands):
            self.between.add(self._end(left), self._begin(right))


def _remembers(decorator: ast.expr) -> bool:
    """Behind a cache a function runs for the first test only; compiled, no line of it is seen."""
    said = ast.unparse(decorator).split("(")[0].split(".")[-1]
    return said in ("cache", "lru_cache", "cached_property", "njit", "jit")


def _is_type(name: str, value: ast.expr) -> bool:
    literal = isinstance(value, ast.Subscript) and ast.unparse(value.value) in ("Literal", "Annotated")
    return name in ("__all__", "__slots__") or literal or keyword.iskeyword(name)
