"""`make proofs` goes on where it stopped, and calls nothing proven that was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.__main__ import ALONE, LONG_FIRST, Ended, Part, Run, parts, read, table

TESTS = Path(__file__).resolve().parents[1]
PASSED = '<testcase name="one"><properties><property name="figure" value="7 of 7"/></properties></testcase>'


def report(folder: Path, *cases: str) -> Path:
    path = folder / "report.xml"
    path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return path


def test_a_file_is_a_part_on_each_make_and_the_longest_begin_first() -> None:
    names = ["a/test_b.py::test_x[sqlite]", "a/test_b.py::test_x[postgresql-3]", "a/test_b.py::test_y[3-sqlite]"]
    names += ["a/test_c.py::test_z", "a/test_servers_killed_under_load.py::test_s[sqlite]", "a/test_gaming_schemes.py::test_g"]
    found = parts(names)
    titles = [part.title for part in found]
    assert titles == ["gaming_schemes", "b.postgresql", "b.sqlite", "c", "servers_killed_under_load.sqlite"]
    assert found[2].tests == (names[0], names[2])


def test_what_is_named_for_its_length_or_for_being_alone_is_there() -> None:
    there = {path.stem for path in TESTS.rglob("test_*.py")}
    assert there >= {f"test_{name}" for name in (*LONG_FIRST, *ALONE)}


def test_what_ended_green_is_not_played_again_and_what_did_not_is(tmp_path: Path) -> None:
    run, part = Run(tmp_path / "kept"), Part("b", "sqlite", ("t",))
    assert run.kept(part) is None
    for outcome, again in (("green, 2 tests", False), ("red: test_x", True)):
        run.keep(Ended("b", "sqlite", outcome, 61.0, ["7 of 7"]))
        kept = Run(tmp_path / "kept").kept(part)
        assert (kept is None) is again
    (tmp_path / "kept" / "b.sqlite.json").write_text('{"part": "b"')  # cut short by a power cut
    assert run.kept(part) is None


def test_figures_are_read_and_a_failure_an_error_or_a_skip_is_red(tmp_path: Path) -> None:
    assert read(report(tmp_path, PASSED), 0) == ("green, 1 tests", ["7 of 7"])
    for bad in ("<failure/>", "<error/>", "<skipped/>"):
        outcome, _ = read(report(tmp_path, PASSED, f'<testcase name="two">{bad}</testcase>'), 0)
        assert outcome.startswith("red")
        assert "two" in outcome
    assert read(report(tmp_path), 0)[0].startswith("red")
    assert read(report(tmp_path, PASSED), -9)[0] == "red: pytest ended with -9"
    assert read(tmp_path / "none.xml", 3)[0].startswith("red: pytest ended with 3")


def test_the_table_tells_what_was_not_run() -> None:
    told = table([Part("b", "sqlite", ()), Part("c", "", ())], [Ended("b", "sqlite", "green, 2 tests", 90.0, ["7 of 7"])])
    assert "7 of 7" in [line.strip() for line in told.splitlines()]
    assert told.endswith("not run")
    assert " 1.5 " in told


def test_a_run_that_was_stopped_begins_nothing_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(tmp_path)
    run.stop()
    assert run.play(Part("b", "sqlite", ("no/such_test.py",))) is None
    assert list(tmp_path.glob("*.json")) == []
    assert capsys.readouterr().out == ""
