"""Two at once are never two: each rule is played on real servers, on PostgreSQL and by two server processes on one SQLite file.

`make test` plays each a few times; `make proofs` hundreds of times. A violation names the seed that plays it again:
`python -m tests.concurrency --seed N RULE`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.concurrency.play import HEAD, play
from tests.concurrency.removals import nearest, until_caught
from tests.concurrency.rules import RULES
from tests.concurrency.stand import Stand, Zygote, on_postgresql, on_sqlite

BRIEF, FULL = {"postgresql": 2, "sqlite": 1}, {"postgresql": 200, "sqlite": 60}


@pytest.fixture(params=["postgresql", "sqlite"])
def stand(request: pytest.FixtureRequest, zygote: Zygote, tmp_path: Path) -> Iterator[Stand]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            template = request.getfixturevalue("sqlite_template")
            yield stack.enter_context(on_sqlite(zygote, template, tmp_path))
        else:
            admin, template = request.getfixturevalue("postgres_admin"), request.getfixturevalue("postgres_template")
            name = f"creditbridge_{request.getfixturevalue('worker_id')}_together_test"
            yield stack.enter_context(on_postgresql(zygote, admin, template, tmp_path, name=name))


def test_every_rule_holds_when_callers_come_at_once(
    stand: Stand, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    full = pytestconfig.getoption("--full-proofs")
    tries = (FULL if full else BRIEF)[stand.name]
    played = []
    for rule in RULES:
        played.append(play(stand, rule, tries))
        if full:
            with capsys.disabled():
                sys.stdout.write(("" if len(played) > 1 else f"\n{HEAD}\n") + played[-1].line + "\n")
    if not full:
        calls, seconds = sum(each.calls for each in played), sum(each.seconds for each in played)
        with capsys.disabled():
            sys.stdout.write(f"\n{stand.name}: {len(played)} rules, {calls} calls at once, {seconds:.0f} s\n")
    violations = [each for one in played for each in one.violations]
    assert not violations, f"{len(violations)} violations\n" + "\n".join(violations)
    assert not stand.faults(), stand.faults()


TAKEN_AWAY = (
    "constraint:uq_users_login",
    "lock:backend.applications.actions:submit_need",
    "lock:backend.consents.actions:revoke",
)


def test_a_lock_or_constraint_that_is_taken_away_is_noticed(
    zygote: Zygote,
    postgres_admin: str,
    postgres_template: str,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rounds = (10, 50) if pytestconfig.getoption("--full-proofs") else (3, 10)
    missed = []
    for number, removal in enumerate(TAKEN_AWAY):
        near = nearest(removal, RULES)
        caught = until_caught(
            zygote, postgres_admin, postgres_template, tmp_path / str(number), removal, rules=near[:8], rounds=rounds, seed=1
        )
        with capsys.disabled():
            sys.stdout.write(f"\n{caught.line}")
        missed += [] if caught.rule else [caught.line]
    assert not missed
