"""All proofs at full length, by part, resumable: `python -m tests.proofs [PART …] [--again] [--lanes 2] [--list]`.

A part is one file on one make of database, run by pytest in a process of its own. How it ended is kept in
`var/proofs/<commit>/<part>.json` as soon as it has: an interrupted run goes on with the rest, `--again` forgets what was kept.
Parts share the cores in lanes; those that measure time come last and alone. At the end stands a table; any part that is not green
makes the run end with 1, and one that does not end within an hour is ended.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as tree
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUR = 3600.0
# The longest begin first, so that no lane waits at the end for one that began late. What is not named here comes after these.
LONG_FIRST = (
    "two_at_once",
    "pool_in_any_order",
    "warnings_on_unseen_towns",
    "workers_killed_many_times",
    "a_month_of_a_bad_bank",
    "gaming_schemes",
    "last_money_of_a_pool",
)
WHERE = ("tests/proofs", "tests/concurrency/test_two_at_once.py")
# Whoever measures time has the machine to itself.
ALONE = ("servers_killed_under_load",)
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "--full-proofs")


@dataclass(frozen=True)
class Part:
    """One file's tests on one make of database; `make` is empty where no database takes part."""

    name: str
    make: str
    tests: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.name}.{self.make}" if self.make else self.name


@dataclass
class Ended:
    """How a part ended."""

    part: str
    make: str
    outcome: str
    seconds: float
    figures: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.part}.{self.make}" if self.make else self.part

    @property
    def green(self) -> bool:
        return self.outcome.startswith("green")


def parts(collected: Iterable[str]) -> list[Part]:
    """The parts of what pytest found, in the order in which they begin."""
    tests: dict[tuple[str, str], list[str]] = {}
    for test in collected:
        file, _, name = test.partition("::")
        make = re.search(r"\[(?:.*-)?(sqlite|postgresql)(?:-.*)?\]", name)
        tests.setdefault((Path(file).stem.removeprefix("test_"), make[1] if make else ""), []).append(test)
    found = [Part(name, make, tuple(each)) for (name, make), each in tests.items()]
    place = {name: number for number, name in enumerate(LONG_FIRST)}
    return sorted(found, key=lambda part: (part.name in ALONE, place.get(part.name, len(place)), part.name, part.make))


def collect() -> list[Part]:
    """Ask pytest what there is."""
    done = subprocess.run([*PYTEST, "--collect-only", *WHERE], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the proofs cannot be collected:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return parts(line.strip() for line in done.stdout.splitlines() if "::" in line and line.startswith("tests/"))


def version() -> str:
    """The commit, and what was changed since: another text is another proof."""

    def git(*words: str) -> bytes:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True).stdout

    commit = git("rev-parse", "--short=10", "HEAD").decode().strip() or "no-commit"
    changed = git("diff", "HEAD") + git("ls-files", "--others", "--exclude-standard")
    return f"{commit}-{hashlib.sha256(changed).hexdigest()[:8]}" if changed else commit


