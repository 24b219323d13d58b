"""What two callers at once cannot break: every rule is held by something that is there, and played by a test that is there.

Each state column is written only through `rules.put` (or `rules.values`, in a statement): a scan of the code refuses other ways.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import backend.app  # noqa: F401  # every room, and with it every table
from backend.cli.ruling import every
from backend.kit import locks
from backend.kit.database import Base, Database

ROOT = Path(__file__).parents[2]
CODE = sorted(path for folder in ("backend", "risk_compensation") for path in (ROOT / folder).rglob("*.py"))
# A column of one of these names says where something stands.
STATES = frozenset({"state", "active", "ended_at", "ended_on", "pool_closed", "closed", "closed_on", "standing"})
SETTERS = frozenset({"setattr", "__setattr__", "set_attribute", "set_committed_value"})
RAW = re.compile(rf"\bUPDATE\b.*\bSET\b.*\b({'|'.join(sorted(STATES))})\s*=", re.IGNORECASE | re.DOTALL)
# The end of a day holds the balance rows themselves, last of all, when its first look was not of one moment.
WRITES, LOCKS = {"backend/kit/rules.py"}, {"backend/kit/locks.py", "risk_compensation/live/evening.py"}
LOCKING = re.compile(r"\bSELECT\b.*\bFOR (NO KEY )?UPDATE\b", re.DOTALL)
# Steps and their lanes come first in the order of locks and are leased by their own room.
LEASES = frozenset({"backend/steps"})


def _named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _through_the_rules(call: ast.Call) -> bool:
    """`rules.values(A_RULE, state=…)`: a column is written by a statement that names its rule."""
    of_rules = isinstance(call.func, ast.Name) or (isinstance(call.func.value, ast.Name) and call.func.value.id == "rules")  # type: ignore[attr-defined]  # _named has seen a Name or an Attribute
    first = call.args[0] if call.args else None
    name = first.attr if isinstance(first, ast.Attribute) else first.id if isinstance(first, ast.Name) else ""
    return of_rules and name.isupper()


def _keys(node: ast.AST) -> Iterator[str]:
    """The columns that dictionaries in here name."""
    for each in ast.walk(node):
        for key in each.keys if isinstance(each, ast.Dict) else ():
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
            elif isinstance(key, ast.Attribute):
                yield key.attr


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "?" for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _updates(call: ast.Call) -> bool:
    return any(isinstance(each, ast.Call) and _named(each) == "update" for each in ast.walk(call))


def _of_call(call: ast.Call) -> Iterator[str]:
    name = _named(call)
    if name in SETTERS and any(isinstance(each, ast.Constant) and each.value in STATES for each in call.args):
        yield f"{name} of a state"
    if name == "values" and not _through_the_rules(call):
        said = {each.arg for each in call.keywords} | {key for each in call.args for key in _keys(each)}
        if said & STATES and not any(isinstance(each, ast.Call) and _named(each) == "insert" for each in ast.walk(call.func)):
            yield "values of a statement"
    written = name == "update" or (name == "execute" and _updates(call))
    if written and {key for each in call.args for key in _keys(each)} & STATES:
        yield f"{name} with a state"
    for each in call.keywords:
        if each.arg == "set_" and set(_keys(each.value)) & STATES:
            yield "set_ of a conflict"


def offences(code: str) -> list[str]:
    """Every line that writes a state column otherwise than through the rules."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) and node.attr in STATES:
            found.append((node.lineno, f".{node.attr} is assigned"))
        if isinstance(node, ast.Call):
            found += [(node.lineno, what) for what in _of_call(node)]
        if RAW.search(_text(node)):
            found.append((getattr(node, "lineno", 0), "raw SQL"))
    return [f"{line}: {what}" for line, what in sorted(found)]


def for_update(code: str) -> list[str]:
    """Every line that waits for a row by itself. Who skips what is locked waits for nobody."""
    nodes = list(ast.walk(ast.parse(code)))
    skips = {
        each.func
        for each in nodes
        if isinstance(each, ast.Call)
        and any(word.arg == "skip_locked" for word in each.keywords)
        and isinstance(each.func, ast.Attribute)
    }
    found = [
        each.lineno for each in nodes if isinstance(each, ast.Attribute) and each.attr == "with_for_update" and each not in skips
    ]
    found += [each.lineno for each in nodes if isinstance(each, ast.keyword) and each.arg == "with_for_update"]
    said = [each for each in nodes if isinstance(each, ast.Call) and any(LOCKING.search(_text(word)) for word in each.args)]
    return [f"{line}: takes a lock by itself" for line in sorted([*found, *(each.lineno for each in said)])]


