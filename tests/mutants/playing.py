"""One change is played: the room's own tests that run it, then the stories that do. What came of it is kept at once."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.mutants.lanes import LATE, Lane, first_failed
from tests.mutants.rooms import FOLDERS
from tests.mutants.sites import Site
from tests.mutants.watched import Watched

OWN, STORY, ENDLESS, LIVED, UNIMPORTABLE = "own", "story", "endless", "lived", "unimportable"
NOTICED = (OWN, STORY, ENDLESS)


@dataclass(frozen=True)
class Played:
    """What came of a change. `by` is the test that noticed; `ran` are the tests that ran the change and did not."""

    key: str
    room: str
    file: str
    line: int
    before: str
    after: str
    outcome: str
    by: str
    ran: tuple[str, ...]
    seconds: float
    tests: str
    """Digest of the tests that were asked: other tests may answer otherwise."""


def version(root: Path, tests: Iterable[str]) -> str:
    """A digest of the product and of these tests with what they all stand on: what was seen holds for these only."""
    digest = hashlib.sha256()
    for place in (*FOLDERS, *sorted(tests), "tests/conftest.py", "tests/stage.py"):
        path = root / place
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def kept(folder: Path, site: Site, tests: str) -> Played | None:
    """What came of it earlier, if the same tests were asked."""
    try:
        said = json.loads((folder / f"{site.key}.json").read_text())
        played = Played(**{**said, "ran": tuple(said["ran"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return played if played.tests == tests else None


def keep(folder: Path, played: Played) -> None:
    """Write it down, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{played.key}.json"
    path.with_suffix(".new").write_text(json.dumps(asdict(played), ensure_ascii=False, indent=1))
    path.with_suffix(".new").replace(path)


def play(lane: Lane, room: str, site: Site, own: Watched, stories: Watched, log: Path, tests: str) -> Played:
    """Make the change, ask the tests, undo it."""
    begin = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    before, after = lane.change(site)
    by, ran = "", [*own.running(site), *stories.running(site)]
    try:
        outcome = _outcome(lane, site, own, stories, log)
        if outcome in (OWN, STORY):
            by = first_failed(log)
    finally:
        lane.undo()
    told = tuple(ran) if outcome == LIVED else ()
    seconds = round(time.monotonic() - begin, 1)
    return Played(site.key, room, site.file, site.line, before, after, outcome, by, told, seconds, tests)


def _outcome(lane: Lane, site: Site, own: Watched, stories: Watched, log: Path) -> str:
    if site.once and not lane.imports(site, log):
        return UNIMPORTABLE
    for watched, noticed in ((own, OWN), (stories, STORY)):
        asked = watched.running(site)
        code = lane.play(asked, watched, log) if asked else 0
        if code == LATE:
            return ENDLESS
        if code == 1:
            return noticed
        if code not in (0, 5):  # pytest could not collect: because of the change, or because of what it did to a test's file
            return noticed if lane.imports(site, log) else UNIMPORTABLE
    return LIVED
