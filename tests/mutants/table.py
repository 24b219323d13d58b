"""What a run says at its end: by room how many were drawn and noticed; then what lived, with the tests that ran it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import yaml

from tests.mutants.playing import ENDLESS, LIVED, NOTICED, OWN, STORY, UNIMPORTABLE, Played

NO_MATTER = Path(__file__).with_name("no_matter.yaml")
MANY = 8
HEAD = ("room", "sites", "drawn", "own", "story", "endless", "lived", "noticed", "of those that matter", "not importable")


@dataclass(frozen=True)
class NoMatter:
    """Lines whose change harms nobody: by file (a pattern), by what stands in the line, and why."""

    file: str
    line: str
    why: str

    def speaks_of(self, file: str, line: str) -> bool:
        return fnmatch(file, self.file) and self.line in line


def no_matter(path: Path = NO_MATTER) -> list[NoMatter]:
    """The list as it is kept."""
    return [NoMatter(each["file"], each["line"], each["why"]) for each in yaml.safe_load(path.read_text()) or []]


def matters(played: Played, listed: Sequence[NoMatter]) -> bool:
    """Whether anybody should notice."""
    return not any(each.speaks_of(played.file, played.before) for each in listed)


def share(noticed: int, of: int) -> str:
    """A share as people say it.

    >>> share(19, 20), share(0, 0)
    ('19/20 95 %', '-')
    """
    return f"{noticed}/{of} {100 * noticed / of:.0f} %" if of else "-"


def rows(sites: Mapping[str, int], played: Sequence[Played], listed: Sequence[NoMatter]) -> list[tuple[str, ...]]:
    """The table without its head; the last row is all of them."""
    rooms = [(room, [each for each in played if each.room == room]) for room in sites]
    rooms = [(room, some) for room, some in rooms if some]
    return [_row(room, sites[room], some, listed) for room, some in rooms] + [_row("all", sum(sites.values()), played, listed)]


def _row(room: str, sites: int, some: Sequence[Played], listed: Sequence[NoMatter]) -> tuple[str, ...]:
    drawn = [each for each in some if each.outcome != UNIMPORTABLE]
    noticed = [each for each in drawn if each.outcome in NOTICED]
    count = {what: sum(each.outcome == what for each in some) for what in (OWN, STORY, ENDLESS, LIVED, UNIMPORTABLE)}
    matter = [each for each in drawn if matters(each, listed)]
    seen = [each for each in noticed if matters(each, listed)]
    counted = (str(count[what]) for what in (OWN, STORY, ENDLESS, LIVED))
    shares = (share(len(noticed), len(drawn)), share(len(seen), len(matter)))
    return (room, str(sites), str(len(drawn)), *counted, *shares, str(count[UNIMPORTABLE]))


def lived(played: Sequence[Played], listed: Sequence[NoMatter]) -> list[str]:
    """Each change that nobody noticed: where, what, and who ran it. What does not matter stands last, with the reason."""
    told, harmless = [], []
    for each in sorted((one for one in played if one.outcome == LIVED), key=lambda one: (one.file, one.line)):
        where = f"{each.file}:{each.line}\n    - {each.before}\n    + {each.after}"
        why = next((one.why for one in listed if one.speaks_of(each.file, each.before)), "")
        if why:
            harmless.append(f"{where}\n    does not matter: {why}")
            continue
        more = [f"    … and {len(each.ran) - MANY} more"] if len(each.ran) > MANY else []
        ran = [f"    ran it: {test}" for test in each.ran[:MANY]] or ["    lived, run by nothing"]
        told.append("\n".join([where, *ran, *more]))
    return [*told, *harmless]


def table(sites: Mapping[str, int], played: Sequence[Played], listed: Sequence[NoMatter]) -> str:
    """All of it."""
    lines = [HEAD, *rows(sites, played, listed)]
    wide = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    told = [
        "  ".join(
            cell.rjust(size) if place else cell.ljust(size) for place, (cell, size) in enumerate(zip(line, wide, strict=True))
        )
        for line in lines
    ]
    return "\n".join([*told, "", *lived(played, listed)])
