"""Whether the worked examples of a scheme file come out: each is a small book, played as the file says.

Asked before a pool is opened, before a platform with pools starts, by `creditbridge pool check`, and of every published file by
the tests: no pool runs under a file whose example does not come out.

>>> check()
[]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from backend.kit.policy import PolicyError, PolicyFault, line_of, load
from risk_compensation.play.course import play
from risk_compensation.scheme import FOLDER, Scheme, scheme


def check(folder: Path = FOLDER) -> list[PolicyFault]:
    """Every fault of every scheme file of a folder: how it is written, then what does not come out."""
    return [fault for path in sorted(folder.glob("*.yaml")) for fault in faults(path)]


def faults(path: Path) -> list[PolicyFault]:
    """Every fault of one scheme file, by its line."""
    try:
        return list(_not_come_out(path, load(path, Scheme)))
    except PolicyError as error:
        return error.faults


def insist(codes: Iterable[str]) -> None:
    """PolicyError, naming file and line, unless every worked example of these schemes comes out. Of a code without a file nothing
    is asked."""
    found = [fault for code in sorted(set(codes)) for fault in _once(FOLDER / f"{code}.yaml", code)]
    if found:
        raise PolicyError(found)


@cache
def _once(path: Path, code: str) -> tuple[PolicyFault, ...]:
    """Once per process, as files are read: they do not change while the platform runs."""
    return tuple(_not_come_out(path, scheme(code))) if path.exists() else ()


def _not_come_out(path: Path, found: Scheme) -> Iterator[PolicyFault]:
    for place, block in enumerate(found.terms):
        for number, worked in enumerate(block.worked):
            done = play(found, worked.loans, money_fen=worked.money_fen, until=worked.until)
            came = (done.net_fen(), done.outside_fen, done.waiting_fen, tuple(done.refused))
            said = ({k: v for k, v in worked.bears.items() if v}, worked.outside_fen, worked.waiting_fen, worked.refused)
            if came != said:
                line = line_of(path, ("terms", place, "worked", number))
                what = f"terms.{place}.worked.{number}: “{worked.title.en}” comes out as {came}, the file says {said}"
                yield PolicyFault(path.name, line, what)
