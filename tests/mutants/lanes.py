"""A lane: a copy of the tree in which one change at a time is made, and a warm process that plays tests in it."""

from __future__ import annotations

import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.conftest import MEMORY, room_in
from tests.mutants.sites import Site
from tests.mutants.watched import Watched

LEFT_OUT = (".git", ".venv", "var", "build", "*.egg-info", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis")
# What chance picks is the same each time.
PYTEST = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "tests.mutants.plugin", "--hypothesis-seed=1")
# On SQLite only, without a browser.
PLAIN = ("-k", "not postgresql", "-m", "not browser")
LATE = -int(signal.SIGKILL)


class Lane:
    """One change at a time, in a tree of its own."""

    def __init__(self, root: Path) -> None:
        self._aside = Path(tempfile.mkdtemp(prefix="creditbridge-mutants-", dir=MEMORY if room_in(MEMORY) else None))
        self.tree = self._aside / "tree"
        # With what Python compiled: it is valid for as long as a file keeps its time.
        shutil.copytree(root, self.tree, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        self._temporary = self._aside / "temporary"
        self._warm: subprocess.Popen[bytes] | None = None
        self._watching: subprocess.Popen[bytes] | None = None
        self._running: int | None = None
        self._made = 0

    def close(self) -> None:
        """End what runs here and leave nothing."""
        if self._running is not None:
            _kill(self._running)
        for child in (self._warm, self._watching):
            if child is not None and child.poll() is None:
                _kill(child.pid)
                child.wait()
        shutil.rmtree(self._aside, ignore_errors=True)

    def watch(self, tests: Sequence[str], to: Path, log: Path) -> None:
        """Play tests in the tree as it is and write down which line each runs."""
        words = [sys.executable, "-m", "pytest", *PYTEST, *PLAIN, f"--lines-to={to}", *tests]
        with log.open("wb") as sink:
            self._watching = subprocess.Popen(
                words, cwd=self.tree, env=self._environment(), stdout=sink, stderr=subprocess.STDOUT, process_group=0
            )
            self._watching.wait()
        if not to.exists():
            raise RuntimeError(f"the tests could not be watched; see {log}")

    def warm_up(self, modules: Sequence[str]) -> None:
        """Start the process that has imported what is not ours."""
        listed = self._aside / "modules.json"
        listed.write_text(json.dumps(list(modules)))
        self._warm = subprocess.Popen(
            [sys.executable, "-B", "-m", "tests.mutants.warm", str(listed)],
            cwd=self.tree,
            env={**self._environment(), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            process_group=0,  # whoever interrupts us must not end it first: its silence would be taken for a change's doing
        )

    def change(self, site: Site) -> tuple[str, str]:
        """Make the change; the line before and after. The file gets a time it never had: nothing compiled fits it."""
        path = self.tree / site.file
        text = path.read_text()
        self._before = path, text, path.stat().st_mtime_ns
        changed = site.in_text(text)
        self._made += 1
        path.write_text(changed)
        moment = time.time_ns() + self._made * 2_000_000_000
        os.utime(path, ns=(moment, moment))
        return text.splitlines()[site.line - 1].strip(), changed.splitlines()[site.line - 1].strip()

    def undo(self) -> None:
        """The file as it was, with its time."""
        path, text, moment = self._before
        path.write_text(text)
        os.utime(path, ns=(moment, moment))

    def imports(self, site: Site, log: Path) -> bool:
        """Whether the changed file can be imported at all."""
        module = ".".join(Path(site.file).with_suffix("").parts).removesuffix(".__init__")
        return self._ask({"module": module, "log": str(log)}, 300, 60) == 0

    def play(self, tests: Sequence[str], watched: Watched, log: Path) -> int:
        """Pytest's own answer for these tests, to the first that fails; `LATE` if they did not end."""
        names = self._aside / "names.txt"
        names.write_text("\n".join(tests) + "\n")
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        words = ["-x", *PYTEST, "-rfE", "--tb=short", f"--only-those={names}", f"--basetemp={self._temporary}/tests", *files]
        try:
            return self._ask({"words": words, "log": str(log)}, *watched.limits(tests))
        finally:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        self._temporary.mkdir(exist_ok=True)
        place = str(self._temporary)
        return {**os.environ, "TMPDIR": place, "PYTEST_DEBUG_TEMPROOT": place, "PYTHONPATH": str(self.tree)}

    def _ask(self, asked: dict[str, object], seconds: float, cpu: int) -> int:
        assert self._warm is not None
        assert self._warm.stdin is not None
        self._temporary.mkdir(exist_ok=True)
        self._warm.stdin.write(json.dumps(asked).encode() + b"\n")
        # Whoever asks first waits until everything is imported.
        self._running = int(self._line(3600) or 0)
        if not self._running:
            raise RuntimeError("the warm process does not answer")
        with suppress(AttributeError, ProcessLookupError):  # no such call on this system; or it has ended already
            resource.prlimit(self._running, resource.RLIMIT_CPU, (cpu, cpu + 5))
        told = self._line(seconds)
        _kill(self._running)  # and whatever it began
        late = told is None
        code = int((self._line(60) if late else told) or LATE)
        self._running = None
        return LATE if late or code in (-int(signal.SIGXCPU), -int(signal.SIGKILL)) else code

    def _line(self, seconds: float) -> bytes | None:
        assert self._warm is not None
        assert self._warm.stdout is not None
        begin, told = time.monotonic(), b""
        while not told.endswith(b"\n"):
            left = seconds - (time.monotonic() - begin)
            if left <= 0 or not select.select([self._warm.stdout], [], [], left)[0]:
                return None
            more = self._warm.stdout.read(1)
            if not more:
                raise RuntimeError("the warm process has ended")
            told += more
        return told


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def first_failed(log: Path) -> str:
    """The test that noticed, by pytest's own summary."""
    found = re.search(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", log.read_text(errors="replace"), re.M)
    return found[1] if found else ""
