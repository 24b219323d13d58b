"""`python -m tests.concurrency [--tries N] [--make sqlite] [RULE …]`: the table of rules, with what was violated."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from backend.kit.database import Database
from backend.migrate import migrate
from tests import postgres
from tests.concurrency.play import HEAD, play
from tests.concurrency.rules import RULES
from tests.concurrency.stand import Stand, Zygote, on_postgresql, on_sqlite


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.concurrency")
    asked.add_argument("rules", nargs="*", help="parts of rules' names; none: all")
    asked.add_argument("--tries", type=int, default=20)
    asked.add_argument("--make", choices=("sqlite", "postgresql"), default="postgresql")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--servers", type=int, default=2)
    asked.add_argument("--log", type=Path, help="where the servers' log is copied to")
    asked.add_argument("--show", type=int, default=1, help="how many violations of each rule are told whole")
    given = asked.parse_args()
    chosen = [rule for rule in RULES if not given.rules or any(part in rule.name for part in given.rules)]
    bad = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stand = stack.enter_context(_stand(stack, given.make, folder, given.servers))
        sys.stdout.write(HEAD + "\n")
        for rule in chosen:
            try:
                done = play(stand, rule, given.tries, seed=given.seed)
            except AssertionError as fault:  # its scene cannot even be set
                sys.stdout.write(f"| {rule.name} | {stand.name} | cannot be played: {str(fault)[:200]} |\n")
                bad += 1
                continue
            bad += done.bad_tries + done.deadlocks
            sys.stdout.write(done.line + "\n")
            sys.stdout.flush()
            for kind, times in done.kinds.items():
                sys.stderr.write(f"    {times} × {kind}\n")
            for each in done.violations[: given.show]:
                sys.stderr.write(f"    {each}\n")
        if given.log:
            shutil.copy(stand.said, given.log)
        for fault, times in stand.faults().most_common(12):
            sys.stderr.write(f"    {times} × in the servers' log: {fault}\n")
    return 1 if bad else 0


def _stand(stack: ExitStack, make: str, folder: Path, servers: int):  # type: ignore[no-untyped-def]  # a context manager of Stand
    zygote = Zygote()
    stack.callback(zygote.close)
    if make == "sqlite":
        template = folder / "template.db"
        database = Database(f"sqlite:///{template}")
        migrate(database)
        database.dispose()
        return on_sqlite(zygote, template, folder, servers=servers)
    admin = stack.enter_context(postgres.cluster())
    name = "creditbridge_together_template_test"
    url = stack.enter_context(postgres.fresh_database(admin, name))
    database = Database(url)
    migrate(database)
    database.dispose()
    return on_postgresql(zygote, admin, name, folder, name="creditbridge_together_test", servers=servers)


__all__ = ["Stand", "main"]

if __name__ == "__main__":
    raise SystemExit(main())
