"""What the tests notice: `python -m tests.mutants [-n 100] [--room ROOM] [--seed SEED] [FILE:LINE …]`.

Single-token changes of the product are drawn by a seed (the last commit, if none is given), spread over the rooms by how many
each allows. The room's own tests that run the changed line are played first, then the stories that do, on SQLite. What came of a
change is kept in `var/mutants/<commit>/` at once: an interrupted run goes on with the rest, `--again` forgets what was kept.
FILE:LINE plays every change of that line instead of a draw. At the end stands a table and each change that lived.
"""

from __future__ import annotations

import argparse
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.draw import all_sites, order, shares
from tests.mutants.lanes import Lane
from tests.mutants.playing import UNIMPORTABLE, Played, keep, kept, play, version
from tests.mutants.rooms import STORIES, files, own_tests
from tests.mutants.sites import Site
from tests.mutants.table import no_matter, table
from tests.mutants.watched import Watched, read
from tests.proofs.__main__ import tell

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "mutants"
NOBODY = Watched({}, {}, {})


def commit() -> str:
    """The last commit, shortened."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()[:10] or "no-commit"


class Run:
    """One run over what is left of a draw."""

    def __init__(self, folder: Path, lanes: list[Lane], *, stories: bool, again: bool) -> None:
        self.folder, self.again = folder, again
        self.lanes: queue.Queue[Lane] = queue.Queue()
        for lane in lanes:
            self.lanes.put(lane)
        self.stories = STORIES if stories else ()
        self.watched: dict[str, Watched] = {}
        self.played: list[Played] = []
        self.stopped = threading.Event()
        self._all = lanes
        self._one = threading.Lock()

    def stop(self) -> None:
        """End what runs and begin nothing more; what was kept stays."""
        self.stopped.set()
        for lane in self._all:
            lane.close()

    def watch(self, part: str) -> None:
        """Which test runs which line, from an earlier run if neither the product nor these tests changed since."""
        tests = STORIES if part == "stories" else own_tests(ROOT, part)
        to = VAR / "lines" / f"{part}-{version(ROOT, tests)}.json"
        to.parent.mkdir(parents=True, exist_ok=True)
        if not to.exists() and not self.stopped.is_set():
            lane, begin = self.lanes.get(), time.monotonic()
            try:
                lane.watch(tests, to, to.with_suffix(".log"))
            finally:
                self.lanes.put(lane)
            self.tell(f"{part}: watched in {(time.monotonic() - begin) / 60:.1f} min")
        self.watched[part] = read(to)
        for name in self.watched[part].not_green:
            self.tell(f"{part}: not green without any change, not asked: {name}")

    def one(self, room: str, left: Iterator[Site]) -> None:
        """The next change of a room that can be imported, and those before it that cannot."""
        tests = version(ROOT, (*own_tests(ROOT, room), *self.stories))
        while True:
            with self._one:
                site = next(left, None)
            if site is None or self.stopped.is_set():
                return
            played = None if self.again else kept(self.folder, site, tests)
            if played is None:
                lane = self.lanes.get()
                try:
                    log = self.folder / "logs" / f"{site.key}.log"
                    stories = self.watched["stories"] if self.stories else NOBODY
                    played = play(lane, room, site, self.watched[room], stories, log, tests)
                finally:
                    self.lanes.put(lane)
                if self.stopped.is_set():
                    return  # what was ended by us says nothing
                keep(self.folder, played)
                change = f"{site.file}:{site.line}  {site.old} → {site.new or 'nothing'}"
                self.tell(f"{played.outcome:<12} {played.seconds:>6.1f} s  {change}")
            with self._one:
                self.played.append(played)
            if played.outcome != UNIMPORTABLE:
                return

    def tell(self, text: str) -> None:
        with self._one:
            tell(f"{time.strftime('%H:%M:%S')}  {text}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("places", nargs="*", help="FILE:LINE: every change of these lines instead of a draw")
    parser.add_argument("-n", type=int, default=100, help="how many are drawn")
    parser.add_argument("--room", help="only of this room")
    parser.add_argument("--seed", help="draws the same again; the last commit if none is given")
    parser.add_argument("--lanes", type=int, default=2, help="how many share the machine")
    parser.add_argument("--own", action="store_true", help="ask the room's own tests only, not the stories")
    parser.add_argument("--again", action="store_true", help="also what was kept")
    parser.add_argument("--list", action="store_true", help="say what is drawn, play nothing")
    return parser.parse_args()


def main() -> int:
    """Draw, play, print the table."""
    asked = _asked()
    if asked.room and asked.room not in files(ROOT):
        sys.exit(f"no room is called {asked.room}; there are {', '.join(files(ROOT))}")
    found = all_sites(ROOT, asked.room)
    seed = asked.seed or commit()
    if asked.places:
        drawn = {room: [each for each in some if f"{each.file}:{each.line}" in asked.places] for room, some in found.items()}
        many = {room: len(some) for room, some in drawn.items()}
    else:
        drawn = {room: order(seed, room, some) for room, some in found.items()}
        many = shares(asked.n, {room: len(some) for room, some in found.items()})
    rooms = [room for room, number in many.items() if number]
    tell(f"seed {seed}: {sum(many.values())} of {sum(map(len, found.values()))} changes, {len(rooms)} rooms")
    if asked.list:
        tell(
            "\n".join(f"{each.file}:{each.line}  {each.old} → {each.new}" for room in rooms for each in drawn[room][: many[room]])
        )
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    lanes = [Lane(ROOT) for _ in range(max(1, asked.lanes))]
    run, begin = Run(VAR / commit(), lanes, stories=not asked.own, again=asked.again), time.monotonic()
    try:
        with ThreadPoolExecutor(len(lanes)) as threads:
            try:
                list(threads.map(run.watch, [*(["stories"] if run.stories else []), *rooms]))
                modules = sorted({name for watched in run.watched.values() for name in watched.modules})
                for lane in lanes:
                    lane.warm_up(modules)
                left = {room: iter(drawn[room]) for room in rooms}
                list(threads.map(lambda room: run.one(room, left[room]), [room for room in rooms for _ in range(many[room])]))
            except BaseException:
                run.stop()
                raise
    except KeyboardInterrupt:
        tell("interrupted: the same command goes on from here")
        return 1
    finally:
        for lane in lanes:
            lane.close()
    said = table({room: len(found[room]) for room in rooms}, run.played, no_matter())
    seconds = sum(each.seconds for each in run.played)
    said += (
        f"\n\n{seconds / 60 / max(1, len(run.played)):.2f} min a change; this run took {(time.monotonic() - begin) / 60:.1f} min"
    )
    (run.folder / "table.txt").write_text(f"seed {seed}\n{said}\n")
    tell(f"\n{said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
