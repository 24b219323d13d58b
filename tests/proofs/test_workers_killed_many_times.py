"""Many firms at three banks, from application to draw, while workers die by SIGKILL wherever chance strikes. Seeded.

Firms come in waves until workers have died as often as was wanted at each point: how fast the machine is decides how many firms
that takes, never whether it is reached. Counted at the banks' own books: every application is there once, every accepted offer is
drawn once, no fen is unexplained. `make proofs` plays it at full length; otherwise it is short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random

import pytest
from sqlalchemy import func, select

from backend.kit import clock
from backend.steps import views as steps
from backend.steps.model import MOST_DEATHS
from backend.steps.tables import Step
from lender_adapters.sandbox.server import running
from tests.portal.visitor import credit_code
from tests.stage import BANKS, Person, Stage
from tests.stories.books import assert_books_agree
from tests.worker_process import WorkerProcess

POINTS = ("leased", "called", "kept", "acted")
# A step under which too many workers in a row died is set aside, lawfully. Ours die by chance: one that has this many behind it,
# beside the death that is not counted yet, is done by a worker that lives.
PATIENCE = MOST_DEATHS - 2
PRODUCTS = (
    ("invoice_credit_loan", "interest_first"),
    ("tax_credit_loan", "equal_instalments"),
    ("utility_credit_loan", "interest_first"),
)


class Chance:
    """Lets workers die where there are still too few deaths, then one live; in place of the stage's own worker."""

    def __init__(self, workers: WorkerProcess, seed: int, wanted: int) -> None:
        self.workers, self.random, self.wanted = workers, Random(seed), wanted
        self.deaths: Counter[str] = Counter()

    @property
    def missing(self) -> list[str]:
        """Points at which too few have died so far."""
        return [point for point in POINTS if self.deaths[point] < self.wanted]

    def settle(self) -> int:
        while (behind := self.behind()) is not None:
            missing = self.missing
            if not missing or behind >= PATIENCE or self.random.random() > 0.85:
                self.workers.finish()
                continue
            point = self.random.choice(missing)
            if self.workers.killed_at(f"{point}:{self.random.randint(1, 3)}"):
                self.deaths[point] += 1
        return 0

    def behind(self) -> int | None:
        """How many deaths the most unlucky step has behind it; None when nothing is due."""
        assert self.workers.database is not None
        with self.workers.database.reading() as session:
            if not steps.any_ready(session, clock.business_now(session)):
                return None
            return session.scalar(select(func.max(Step.deaths)).where(Step.state.in_(("waiting", "leased")))) or 0


@pytest.fixture
def workers(stage: Stage, worker_process: WorkerProcess) -> Iterator[WorkerProcess]:
    with ExitStack() as open_while:
        lenders = {code: open_while.enter_context(running(bank)) for code, bank in stage.banks.items()}
        worker_process.work_on(stage.settings.model_copy(update={"lenders": lenders}), stage.database)
        yield worker_process


def a_wave(stage: Stage, first: int, size: int) -> dict[str, Person]:
    """So many firms more, from their records to their draws; accepted application -> its owner."""
    owners = []
    for number in range(first, first + size):
        code = credit_code(number)
        stage.sound_firm(code)
        for bank in BANKS:
            stage.fate(bank, code, decision="approve")
        owner = stage.firm(code)
        stage.authorise(owner)
        stage.gather(owner)
        owners.append(owner)
    for owner in owners:
        stage.apply(owner, *PRODUCTS)
        stage.settle()
    stage.days(5)
    accepted = {}
    for owner in owners:
        need = stage.need(owner)
        assert len(need["offers"]) == 3, [each["state"] for each in need["applications"]]
        best = need["offers"][0]
        owner.do("POST", f"/api/me/offers/{best['id']}/accept")
        accepted[best["application_id"]] = owner
        stage.settle()
    stage.days(10)
    return accepted


def test_nothing_is_lost_or_sent_twice_however_often_workers_die(
    stage: Stage,
    workers: WorkerProcess,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[[str], None],
) -> None:
    """Once on SQLite, once on PostgreSQL: the stage stands on each make of database."""
    full = bool(pytestconfig.getoption("--full-proofs"))
    wanted, size, most, seed = (30, 5, 200, 20250506) if full else (1, 1, 8, 7)
    chance = Chance(workers, seed, wanted)
    monkeypatch.setattr(stage, "settle", chance.settle)
    accepted: dict[str, Person] = {}
    while chance.missing:
        assert len(accepted) < most, (
            f"seed {seed}: {len(accepted)} firms have come and gone and too few workers died at {', '.join(chance.missing)} "
            f"({dict(chance.deaths)}, {wanted} wanted at each): is that point still on the worker's way?"
        )
        accepted |= a_wave(stage, 100 + len(accepted), size)

    needs = [stage.need(owner) for owner in accepted.values()]
    everything = sorted(each["id"] for need in needs for each in need["applications"])
    books = [stage.book(bank) for bank in BANKS]
    assert sorted(each["reference"] for book in books for each in book["applications"]) == everything, f"seed {seed}"
    for what in ("contracts", "draws"):
        assert sorted(each["reference"] for book in books for each in book[what]) == sorted(accepted), f"seed {seed}: {what}"
    states = Counter(each["state"] for need in needs for each in need["applications"])
    assert states == {"drawn": len(accepted), "withdrawn": 2 * len(accepted)}, f"seed {seed}"
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == []
    assert_books_agree(stage)
    if full:
        make = "SQLite" if stage.database.is_sqlite else "PostgreSQL"
        killed = ", ".join(f"{chance.deaths[point]} {point}" for point in POINTS)
        said = f"{len(everything)} applications and {len(accepted)} draws at the banks, each once; no fen unexplained"
        say(f"{make}: {chance.deaths.total()} workers killed ({killed}); {said}")
