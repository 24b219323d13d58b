"""`make mutants` changes one token at a time, asks the tests that run it, and believes nobody who was not asked."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants.__main__ import Run
from tests.mutants.draw import all_sites, order, shares
from tests.mutants.lanes import LATE, Lane, first_failed
from tests.mutants.playing import ENDLESS, LIVED, OWN, STORY, UNIMPORTABLE, Played, keep, kept, play
from tests.mutants.rooms import FOLDERS, JOINS, files, own_tests
from tests.mutants.sites import Site, sites
from tests.mutants.table import NoMatter, lived, matters, no_matter, rows
from tests.mutants.watched import Watched, read

ROOT = Path(__file__).resolve().parents[2]
TEXT = '''"""A docstring with a < b."""
from typing import TYPE_CHECKING, Literal
if TYPE_CHECKING:
    LEFT = 1 < 2
__all__ = ["left_alone"]
Kind = Literal["left", "alone"]
LONGEST = 12  # 银行

@cache
def f(*more: int, asked: Literal["left"] = "taken") -> bool:
    """Left alone, 1 + 1."""
    for each in more:
        if not each and "甲" < each <= 4 or each is not None:
            continue
        total += min(each * 2, -1)
    return total not in more
'''


def changes(text: str) -> set[tuple[int, str, str]]:
    return {(each.line, each.old, each.new) for each in sites("a.py", text)}


def test_every_token_that_decides_is_changed_once_and_nothing_else() -> None:
    assert changes(TEXT) == {
        (7, "12", "13"),
        (10, '"taken"', '"takenX"'),
        (13, "not ", ""),
        (13, "and", "or"),
        (13, "<", "<="),
        (13, "<=", "<"),
        (13, "4", "5"),
        (13, "or", "and"),
        (13, "is not", "is"),
        (14, "continue", "break"),
        (15, "+=", "-="),
        (15, "min", "max"),
        (15, "*", "//"),
        (15, "2", "3"),
        (15, "1", "2"),
        (16, "not ", ""),
    }


def test_a_change_alters_its_own_token_behind_chinese_too() -> None:
    (site,) = [each for each in sites("a.py", TEXT) if each.old == "<="]
    before, after = TEXT.splitlines()[12], site.in_text(TEXT).splitlines()[12]
    assert after == before.replace("<= 4", "< 4") != before
    with pytest.raises(ValueError, match="not what it was"):
        site.in_text(TEXT.replace("<= 4", "== 4"))


def test_each_change_of_the_product_is_still_python() -> None:
    some = [each for room in ("kit", "whitelists", "products") for each in all_sites(ROOT, room)[room]]
    assert len(some) > 1_500
    for site in some[::40]:
        text = (ROOT / site.file).read_text()
        assert ast.dump(ast.parse(site.in_text(text))) != ast.dump(ast.parse(text)), site


def test_a_statement_that_runs_once_says_so_and_knows_its_lines() -> None:
    found = {(each.line, each.old): each for each in sites("a.py", TEXT)}
    assert found[7, "12"].once
    assert found[13, "or"].once, "it stands behind a cache"
    (plain,) = sites("a.py", "def f(a):\n    return (a\n        + b)\n")
    assert (plain.lines, plain.once) == ((2, 3), False)


def test_a_seed_draws_the_same_changes_again_and_another_seed_others() -> None:
    found = all_sites(ROOT, "repair")["repair"]
    assert len(set(found)) == len(found) > 40
    assert order("a", "repair", found) == order("a", "repair", found[::-1])
    assert order("a", "repair", found) != order("b", "repair", found)


def test_rooms_get_as_many_as_they_have_of_all_and_the_sum_is_what_was_asked() -> None:
    assert shares(10, {"a": 1, "b": 2, "c": 97}) == {"a": 0, "b": 0, "c": 10}
    for number in range(1, 60):
        told = shares(number, {"a": 7, "b": 13, "c": 30})
        assert sum(told.values()) == min(number, 50)
        assert all(told[room] <= size for room, size in {"a": 7, "b": 13, "c": 30}.items())


def test_every_room_has_tests_of_its_own_and_every_file_a_room() -> None:
    by_room = files(ROOT)
    assert {file for some in by_room.values() for file in some} == {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and not path.name.startswith("test_")
    }
    assert "backend/app.py" in by_room[JOINS]
    for room in by_room:
        for place in own_tests(ROOT, room):
            assert (ROOT / place).exists(), f"{room}: {place}"
        assert any(place.startswith("tests/") for place in own_tests(ROOT, room))


def test_whoever_runs_the_statement_is_asked_and_for_what_runs_once_whoever_runs_the_file(tmp_path: Path) -> None:
    told = {name: {"seconds": 1.0, "cpu": cpu, "outcome": out} for name, cpu, out in CASES}
    lines = {"a.py": {"1": [], "2": [0], "3": [1, 3], "9": []}, "tables.py": {"1": []}}
    (tmp_path / "lines.json").write_text(json.dumps({"tests": told, "lines": lines, "modules": ["json"]}))
    watched = read(tmp_path / "lines.json")
    assert watched.not_green == ("t/c.py::red",)

    def asked(file: str, *of: int, once: bool = False) -> list[str]:
        return watched.running(Site(file, of[0], 0, "1", "2", of, once))

    assert asked("a.py", 3) == ["t/b.py::quick"]
    assert asked("a.py", 2, 3) == ["t/b.py::quick", "t/a.py::slow"], "the quickest file first"
    assert asked("a.py", 5) == [], "run by nothing"
    assert asked("a.py", 1, once=True) == asked("a.py", 9) == ["t/b.py::quick", "t/a.py::slow"]
    assert asked("tables.py", 1, once=True) == ["t/b.py::quick", "t/b.py::other", "t/a.py::slow"]
    assert asked("unknown.py", 1, once=True) == []
    clock, processor = watched.limits(asked("a.py", 2, 3))
    assert clock > 100
    assert processor == 30 + 5 * 7


CASES = (("t/a.py::slow", 6.0, "passed"), ("t/b.py::quick", 1.0, "passed"), ("t/b.py::other", 1.0, "passed"))
CASES += (("t/c.py::red", 1.0, "failed"),)


def played(outcome: str, room: str = "a", line: str = "x = 1", key: str = "k") -> Played:
    return Played(key, room, "a.py", 3, line, "x = 2", outcome, "", ("t::one",) * 10, 1.0, "v1")


def test_what_was_kept_is_not_played_again_unless_the_tests_are_others(tmp_path: Path) -> None:
    site = Site("a.py", 1, 0, "1", "2", (1,), False)
    assert kept(tmp_path, site, "v1") is None
    keep(tmp_path, played(LIVED, key=site.key))
    assert kept(tmp_path, site, "v1") == played(LIVED, key=site.key)
    assert kept(tmp_path, site, "v2") is None
    (tmp_path / f"{site.key}.json").write_text('{"key": "k"')  # cut short by a power cut
    assert kept(tmp_path, site, "v1") is None


def test_the_table_counts_what_matters_apart_and_what_cannot_be_imported_not_at_all() -> None:
    some = [played(each) for each in (OWN, STORY, ENDLESS, LIVED, UNIMPORTABLE)] + [played(LIVED, line="log.debug(1)")]
    listed = [NoMatter("a*", "log.debug(", "a log's words")]
    (row, everything) = rows({"a": 40, "b": 7}, some, listed)
    assert row == ("a", "40", "5", "1", "1", "1", "2", "3/5 60 %", "3/4 75 %", "1")
    assert everything[:3] == ("all", "47", "5")
    told = lived(some, listed)
    assert len(told) == 2
    assert told[0].startswith("a.py:3\n    - x = 1\n    + x = 2\n    ran it: t::one")
    assert told[0].endswith("… and 2 more")
    assert "does not matter: a log's words" in told[1]
    nobody = Played("k", "a", "a.py", 3, "x", "y", LIVED, "", (), 1.0, "v1")
    assert lived([nobody], [])[0].endswith("lived, run by nothing")


def test_what_is_said_not_to_matter_stands_in_some_line_and_says_why() -> None:
    lines = {file: (ROOT / file).read_text().splitlines() for some in files(ROOT).values() for file in some}
    for each in no_matter():
        found = any(each.speaks_of(file, line) for file, some in lines.items() for line in some)
        assert found, f"{each.file}: “{each.line}” stands nowhere any more"
        assert len(each.why) > 8
    assert not matters(played(LIVED, line="log.debug(1)"), [NoMatter("*", "log.debug(", "a log's words")])


# A small house of its own: a room with one rule, tests that notice some changes of it.
RULE = "def most(a, b):\n    while a > 9:\n        a -= 1\n    return max(a, b)\n\nWAYS = {1: 'one'}\nWAY = WAYS[1]\n"
TESTS = "from products.rule import most\n\ndef test_most(): assert most(2, 1) == 2\n\ndef test_many(): assert most(12, 1) == 9\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lane, Watched]]:
    root = tmp_path_factory.mktemp("house")
    texts = {"products/__init__.py": "", "products/rule.py": RULE, "tests/__init__.py": "", "tests/test_rule.py": TESTS}
    texts |= {"tests/mutants/__init__.py": "", "pytest.ini": "[pytest]\naddopts = --import-mode=importlib\n"}
    for name in ("plugin.py", "warm.py"):
        texts[f"tests/mutants/{name}"] = (ROOT / "tests/mutants" / name).read_text()
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    made = Lane(root)
    made.watch(["tests/test_rule.py"], root / "lines.json", root / "watch.log")
    made.warm_up(["json"])
    yield made, read(root / "lines.json")
    made.close()


@pytest.mark.parametrize(
    ("line", "old", "outcome", "by"),
    [
        (4, "max", OWN, "tests/test_rule.py::test_most"),
        (2, ">", OWN, "tests/test_rule.py::test_many"),
        (3, "-=", ENDLESS, ""),
        (6, "1", UNIMPORTABLE, ""),
        (6, "'one'", LIVED, ""),
    ],
)
def test_a_change_is_noticed_lives_never_ends_or_cannot_be_imported(
    house: tuple[Lane, Watched], line: int, old: str, outcome: str, by: str, tmp_path: Path
) -> None:
    lane, own = house
    (site,) = [each for each in sites("products/rule.py", RULE) if (each.line, each.old) == (line, old)]
    tight = Watched(own.seconds, dict.fromkeys(own.cpu, -5.0), own.lines)  # ten seconds of the processor are enough here
    asked = tight if outcome == ENDLESS else own
    told = play(lane, "products", site, asked, Watched({}, {}, {}), tmp_path / "log", "v1")
    assert (told.outcome, told.by) == (outcome, by)
    assert (lane.tree / site.file).read_text() == RULE, "what was changed is undone"
    assert told.ran == (("tests/test_rule.py::test_most", "tests/test_rule.py::test_many") if outcome == LIVED else ())


def test_a_run_that_was_stopped_plays_and_keeps_nothing_more(tmp_path: Path) -> None:
    run = Run(tmp_path, [], stories=False, again=False)
    run.stop()
    run.one("repair", iter(all_sites(ROOT, "repair")["repair"]))
    assert run.played == []
    assert list(tmp_path.iterdir()) == []


def test_a_warm_process_that_is_gone_is_no_change_that_never_ends(house: tuple[Lane, Watched], tmp_path: Path) -> None:
    _, own = house
    (tmp_path / "tests").mkdir()
    lane = Lane(tmp_path)
    lane.warm_up(["json"])
    with pytest.raises((RuntimeError, BrokenPipeError)):
        lane.play(list(own.seconds), own, tmp_path / "log")
    lane.close()
    assert not lane.tree.exists()


def test_a_story_is_asked_when_the_rooms_own_tests_are_content(house: tuple[Lane, Watched], tmp_path: Path) -> None:
    lane, stories = house
    (site,) = [each for each in sites("products/rule.py", RULE) if each.old == "max"]
    assert play(lane, "products", site, Watched({}, {}, {}), stories, tmp_path / "log", "v1").outcome == STORY


def test_a_run_says_what_it_would_draw_and_names_a_room_that_is_not_there() -> None:
    def say(*words: str) -> subprocess.CompletedProcess[str]:
        words = (sys.executable, "-m", "tests.mutants", *words)
        return subprocess.run(words, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True)

    told = say("-n", "5", "--room", "repair", "--seed", "a", "--list").stdout.splitlines()
    assert told[0].startswith("seed a: 5 of ")
    assert len(told) == 6
    assert all(line.startswith("backend/repair/") for line in told[1:])
    assert "no room is called attic" in say("--room", "attic", "--list").stderr
    assert first_failed(ROOT / "README.md") == ""
    assert LATE < 0
