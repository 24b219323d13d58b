"""`python -m tests.concurrency.removals FILE`: each lock or constraint it names is taken away, and some rule must notice.

FILE is YAML: a list of `constraint:NAME` or `lock:MODULE:FUNCTION` (see `taken_away`), bare or as `{removal: …, why: …}`.
For each a fresh PostgreSQL database and fresh servers without it; the rules are played, those about its folder or table first,
until one is violated. A removal that nobody notices, or whose lock no call ever asked for, is a failure.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from backend.kit.database import Database
from backend.migrate import migrate
from tests import postgres
from tests.concurrency.play import Rule, play
from tests.concurrency.rules import RULES
from tests.concurrency.stand import Zygote, on_postgresql

HEAD = "| taken away | caught by | tries until caught | seconds |\n|---|---|---|---|"


@dataclass(frozen=True)
class Caught:
    """What came of one removal. `rule` is empty where nobody noticed."""

    removal: str
    rule: str
    tries: int
    seconds: float
    told: str

    @property
    def line(self) -> str:
        return f"| `{self.removal}` | {self.rule or f'**nobody** ({self.told})'} | {self.tries} | {self.seconds:.0f} |"


def read(path: Path) -> list[str]:
    """The removals of a file; ValueError names what is not one."""
    found = [each if isinstance(each, str) else str(each.get("removal")) for each in yaml.safe_load(path.read_text())]
    for each in found:
        if not (each.startswith("constraint:") or (each.startswith("lock:") and each.count(":") == 2)):
            raise ValueError(f"{path.name}: “{each}” is neither constraint:NAME nor lock:MODULE:FUNCTION")
    return found


def nearest(removal: str, rules: Sequence[Rule]) -> list[Rule]:
    """The rules, those about what was taken away first.

    >>> nearest("lock:backend.parties.actions:add_user", RULES)[0].name
    'one firm per credit code'
    """
    name = removal.split(":", 1)[1]

    def fits(rule: Rule) -> int:
        return max((len(each) for each in rule.about if each in name), default=0)

    return sorted(rules, key=fits, reverse=True)


def sound(zygote: Zygote, admin: str, template: str, folder: Path, *, tries: int, seed: int) -> tuple[list[Rule], list[str]]:
    """The rules that hold while nothing is taken away, and what the others said: a rule that is broken anyway notices nothing."""
    held, broken = [], []
    folder.mkdir()
    with on_postgresql(zygote, admin, template, folder, name="creditbridge_removal_test") as stand:
        for rule in RULES:
            done = play(stand, rule, tries, seed=seed)
            if done.violations:
                broken.append(done.violations[0].splitlines()[0])
            else:
                held.append(rule)
    return held, broken


def until_caught(
    zygote: Zygote,
    admin: str,
    template: str,
    folder: Path,
    removal: str,
    *,
    rules: Sequence[Rule],
    rounds: Sequence[int],
    seed: int,
) -> Caught:
    """Play the rules in rounds of so many tries each until one is violated."""
    began, tries = time.monotonic(), 0
    folder.mkdir()
    with on_postgresql(zygote, admin, template, folder, name="creditbridge_removal_test", servers=1, removals=[removal]) as stand:
        for number, many in enumerate(rounds):
            for rule in nearest(removal, rules):
                try:
                    done = play(stand, rule, many, seed=seed + number, until_broken=True)
                except AssertionError:  # without what was taken away its scene cannot be set: another rule is asked
                    continue
                tries += done.tries
                if done.violations:
                    why = done.violations[0].splitlines()[0]
                    return Caught(removal, rule.name, tries, time.monotonic() - began, why)
        unused = removal.startswith("lock:") and not stand.taken_away()
        why = "no call ever asked for this lock" if unused else "every rule held"
        return Caught(removal, "", tries, time.monotonic() - began, why)


@contextmanager
def migrated(name: str = "creditbridge_removals_template_test") -> Iterator[tuple[str, str]]:
    """A cluster of its own with a migrated template."""
    with postgres.cluster() as admin, postgres.fresh_database(admin, name) as url:
        database = Database(url)
        migrate(database)
        database.dispose()
        yield admin, name


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.concurrency.removals")
    asked.add_argument("file", type=Path)
    asked.add_argument("--rounds", type=int, nargs="*", default=[6, 20, 60], help="tries of each rule in each round")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    missed = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        admin, template = stack.enter_context(migrated())
        zygote = Zygote()
        stack.callback(zygote.close)
        rules, broken = sound(zygote, admin, template, folder / "nothing", tries=given.rounds[0], seed=given.seed)
        for each in broken:
            sys.stderr.write(f"left out, broken with nothing taken away: {each}\n")
        sys.stdout.write(HEAD + "\n")
        for number, removal in enumerate(read(given.file)):
            caught = until_caught(
                zygote, admin, template, folder / str(number), removal, rules=rules, rounds=given.rounds, seed=given.seed
            )
            missed += not caught.rule
            sys.stdout.write(caught.line + "\n")
            sys.stderr.write(f"    {caught.told}\n")
            sys.stdout.flush()
    return 1 if missed or broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
