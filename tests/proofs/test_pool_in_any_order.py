"""The pool in any order of events: 100,000 steps on each make at full length (`make proofs`), a few hundred otherwise.

A step is one event told twice. Hypothesis draws the orders; after each the invariants of tests/risk_compensation/machine.py hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from backend.kit.database import Database
from tests.risk_compensation.machine import PoolMachine


def test_the_book_is_sound_in_any_order_of_events(
    database: Database, pytestconfig: pytest.Config, say: Callable[[str], None]
) -> None:
    wanted = 100_000 if pytestconfig.getoption("--full-proofs") else 150
    machine = type("Machine", (PoolMachine,), {"database": database, "steps": 0})
    start, examples = time.perf_counter(), 0
    while machine.steps < wanted:  # type: ignore[attr-defined]
        examples += 200 if wanted > 1000 else 4
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=200 if wanted > 1000 else 4,
                stateful_step_count=50,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    make = "SQLite" if database.is_sqlite else "PostgreSQL"
    seconds = time.perf_counter() - start
    say(f"{make}: {machine.steps:,} steps in {examples:,} examples, {seconds:,.0f} s")  # type: ignore[attr-defined]
