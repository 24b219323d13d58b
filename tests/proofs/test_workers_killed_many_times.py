"""Many firms at three banks, from application to draw, while workers die by SIGKILL wherever chance strikes. Seeded.

Counted at the banks' own books: every application is there once, every accepted offer is drawn once, no fen is unexplained.
`make proofs` plays it at full length; otherwise it is short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random

import pytest

from backend.kit import clock
from backend.steps import views as steps
from lender_adapters.sandbox.server import running
from tests.portal.visitor import credit_code
from tests.stage import BANKS, Stage
from tests.stories.books import assert_books_agree
from tests.worker_process import WorkerProcess

POINTS = ("leased", "called", "kept", "acted")
PRODUCTS = (
    ("invoice_credit_loan", "interest_first"),
    ("tax_credit_loan", "equal_instalments"),
    ("utility_credit_loan", "interest_first"),
)


class Chance:
    """Lets workers die, then one live; in place of the stage's own worker."""

    def __init__(self, workers: WorkerProcess, seed: int, most: int) -> None:
        self.workers, self.random, self.most = workers, Random(seed), most
        self.deaths: Counter[str] = Counter()

    def settle(self) -> int:
        while self.is_due():
            if self.deaths.total() >= self.most or self.random.random() > 0.85:
                self.workers.finish()
                continue
            point = self.random.choice(POINTS)
            if self.workers.killed_at(f"{point}:{self.random.randint(1, 3)}"):
                self.deaths[point] += 1
        return 0

    def is_due(self) -> bool:
        assert self.workers.database is not None
        with self.workers.database.reading() as session:
            return steps.any_ready(session, clock.business_now(session))


@pytest.fixture
def workers(stage: Stage, worker_process: WorkerProcess) -> Iterator[WorkerProcess]:
    with ExitStack() as open_while:
        lenders = {code: open_while.enter_context(running(bank)) for code, bank in stage.banks.items()}
        worker_process.work_on(stage.settings.model_copy(update={"lenders": lenders}), stage.database)
        yield worker_process


def test_nothing_is_lost_or_sent_twice_however_often_workers_die(
    stage: Stage,
    workers: WorkerProcess,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Once on SQLite, once on PostgreSQL: the stage stands on each make of database."""
    full = bool(pytestconfig.getoption("--full-proofs"))
    firms, kills, seed = (20, 400, 20250506) if full else (1, 12, 7)
    owners = []
    for number in range(firms):
        code = credit_code(100 + number)
        stage.sound_firm(code)
        for bank in BANKS:
            stage.fate(bank, code, decision="approve")
        owner = stage.firm(code)
        stage.authorise(owner)
        stage.gather(owner)
        owners.append(owner)

    chance = Chance(workers, seed, kills)
    monkeypatch.setattr(stage, "settle", chance.settle)
    for owner in owners:
        stage.apply(owner, *PRODUCTS)
        if full:
            chance.settle()
    chance.settle()
    stage.days(5)
    accepted = {}
    for owner in owners:
        need = stage.need(owner)
        assert len(need["offers"]) == 3, f"seed {seed}: {[each['state'] for each in need['applications']]}"
        best = need["offers"][0]
        owner.do("POST", f"/api/me/offers/{best['id']}/accept")
        accepted[best["application_id"]] = owner
        if full:
            chance.settle()
    stage.days(10)

    everything = sorted(each["id"] for owner in owners for each in stage.need(owner)["applications"])
    books = [stage.book(bank) for bank in BANKS]
    assert sorted(each["reference"] for book in books for each in book["applications"]) == everything, f"seed {seed}"
    for what in ("contracts", "draws"):
        assert sorted(each["reference"] for book in books for each in book[what]) == sorted(accepted), f"seed {seed}: {what}"
    states = Counter(each["state"] for owner in owners for each in stage.need(owner)["applications"])
    assert states == {"drawn": firms, "withdrawn": 2 * firms}, f"seed {seed}"
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == []
    assert_books_agree(stage)
    assert chance.deaths.total() >= kills // 4, chance.deaths
    if full:
        make = "SQLite" if stage.database.is_sqlite else "PostgreSQL"
        killed = ", ".join(f"{chance.deaths[point]} {point}" for point in POINTS)
        said = f"{len(everything)} applications and {len(accepted)} draws at the banks, each once; no fen unexplained"
        with capsys.disabled():
            pytestconfig.get_terminal_writer().line(f"\n{make}: {chance.deaths.total()} workers killed ({killed}); {said}")
    assert not full or min(chance.deaths[point] for point in POINTS) >= 20, chance.deaths