def _read(but: set[str], leaving_out: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    for path in CODE:
        name = str(path.relative_to(ROOT))
        if name not in but and not any(name.startswith(f"{room}/") for room in leaving_out):
            yield name, path.read_text(encoding="utf-8")


def test_every_state_is_written_through_its_rule() -> None:
    assert [f"{name}:{each}" for name, code in _read(WRITES) for each in offences(code)] == []


def test_every_lock_is_taken_in_the_order_of_the_house() -> None:
    assert [f"{name}:{each}" for name, code in _read(LOCKS, LEASES) for each in for_update(code)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "row.state = 'paid'",
        "row.state, row.decided_by = state, by",
        "(a, (row.state, *rest)) = said",
        "row.state: str = 'paid'",
        "for row.state in found: pass",
        "del row.state",
        "setattr(row, 'state', 'paid')",
        "object.__setattr__(row, 'state', 'paid')",
        "attributes.set_attribute(row, 'state', 'paid')",
        "session.execute(update(Draw).values(state='paid'))",
        "session.execute(update(Draw).values({'state': 'paid'}))",
        "session.execute(update(Draw).values({Draw.state: 'paid'}))",
        "update(Draw).where(Draw.id == name).values(ended_on=day, state=rules.values)",
        "update(Draw).values(rules.values(state='paid'))",
        "session.execute(update(Draw), [{'id': 1, 'state': 'paid'}])",
        "session.query(Draw).update({'state': 'paid'})",
        "insert(Draw).on_conflict_do_update(index_elements=['id'], set_={'state': 'paid'})",
        "session.execute(text('UPDATE draws SET state = :state'))",
        "session.execute(text(f'update {table} set amount_fen = 1, state = :state where id = 1'))",
    ],
)
def test_the_scan_sees_every_other_way(planted: str) -> None:
    assert offences(planted), planted


@pytest.mark.parametrize(
    "lawful",
    [
        "rules.put(session, row, 'state', 'paid', rule=PAID_ONCE)",
        "Draw(id=name, state='running')",
        "update(Draw).values(rules.values(PAID_ONCE, state='paid'))",
        "update(UserSession).values(values(rules.SIGNED_OUT, ended_at=now))",
        "session.execute(insert(Draw), [{'id': 1, 'state': 'running'}])",
        "insert(Draw).values(id=1, state='running')",
        "if row.state == 'paid': pass",
        "update(Draw).where(Draw.state == 'paid').values(amount_fen=1)",
    ],
)
def test_the_scan_lets_the_lawful_ways_pass(lawful: str) -> None:
    assert offences(lawful) == []


@pytest.mark.parametrize(
    "planted",
    [
        "select(Draw).with_for_update()",
        "session.get_one(Draw, name, with_for_update=True)",
        "text('SELECT id FROM draws FOR UPDATE')",
    ],
)
def test_the_scan_sees_a_lock_of_ones_own(planted: str) -> None:
    assert for_update(planted)


def test_every_name_of_a_state_is_a_column() -> None:
    columns = {column.name for table in Base.metadata.tables.values() for column in table.columns}
    assert columns >= STATES


def test_every_rule_says_what_holds_it_in_both_languages_under_its_own_name() -> None:
    found = every()
    assert len(found) > 40
    assert len({(room, rule.name) for room, rule in found}) == len(found)
    for room, rule in found:
        assert rule.says.zh.strip(), (room, rule.name)
        assert rule.says.en.strip(), (room, rule.name)
        assert rule.held_by, (room, rule.name)
        assert set(rule.locks) <= set(locks.ORDER), (room, rule.name)
        assert all(each.startswith(("lock ", "constraint ")) for each in rule.held_by), (room, rule.name)


def test_every_constraint_that_holds_a_rule_is_in_the_schema(database: Database) -> None:
    with database.engine.connect() as connection:
        if database.is_sqlite:
            rows = connection.execute(text("SELECT name, sql FROM sqlite_master")).all()
            there = {row.name for row in rows} | {name for row in rows for name in re.findall(r"CONSTRAINT (\w+)", row.sql or "")}
        else:
            names = "SELECT conname AS name FROM pg_constraint UNION SELECT indexname FROM pg_indexes"
            there = set(connection.execute(text(names)).scalars())
    wanted = {each.removeprefix("constraint ") for _, rule in every() for each in rule.held_by if each.startswith("constraint ")}
    assert wanted - there == set()


def test_every_rule_is_played_by_a_test_that_is_there() -> None:
    for room, rule in every():
        path, _, name = rule.test.partition("::")
        assert (ROOT / path).exists(), (room, rule.name, path)
        files = sorted((ROOT / path).glob("*.py")) if (ROOT / path).is_dir() else [ROOT / path]
        assert any(name in file.read_text(encoding="utf-8") for file in files), (room, rule.name, rule.test)
