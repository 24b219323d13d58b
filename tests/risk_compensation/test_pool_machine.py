"""Any order of events, lawful or not: the book stays sound, on both makes. The full length is in tests/proofs.

Three planted faults show that the machine would notice: a balance without an entry, an entry without a balance, an odd fen lost.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from sqlalchemy import insert, text

from backend.kit.database import Database
from risk_compensation.tables import Entry, Journal
from tests.risk_compensation.machine import DAY, PoolMachine
from tests.risk_compensation.pools import FUND, POOL

# A find is reported as it is found: to make it small takes minutes, and the full proof does that.
SHORT = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


class LosesAFen(PoolMachine):
    """Cash moves without an entry."""

    @precondition(lambda self: self.cash > 0)
    @rule()
    def lose(self) -> None:
        self.session.execute(text("UPDATE pool_balances SET cash_fen = cash_fen - 1 WHERE cash_fen > approved_fen"))


class BooksBehindTheBalance(PoolMachine):
    """An entry is written past the ledger."""

    @rule()
    def smuggle(self) -> None:
        self.number += 1
        row = {"reference": f"s{self.number}", "pool": POOL, "on": DAY, "digest": "-", "reverses": None, "words": {}}
        self.session.execute(insert(Journal), [row])
        entry = {
            "debit": "pool_cash",
            "credit": "capital",
            "amount_fen": 1,
            "reason": "contribution",
            "party": FUND,
            "loan": None,
        }
        self.session.execute(insert(Entry), [{"reference": row["reference"], "pool": POOL, "on": DAY} | entry])


class RecoversAFenTooMuch(PoolMachine):
    """The score keeps what recoveries should be; here the book gives the fund a fen that the score does not know."""

    @rule()
    def forget(self) -> None:
        self.cash += 1


def test_any_order_of_events_keeps_the_book_sound(database: Database) -> None:
    machine = type("Machine", (PoolMachine,), {"database": database, "steps": 0})
    run_state_machine_as_test(machine, settings=SHORT)
    assert machine.steps > 100  # type: ignore[attr-defined]


# The machine is the same on both makes: one is enough to see that it notices.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("planted", [LosesAFen, BooksBehindTheBalance, RecoversAFenTooMuch])
def test_a_planted_fault_is_noticed(database: Database, planted: type[PoolMachine]) -> None:
    machine = type("Machine", (planted,), {"database": database, "steps": 0})
    # It ends with the first example in which the fault is drawn at all; a few examples may well leave its rule out.
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=settings(SHORT, database=None, max_examples=200))
