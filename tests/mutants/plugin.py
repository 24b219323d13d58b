"""A pytest plugin (`-p tests.mutants.plugin`): which test runs which line, and only the tests that a list names, in its order.

`--lines-to FILE` watches the product's folders with coverage, one context a test, and writes what each test ran and how long it
took. `--only-those FILE` keeps the tests that FILE names, one a line, and plays them in that order.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import coverage
import pytest

FOLDERS = ("backend", "lender_adapters", "products", "risk_compensation", "dashboard")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lines-to", help="write down which test ran which line")
    parser.addoption("--only-those", help="play only the tests that this file names, in its order")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--lines-to"):
        config.pluginmanager.register(Lines(Path.cwd(), Path(config.getoption("--lines-to"))))
    if config.getoption("--only-those"):
        config.pluginmanager.register(Only(Path(config.getoption("--only-those")).read_text().splitlines()))


class Only:
    """Keeps the tests that are named. Tests of one file stay together: its fixtures are made once."""

    def __init__(self, names: list[str]) -> None:
        self._place = {name: number for number, name in enumerate(names)}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept = [item for item in items if item.nodeid in self._place]
        left = [item for item in items if item.nodeid not in self._place]
        kept.sort(key=lambda item: self._place[item.nodeid])
        if left:
            config.hook.pytest_deselected(items=left)
        items[:] = kept


class Lines:
    """Watches which lines run under which test. What runs while modules are imported belongs to no test: its list is empty."""

    def __init__(self, root: Path, to: Path) -> None:
        self._root, self._to = root, to
        self._tests: dict[str, dict[str, Any]] = {}
        # No file: contexts stay in memory until they are written as one JSON.
        self._coverage = coverage.Coverage(
            data_file=None, config_file=False, source=[str(root / each) for each in FOLDERS], messages=False
        )
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._coverage.switch_context(item.nodeid)
        begin = time.process_time()
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")
            self._of(item.nodeid)["cpu"] = round(time.process_time() - begin, 3)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = self._of(report.nodeid)
        told["seconds"] = round(told["seconds"] + report.duration, 3)
        if report.outcome != "passed":
            told["outcome"] = report.outcome

    def _of(self, name: str) -> dict[str, Any]:
        return self._tests.setdefault(name, {"seconds": 0.0, "cpu": 0.0, "outcome": "passed"})

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self._coverage.stop()
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return  # interrupted: half of what runs would be taken for all of it
        data = self._coverage.get_data()
        number = {name: place for place, name in enumerate(self._tests)}
        lines: dict[str, dict[int, list[int]]] = {}
        for file in sorted(data.measured_files()):
            ran = {
                line: sorted(number[each] for each in contexts if each in number)
                for line, contexts in sorted(data.contexts_by_lineno(file).items())
            }
            if ran:
                lines[Path(file).relative_to(self._root).as_posix()] = ran
        told = {"tests": self._tests, "lines": lines, "modules": _foreign()}
        self._to.with_suffix(".new").write_text(json.dumps(told, ensure_ascii=False))
        self._to.with_suffix(".new").replace(self._to)


def _foreign() -> list[str]:
    """Modules of others that these tests needed: what a process may import beforehand, whatever of ours is changed."""
    ours = ("tests", "conftest", "__main__", "__mp_main__", *FOLDERS)
    return sorted(
        name for name, module in sys.modules.items() if module and name.split(".")[0] not in ours and hasattr(module, "__spec__")
    )
