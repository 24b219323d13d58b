"""Two at once are never two: each rule is played on real servers, on PostgreSQL and by two server processes on one SQLite file.

`make test` plays each a few times, `make proofs` hundreds of times. A violation names the seed that plays it again:
`python -m tests.concurrency --seed N RULE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.concurrency.play import play
from tests.concurrency.removals import nearest, until_caught
from tests.concurrency.rules import RULES
from tests.concurrency.stand import Stand, Zygote, on_postgresql, on_sqlite

BRIEF, FULL = {"postgresql": 2, "sqlite": 1}, {"postgresql": 200, "sqlite": 50}
TAKEN_AWAY = ("constraint:uq_users_login", "lock:backend.applications.actions:submit_need", "lock:backend.consents.actions:sign")
Say = Callable[[str], None]


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


def test_every_rule_holds_when_callers_come_at_once(stand: Stand, pytestconfig: pytest.Config, say: Say) -> None:
    full = pytestconfig.getoption("--full-proofs")
    tries, played = (FULL if full else BRIEF)[stand.name], []
    for rule in RULES:
        played.append(play(stand, rule, tries))
        if full:
            say(played[-1].line)
    calls, violations = sum(each.calls for each in played), [each for one in played for each in one.violations]
    seconds = sum(each.seconds for each in played)
    say(f"{stand.name}: {len(played)} rules, {calls:,} calls at once, {len(violations)} violations, {seconds:.0f} s")
    assert not violations, f"{len(violations)} violations\n" + "\n".join(violations)
    assert not stand.faults(), stand.faults()


def test_a_lock_or_constraint_that_is_taken_away_is_noticed(
    zygote: Zygote, postgres_admin: str, postgres_template: str, tmp_path: Path, pytestconfig: pytest.Config, say: Say
) -> None:
    rounds, missed = (10, 50) if pytestconfig.getoption("--full-proofs") else (3, 10), []
    for number, removal in enumerate(TAKEN_AWAY):
        folder, near = tmp_path / str(number), nearest(removal, RULES)[:8]
        caught = until_caught(zygote, postgres_admin, postgres_template, folder, removal, rules=near, rounds=rounds, seed=1)
        say(caught.line)
        missed += [] if caught.rule else [caught.line]
    assert not missed
