"""Any order of events, lawful or not: the book stays sound. A state machine throws them; a plain dict keeps the score."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backend.kit.database import Base, Database
from backend.kit.errors import Answer
from risk_compensation import events, ledger, statements
from tests.risk_compensation.pools import BANK, DAY, FUND, GUARANTOR, PAPERS, POOL, WAN, a_pool, checks, said

LOANS = st.sampled_from(["a", "b", "c"])
FEN = st.integers(1, 3 * WAN)


class PoolMachine(RuleBasedStateMachine):
    """One small pool, three loans, odd amounts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 't.db'}")
        Base.metadata.create_all(self.database.engine)
        self.day, self.number, self.cash = DAY, 0, 0

    @initialize(cash=st.integers(1, 2 * WAN))
    def opened(self, cash: int) -> None:
        with self.database.writing() as session:
            a_pool(session, cash_fen=cash)
        self.cash = cash

    def attempt(self, name: str, *args: object, **words: object) -> object | None:
        """Do it twice; the second time must not change the book. A lawful no is an answer like any other."""
        self.day += timedelta(days=1)
        answer: object | None = None
        for time in (1, 2):
            with self.database.reading() as session:
                before = ledger.balances(session, POOL)
            try:
                with self.database.writing() as session:
                    answer = getattr(events, name)(session, *args, on=self.day, **words)
            except Answer:
                return None
            with self.database.reading() as session:
                assert time == 1 or ledger.balances(session, POOL) == before, f"{name} done twice"
        return answer

    @rule(amount=FEN)
    def contribute(self, amount: int) -> None:
        self.number += 1
        if self.attempt("contribute", POOL, FUND, amount, f"r{self.number}") is not None:
            self.cash += amount

    @rule(loan=LOANS, amount=FEN, days=st.integers(0, 40))
    def reserve(self, loan: str, amount: int, days: int) -> None:
        until = self.day + timedelta(days=days)
        parties = {"bank": BANK, "guarantor": GUARANTOR, "firm": loan}
        self.attempt("reserve", POOL, reference=f"app_{loan}", amount_fen=amount, expires_on=until, **parties)

    @rule(loan=LOANS, amount=FEN)
    def register(self, loan: str, amount: int) -> None:
        self.attempt("register", POOL, reference=loan, amount_fen=amount, checks=checks(firm=loan), reservation=f"app_{loan}")

    @rule(loan=LOANS)
    def draw(self, loan: str) -> None:
        self.attempt("activate", reference=loan)

    @rule(loan=LOANS, left=st.integers(0, 3 * WAN))
    def release(self, loan: str, left: int) -> None:
        self.attempt("release", reference=loan, principal_fen=left)

    @rule(loan=LOANS)
    def overdue(self, loan: str) -> None:
        self.attempt("overdue", reference=loan, since=self.day)

    @rule(loan=LOANS)
    def cure(self, loan: str) -> None:
        self.attempt("cure", reference=loan)

    @rule(loan=LOANS, amount=FEN, loss=FEN)
    def go_bad(self, loan: str, amount: int, loss: int) -> None:
        self.register(loan=loan, amount=amount)
        self.draw(loan=loan)
        self.overdue(loan=loan)
        self.day += timedelta(days=1)
        self.claim(loan=loan, loss=min(loss, amount))

    @rule(loan=LOANS, loss=FEN)
    def claim(self, loan: str, loss: int) -> None:
        self.attempt(
            "file_claim",
            POOL,
            reference=loan,
            claim_no=f"C_{loan}",
            guarantor_paid_fen=loss,
            unpaid_principal_fen=loss,
            judgment_no="J",
            judged_on=self.day,
            documents=PAPERS,
            by="officer",
        )

    @rule(loan=LOANS, left=st.integers(1, 3 * WAN))
    def principal_fell(self, loan: str, left: int) -> None:
        self.attempt("principal_fell", claim_no=f"C_{loan}", unpaid_principal_fen=left)

    @rule(loan=LOANS)
    def decide_and_pay(self, loan: str) -> None:
        self.attempt("review", claim_no=f"C_{loan}", by="maker", opinion="approve")
        self.attempt("approve", claim_no=f"C_{loan}", by="checker")
        told = self.attempt("instruct", claim_no=f"C_{loan}", by="checker")
        if told is not None:
            self.attempt("pay", claim_no=f"C_{loan}", receipt_no=f"P_{loan}", amount_fen=told.payout_fen)  # type: ignore[attr-defined]

    @rule(loan=LOANS)
    def withdraw(self, loan: str) -> None:
        self.attempt("withdraw", claim_no=f"C_{loan}", by="officer")

    @rule(loan=LOANS, gross=FEN, costs=st.integers(0, 1000))
    def recover(self, loan: str, gross: int, costs: int) -> None:
        self.number += 1
        self.attempt("recover", reference=loan, gross_fen=gross, costs_fen=min(costs, gross), receipt_no=f"r{self.number}")

    @rule(loan=LOANS)
    def write_off(self, loan: str) -> None:
        self.attempt("apply_write_off", claim_no=f"C_{loan}", by="maker", words=said())
        self.attempt("write_off", claim_no=f"C_{loan}", by="checker")

    @invariant()
    def the_book_is_sound(self) -> None:
        with self.database.reading() as session:
            if not statements.pools(session):
                return
            assert statements.faults(session) == []
            fund = statements.party_statement(session, POOL, FUND, date.max)
            cash = statements.headroom(session, POOL, self.day).cash_fen
            assert 0 <= fund.returned_fen <= fund.borne_fen, "recoveries are never above what was paid"
            assert cash == self.cash - fund.net_borne_fen >= 0, "the pool's cash falls by the fund's own loss and nothing else"

    def teardown(self) -> None:
        self.database.dispose()
        self.folder.cleanup()


PoolMachine.TestCase.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPool = PoolMachine.TestCase