class Run:
    """One run over the parts that are left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: set[subprocess.Popen[bytes]] = set()
        self.stopped = threading.Event()
        self.speaking = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def kept(self, part: Part) -> Ended | None:
        """How this part ended earlier, if it did. A red one is played again."""
        try:
            ended = Ended(**json.loads((self.folder / f"{part.title}.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return ended if ended.green else None

    def keep(self, ended: Ended) -> None:
        """Write down how a part ended, whole or not at all."""
        path = self.folder / f"{ended.title}.json"
        path.with_suffix(".new").write_text(json.dumps(asdict(ended), ensure_ascii=False, indent=1))
        path.with_suffix(".new").replace(path)

    def play(self, part: Part) -> Ended | None:
        """Run a part to its end and keep how it ended; None if we were stopped meanwhile."""
        if self.stopped.is_set():
            return None
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="creditbridge-proof-") as aside:
            report, log = Path(aside) / "report.xml", self.folder / f"{part.title}.log"
            with log.open("wb") as sink:
                words = [*PYTEST, f"--junitxml={report}", f"--basetemp={aside}/tests", *part.tests]
                child = subprocess.Popen(words, cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True)
                self.children.add(child)
                late = False
                try:
                    child.wait(HOUR)
                except subprocess.TimeoutExpired:
                    late = True
                    end(child)
                self.children.discard(child)
            if self.stopped.is_set():
                return None
            outcome, figures = read(report, child.returncode) if not late else ("red: did not end within an hour", [])
        ended = Ended(part.name, part.make, outcome, round(time.monotonic() - begin, 1), figures)
        self.keep(ended)
        with self.speaking:
            tell(f"{time.strftime('%H:%M:%S')}  {part.title}: {outcome}, {ended.seconds / 60:.1f} min")
            if not ended.green:
                tell("\n".join(log.read_text(errors="replace").splitlines()[-30:]))
        return ended

    def stop(self) -> None:
        """End what we began; what had ended stays kept."""
        self.stopped.set()
        for child in list(self.children):
            end(child)


def tell(text: str) -> None:
    """A line for whoever looks on, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def end(child: subprocess.Popen[bytes]) -> None:
    """A part and whatever it began: first asked, so that it clears up after itself, then not asked."""
    for number, patience in ((signal.SIGINT, 20.0), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(child.pid, number)
            child.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def read(report: Path, code: int) -> tuple[str, list[str]]:
    """Outcome and figures from pytest's own report. What was skipped is not proven."""
    try:
        cases = list(tree.parse(report).iter("testcase"))
    except (OSError, tree.ParseError):
        return f"red: pytest ended with {code} and left no report", []
    bad = [case.get("name", "") for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case.get("name", "") for case in cases if case.find("skipped") is not None]
    figures = [each.get("value", "") for case in cases for each in case.iter("property") if each.get("name") == "figure"]
    if bad:
        return f"red: {', '.join(bad)}", figures
    if skipped:
        return f"red: skipped {', '.join(skipped)}", figures
    return (f"green, {len(cases)} tests" if code == 0 and cases else f"red: pytest ended with {code}"), figures


def table(all_parts: Sequence[Part], ended: Sequence[Ended]) -> str:
    """Part, make, outcome, minutes, figures."""
    of = {(each.part, each.make): each for each in ended}
    lines = [f"{'part':<32}{'make':<12}{'min':>7}  outcome"]
    for part in all_parts:
        each = of.get((part.name, part.make))
        if each is None:
            lines.append(f"{part.name:<32}{part.make or '-':<12}{'':>7}  not run")
            continue
        lines.append(f"{part.name:<32}{part.make or '-':<12}{each.seconds / 60:>7.1f}  {each.outcome}")
        lines += [f"{'':<44}{figure}" for figure in each.figures]
    return "\n".join(lines)


def main() -> int:
    """Run what is left, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", help="only these: a part's name, or name.make")
    parser.add_argument("--again", action="store_true", help="also what has ended green at this commit")
    parser.add_argument("--lanes", type=int, default=2, help="how many parts share the machine")
    parser.add_argument("--list", action="store_true", help="say what there is, run nothing")
    asked = parser.parse_args()
    found = collect()
    unknown = set(asked.parts) - {name for part in found for name in (part.name, part.title)}
    if unknown:
        sys.exit(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(part.title for part in found)}")
    wanted = [part for part in found if not asked.parts or {part.name, part.title} & set(asked.parts)]
    run, begin = Run(ROOT / "var" / "proofs" / version()), time.monotonic()
    ended = [] if asked.again else [each for part in wanted if (each := run.kept(part))]
    done = {(each.part, each.make) for each in ended}
    left = [part for part in wanted if (part.name, part.make) not in done]
    tell(f"{len(wanted)} parts, {len(left)} to run; kept in {run.folder.relative_to(ROOT)}")
    if asked.list:
        tell(table(wanted, ended))
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ThreadPoolExecutor(max(1, asked.lanes)) as lanes:
            try:
                ended += [each for each in lanes.map(run.play, [part for part in left if part.name not in ALONE]) if each]
                ended += [each for part in left if part.name in ALONE and (each := run.play(part))]
            except KeyboardInterrupt:
                run.stop()
                raise
    except KeyboardInterrupt:
        tell("interrupted: the same command goes on from here")
        return 1
    said = table(wanted, ended)
    minutes = (
        f"{sum(each.seconds for each in ended) / 60:.1f} min of parts; this run took {(time.monotonic() - begin) / 60:.1f} min"
    )
    red = [each for each in ended if not each.green]
    verdict = "all green" if not red and len(ended) == len(wanted) else f"{len(red)} red"
    (run.folder / "table.txt").write_text(f"{said}\n{minutes}; {verdict}\n")
    tell(f"\n{said}\n{minutes}; {verdict}")
    return 0 if verdict == "all green" else 1


if __name__ == "__main__":
    sys.exit(main())
